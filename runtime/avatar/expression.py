"""Feeling on the face: an affect becomes a layer that comes and goes smoothly and leaves speech its mouth."""

import math
from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from runtime.avatar.motion import Spring
from runtime.core.blendshapes import INDEX, weights
from runtime.core.messages import Affect

ATTACK_RATE_HZ = 13.0
RELEASE_RATE_HZ = 5.0
LINGER_S = 2.0
_LINGER_SHARE = 0.6
_CALM: Final = Affect()

_LABELS: Final[Mapping[str, tuple[tuple[float, float, float], Mapping[str, float]]]] = {
    "neutral": ((0.0, 0.0, 0.0), {"mouthSmile": 0.06}),
    "warm": ((0.0, 0.4, 1.2), {"mouthSmile": 0.5, "cheekSquint": 0.28, "browInnerUp": 0.14, "browOuterUp": 0.06}),
    "calm": ((0.0, -0.6, 1.0), {"mouthSmile": 0.16, "browInnerUp": 0.34, "eyeSquint": 0.08, "mouthPress": 0.06}),
    "happy": (
        (0.0, 1.4, 1.5),
        {"mouthSmile": 0.85, "cheekSquint": 0.6, "browInnerUp": 0.15, "browOuterUp": 0.28, "mouthUpperUp": 0.2},
    ),
    "sad": (
        (0.0, -3.5, 1.5),
        {"mouthFrown": 0.6, "browInnerUp": 0.85, "eyeSquint": 0.15, "mouthShrugLower": 0.25, "eyeBlink": 0.12},
    ),
    "concerned": (
        (0.0, -1.0, 2.2),
        {"mouthFrown": 0.26, "browInnerUp": 0.65, "browDown": 0.2, "eyeSquint": 0.14, "mouthPress": 0.12},
    ),
    "surprised": ((0.0, 2.0, 0.0), {"eyeWide": 0.85, "browInnerUp": 0.75, "browOuterUp": 0.8, "jawOpen": 0.22}),
    "curious": (
        (1.5, 0.8, 3.4),
        {"browOuterUpRight": 0.55, "browOuterUpLeft": 0.22, "browInnerUp": 0.3, "eyeWide": 0.16, "mouthSmile": 0.2},
    ),
    "angry": (
        (0.0, -2.0, 0.0),
        {"browDown": 0.9, "eyeSquint": 0.4, "mouthPress": 0.5, "mouthFrown": 0.35, "noseSneer": 0.4},
    ),
}
_TARGETS: Final = {
    label: np.concatenate([weights(shape).astype(np.float64), head]) for label, (head, shape) in _LABELS.items()
}
_VALENCE_UP, _VALENCE_DOWN = weights({"mouthSmile": 0.16}), weights({"mouthFrown": 0.14, "browInnerUp": 0.1})
_AROUSAL_UP, _AROUSAL_DOWN = weights({"eyeWide": 0.14, "browOuterUp": 0.1}), weights({"eyeBlink": 0.06})


def target(affect: Affect) -> NDArray[np.float64]:
    """Return the weights and head (yaw, pitch, roll in degrees) of `affect` in one vector (55,).

    An unknown label is neutral; numbers beyond their ranges, or not numbers, are held to them.
    """
    strength = _held(affect.intensity, 0.0) ** 0.75
    vector = np.asarray(strength * _TARGETS.get(affect.label, _TARGETS["neutral"]))
    valence, arousal = _held(affect.valence, -1.0), _held(affect.arousal, -1.0)
    vector[:52] += abs(valence) * (_VALENCE_UP if valence > 0 else _VALENCE_DOWN)
    vector[:52] += abs(arousal) * (_AROUSAL_UP if arousal > 0 else _AROUSAL_DOWN)
    return vector


def _held(value: float, low: float) -> float:
    return min(max(value, low), 1.0) if math.isfinite(value) else 0.0


class Expression:
    """The layer over time: fast to come, slower to go; some of it stays for a while after the words."""

    def __init__(self) -> None:
        self._spring = Spring(_TARGETS["neutral"])
        self._last = Affect()
        self._silent_s = math.inf

    def step(
        self, dt_s: float, affect: Affect | None, standing: Affect = _CALM
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Move on by `dt_s`; `affect` is None in silence, when `standing` shows. Return weights (52,), head (3,) in
        degrees."""
        if affect is None:
            self._silent_s += dt_s
            share = _LINGER_SHARE * math.exp(-self._silent_s / LINGER_S)
            rest = _TARGETS["neutral"] if standing.label == "neutral" else target(standing)
            goal = rest + share * (target(self._last) - rest)
        else:
            self._last, self._silent_s = affect, 0.0
            goal = target(affect)
        rising = float(np.abs(goal[:52]).sum()) > float(np.abs(self._spring.value[:52]).sum())
        self._spring.step(goal, dt_s, ATTACK_RATE_HZ if rising else RELEASE_RATE_HZ)
        return self._spring.value[:52], self._spring.value[52:]


def _columns(*names: str) -> NDArray[np.intp]:
    return np.flatnonzero(weights(dict.fromkeys(names, 1.0)))


_OPENING = _columns("jawOpen", "mouthFunnel", "mouthPucker", "mouthUpperUp", "mouthLowerDown", "mouthShrugLower")
_CORNERS = _columns("mouthSmile", "mouthFrown", "mouthDimple")
_PRESSING = _columns("mouthPress", "mouthRollLower", "mouthRollUpper", "mouthLeft", "mouthRight")
_CLOSE, _FUNNEL, _PUCKER = INDEX["mouthClose"], INDEX["mouthFunnel"], INDEX["mouthPucker"]
_ROLL = INDEX["mouthRollLower"]


def blend(mouth: NDArray[np.float32], feeling: NDArray[np.float64], speaking: float) -> NDArray[np.float64]:
    """Return speech `mouth` (52,) and `feeling` (52,) as one face (52,) in 0..1; `speaking` 0..1 fades feeling's lips.

    Where they disagree speech wins: closed lips stay closed under a smile, and rounding takes the smile back.
    """
    layer = np.clip(feeling, 0.0, 1.0)
    closed = min(1.0, 1.3 * float(mouth[_CLOSE]))
    touching = min(1.0, 1.3 * float(mouth[_ROLL]))
    rounded = max(float(mouth[_PUCKER]), 0.75 * float(mouth[_FUNNEL]))
    layer[_OPENING] *= (1.0 - 0.9 * speaking) * (1.0 - max(closed, touching))
    layer[_CORNERS] *= (1.0 - 0.45 * speaking) * (1.0 - 0.35 * closed) * (1.0 - 0.75 * rounded)
    layer[_PRESSING] *= 1.0 - 0.9 * speaking
    face = layer + mouth - layer * mouth
    return np.asarray(np.clip(face, 0.0, 1.0))
