"""Made faces: what a tracker says of somebody who sits still, blinks, looks about or talks, with known expressions."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from runtime.core.blendshapes import weights
from runtime.core.messages import LANDMARKS_FACE, Face

NEUTRAL = weights({"browInnerUp": 0.3, "browOuterUp": 0.25, "eyeSquint": 0.35, "mouthSmile": 0.08, "mouthPress": 0.1})
BLINK = weights({"eyeBlink": 0.8, "eyeSquint": 0.2, "browDown": 0.15, "eyeLookDown": 0.3})
NOISE = 0.012
EXPRESSIONS = {
    "happy": weights({"mouthSmile": 0.5, "cheekSquint": 0.2}),
    "sad": weights({"browInnerUp": 0.35, "mouthFrown": 0.2}),
    "angry": weights({"browDown": 0.5, "mouthPress": 0.2}),
    "afraid": weights({"browInnerUp": 0.3, "browOuterUp": 0.1, "eyeWide": 0.3, "mouthStretch": 0.3}),
    "disgusted": weights({"mouthUpperUp": 0.45, "browDown": 0.2}),
    "surprised": weights({"browInnerUp": 0.45, "browOuterUp": 0.5, "eyeWide": 0.3}),
}
"""About half as strong as they can be."""


@dataclass
class Person:
    """One made person, the same for the same `seed`; `shown` are expressions with their begin and length in seconds."""

    seed: int = 0
    talks: bool = False
    shown: list[tuple[str, float, float]] = field(default_factory=list)
    neutral: NDArray[np.float32] = field(default_factory=lambda: NEUTRAL)

    def __post_init__(self) -> None:
        chance = np.random.default_rng(self.seed)
        self._noise = chance
        self._blinks = np.cumsum(chance.uniform(1.5, 6.0, 2_000))
        self._raises = np.cumsum(chance.uniform(4.0, 12.0, 1_000))
        self._phases = chance.uniform(0, 6.28, 8)

    def weights(self, time_s: float) -> NDArray[np.float32]:
        """Return the blendshapes (52,) at a time."""
        face = self.neutral.copy()
        for name, begin_s, length_s in self.shown:
            face += EXPRESSIONS[name] * _bump(time_s - begin_s, length_s)
        face += BLINK * max(_bump(time_s - blink_s, 0.25) for blink_s in self._near(self._blinks, time_s))
        if self.talks:
            face += self._speech(time_s)
        look = 0.15 * np.sin(time_s * 0.7 + self._phases[0])
        face += weights({"eyeLookOutLeft": max(look, 0), "eyeLookInRight": max(look, 0)})
        return np.clip(face + self._noise.normal(0, NOISE, 52), 0, 1).astype(np.float32)

    def head(self, time_s: float) -> tuple[float, float, float]:
        """Return yaw, pitch and roll in degrees: a slow sway, livelier in speech."""
        reach = 8.0 if self.talks else 3.0
        yaw, pitch, roll = (reach * np.sin(time_s * rate + self._phases[1]) for rate in (0.9, 1.3, 0.6))
        return float(yaw), float(pitch), float(roll)

    def gap(self, time_s: float) -> float:
        """Return the gap of the lips in heights of the face."""
        return 0.004 + (0.12 * self._jaw(time_s) if self.talks else 0.0)

    def face(self, time_s: float) -> Face:
        """Return it as a face 200 pixels high in the middle of a picture."""
        return face(self.weights(time_s), self.head(time_s), self.gap(time_s))

    def _jaw(self, time_s: float) -> float:
        syllables = 0.5 + 0.5 * np.sin(time_s * 6.28 * 4.1 + 2 * np.sin(time_s * 2.3 + self._phases[2]))
        return float(syllables * (0.6 + 0.4 * np.sin(time_s * 1.7)) * (np.sin(time_s * 0.8 + self._phases[3]) > -0.6))

    def _speech(self, time_s: float) -> NDArray[np.float32]:
        jaw = self._jaw(time_s)
        other = float(np.abs(np.sin(time_s * 9.1 + self._phases[4])) * (jaw > 0))
        shapes = weights(
            {"jawOpen": 0.45 * jaw, "mouthLowerDown": 0.3 * jaw, "mouthPucker": 0.4 * other, "mouthStretch": 0.1 * jaw}
        )
        shapes += weights({"mouthUpperUp": 0.25 * jaw, "mouthSmile": 0.15 * (1 - other), "mouthPress": 0.2 * other})
        # Brows underline words in speech, longer than any micro-expression.
        raised = max(_bump(time_s - begin_s, 1.2) for begin_s in self._near(self._raises, time_s))
        return np.asarray(shapes + weights({"browInnerUp": 0.3 * raised, "browOuterUp": 0.3 * raised}), np.float32)

    @staticmethod
    def _near(times: NDArray[np.float64], time_s: float) -> NDArray[np.float64]:
        place = int(np.searchsorted(times, time_s))
        return times[max(place - 1, 0) : place + 1]


def face(
    shapes: NDArray[np.float32] = NEUTRAL,
    head: tuple[float, float, float] = (0.0, 0.0, 0.0),
    gap: float = 0.004,
    gaze: tuple[float, float] = (0.0, 0.0),
    at: tuple[float, float] = (320.0, 240.0),
) -> Face:
    """Return a face 200 pixels high at a place; of its landmarks only those asked for are where they belong."""
    points = np.zeros((LANDMARKS_FACE, 3), np.float32)
    chance = np.random.default_rng(7)
    points[:, :2] = chance.uniform(-70, 70, (LANDMARKS_FACE, 2))
    points[10, :2], points[152, :2] = (0, -100), (0, 100)
    points[13, :2], points[14, :2] = (0, 50 - 100 * gap), (0, 50 + 100 * gap)
    points[:, :2] += at
    return Face(points, shapes, head, gaze, 0.6)


def times(seconds: float, rate_hz: float, seed: int = 0) -> Iterator[float]:
    """Yield the times of a camera's pictures, with a little jitter."""
    chance = np.random.default_rng(seed)
    for number in range(int(seconds * rate_hz)):
        yield float((number + chance.uniform(-0.1, 0.1)) / rate_hz) + 1 / rate_hz


def _bump(since_s: float, length_s: float) -> float:
    """Return 0..1..0 along a raised cosine of a length, 0 outside of it."""
    return float(0.5 - 0.5 * np.cos(2 * np.pi * since_s / length_s)) if 0 < since_s < length_s else 0.0
