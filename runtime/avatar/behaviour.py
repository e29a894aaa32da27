"""How the character carries itself: head, eyes, breath and manner. Pure: stepped in time, random only by its seed."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from runtime.avatar.eyes import Blinks, Gaze
from runtime.avatar.motion import Spring, bump, wander
from runtime.avatar.reactions import Reactions
from runtime.core.blendshapes import weights
from runtime.core.messages import Manner, React

LONGEST_STEP_S = 0.5
MANNER_RATE_HZ = 7.0
_HEAD_RATE_HZ = 9.0
_BREATHS_HZ = 0.24
_WANDER_HZ = 0.45
_WANDER_DEG: Final = np.array([2.0, 1.3, 1.2])
_SPEAKING_WANDER = 1.5
_GAZE_DEG: Final = np.array([30.0, 30.0])
_HEAD_FOLLOWS = 0.24
_EYES_COUNTER = 0.85
_NOD_S = 0.55
_GAZE_BLINK_FROM = 0.25
_GAZE_BLINK_SHARE = 0.4
_PHRASE_BLINK_SHARE = 0.55


@dataclass(frozen=True, slots=True)
class Bearing:
    """What behaviour adds: `weights` (52,) float64, `head` (yaw, pitch, roll) degrees (3,), `gaze` (2,) in the head,
    -1..1, `breath` 0..1, and `lids` 0..1, how far a blink closes them."""

    weights: NDArray[np.float64]
    head: NDArray[np.float64]
    gaze: NDArray[np.float64]
    breath: float
    lids: float


def _posture(head: tuple[float, float, float], shape: Mapping[str, float]) -> NDArray[np.float64]:
    """Return weights and head in one vector (55,)."""
    return np.concatenate([weights(shape).astype(np.float64), np.array(head)])


_IDLE = _posture((0.0, 0.0, 0.0), {"mouthSmile": 0.14, "cheekSquint": 0.06})
# The tilt and the raised corner of thought are to one side; which, is drawn anew each time.
_LISTENING: Final = {
    1.0: _posture((-1.5, -1.0, 3.4), {"browInnerUp": 0.14, "browOuterUp": 0.1, "mouthSmile": 0.2, "eyeWide": 0.05}),
    -1.0: _posture((1.5, -1.0, -3.4), {"browInnerUp": 0.14, "browOuterUp": 0.1, "mouthSmile": 0.2, "eyeWide": 0.05}),
}
_THOUGHT: Final = {"browInnerUp": 0.12, "eyeSquint": 0.16, "mouthPress": 0.2, "mouthSmile": 0.1, "mouthRollLower": 0.1}
_THINKING: Final = {
    1.0: _posture((0.0, 1.5, 2.0), _THOUGHT | {"browOuterUpLeft": 0.35, "browDownRight": 0.25, "mouthLeft": 0.22}),
    -1.0: _posture((0.0, 1.5, -2.0), _THOUGHT | {"browOuterUpRight": 0.35, "browDownLeft": 0.25, "mouthRight": 0.22}),
}


class Behaviour:
    """The character's bearing over time. Times only rise; the same seed and the same steps give the same bearing."""

    def __init__(self, seed: int) -> None:
        self._seed = seed & 0xFFFFFF
        self._random = np.random.default_rng([self._seed, 1])
        self._blinks = Blinks(self._seed + 2)
        self._gaze = Gaze(self._seed + 3)
        self._posture = Spring(_IDLE)
        self._follow = Spring(np.zeros(2))
        self._lively = Spring(np.ones(1))
        self._manner: Manner | None = None
        self._side = 1.0
        self._time_s = math.nan
        self._breath_phase = 0.0
        self._next_nod_s = math.inf
        self._nods: list[tuple[float, float]] = []
        self._reactions = Reactions()

    def react(self, react: React) -> None:
        """Make a short movement, from the time it gives; the same one told again changes nothing."""
        self._reactions.add(react)

    def phrase_ended(self, time_s: float) -> None:
        """Note that the character has just said something: a likely moment for a blink."""
        self._blinks.ask(time_s, _PHRASE_BLINK_SHARE)

    def step(self, time_s: float, manner: Manner, speaking: bool) -> Bearing:
        """Return the bearing at `time_s`, which is not before the last one asked for."""
        if math.isnan(self._time_s):
            self._time_s, self._breath_phase = time_s, (time_s * _BREATHS_HZ) % 1.0
        dt_s = min(max(time_s - self._time_s, 0.0), LONGEST_STEP_S)
        self._time_s = time_s
        if manner is not self._manner:
            self._begin(time_s, manner)
        target = self._target(manner, speaking)
        self._posture.step(target, dt_s, MANNER_RATE_HZ)
        self._lively.step(np.array([_SPEAKING_WANDER if speaking else 1.0]), dt_s, 4.0)
        look, jump = self._gaze.step(time_s, dt_s, manner, speaking)
        if jump > _GAZE_BLINK_FROM:
            self._blinks.ask(time_s, _GAZE_BLINK_SHARE)
        head = self._head(time_s, dt_s, look, listening=manner is Manner.LISTENING and not speaking)
        breath = self._breathe(dt_s)
        head[1] += 0.35 * breath
        moved, turned, glance = self._reactions.at(time_s)
        head += turned
        look = look + glance
        eyes = look - _EYES_COUNTER * head[:2] / _GAZE_DEG
        lids = self._blinks.step(time_s)
        return Bearing(self._posture.value[:52] + moved, head, np.clip(eyes, -1.0, 1.0), breath, lids)

    def _begin(self, time_s: float, manner: Manner) -> None:
        self._manner = manner
        self._side = 1.0 if self._random.random() < 0.5 else -1.0
        self._next_nod_s = time_s + self._random.uniform(1.6, 3.5) if manner is Manner.LISTENING else math.inf

    def _target(self, manner: Manner, speaking: bool) -> NDArray[np.float64]:
        if speaking or manner is Manner.IDLE:
            return _IDLE
        return (_LISTENING if manner is Manner.LISTENING else _THINKING)[self._side]

    def _head(self, time_s: float, dt_s: float, look: NDArray[np.float64], listening: bool) -> NDArray[np.float64]:
        """Return the head's (yaw, pitch, roll): manner, wandering, following the eyes a little, nods."""
        self._follow.step(_HEAD_FOLLOWS * look * _GAZE_DEG, dt_s, _HEAD_RATE_HZ)
        drift = wander(self._seed, time_s, _WANDER_HZ, 3) * _WANDER_DEG * float(self._lively.value[0])
        head = self._posture.value[52:] + drift
        head[:2] += self._follow.value
        if listening and time_s >= self._next_nod_s:
            self._nod(time_s)
        self._nods = [(start, size) for start, size in self._nods if time_s < start + _NOD_S]
        head[1] -= sum(size * bump(time_s - start, _NOD_S) for start, size in self._nods)
        return np.asarray(head)

    def _nod(self, time_s: float) -> None:
        """Nod once or twice from now on."""
        size = self._random.uniform(1.8, 3.2)
        self._nods.append((time_s, size))
        if self._random.random() < 0.45:
            self._nods.append((time_s + 0.8 * _NOD_S, 0.65 * size))
        self._next_nod_s = time_s + self._random.uniform(3.0, 7.0)

    def _breathe(self, dt_s: float) -> float:
        """Return the breath 0..1: in for two fifths of a breath, out for the rest."""
        self._breath_phase = (self._breath_phase + dt_s * _BREATHS_HZ) % 1.0
        phase = self._breath_phase
        share = phase / 0.4 if phase < 0.4 else 1.0 - (phase - 0.4) / 0.6
        return 0.5 - 0.5 * math.cos(math.pi * share)
