"""Takes up a persona's changed files while it talks; a change that is broken is named, and the old state kept."""

import asyncio
import itertools
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Final

from runtime.core.errors import UserError
from runtime.core.messages import Phrase, UserTurn
from runtime.persona.brain import Brain
from runtime.persona.memory import Context

log = logging.getLogger(__name__)

EVERY_S: Final = 2.0
MAX_FILES: Final = 1_000
Stamp = tuple[tuple[str, int, int], ...]


class Reloading:
    """A brain that is asked for anew at each turn, so that it can change; an answer that has begun ends as it began."""

    def __init__(self, brain: Callable[[], Brain]) -> None:
        self._brain = brain

    def greet(self) -> AsyncIterator[Phrase]:
        """See `Brain.greet`."""
        return self._brain().greet()

    def respond(self, turn: UserTurn, context: Context) -> AsyncIterator[Phrase]:
        """See `Brain.respond`."""
        return self._brain().respond(turn, context)


def stamp(places: Sequence[Path]) -> Stamp:
    """Return what tells that files, or any in folders, changed: name, time and size of each."""
    inside = itertools.chain.from_iterable(place.rglob("*") for place in places if place.is_dir())
    stamps = []
    for file in itertools.chain(places, itertools.islice(inside, MAX_FILES)):
        try:
            state = file.stat()
        except OSError:
            continue
        stamps.append((str(file), state.st_mtime_ns, state.st_size))
    return tuple(sorted(stamps))


async def watch(
    taken: Stamp,
    places: Callable[[], Sequence[Path]],
    take_up: Callable[[], Awaitable[None]],
    lane: Executor,
    every_s: float = EVERY_S,
) -> None:
    """Call `take_up` whenever the files in `places` have changed and then rest for a moment, until cancelled.

    `taken` is their stamp from before they were read first: a change since then counts.
    Looking runs on `lane`, a thread that nothing else waits for. A UserError of `take_up` is logged in one line.
    """
    loop = asyncio.get_running_loop()
    seen = taken
    while True:
        await asyncio.sleep(every_s)
        now = await loop.run_in_executor(lane, stamp, places())
        if now != taken and now == seen:  # still being written where it changed since the last look
            taken = now
            try:
                await take_up()
            except UserError as error:
                reason = " ".join(str(error).split())
                log.warning("the change was not taken up, the persona goes on as it was: %s", reason)
            except Exception:
                log.exception("the change was not taken up, the persona goes on as it was")
        seen = now
