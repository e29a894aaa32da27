"""The turn: its number and its cancel scope."""

import asyncio
from collections.abc import Coroutine
from typing import Any


class TurnScope:
    """Owns the one answer under way. Beginning a new turn, or cancelling, ends all work of the old one.

    Work in C libraries can't be cancelled; nobody waits any more for what it returns late.
    """

    def __init__(self) -> None:
        self.number = 0
        self._task: asyncio.Task[None] | None = None

    @property
    def active(self) -> bool:
        """Whether an answer is under way and has not been cancelled."""
        return self._task is not None and not self._task.done() and not self._task.cancelling()

    def next_number(self) -> int:
        """Cancel the present answer and return the number of the next turn."""
        self.cancel()
        self.number += 1
        return self.number

    def run(self, answer: Coroutine[Any, Any, None]) -> None:
        """Run the answer of the present turn."""
        self._task = asyncio.create_task(answer, name=f"turn {self.number}")

    def cancel(self) -> None:
        """End the present answer, if any."""
        if self._task is not None:
            self._task.cancel()

    async def close(self) -> None:
        """Cancel and wait until the answer has ended."""
        self.cancel()
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)
