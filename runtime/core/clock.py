"""Time. Every wait in a session goes through the event loop's clock, so a loop with simulated time
makes a whole session run on simulated time: tests and `talk --realtime no` use that.
"""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any, Final, TypeVar

T = TypeVar("T")
RESOLUTION_S: Final = 1e-6
"""Timers due within this of simulated time are due: after months of it, sums of seconds are off by more than asyncio's
own nanosecond, and a timer that is never quite due would stop the loop for good."""
WallClock = Callable[[], datetime]
"""Tells the local date and time of day: `datetime.now`, or what a test wants it to be."""


def now() -> float:
    """Return the running loop's time in seconds: monotonic, or simulated on a `SimulatedLoop`."""
    return asyncio.get_running_loop().time()


async def sleep_until(deadline_s: float) -> None:
    """Sleep until `deadline_s` on the running loop's clock; give way once if that is past."""
    await asyncio.sleep(max(0.0, deadline_s - now()))


class SampleClock:
    """Seconds counted in samples: the audio master clock of a session."""

    def __init__(self, rate_hz: int) -> None:
        self.rate_hz = rate_hz
        self.samples = 0

    @property
    def time_s(self) -> float:
        """Seconds played."""
        return self.samples / self.rate_hz

    def advance(self, samples: int) -> None:
        """Count `samples` as played."""
        self.samples += samples


class _SimulatedSelector(selectors.DefaultSelector):
    """A selector that moves simulated time instead of waiting, unless outside work is under way."""

    def __init__(self) -> None:
        super().__init__()
        self.time_s = 0.0
        self.outside = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Return what is ready; with nothing ready and nothing outside under way, jump to the next timer."""
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        if self.outside or timeout is None:
            return super().select(None)
        self.time_s += timeout
        return super().select(0)


class SimulatedLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock jumps to the next timer as soon as nothing is left to do.

    Work done outside the loop (another process, a thread) is declared with `outside_work()`; the clock stands
    still until it ends, so such work takes no simulated time.
    """

    def __init__(self) -> None:
        self._simulated = _SimulatedSelector()
        super().__init__(self._simulated)
        self._clock_resolution = RESOLUTION_S

    def time(self) -> float:
        """Return simulated seconds since the loop was made."""
        return self._simulated.time_s

    def outside_work(self, change: int) -> None:
        """Count work outside the loop: +1 when it begins, -1 when its result is back in the loop."""
        self._simulated.outside += change


def outside_work(change: int) -> None:
    """Tell a simulated loop that work outside it begins (+1) or ended (-1); other loops ignore it."""
    loop = asyncio.get_running_loop()
    if isinstance(loop, SimulatedLoop):
        loop.outside_work(change)


def run_simulated(main: Coroutine[Any, Any, T]) -> T:
    """Run `main` to its end on simulated time and return its result."""
    with asyncio.Runner(loop_factory=SimulatedLoop) as runner:
        return runner.run(main)
