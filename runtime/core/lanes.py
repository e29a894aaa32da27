"""Lanes: one named thread for each stateful model, so that none of them ever shares the loop's default executor."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from runtime.core.clock import outside_work
from runtime.core.errors import UserError

P = ParamSpec("P")
T = TypeVar("T")


class Lane:
    """Runs functions one at a time, in order, on a thread of its own; at most `limit` wait."""

    def __init__(self, name: str, limit: int = 32) -> None:
        self.name = name
        self.limit = limit
        self.waiting = 0
        self.refused = 0
        self._executor = ThreadPoolExecutor(1, thread_name_prefix=name)

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run the function on the lane and return its result.

        Raises:
            UserError: too much is waiting already.
        """
        if self.waiting >= self.limit:
            self.refused += 1
            raise UserError(f"The lane {self.name!r} is {self.limit} calls behind.", "The machine is overloaded.")
        self.waiting += 1
        outside_work(+1)
        try:
            return await asyncio.get_running_loop().run_in_executor(self._executor, lambda: function(*args, **kwargs))
        finally:
            outside_work(-1)
            self.waiting -= 1

    def close(self) -> None:
        """Drop what waits; what runs ends by itself."""
        self._executor.shutdown(wait=False, cancel_futures=True)
