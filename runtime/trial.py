"""An experiment under way: the visits of every session are counted and written, and no talk ever waits for that."""

import asyncio
import logging
from typing import TYPE_CHECKING

from runtime.core.errors import UserError
from runtime.core.lanes import Lane
from runtime.core.messages import SessionEvent
from runtime.core.settings import Settings
from runtime.core.streams import Fifo
from runtime.experiments.experiment import Experiment
from runtime.experiments.outcomes import Visit
from runtime.experiments.tally import Meaning, Tally

if TYPE_CHECKING:
    from runtime.experiments.store import VisitStore

log = logging.getLogger(__name__)


class Trial:
    """Measures an experiment. `open` and `close` do the work."""

    def __init__(self, experiment: Experiment, settings: Settings, meaning: Meaning) -> None:
        self._experiment = experiment
        self._settings = settings
        self._meaning = meaning
        self._lane = Lane("experiment", limit=1_000)
        self._store: VisitStore | None = None
        self._following: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Open the database, and erase what is older than the experiment allows.

        Raises:
            UserError: the database can't be used.
        """
        self._store = await self._lane.run(open_store, self._settings)
        await self._lane.run(self._store.expire, self._experiment)
        log.info("the experiment %s is under way", self._experiment.name)

    def follow(self, events: Fifo[SessionEvent]) -> None:
        """Measure the visits of a session until its events end."""
        task = asyncio.create_task(self._follow(events), name="measure experiment")
        self._following.add(task)
        task.add_done_callback(self._done)

    async def close(self) -> None:
        """Write what ended, then give the database back. All sessions have to be closed."""
        await asyncio.gather(*self._following, return_exceptions=True)
        if self._store is not None:
            await self._lane.run(self._store.close)
        self._lane.close()

    async def _follow(self, events: Fifo[SessionEvent]) -> None:
        tally = Tally(self._meaning)
        async for event in events:
            await self._write(tally.take(event))
        await self._write(tally.finish())

    def _done(self, task: asyncio.Task[None]) -> None:
        self._following.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a session is missing from the experiment %s", self._experiment.name, exc_info=error)

    async def _write(self, visit: Visit | None) -> None:
        if visit is None or self._store is None:
            return
        try:
            await self._lane.run(self._store.add, self._experiment, visit)
        except UserError as error:
            log.warning("a visit is missing from the experiment %s: %s", self._experiment.name, error)


def open_store(settings: Settings) -> "VisitStore":
    """Open the database where visits are kept; takes a moment. Raises UserError where it can't be used."""
    from runtime.experiments.store import VisitStore
    from runtime.persona.people.database import database_url, open_database

    return VisitStore(open_database(database_url(settings.database_url, settings.data_dir)))
