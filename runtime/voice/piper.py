"""A Piper voice (VITS as ONNX, with its .onnx.json) run directly by ONNX Runtime.

The text is made phonemes by espeak-ng, as in training. Piper's model says how long a sentence is, but most voices don't
say when each phoneme is: then the times are estimated, by stretching espeak-ng's own timing of the same sentence over
the audio, from first sound to last. Expect errors of tens of milliseconds. A voice exported with a second output of
samples for each phoneme (Piper 1.3's alignments) gives exact times.
Source of the format: OHF-Voice/piper1-gpl, `voice.py` and `phoneme_ids.py`.
"""

import json
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field, ValidationError

from runtime.core.errors import UserError
from runtime.core.messages import Utterance
from runtime.core.models import open_session
from runtime.voice.espeak import timed
from runtime.voice.espeak_library import espeak
from runtime.voice.parts import sentences
from runtime.voice.synthesizer import VoiceStyle
from runtime.voice.timeline import PAUSE, joined, trimmed, warped

MAX_CHARS: Final = 1_000
MAX_CONFIG_BYTES: Final = 4 * 1024 * 1024
MAX_IDS: Final = 4_000
MAX_SENTENCE_S: Final = 60
_BEGIN, _END, _PAD = "^", "$", "_"
_MARKS: Final = ".,;:!?"
_QUIET: Final = 0.004
_HOP: Final = 256
_REMEDY: Final = "Give a Piper voice: NAME.onnx with NAME.onnx.json beside it."


class _Audio(BaseModel):
    sample_rate: int = Field(ge=8_000, le=48_000)


class _Espeak(BaseModel):
    voice: str = Field("en-us", max_length=100)


class _Inference(BaseModel):
    noise_scale: float = Field(0.667, ge=0, le=5)
    length_scale: float = Field(1.0, gt=0, le=5)
    noise_w: float = Field(0.8, ge=0, le=5)


class PiperConfig(BaseModel):
    """What is needed of a voice's .onnx.json."""

    audio: _Audio
    espeak: _Espeak = Field(default_factory=lambda: _Espeak.model_validate({}))
    inference: _Inference = Field(default_factory=lambda: _Inference.model_validate({}))
    phoneme_id_map: dict[str, list[int]]
    num_speakers: int = Field(1, ge=1)
    speaker_id_map: dict[str, int] = Field(default_factory=dict)
    hop_length: int = Field(_HOP, ge=1, le=4_096)


class PiperSynthesizer:
    """A Piper voice. A style's voice name is a speaker's name or number where the model has several; pitch is fixed."""

    name = "piper"

    def __init__(self, path: str, threads: int = 2) -> None:
        self._path = Path(path)
        self._threads = threads
        self._config: PiperConfig | None = None
        self._session: Any = None

    def load(self) -> None:
        """Load the model and its description, and speak a word to warm up."""
        config = read_config(self._path)
        espeak().load()
        session = open_session(self._path, self._threads)
        wanted = {"input", "input_lengths", "scales"} | ({"sid"} if config.num_speakers > 1 else set())
        if {entry.name for entry in session.get_inputs()} != wanted:
            raise UserError(f"{self._path} is no Piper voice: it does not take {', '.join(sorted(wanted))}.", _REMEDY)
        self._session, self._config = session, config
        self.synthesise("Ready.", VoiceStyle())

    def synthesise(self, text: str, style: VoiceStyle) -> Utterance:
        """See `Synthesizer.synthesise`. The model runs sentence by sentence, as it was trained."""
        if self._config is None:
            raise UserError("The piper voice was not loaded.")
        style, text = style.bounded(), text[:MAX_CHARS]
        made = [(place, self._sentence(sentence, style, self._config)) for place, sentence in sentences(text)]
        if not made:
            return Utterance(text, np.zeros(0, np.float32), self._config.audio.sample_rate, (), ())
        return joined(text, made)

    def has_voice(self, name: str) -> bool:
        """See `Synthesizer.has_voice`."""
        return self._config is not None and self._speaker(name, self._config) is not None

    def close(self) -> None:
        """Free the model."""
        self._session = self._config = None

    def _sentence(self, text: str, style: VoiceStyle, config: PiperConfig) -> Utterance:
        rate_hz = config.audio.sample_rate
        guide = timed(text, config.espeak.voice, VoiceStyle(rate=style.rate))
        phonemes = phonemised(text, config.espeak.voice)
        ids, owners = phoneme_ids(phonemes, config.phoneme_id_map)
        if not any(owners) or all(phoneme.symbol == PAUSE for phoneme in guide.phonemes):
            return Utterance(text, np.zeros(0, np.float32), rate_hz, (), ())
        outputs = self._run(ids, style, config)
        audio = np.asarray(outputs[0], np.float32).reshape(-1)[: MAX_SENTENCE_S * rate_hz]
        audio = np.clip(np.nan_to_num(audio) * style.volume, -1.0, 1.0)
        times = _exact_times(outputs, owners, phonemes, guide, config) or _estimated_times(audio, rate_hz, guide)
        return trimmed(warped(guide, audio, rate_hz, *times), style.rate)

    def _run(self, ids: list[int], style: VoiceStyle, config: PiperConfig) -> list[Any]:
        inference = config.inference
        feeds: dict[str, NDArray[Any]] = {
            "input": np.array([ids], np.int64),
            "input_lengths": np.array([len(ids)], np.int64),
            "scales": np.array(
                [inference.noise_scale, inference.length_scale / style.rate, inference.noise_w], np.float32
            ),
        }
        if config.num_speakers > 1:
            feeds["sid"] = np.array([self._speaker(style.voice, config) or 0], np.int64)
        try:
            outputs: list[Any] = self._session.run(None, feeds)
        except Exception as error:
            raise UserError(f"The Piper voice {self._path.name} failed: {error}.", "Use another voice.") from error
        return outputs

    @staticmethod
    def _speaker(name: str, config: PiperConfig) -> int | None:
        """Return the number of a speaker, or None where there is none of that name."""
        if name in config.speaker_id_map:
            return config.speaker_id_map[name]
        return int(name) if name.isdecimal() and int(name) < config.num_speakers else None


