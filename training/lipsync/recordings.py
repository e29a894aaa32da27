"""Facegood's recordings, whose jaw was captured."""

from pathlib import Path
from typing import Final

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from runtime.voice.lipsync import CURVES_PER_S, RATE_HZ, SHAPES
from training.lipsync.speech import Take, at_rate, mel_steps

TEST_RECORDING: Final = "1114_2_04"
"""Left out whole. Of the others the last part is for validation."""
VALIDATION_SHARE: Final = 0.15
SPEEDS: Final = (0.82, 0.9, 1.0, 1.1, 1.22)
"""Speed, pitch and the vocal tract's length change together: one speaker becomes several."""
CAPTURED_PER_S: Final = 30
JAW: Final = "mouth_stretch_c"
"""As captured: in speech it opens as far as the rules have it, 0.16 on average."""
OPEN_JAW: Final = 0.2
"""From here on the lips can't be closed."""
_WORTH: Final = 1.5


def facegood(folder: Path, part: str) -> list[Take]:
    """Return the recordings for the part train (at several speeds), validation or test, with their jaw."""
    curves = np.load(folder / "curves.npz")
    column = list(curves["names"]).index(JAW)
    takes = []
    for name in sorted(set(curves) - {"names"}):
        if (name == TEST_RECORDING) != (part == "test"):
            continue
        audio, rate_hz = soundfile.read(folder / "wav" / f"{name}.wav", dtype="float32")
        audio, jaw = at_rate(audio, rate_hz), curves[name][:, column]
        cut = (1 - VALIDATION_SHARE) * len(jaw) / CAPTURED_PER_S if part != "test" else 0.0
        if part == "train":
            audio, jaw = audio[: int(cut * RATE_HZ)], jaw[: int(cut * CAPTURED_PER_S)]
        else:
            audio, jaw = audio[int(cut * RATE_HZ) :], jaw[int(cut * CAPTURED_PER_S) :]
        takes += [
            _captured(f"{name} x{speed}", _faster(audio, speed), jaw, CAPTURED_PER_S * speed)
            for speed in (SPEEDS if part == "train" else (1.0,))
        ]
    return takes


def _captured(name: str, audio: NDArray[np.float32], jaw: NDArray[np.float32], jaw_per_s: float) -> Take:
    mel = mel_steps(audio)
    steps = -(-len(audio) * CURVES_PER_S // RATE_HZ)
    shapes = np.zeros((steps, len(SHAPES)), np.float32)
    moved = np.interp(np.arange(steps) / CURVES_PER_S, np.arange(len(jaw)) / jaw_per_s, jaw)
    shapes[:, SHAPES.index("jawOpen")] = np.clip(moved, 0.0, 1.0)
    known = np.zeros(len(SHAPES), np.float32)
    known[SHAPES.index("jawOpen")] = _WORTH
    closed = np.where(shapes[:, SHAPES.index("jawOpen")] > OPEN_JAW, 0.0, -1.0).astype(np.float32)
    return Take(name, mel, shapes, known, closed)


def _faster(audio: NDArray[np.float32], speed: float) -> NDArray[np.float32]:
    return audio if speed == 1.0 else np.asarray(soxr.resample(audio, RATE_HZ * speed, RATE_HZ), np.float32)
