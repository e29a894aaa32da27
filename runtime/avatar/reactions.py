"""Short movements in answer to what the person did: a nod, a brow flash, a glance. Pure: read at any time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from runtime.core.blendshapes import weights
from runtime.core.messages import React, Reaction

MAX_ACTIVE: Final = 4
RISE_S: Final = 0.2
"""A movement is whole this soon: a reaction that comes later looks like none."""
FALL_S: Final = 0.5


@dataclass(frozen=True)
class _Pulse:
    """Part of a reaction: from `start_s` for `length_s` it adds weights (52,), head degrees (3,) and gaze (2,)."""

    start_s: float
    length_s: float
    weights: NDArray[np.float32]
    head: tuple[float, float, float] = (0.0, 0.0, 0.0)
    gaze: tuple[float, float] = (0.0, 0.0)


_STILL: Final = weights({})
_SMILE: Final = weights({"mouthSmile": 0.4, "cheekSquint": 0.22})
_FLASH: Final = weights({"browOuterUp": 0.5, "browInnerUp": 0.4, "eyeWide": 0.2})
"""The eyebrow flash of a greeting (Eibl-Eibesfeldt, 1972)."""
_CARE: Final = weights({"browInnerUp": 0.5, "mouthFrown": 0.12, "mouthPress": 0.2, "eyeSquint": 0.1})
_TAKEN_ABACK: Final = weights({"browInnerUp": 0.35, "browOuterUp": 0.3, "eyeWide": 0.25, "mouthPress": 0.3})
_INTEREST: Final = weights({"browOuterUp": 0.22, "mouthSmile": 0.15})

_PULSES: Final[dict[Reaction, Sequence[_Pulse]]] = {
    Reaction.NOD: (
        _Pulse(0.0, 0.48, _STILL, (0.0, -6.0, 0.0)),
        _Pulse(0.42, 0.48, _STILL, (0.0, -4.0, 0.0)),
        _Pulse(0.0, 1.6, _SMILE),
    ),
    Reaction.SYMPATHY: (_Pulse(0.0, 1.5, _CARE, (0.0, -1.5, 4.5)),),
    Reaction.BRIGHTEN: (_Pulse(0.0, 0.5, _FLASH, (0.0, 3.0, 0.0)), _Pulse(0.0, 1.8, _SMILE)),
    Reaction.HALT: (_Pulse(0.0, 0.9, _TAKEN_ABACK, (0.0, 2.5, 0.0)),),
    Reaction.GLANCE_LEFT: (_Pulse(0.0, 0.8, _INTEREST, (-4.0, 0.0, 0.0), (-0.6, 0.0)),),
    Reaction.GLANCE_RIGHT: (_Pulse(0.0, 0.8, _INTEREST, (4.0, 0.0, 0.0), (0.6, 0.0)),),
}


class Reactions:
    """The reactions of one character that are under way; a few may overlap."""

    def __init__(self) -> None:
        self._active: list[React] = []

    def add(self, react: React) -> None:
        """Begin a reaction at its time; the same one told again changes nothing."""
        if react not in self._active:
            self._active = [*self._active, react][-MAX_ACTIVE:]

    def at(self, time_s: float) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Return what they add at `time_s`: weights (52,), head (yaw, pitch, roll) degrees (3,), gaze (2,)."""
        shape, head, gaze = np.zeros(52), np.zeros(3), np.zeros(2)
        for react in self._active:
            for pulse in _PULSES[react.reaction]:
                level = _level(time_s - react.media_time_s - pulse.start_s, pulse.length_s)
                shape += level * pulse.weights
                head += level * np.array(pulse.head)
                gaze += level * np.array(pulse.gaze)
        return shape, head, gaze


def _level(time_s: float, length_s: float) -> float:
    """Return a pulse that rises from 0 to 1 in `RISE_S` and is back at 0 after `length_s`, without corners."""
    rise = min(max(time_s / RISE_S, 0.0), 1.0)
    fall = min(max((length_s - time_s) / min(FALL_S, length_s - RISE_S), 0.0), 1.0)
    return rise * rise * (3.0 - 2.0 * rise) * fall * fall * (3.0 - 2.0 * fall)
