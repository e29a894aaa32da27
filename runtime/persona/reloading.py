"""Takes up a persona's changed files while it talks; a change that is broken is named, and the old state kept."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor
from pathlib import Path
from typing import Final

from runtime.core.errors import UserError
from runtime.core.messages import Phrase, UserTurn
from runtime.persona.brain import Brain
from runtime.persona.knowledge.folder import NAME
from runtime.persona.memory import Context

log = logging.getLogger(__name__)

EVERY_S: Final = 2.0
MAX_FILES: Final = 1_000
Stamp = tuple[tuple[str, int, int], ...]


class Reloading:
    """A brain that can be exchanged between two turns; an answer that has begun ends as it began."""

    def __init__(self, brain: Brain) -> None:
        self._brain = brain

    def replace(self, brain: Brain) -> None:
        """Answer with this brain from the next turn on."""
        self._brain = brain

    def greet(self) -> AsyncIterator[Phrase]:
        """See `Brain.greet`."""
        return self._brain.greet()

    def respond(self, turn: UserTurn, context: Context) -> AsyncIterator[Phrase]:
        """See `Brain.respond`."""
        return self._brain.respond(turn, context)


def stamp(path: Path) -> Stamp:
    """Return what tells that a persona's files changed: name, time and size of each."""
    found = [path, *sorted((path.parent / NAME).rglob("*"))[:MAX_FILES]]
    stamps = []
    for file in found:
        try:
            state = file.stat()
        except OSError:
            continue
        stamps.append((str(file), state.st_mtime_ns, state.st_size))
    return tuple(stamps)


async def watch(path: Path, take_up: Callable[[], None], lane: Executor, every_s: float = EVERY_S) -> None:
    """Call `take_up` whenever a persona's files have changed and then rest for a moment, until cancelled.

    Looking and taking up run on `lane`, a thread that nothing else waits for. A UserError of `take_up` is logged.
    """
    loop = asyncio.get_running_loop()
    taken = seen = await loop.run_in_executor(lane, stamp, path)
    while True:
        await asyncio.sleep(every_s)
        now = await loop.run_in_executor(lane, stamp, path)
        if now != taken and now == seen:  # still being written where it changed since the last look
            taken = now
            try:
                await loop.run_in_executor(lane, take_up)
                log.info("%s: the changed files were taken up", path)
            except UserError as error:
                log.warning("the change was not taken up, the persona goes on as it was: %s", error)
        seen = now
