"""Speech whose mouth is known: sentences spoken by espeak-ng and flite, with the curves of the runtime's rules."""

import csv
import gzip
import json
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import soxr
from numpy.typing import NDArray

from runtime.avatar.coarticulation import MouthTrack
from runtime.core.blendshapes import INDEX
from runtime.core.errors import UserError
from runtime.core.mel import log_mel
from runtime.core.messages import TimedPhoneme, Utterance
from runtime.voice.espeak import timed
from runtime.voice.espeak_library import espeak
from runtime.voice.flite import VOICES as FLITE_VOICES
from runtime.voice.flite import FliteSynthesizer
from runtime.voice.lipsync import AHEAD_STEPS, BANDS, CURVES_PER_S, RATE_HZ, SHAPES, STEP_SAMPLES
from runtime.voice.synthesizer import VoiceStyle

DIALECTS: Final = ("en-us", "en-gb-x-rp", "en-gb-scotland", "en-gb-x-gbclan", "en-029")
TRAIN_VARIANTS: Final = (
    "",
    *(f"+f{n}" for n in (1, 2, 4, 5)),
    *(f"+m{n}" for n in (1, 2, 3, 4, 6, 7, 8)),
    *(f"+klatt{n}" for n in ("", 2, 4, 5)),
    *"+Alicia +Andrea +Andy +Annie +Denis +Diogo +Gene +Jacky +Lee +Mario +Michael +Reed +Storm +adam +anika".split(),
    *"+antonio +aunty +benjamin +boris +caleb +croak +david +ed +grandma +grandpa +ian +iven +iven3 +john".split(),
    *"+marcelo +max +michel +miguel +norbert +paul +pedro +quincy +rob +robert +sandro +shelby +steph +whisper".split(),
)
VALIDATION_VARIANTS: Final = ("+f3", "+m5", "+Hugo", "+Marco", "+iven2", "+zac")
TEST_VARIANTS: Final = ("+linda", "+Mike", "+belinda", "+edward", "+klatt3", "+travis", "+Henrique", "+victor")
RATES: Final = (0.75, 1.45)
PITCHES_SEMITONES: Final = (-4.0, 4.0)
MIN_CHARS, MAX_CHARS = 20, 110
BILABIALS: Final = frozenset("pbm")
_COLUMNS: Final = [INDEX.get(name, INDEX.get(f"{name}Left", -1)) for name in SHAPES]
_PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z ,.'?-]*")


@dataclass(frozen=True)
class Take:
    """A stretch of sound and the mouth that goes with it, step by step of 20 ms.

    `mel` (steps + 3, 80), where row k + 3 is the last that may be heard for the mouth of row k of `shapes`
    (steps, 12); `known` (12,) weights which of the shapes are known; `closed` (steps,) is 1 where the lips are, 0
    where they are not and -1 where nobody knows. `phonemes` are those spoken, where they are known.
    """

    name: str
    mel: NDArray[np.float32]
    shapes: NDArray[np.float32]
    known: NDArray[np.float32]
    closed: NDArray[np.float32]
    phonemes: tuple[TimedPhoneme, ...] = ()

    @property
    def steps(self) -> int:
        """How many steps of the mouth it has."""
        return len(self.shapes)


