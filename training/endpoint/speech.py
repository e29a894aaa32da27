"""Turns spoken by synthetic voices, with pauses put into them: what the voice did before each, and how long it was.

Where and how long people pause within a turn is drawn: lengths are log-normal about 0.45 s, the shape that Campione
and Véronis (2002) and Heldner and Edlund (2010) measured; four pauses in ten stand at punctuation where there is any.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import soxr
from numpy.typing import NDArray

from runtime.core.errors import UserError
from runtime.core.messages import TimedWord, Utterance
from runtime.perception.prosody import PROSODY_RATE_HZ, prosody
from runtime.voice.backends import open_synthesizer
from runtime.voice.speakable import speakable
from runtime.voice.synthesizer import Synthesizer, VoiceStyle
from training.endpoint.texts import Turn, spoken_words

TRAIN_VOICES: Final = (
    *(("espeak", f"en-us+{variant}") for variant in ("m1", "m2", "m3", "f1", "f2", "f5")),
    ("espeak", "en-gb-scotland"),
    ("espeak", "en-029"),
    ("flite", "rms"),
)
TEST_VOICES: Final = (("espeak", "en-gb-x-rp"), ("espeak", "en-us+m7"), ("espeak", "en-us+f4"), ("flite", "slt"))
PAUSE_MEDIAN_S: Final = 0.45
PAUSE_SPREAD: Final = 0.6
PAUSE_RANGE_S: Final = (0.15, 3.0)
AT_PUNCTUATION: Final = 0.4
APART_SHARE: Final = 0.3
"""So many pauses come after words spoken by themselves, with a fall of the voice; the others cut a running sentence."""
MOST_PAUSES: Final = 2
LATE_S: Final = (-0.04, 0.1)
"""How far voice activity may set the end of speech beside the true one."""
FADE_S: Final = 0.04
NOISE_DB: Final = (20.0, 50.0)


@dataclass(frozen=True)
class Pause:
    """A silence: words before it, (75, 3) prosody, and its length in seconds; `None` at the end of the turn."""

    words: tuple[str, ...]
    voice: NDArray[np.float32]
    length_s: float | None


@dataclass(frozen=True)
class SpokenTurn:
    """A turn's pauses in order; the last one is its end."""

    pauses: tuple[Pause, ...]
    backend: str


def speak(turns: Sequence[Turn], voices: Sequence[tuple[str, str]], seed: int) -> list[SpokenTurn]:
    """Speak the turns, each with the next voice, and with no, one or two pauses within."""
    chooser = np.random.default_rng(seed)
    speakers: dict[str, Synthesizer] = {}
    for backend, _ in voices:
        if backend not in speakers:
            try:
                speakers[backend] = open_synthesizer(backend)
            except UserError:
                continue
    usable = [voice for voice in voices if voice[0] in speakers]
    out = []
    for index, turn in enumerate(turns):
        backend, name = usable[index % len(usable)]
        style = VoiceStyle(name, float(chooser.uniform(0.85, 1.1)), float(chooser.uniform(-2, 2)))
        spoken = speakers[backend].synthesise(speakable(turn.text).text, style)
        if len(spoken.words) > 0:
            out.append(SpokenTurn(tuple(_pauses(spoken, speakers[backend], style, chooser)), backend))
    for speaker in speakers.values():
        speaker.close()
    return out


def _pauses(spoken: Utterance, speaker: Synthesizer, style: VoiceStyle, chooser: np.random.Generator) -> list[Pause]:
    """Choose where a turn pauses, and take the features before each pause and before its end."""
    sound, words = _at_16_khz(spoken), spoken.words
    found = []
    for place in _places(words, chooser):
        text = " ".join(word.text for word in words[: place + 1])
        piece = sound[: round(words[place].end_s * PROSODY_RATE_HZ)]
        if chooser.random() < APART_SHARE:
            piece = _at_16_khz(speaker.synthesise(text, style))
        length = float(np.clip(chooser.lognormal(np.log(PAUSE_MEDIAN_S), PAUSE_SPREAD), *PAUSE_RANGE_S))
        found.append(Pause(tuple(spoken_words(text)), _features(piece, chooser), length))
    whole = tuple(spoken_words(" ".join(word.text for word in words)))
    return [*found, Pause(whole, _features(sound, chooser), None)]


def _places(words: Sequence[TimedWord], chooser: np.random.Generator) -> list[int]:
    """Return the words after which there is a pause, in order: none to two, never after the last."""
    most = min(MOST_PAUSES, len(words) - 1)
    count = int(chooser.integers(0, MOST_PAUSES + 1))
    marked = [index for index, word in enumerate(words[:-1]) if word.text[-1:] in ",.;:!?"]
    chosen: set[int] = set()
    for _ in range(min(count, most)):
        at_mark = marked and chooser.random() < AT_PUNCTUATION
        chosen.add(int(chooser.choice(marked)) if at_mark else int(chooser.integers(len(words) - 1)))
    return sorted(chosen)


def _features(sound: NDArray[np.float32], chooser: np.random.Generator) -> NDArray[np.float32]:
    """Return the prosody of a sound's end, faded like a voice that stops, in a room's noise, its end set roughly."""
    fade = min(len(sound), int(FADE_S * PROSODY_RATE_HZ))
    late = int(chooser.uniform(*LATE_S) * PROSODY_RATE_HZ)
    heard = sound.copy()
    heard[len(heard) - fade :] *= np.linspace(1, 0, fade, dtype=np.float32)
    heard = np.concatenate([heard, np.zeros(late, np.float32)]) if late > 0 else heard[: len(heard) + late]
    level = float(np.sqrt(np.square(sound).mean())) * 10 ** (-float(chooser.uniform(*NOISE_DB)) / 20)
    noisy = heard + chooser.normal(0, level, len(heard))
    lead = chooser.normal(0, level, PROSODY_RATE_HZ * 2)
    return prosody(np.concatenate([lead, noisy]).astype(np.float32))


def _at_16_khz(spoken: Utterance) -> NDArray[np.float32]:
    return np.asarray(soxr.resample(spoken.audio, spoken.rate_hz, PROSODY_RATE_HZ), np.float32)
