"""Micro-expressions: a face shows something for less than half a second and is still again. Pure: reads no clock.

Found on the speed of blendshapes. That they come and go within 500 ms is from Ekman and Friesen: Nonverbal leakage and
clues to deception (1969), their measured times from Yan et al.: How fast are the leaked facial expressions (2013).
Which muscles show which emotion is from Ekman and Friesen: Facial Action Coding System (1978), as far as blendshapes
tell them apart.
"""

import math
from collections import deque
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from runtime.core.blendshapes import BLENDSHAPES, INDEX
from runtime.core.messages import MicroExpression

LONGEST_S: Final = 0.5
SHORTEST_S: Final = 0.08
"""Width between the edges, from onset to offset. What is shorter is noise of the landmarks."""
EDGE: Final = 0.3
"""Onset and offset are where this share of the height is passed."""
RISE_S: Final = 0.3
"""An onset takes no longer (Yan et al.: 260 ms)."""
STILL_S: Final = 0.6
"""For so long before the onset the muscle is still: what moves on and on is talk, play or noise, no leak."""
SPEED_PER_S: Final = 1.0
"""So fast a muscle rises at an onset; slower changes are moods, posture and light."""
HEIGHT: Final = 0.18
"""So far a muscle rises, of 1; less is within the noise of blendshapes."""
TOGETHER_S: Final = 0.12
"""Muscles that fall so soon after each other belong to one expression."""
APART_S: Final = 2.0
"""After one no other is told for this long."""
BLINK: Final = 0.2
"""A change of the lids by more than this is a blink, which moves what is around the eye along with it."""
SPOKEN: Final = 0.12
"""A change of jaw and rounded lips by more than this is speech, if only a word, which moves all of the mouth."""
HEAD_DEGREES_PER_S: Final = 60.0
"""In faster turns of the head the landmarks slip."""
GAP_S: Final = 0.25
"""With pictures farther apart than this a short expression can't be told from a long one."""

MUSCLES: Final = {
    "brow_inner_up": ("browInnerUp",),
    "brow_outer_up": ("browOuterUpLeft", "browOuterUpRight"),
    "brow_down": ("browDownLeft", "browDownRight"),
    "eye_wide": ("eyeWideLeft", "eyeWideRight"),
    "nose": ("noseSneerLeft", "noseSneerRight"),
    "smile": ("mouthSmileLeft", "mouthSmileRight"),
    "frown": ("mouthFrownLeft", "mouthFrownRight"),
    "stretch": ("mouthStretchLeft", "mouthStretchRight"),
    "press": ("mouthPressLeft", "mouthPressRight"),
    "upper_lip": ("mouthUpperUpLeft", "mouthUpperUpRight"),
}
PATTERNS: Final = {
    "happy": {"smile": 1.0},
    "sad": {"brow_inner_up": 0.7, "frown": 1.0},
    "angry": {"brow_down": 1.0, "press": 0.7},
    "afraid": {"brow_inner_up": 0.7, "brow_outer_up": 0.3, "eye_wide": 0.7, "stretch": 1.0},
    "disgusted": {"nose": 1.0, "upper_lip": 1.0, "brow_down": 0.4},
    "surprised": {"brow_inner_up": 0.8, "brow_outer_up": 1.0, "eye_wide": 0.6},
}
"""How strongly each emotion contracts which muscles, of 1."""

REACH: Final = {"frown": 0.4, "stretch": 0.6, "press": 0.6, "nose": 0.6}
"""How far face trackers move these at their strongest; the others reach 1."""

_NAMES: Final = tuple(MUSCLES)
_BY_MOUTH: Final = np.array([shapes[0].startswith("mouth") for shapes in MUSCLES.values()])
_BY_LIDS: Final = np.array([name in ("brow_down", "eye_wide") for name in MUSCLES])
_MIX: Final = np.zeros((len(BLENDSHAPES), len(MUSCLES)), np.float32)
for _column, (_muscle, _shapes) in enumerate(MUSCLES.items()):
    _MIX[[INDEX[_shape] for _shape in _shapes], _column] = 1 / len(_shapes) / REACH.get(_muscle, 1.0)
_LIDS: Final = [INDEX["eyeBlinkLeft"], INDEX["eyeBlinkRight"]]
_SPEECH: Final = [INDEX["jawOpen"], INDEX["mouthPucker"], INDEX["mouthFunnel"]]
_MEMORY_S: Final = LONGEST_S + RISE_S + STILL_S


@dataclass(frozen=True, slots=True)
class _Frame:
    time_s: float
    muscles: NDArray[np.float32]
    lids: float
    mouth: float
    """How far jaw and round lips are open, which speech moves most."""
    head: tuple[float, float, float]
    speaking: bool


@dataclass(frozen=True, slots=True)
class _Pulse:
    """One muscle that rose by `height` and fell again."""

    muscle: int
    onset_s: float
    apex_s: float
    offset_s: float
    height: float