def mel_steps(audio: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the log-mel of (n,) samples at 16 kHz, two frames a step: (ceil(n / 320) + 3, 80), silent at the end."""
    steps = -(-len(audio) // STEP_SAMPLES) + AHEAD_STEPS - 1
    padded = np.pad(audio, (0, steps * STEP_SAMPLES - len(audio)))
    return log_mel(padded, BANDS).reshape(steps, 2 * BANDS)


def at_rate(audio: NDArray[np.float32], rate_hz: int) -> NDArray[np.float32]:
    """Return the sound at 16 kHz."""
    return audio if rate_hz == RATE_HZ else np.asarray(soxr.resample(audio, rate_hz, RATE_HZ), np.float32)


def take_of(name: str, utterance: Utterance, audio: NDArray[np.float32] | None = None) -> Take:
    """Return an utterance with the curves of the rules; `audio` at 16 kHz is heard in place of its own."""
    audio = at_rate(utterance.audio, utterance.rate_hz) if audio is None else audio
    mel = mel_steps(audio)
    track = MouthTrack(utterance.phonemes, utterance.duration_s)
    steps = len(mel) - AHEAD_STEPS + 1
    shapes = np.stack([track.at(k / CURVES_PER_S) for k in range(steps)])[:, _COLUMNS]
    closed = (shapes[:, SHAPES.index("mouthClose")] > 0.5).astype(np.float32)
    return Take(name, mel, shapes, np.ones(len(SHAPES), np.float32), closed, utterance.phonemes)


def sentences(banking: Path, medquad: Path, count: int, part: str) -> list[str]:
    """Return sentences for the part train, validation or test: the same ones each time, no sentence in two parts."""
    with (banking / "train.csv").open(encoding="utf-8", newline="") as file:
        found = [" ".join(row["text"].split()) for row in csv.DictReader(file)]
    with gzip.open(medquad, "rt", encoding="utf-8") as lines:
        for line in lines:
            found += [" ".join(s.split()) for s in re.split(r"(?<=[.?])\s+", json.loads(line)["answer"][:1_500])]
    usable = sorted({s for s in found if MIN_CHARS <= len(s) <= MAX_CHARS and _PLAIN.fullmatch(s)})
    random.Random(7).shuffle(usable)
    tenth = len(usable) // 10
    parts = {"test": usable[:tenth], "validation": usable[tenth : 2 * tenth], "train": usable[2 * tenth :]}
    return parts[part][:count]


def spoken(texts: Sequence[str], variants: Sequence[str], seed: int, rooms: bool) -> list[Take]:
    """Return each text spoken once by a voice, speed and pitch drawn with `seed`; in `rooms` some of them echo."""
    espeak().load()
    chance = np.random.default_rng(seed)
    takes = []
    for text in texts:
        voice = f"{chance.choice(DIALECTS)}{chance.choice(variants)}"
        style = VoiceStyle("", float(chance.uniform(*RATES)), float(chance.uniform(*PITCHES_SEMITONES)))
        utterance = timed(text, voice, style)
        if any("(" in phoneme.symbol for phoneme in utterance.phonemes) or utterance.duration_s < 0.5:
            continue  # it changed the language within the sentence
        takes.append(_heard(f"{voice}: {text}", utterance, chance, rooms))
    return takes


def spoken_by_flite(texts: Sequence[str], seed: int) -> list[Take]:
    """Return each text spoken once by a voice of flite, whose sound is nearer to that of people; none without flite."""
    voices = FliteSynthesizer()
    try:
        voices.load()
    except UserError as error:
        print(f"no flite among the voices, so the lips close less surely in recordings of people: {error}")
        return []
    chance = np.random.default_rng(seed)
    takes = []
    for text in texts:
        voice = str(chance.choice(FLITE_VOICES))
        style = VoiceStyle(voice, float(chance.uniform(*RATES)), float(chance.uniform(*PITCHES_SEMITONES)))
        takes.append(_heard(f"flite {voice}: {text}", voices.synthesise(text, style), chance, rooms=True))
    voices.close()
    return takes


def _heard(name: str, utterance: Utterance, chance: np.random.Generator, rooms: bool) -> Take:
    """Return an utterance as a take; in `rooms` it may echo."""
    audio = at_rate(utterance.audio, utterance.rate_hz)
    return take_of(name, utterance, echoed(audio, chance) if rooms and chance.random() < 0.4 else audio)


def echoed(audio: NDArray[np.float32], chance: np.random.Generator) -> NDArray[np.float32]:
    """Return the sound in a room: its own, then noise that dies away by 60 dB in 0.1 to 0.5 s."""
    length_s = chance.uniform(0.1, 0.5)
    times_s = np.arange(int(length_s * RATE_HZ)) / RATE_HZ
    echo = chance.standard_normal(len(times_s)) * 10 ** (-3 * times_s / length_s)
    echo[: int(0.004 * RATE_HZ)] = 0.0
    echo *= chance.uniform(0.1, 0.6) / np.sqrt(np.square(echo).sum())
    size = 1 << (len(audio) + len(echo)).bit_length()
    wet = np.fft.irfft(np.fft.rfft(audio, size) * np.fft.rfft(echo, size), size)[: len(audio)]
    return np.clip(audio + wet, -1.0, 1.0).astype(np.float32)
