"""Bounded streams between tasks of one event loop. None of them ever blocks its producer; all count what they drop."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Fifo(Generic[T]):
    """A queue bounded by the summed size of its items (seconds of audio, say); over that the oldest are dropped."""

    def __init__(self, limit: float) -> None:
        self.limit = limit
        self.dropped = 0
        self._items: deque[tuple[T, float]] = deque()
        self._size = 0.0
        self._filled = asyncio.Event()
        self._closed = False

    @property
    def size(self) -> float:
        """The summed size of what waits."""
        return self._size

    def put(self, item: T, size: float = 1.0) -> None:
        """Add an item of a size; drop the oldest while the sum is over the limit."""
        self._items.append((item, size))
        self._size += size
        while self._size > self.limit and len(self._items) > 1:
            self._size -= self._items.popleft()[1]
            self.dropped += 1
        self._filled.set()

    def close(self) -> None:
        """End the iteration once what waits has been taken."""
        self._closed = True
        self._filled.set()

    async def __aiter__(self) -> AsyncIterator[T]:
        """Yield items in order until closed."""
        while True:
            while self._items:
                item, size = self._items.popleft()
                self._size -= size
                yield item
            if self._closed:
                return
            self._filled.clear()
            await self._filled.wait()


class Latest(Generic[T]):
    """Holds the newest item alone; an item overwritten before it was taken counts as dropped."""

    def __init__(self) -> None:
        self.dropped = 0
        self.received = 0
        self._item: T | None = None
        self._filled = asyncio.Event()

    def put(self, item: T) -> None:
        """Replace what is held."""
        self.received += 1
        self.dropped += self._item is not None
        self._item = item
        self._filled.set()

    async def get(self) -> T:
        """Wait for an item newer than the last one taken, and take it."""
        await self._filled.wait()
        self._filled.clear()
        item, self._item = self._item, None
        assert item is not None
        return item


class Broadcast(Generic[T]):
    """Hands each item to every subscriber; a subscriber more than `limit` items behind loses the oldest."""

    def __init__(self, limit: int = 1_000) -> None:
        self._limit = limit
        self._subscribers: list[Fifo[T]] = []
        self._dropped = 0

    @property
    def dropped(self) -> int:
        """Items lost by slow subscribers, past ones too."""
        return self._dropped + sum(fifo.dropped for fifo in self._subscribers)

    def publish(self, item: T) -> None:
        """Hand an item to all who subscribe now."""
        for fifo in self._subscribers:
            fifo.put(item)

    def subscribe(self) -> AsyncIterator[T]:
        """Return what is published from now on, until closed."""
        fifo: Fifo[T] = Fifo(self._limit)
        self._subscribers.append(fifo)
        return self._follow(fifo)

    def close(self) -> None:
        """End every subscription once its subscriber has taken what waits."""
        for fifo in self._subscribers:
            fifo.close()

    async def _follow(self, fifo: Fifo[T]) -> AsyncIterator[T]:
        try:
            async for item in fifo:
                yield item
        finally:
            if fifo in self._subscribers:
                self._subscribers.remove(fifo)
                self._dropped += fifo.dropped
