"""Recorded visitors: questions of the persona spoken by several synthetic voices, with pauses as people make them."""

import random
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import soxr
from numpy.typing import NDArray

RATE_HZ = 48_000
VOICES = ("en-us", "en-gb-x-rp", "en-us+f3", "en-us+m3", "en-gb+f2", "en-us+m7")
RATES_WPM = (150, 165, 175)
LOUD = 300
PEAK = 12_000


@dataclass(frozen=True)
class Question:
    """A spoken question: `pcm` (n,) int16 at 48 kHz without silence at its ends."""

    text: str
    voice: str
    pcm: NDArray[np.int16]


def spoken(text: str, voice: str, rate_wpm: int, folder: Path) -> NDArray[np.int16]:
    """Speak text with the espeak-ng program, or with flite for voices named `flite:…`; trim silence at both ends."""
    path = folder / "question.wav"
    if voice.startswith("flite:"):
        command = ["flite", "-voice", voice.removeprefix("flite:"), "-t", text, "-o", str(path)]
    else:
        command = ["espeak-ng", "-v", voice, "-s", str(rate_wpm), "-w", str(path), text]
    subprocess.run(command, check=True, capture_output=True)
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        sound = np.concatenate([frame.to_ndarray().reshape(-1) for frame in container.decode(stream)])
        rate_hz = stream.rate
    sound = soxr.resample(sound.astype(np.float32), rate_hz, RATE_HZ)
    sound *= PEAK / max(1.0, float(np.abs(sound).max()))
    loud = np.flatnonzero(np.abs(sound) > LOUD)
    return sound[loud[0] : loud[-1] + 1].astype(np.int16)


def voices() -> list[str]:
    """Return the voices that this machine can record with."""
    found = list(VOICES) if shutil.which("espeak-ng") else []
    return found + (["flite:slt", "flite:rms"] if shutil.which("flite") else [])
