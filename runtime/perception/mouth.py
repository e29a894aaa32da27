"""Whether a mouth moves as in speech, by the gap between its lips. Pure: reads no clock."""

from collections import deque
from typing import Final

import numpy as np

from runtime.core.messages import Face

SWING: Final = 0.02
"""So far, in heights of the face, the lips go one way before it counts as a movement."""
SWINGS: Final = 3
MOVING_S: Final = 1.2
"""With so many swings in this time a mouth is moving as in speech, and until this long after the last one."""

_UPPER_LIP, _LOWER_LIP, _BROW_TOP, _CHIN = 13, 14, 10, 152


def lips_apart(face: Face) -> float:
    """Return the gap between the lips in heights of the face, 0 and up."""
    points = face.landmarks
    height = float(np.linalg.norm(points[_BROW_TOP] - points[_CHIN]))
    return float(np.linalg.norm(points[_UPPER_LIP] - points[_LOWER_LIP])) / max(height, 1e-6)


class MouthWatch:
    """Says whether one person's mouth moves as in speech."""

    def __init__(self) -> None:
        self.moving = False
        self._farthest: float | None = None
        self._opening = False
        self._swings: deque[float] = deque(maxlen=SWINGS)

    def feed(self, time_s: float, gap: float) -> None:
        """Take the gap of the lips, see `lips_apart`."""
        self._follow(time_s, gap)
        while self._swings and not 0 <= time_s - self._swings[0] <= MOVING_S:
            self._swings.popleft()
        self.moving = len(self._swings) == SWINGS or (self.moving and bool(self._swings))

    def _follow(self, time_s: float, gap: float) -> None:
        """Note each swing of the lips when they turn back from it."""
        if self._farthest is None or (gap > self._farthest) == self._opening:
            self._farthest = gap
        elif abs(gap - self._farthest) >= SWING:
            self._opening, self._farthest = not self._opening, gap
            self._swings.append(time_s)
