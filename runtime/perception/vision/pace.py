"""When to look for faces and for hands: each at its own rate, and less often where the machine is short of time.

Pure: it reads no clock. Seeing is the first to slow down; speech and drawing go before it.
"""

from dataclasses import dataclass
from typing import Final

FACES_HZ: Final = 15.0
HANDS_HZ: Final = 10.0
SHARE: Final = 0.35
"""Of one core; what a picture costs and how often one is looked at are kept below it."""
LATE_S: Final = 0.03
"""An answer from the vision process that is later than this says that the machine is short of time."""
LEAST: Final = 0.2
"""However short of time, the rates stay above this share of what is wished."""
SLOWER: Final = 0.7
FASTER: Final = 1.15
STEP_S: Final = 0.5
"""The ease is changed at most this often; it rises in a step in which nothing was late."""
_SLACK: Final = 0.3
"""A picture this share of an interval too early is taken: cameras are not exact, and the next would be far too late."""
_SMOOTHING: Final = 0.2
_OUTLIER: Final = 3.0
"""One measurement counts for at most so many times the mean: a first picture takes long and says little."""
_COSTS_S: Final = (0.006, 0.010)
"""What is thought of before anything was measured."""


@dataclass(frozen=True, slots=True)
class Look:
    """What to look for in a picture."""

    faces: bool
    hands: bool


class Pace:
    """Decides for each picture of one camera. All times are on one clock, in seconds."""

    def __init__(self, faces_hz: float = FACES_HZ, hands_hz: float = HANDS_HZ, share: float = SHARE) -> None:
        self._wished = (faces_hz, hands_hz)
        self._share = share
        self._next_s = [float("-inf"), float("-inf")]
        self._costs_s = list(_COSTS_S)
        self._ease = 1.0
        self._changed_s = float("-inf")
        self._late_s = float("-inf")

    @property
    def rates_hz(self) -> tuple[float, float]:
        """How often faces and hands are looked for at present, if pictures come as often."""
        level = self.level
        return self._wished[0] * level, self._wished[1] * level

    @property
    def level(self) -> float:
        """The present rates as a share of those wished, `LEAST`..1."""
        cost = sum(rate * cost_s for rate, cost_s in zip(self._wished, self._costs_s, strict=True))
        affordable = self._share / cost if cost > 0 else 1.0
        return min(max(min(self._ease, affordable), LEAST), 1.0)

    def due(self, time_s: float) -> Look:
        """Say what to look for in a picture that is there at `time_s`, and count it as done."""
        return Look(self._due(0, time_s), self._due(1, time_s))

    def took(self, faces_s: float | None, hands_s: float | None) -> None:
        """Learn how long the parts of a look took to compute; None for what was not looked for."""
        for i, cost_s in enumerate((faces_s, hands_s)):
            if cost_s is not None:
                before = self._costs_s[i]
                self._costs_s[i] += _SMOOTHING * (min(cost_s, _OUTLIER * before) - before)

    def lateness(self, time_s: float, late_s: float) -> None:
        """Learn that at `time_s` an answer was `late_s` late (0: it was in time)."""
        if late_s > LATE_S:
            self._late_s = time_s
        if time_s - self._changed_s < STEP_S:
            return
        if late_s > LATE_S:
            self._ease, self._changed_s = max(self._ease * SLOWER, LEAST), time_s
        elif time_s - self._late_s >= STEP_S:
            self._ease, self._changed_s = min(self._ease * FASTER, 1.0), time_s

    def _due(self, which: int, time_s: float) -> bool:
        rate_hz = self._wished[which] * self.level
        if rate_hz <= 0:
            return False
        interval_s, next_s = 1 / rate_hz, self._next_s[which]
        if next_s > time_s + 2 * interval_s:  # the clock was set back
            next_s = time_s
        if time_s < next_s - _SLACK * interval_s:
            return False
        # Counted on from when it was due, so that the mean rate holds; a gap is not made up for.
        self._next_s[which] = max(next_s, time_s - interval_s / 2) + interval_s
        return True