class MicroExpressions:
    """Finds micro-expressions in one person's blendshapes, best at 10 pictures a second or more."""

    def __init__(self) -> None:
        self._frames: deque[_Frame] = deque()
        self._pulses: list[_Pulse] = []
        self._told_s = -math.inf

    def forget(self) -> None:
        """Begin anew: another face is seen."""
        self._frames.clear()
        self._pulses.clear()

    def feed(
        self,
        time_s: float,
        weights: NDArray[np.float32],
        head: tuple[float, float, float] = (0.0, 0.0, 0.0),
        speaking: bool = False,
    ) -> MicroExpression | None:
        """Take a face and return the micro-expression that is over with it, if one is.

        Args:
            time_s: when the picture was taken; a picture not later than the one before is left out.
            weights: blendshapes (52,) in 0..1, with or without the person's neutral face in them.
            head: yaw, pitch and roll in degrees.
            speaking: the person speaks, so what the mouth does means nothing here.
        """
        if self._frames and 0 >= time_s - self._frames[-1].time_s > -_MEMORY_S:
            return None
        if self._frames and not 0 < time_s - self._frames[-1].time_s <= GAP_S:
            self.forget()
        lids, mouth = float(weights[_LIDS].max()), float(weights[_SPEECH].sum())
        self._frames.append(_Frame(time_s, weights @ _MIX, lids, mouth, head, speaking))
        while time_s - self._frames[0].time_s > _MEMORY_S:
            self._frames.popleft()
        self._pulses += self._ended()
        if not self._pulses or time_s - self._pulses[0].offset_s < TOGETHER_S:
            return None
        pulses, self._pulses = self._pulses, []
        if 0 <= time_s - self._told_s < APART_S:
            return None
        self._told_s = time_s
        strongest = max(pulses, key=lambda pulse: pulse.height)
        return MicroExpression(_label(pulses), strongest.onset_s, strongest.apex_s, strongest.offset_s)

    def _ended(self) -> list[_Pulse]:
        """Return the pulses that fell below their edge with the newest frame, where nothing else explains them."""
        times = np.array([frame.time_s for frame in self._frames])
        muscles = np.array([frame.muscles for frame in self._frames])
        found = [pulse for number in range(len(MUSCLES)) if (pulse := _pulse(number, times, muscles[:, number]))]
        return [pulse for pulse in found if self._is_leak(pulse, times)]

    def _is_leak(self, pulse: _Pulse, times: NDArray[np.float64]) -> bool:
        near = (times >= pulse.onset_s - GAP_S / 2) & (times <= pulse.offset_s + GAP_S / 2)
        frames = [frame for frame, use in zip(self._frames, near, strict=True) if use]
        heads = np.array([frame.head for frame in frames])
        speeds = np.abs(np.diff(heads, axis=0)).max(axis=1, initial=0) / np.diff([frame.time_s for frame in frames])
        lids, mouth = np.ptp([frame.lids for frame in frames]), np.ptp([frame.mouth for frame in frames])
        speaks = mouth > SPOKEN or any(frame.speaking for frame in self._frames)
        return not (
            (_BY_MOUTH[pulse.muscle] and speaks)
            or (_BY_LIDS[pulse.muscle] and lids > BLINK)
            or speeds.max(initial=0) > HEAD_DEGREES_PER_S
        )


def _pulse(muscle: int, times: NDArray[np.float64], values: NDArray[np.float32]) -> _Pulse | None:
    """Return the pulse of one muscle that ends with the newest of its values, None where there is none."""
    recent = int(np.searchsorted(times, times[-1] - LONGEST_S - GAP_S))
    apex = recent + int(values[recent:].argmax())
    still = (times >= times[apex] - RISE_S - STILL_S) & (times < times[apex] - RISE_S)
    if apex == len(times) - 1 or still.sum() < 2 or times[apex] - RISE_S - times[0] < STILL_S / 2:
        return None
    rest = float(np.median(values[still]))
    height = float(values[apex]) - rest
    edge = rest + EDGE * height
    if height < HEIGHT or not values[-1] < edge <= values[-2] or np.abs(values[still] - rest).max() > EDGE * height:
        return None
    before = int(np.flatnonzero(values[:apex] < edge)[-1])
    onset_s = _crossing(times, values, before, edge)
    offset_s = _crossing(times, values, len(times) - 2, edge)
    speed = (np.diff(values[before : apex + 1]) / np.diff(times[before : apex + 1])).max()
    if not SHORTEST_S <= offset_s - onset_s <= LONGEST_S or speed < SPEED_PER_S:
        return None
    return _Pulse(muscle, onset_s, float(times[apex]), offset_s, height)


def _crossing(times: NDArray[np.float64], values: NDArray[np.float32], index: int, level: float) -> float:
    """Return when the line from a value to the next passes a level."""
    share = (level - values[index]) / (values[index + 1] - values[index])
    return float(times[index] + share * (times[index + 1] - times[index]))


def _label(pulses: list[_Pulse]) -> str:
    """Return the emotion whose pattern is nearest in angle to what the muscles did."""
    heights = np.zeros(len(MUSCLES))
    for pulse in pulses:
        heights[pulse.muscle] = max(heights[pulse.muscle], pulse.height)

    def likeness(emotion: str) -> float:
        pattern = np.array([PATTERNS[emotion].get(name, 0.0) for name in _NAMES])
        return float(pattern @ heights / np.linalg.norm(pattern))

    return max(PATTERNS, key=likeness)
