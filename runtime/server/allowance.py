"""How often something may be done."""


class Allowance:
    """A token bucket: `burst` at once, `rate` a second in the long run."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate = rate
        self._burst = burst
        self._left = burst
        self._seen_s: float | None = None

    def take(self, time_s: float) -> bool:
        """Return whether one more is allowed at this time."""
        if self._seen_s is not None:
            self._left = min(self._burst, self._left + (time_s - self._seen_s) * self._rate)
        self._seen_s = time_s
        if self._left < 1:
            return False
        self._left -= 1
        return True
