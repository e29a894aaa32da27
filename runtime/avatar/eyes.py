"""When the character blinks and where it looks. Stepped in time, random by seed; no drawing and no clock."""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from runtime.avatar.motion import Spring
from runtime.core.messages import Manner

BLINK_MEDIAN_S = 3.7
BLINK_SIGMA = 0.42
CLOSE_S = 0.065
HOLD_S = 0.02
OPEN_S = 0.125
BLINK_S: Final = CLOSE_S + HOLD_S + OPEN_S
_SHORTEST_GAP_S = 0.9
_DOUBLE_SHARE = 0.09
_DOUBLE_GAP_S = 0.12

SACCADE_RATE_HZ = 55.0
_CATCH_UP_S = 5.0  # after a longer leap in time, what would have happened before is left out
_AT_VIEWER = np.zeros(2)


class Blinks:
    """Spontaneous blinks (log-normal intervals), double blinks, and blinks asked for at gaze shifts and phrase ends.

    Source of the figures: A. R. Bentivoglio et al., "Analysis of blink rate patterns in normal subjects" (1997):
    about 17 a minute at rest.
    """

    def __init__(self, seed: int) -> None:
        self._random = np.random.default_rng(seed)
        self._next_s = math.nan
        self._start_s = -math.inf
        self._second_s = math.inf

    def ask(self, time_s: float, share: float) -> None:
        """Blink at `time_s` with probability `share`, unless one is under way or has just been."""
        wanted = self._random.random() < share
        if wanted and time_s - self._start_s > _SHORTEST_GAP_S and not time_s > self._next_s:
            self._next_s = time_s

    def step(self, time_s: float) -> float:
        """Return how far the lids are closed, 0..1, at `time_s`."""
        if math.isnan(self._next_s):
            self._next_s = time_s + 0.6 * self._interval()
        if time_s >= self._second_s:
            self._start_s, self._second_s = self._second_s, math.inf
        while time_s >= self._next_s:
            self._start_s = max(self._next_s, time_s - _CATCH_UP_S)
            if self._random.random() < _DOUBLE_SHARE:
                self._second_s = self._start_s + BLINK_S + _DOUBLE_GAP_S
            self._next_s = self._start_s + max(self._interval(), 2 * BLINK_S + _DOUBLE_GAP_S)
        return closure(time_s - self._start_s)

    def _interval(self) -> float:
        return float(max(_SHORTEST_GAP_S, self._random.lognormal(math.log(BLINK_MEDIAN_S), BLINK_SIGMA)))


def closure(since_s: float) -> float:
    """Return how far the lids are closed, 0..1, `since_s` after a blink began: down fast, up slower, no corners."""
    if since_s < CLOSE_S:
        return _smooth(since_s / CLOSE_S)
    return 1.0 - _smooth((since_s - CLOSE_S - HOLD_S) / OPEN_S)


def _smooth(x: float) -> float:
    x = min(max(x, 0.0), 1.0)
    return x * x * (3.0 - 2.0 * x)


class Gaze:
    """Where the eyes rest: mostly on the viewer; small fixational shifts, glances aside, away in thought.

    Values are points in the world as the viewer sees it, x to the viewer's right and y up, 1 about 30 degrees.
    """

    def __init__(self, seed: int) -> None:
        self._random = np.random.default_rng(seed)
        self._spring = Spring(_AT_VIEWER)
        self._base = _AT_VIEWER
        self._small = _AT_VIEWER
        self._base_until_s = -math.inf
        self._small_until_s = -math.inf
        self._doing: tuple[Manner, bool] | None = None
        self._side = 1.0

    def step(self, time_s: float, dt_s: float, manner: Manner, speaking: bool) -> tuple[NDArray[np.float64], float]:
        """Return the point looked at (2,), and how far the eyes set out to jump in this step (0 mostly)."""
        before = self._base
        if (manner, speaking) != self._doing:
            self._doing = (manner, speaking)
            self._begin(time_s, manner is Manner.THINKING and not speaking)
        while time_s >= self._base_until_s:
            self._choose(max(self._base_until_s, time_s - _CATCH_UP_S), manner, speaking)
        while time_s >= self._small_until_s:
            self._small = self._random.normal(0.0, 1.0, 2).clip(-2.0, 2.0) * (0.022, 0.014)
            self._small_until_s = max(self._small_until_s, time_s - _CATCH_UP_S) + self._random.uniform(0.5, 2.2)
        self._spring.step(self._base + self._small, dt_s, SACCADE_RATE_HZ)
        return self._spring.value, float(np.linalg.norm(self._base - before))

    def _begin(self, time_s: float, thinking: bool) -> None:
        """Look at the viewer first, whatever begins; thought takes the eyes away soon."""
        if thinking:
            self._base_until_s = time_s + self._random.uniform(0.1, 0.35)
        else:
            self._base, self._base_until_s = _AT_VIEWER, time_s + self._random.uniform(1.5, 4.0)

    def _choose(self, time_s: float, manner: Manner, speaking: bool) -> None:
        """Choose the next place to look at, from `time_s` on."""
        away = self._base is not _AT_VIEWER
        u = self._random.uniform
        if manner is Manner.THINKING and not speaking:
            self._choose_in_thought(time_s, away)
        elif manner is Manner.LISTENING or (speaking and not away and u(0, 1) > 0.2) or away:
            self._base, self._base_until_s = _AT_VIEWER, time_s + u(2.5, 6.0)
        elif speaking:
            self._base = np.array([u(0.12, 0.3) * self._flip(), u(-0.2, 0.05)])
            self._base_until_s = time_s + u(0.35, 0.8)
        else:
            self._base = np.array([u(0.15, 0.45) * self._flip(), u(-0.22, 0.12)])
            self._base_until_s = time_s + u(0.6, 1.5)
        if manner is Manner.IDLE and not speaking and self._base is _AT_VIEWER:
            self._base_until_s += u(2.0, 6.0)

    def _choose_in_thought(self, time_s: float, away: bool) -> None:
        u = self._random.uniform
        if away and u(0, 1) < 0.25:
            self._base, self._base_until_s = _AT_VIEWER, time_s + u(0.5, 0.9)
            return
        if not away:
            self._side = self._flip()
        height = u(0.3, 0.55) if u(0, 1) < 0.8 else u(-0.4, -0.25)
        self._base, self._base_until_s = np.array([u(0.35, 0.6) * self._side, height]), time_s + u(0.9, 2.2)

    def _flip(self) -> float:
        return 1.0 if self._random.random() < 0.5 else -1.0
