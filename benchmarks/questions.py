"""Recorded visitors: questions of the persona, and freely worded ones, spoken by several synthetic voices."""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from runtime.core.errors import UserError
from runtime.delivery.pcm import to_playout
from runtime.delivery.source import RATE_HZ
from runtime.persona.persona import Persona
from runtime.voice.backends import open_synthesizer
from runtime.voice.synthesizer import Synthesizer, VoiceStyle

FREE = Path(__file__).parent / "free_questions.txt"
"""Questions that no persona lists, one a line: most of what visitors say is worded in another way than was foreseen."""
VOICES = (
    ("espeak", "en-us"),
    ("espeak", "en-gb-x-rp"),
    ("espeak", "en-us+f3"),
    ("espeak", "en-us+m3"),
    ("flite", "slt"),
    ("flite", "rms"),
)
RATES = (0.88, 0.95, 1.02)
LOUD = 300
PEAK = 12_000
PAUSE_S = 0.25
PAUSED_SHARE = 0.2
"""So many of the questions begin with "hello" and a pause, as people do."""


@dataclass(frozen=True)
class Question:
    """A spoken question, `listed` by the persona or not: `pcm` (n,) int16 at 48 kHz without silence at its ends."""

    text: str
    listed: bool
    voice: str
    pcm: NDArray[np.int16]

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return len(self.pcm) / RATE_HZ


def record(persona: Persona, count: int, seed: int = 0) -> list[Question]:
    """Speak `count` questions of a persona, each of another entry as far as there are enough."""
    chooser = random.Random(seed)
    return _spoken(_listed(persona, count, chooser), True, chooser)


def record_free(count: int, seed: int = 0) -> list[Question]:
    """Speak `count` questions that no persona lists, or all there are."""
    chooser = random.Random(seed)
    texts = free_questions()
    return _spoken(chooser.sample(texts, min(count, len(texts))), False, chooser)


def free_questions() -> list[str]:
    """Return the questions that no persona lists."""
    return FREE.read_text(encoding="utf-8").splitlines()


def _listed(persona: Persona, count: int, chooser: random.Random) -> Iterator[str]:
    entries = [entry for entry in persona.knowledge if len(entry.questions[0].split()) >= 4]
    chooser.shuffle(entries)
    for number in range(count):
        yield chooser.choice(entries[number % len(entries)].questions)


def _spoken(texts: Iterable[str], listed: bool, chooser: random.Random) -> list[Question]:
    """Speak each text with the next voice; `chooser` draws rates, and which begin with a greeting and a pause."""
    speakers: dict[str, Synthesizer] = {}
    for backend, _ in VOICES:
        try:
            speakers.setdefault(backend, open_synthesizer(backend))
        except UserError:
            continue
    voices = [(backend, name) for backend, name in VOICES if backend in speakers]
    out = []
    for number, text in enumerate(texts):
        backend, name = voices[number % len(voices)]
        style = VoiceStyle(name, chooser.choice(RATES))
        parts = ["hello", text] if chooser.random() < PAUSED_SHARE else [text]
        spoken = [speakers[backend].synthesise(part, style) for part in parts]
        sounds = [_trimmed(to_playout(utterance.audio, utterance.rate_hz)) for utterance in spoken]
        out.append(Question(text, listed, f"{backend} {name}", _joined(sounds)))
    for speaker in speakers.values():
        speaker.close()
    return out


def _trimmed(sound: NDArray[np.int16]) -> NDArray[np.int16]:
    scaled = sound * (PEAK / max(1.0, float(np.abs(sound.astype(np.int32)).max())))
    loud = np.flatnonzero(np.abs(scaled) > LOUD)
    return np.asarray(scaled[loud[0] : loud[-1] + 1], np.int16)


def _joined(sounds: Sequence[NDArray[np.int16]]) -> NDArray[np.int16]:
    pause = np.zeros(int(PAUSE_S * RATE_HZ), np.int16)
    out = sounds[0]
    for sound in sounds[1:]:
        out = np.concatenate((out, pause, sound))
    return out