def read_config(path: Path) -> PiperConfig:
    """Return the description beside a voice file.

    Raises:
        UserError: the voice or its description is missing or wrong.
    """
    described = path.with_name(path.name + ".json")
    for file in (path, described):
        if not file.is_file():
            raise UserError(f"There is no file {file}.", _REMEDY)
    if described.stat().st_size > MAX_CONFIG_BYTES:
        raise UserError(f"{described} is no description of a Piper voice: it is too large.", _REMEDY)
    try:
        return PiperConfig.model_validate(json.loads(described.read_text(encoding="utf-8")))
    except (ValidationError, ValueError, OSError) as error:
        first = str(error).replace("\n", " ")[:200]
        raise UserError(f"{described} is no description of a Piper voice: {first}.", _REMEDY) from None


def phonemised(text: str, voice: str) -> str:
    """Return the text as the IPA that Piper voices are trained on: espeak-ng's, decomposed, with the clauses' marks."""
    clauses = []
    for ipa, written in espeak().clauses(text, voice):
        mark = next((character for character in reversed(written) if character in _MARKS), "")
        clauses.append(ipa + mark)
    return unicodedata.normalize("NFD", " ".join(clause for clause in clauses if clause))


def phoneme_ids(phonemes: str, table: Mapping[str, list[int]]) -> tuple[list[int], list[int]]:
    """Return the model's input for a phoneme string, and for each id the place + 1 of its phoneme (0: none).

    Each phoneme is followed by a pad; phonemes that the voice does not know are left out.
    """
    ids, owners = list(table.get(_BEGIN, [])), [0] * len(table.get(_BEGIN, []))
    pad = table.get(_PAD, [])
    ids, owners = ids + pad, owners + [0] * len(pad)
    for place, phoneme in enumerate(phonemes):
        own = table.get(phoneme)
        if own is None or len(ids) > MAX_IDS:
            continue
        ids += own + pad
        owners += [place + 1] * (len(own) + len(pad))
    end = table.get(_END, [])
    return ids + end, owners + [0] * len(end)


def _estimated_times(
    audio: NDArray[np.float32], rate_hz: int, guide: Utterance
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return times of the guide and those in `audio` that go with them: the first and last sound of both."""
    sounds = [phoneme for phoneme in guide.phonemes if phoneme.symbol != PAUSE]
    loud = np.flatnonzero(np.abs(audio) > _QUIET)
    first_s, last_s = (loud[0] / rate_hz, (loud[-1] + 1) / rate_hz) if loud.size else (0.0, len(audio) / rate_hz)
    return np.array([sounds[0].start_s, sounds[-1].end_s]), np.array([first_s, last_s])


def _exact_times(
    outputs: list[Any], owners: list[int], phonemes: str, guide: Utterance, config: PiperConfig
) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """Return the same for each phoneme where the model gives the hops of each id; None where it does not."""
    if len(outputs) < 2 or np.asarray(outputs[1]).size != len(owners):
        return None
    ends_s = np.cumsum(np.asarray(outputs[1], np.float64).reshape(-1)) * config.hop_length / config.audio.sample_rate
    starts_s = np.concatenate(([0.0], ends_s[:-1]))
    letters = [place + 1 for place, letter in enumerate(phonemes) if _is_sound(letter)]
    start_of = dict(zip(reversed(owners), reversed(starts_s), strict=True))  # the first id of each phoneme wins
    symbols = [phoneme for phoneme in guide.phonemes if phoneme.symbol != PAUSE]
    lengths = [sum(map(_is_sound, unicodedata.normalize("NFD", phoneme.symbol))) for phoneme in symbols]
    if sum(lengths) != len(letters):  # espeak-ng wrote the sentence in another way than it spoke it
        return None
    places = np.cumsum([0, *lengths[:-1]])
    known = [(p.start_s, start_of[letters[i]]) for p, i in zip(symbols, places, strict=True) if letters[i] in start_of]
    known.append((symbols[-1].end_s, ends_s[max(i for i, owner in enumerate(owners) if owner)]))
    guide_s, audio_s = np.array(known).T
    return guide_s, np.maximum.accumulate(audio_s)


def _is_sound(letter: str) -> bool:
    return letter.isalpha() and letter not in "ˈˌ"
