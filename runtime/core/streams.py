"""Bounded streams between tasks of one event loop. None of them ever blocks its producer; all count what they drop."""

import asyncio
import weakref
from collections import deque
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

    @property
    def closed(self) -> bool:
        """Whether nothing is taken any more."""
        return self._closed

    def put(self, item: T, size: float = 1.0) -> None:
        """Add an item of a size; drop the oldest while the sum is over the limit. A closed queue takes nothing."""
        if self._closed:
            return
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

    def __aiter__(self) -> "Fifo[T]":
        return self

    async def __anext__(self) -> T:
        """Wait for the oldest item and take it; the iteration ends once the queue is closed and empty."""
        while not self._items:
            if self._closed:
                raise StopAsyncIteration
            self._filled.clear()
            await self._filled.wait()
        item, size = self._items.popleft()
        self._size = self._size - size if self._items else 0.0  # no rounding errors add up
        return item


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
        while self._item is None:  # another waiter may have been first
            self._filled.clear()
            await self._filled.wait()
        item, self._item = self._item, None
        return item


class Broadcast(Generic[T]):
    """Hands each item to every subscriber; a subscriber more than `limit` items behind loses the oldest.

    A subscription is a `Fifo`: it can be closed alone, counts its own losses, and is forgotten once nobody holds it.
    """

    def __init__(self, limit: int = 1_000) -> None:
        self._limit = limit
        self._fifos: weakref.WeakSet[Fifo[T]] = weakref.WeakSet()
        self._closed = False
        self.dropped = 0
        """Items lost by slow subscribers, past ones too."""

    @property
    def subscribers(self) -> int:
        """How many subscriptions are open."""
        return sum(not fifo.closed for fifo in self._fifos)

    def publish(self, item: T) -> None:
        """Hand an item to all who subscribe now."""
        for fifo in list(self._fifos):
            if not fifo.closed:
                before = fifo.dropped
                fifo.put(item)
                self.dropped += fifo.dropped - before

    def subscribe(self) -> Fifo[T]:
        """Return what is published from now on, until closed."""
        fifo: Fifo[T] = Fifo(self._limit)
        if self._closed:
            fifo.close()
        else:
            self._fifos.add(fifo)
        return fifo

    def close(self) -> None:
        """End every subscription, later ones too, once its subscriber has taken what waits."""
        self._closed = True
        for fifo in list(self._fifos):
            fifo.close()
