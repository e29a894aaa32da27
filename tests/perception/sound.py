"""Spoken sound for tests: the embedded voice at 16 kHz, with a quiet room around it."""

from functools import cache

import numpy as np
import soxr
from numpy.typing import NDArray

from runtime.voice.espeak import EspeakSynthesizer
from runtime.voice.synthesizer import VoiceStyle

RATE_HZ = 16_000


@cache
def _voice() -> EspeakSynthesizer:
    voice = EspeakSynthesizer()
    voice.load()
    return voice


def room(seconds: float, seed: int = 0) -> NDArray[np.float32]:
    """Return room noise."""
    noise = np.random.default_rng(seed).standard_normal(int(seconds * RATE_HZ)) * 2e-4
    return noise.astype(np.float32)


def spoken(text: str, voice: str = "en-us", rate: float = 0.95) -> NDArray[np.float32]:
    """Return text spoken, without silence at its ends."""
    utterance = _voice().synthesise(text, VoiceStyle(voice, rate))
    sound = soxr.resample(utterance.audio, utterance.rate_hz, RATE_HZ).astype(np.float32)
    loud = np.flatnonzero(np.abs(sound) > 0.01)
    return np.asarray(sound[loud[0] : loud[-1] + 1] * (0.4 / np.abs(sound).max()), np.float32)


def in_room(*parts: NDArray[np.float32] | float) -> NDArray[np.float32]:
    """Join sounds and silences (seconds), with room noise under all of it."""
    joined = np.concatenate([room(p) * 0 if isinstance(p, float | int) else p for p in parts])
    return joined + room(len(joined) / RATE_HZ)[: len(joined)]
