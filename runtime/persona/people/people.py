"""The memory of people as sessions use it: nothing here ever waits for the database on the event loop."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from runtime.core.errors import UserError
from runtime.core.lanes import Lane
from runtime.persona.memory import Exchange
from runtime.persona.people.person import Fact, Person, any_token

if TYPE_CHECKING:
    from runtime.persona.people.store import Store

log = logging.getLogger(__name__)

DAY_S: Final = 24 * 3600.0
RECOGNISED_WITHIN_S: Final = 0.5
"""A database that takes longer leaves the person a stranger: the greeting doesn't wait."""
MAX_WAITING: Final = 64


class People:
    """Everybody who agreed to be remembered. Use `async with`, or `open` and `close`.

    Reads and writes run one at a time, in order, on a thread of their own. `keep_days` 0 remembers nobody.
    """

    def __init__(
        self, configured: str | None, data_dir: Path, keep_days: int, wall: Callable[[], datetime] | None = None
    ) -> None:
        self.keep_days = keep_days
        self._configured = configured
        self._data_dir = data_dir
        self._wall = wall
        self._store: Store | None = None
        self._lane = Lane("people", MAX_WAITING)
        self._work: set[asyncio.Task[Any]] = set()
        self._retention: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "People":
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def open(self) -> None:
        """Open the database, bring its tables up to date, and erase what is too old; then again each day.

        Raises:
            UserError: the database can't be reached, or is not ours.
        """
        await self._lane.run(self._open)
        self._retention = asyncio.create_task(self._expire_daily(), name="people's retention")

    async def close(self) -> None:
        """Finish what is being written, then give the database back."""
        if self._retention is not None:
            self._retention.cancel()
            await asyncio.gather(self._retention, return_exceptions=True)
        await self.settle()
        if self._store is not None:
            await self._lane.run(self._store.close)
            self._store = None
        self._lane.close()

    @property
    def remembers(self) -> bool:
        """Whether anything may outlive a session at all."""
        return self.keep_days > 0 and self._store is not None

    @property
    def under_way(self) -> int:
        """How many writes have not ended."""
        return len(self._work)

    async def settle(self) -> None:
        """Wait until everything that was to be written is."""
        while self._work:
            await asyncio.gather(*self._work, return_exceptions=True)

    async def recognise(self, token: str) -> Person | None:
        """Return the person to whom the token was given; None for an unknown one.

        A database that is slow or lost knows nobody.
        """
        if not self.remembers or not token:
            return None
        try:
            async with asyncio.timeout(RECOGNISED_WITHIN_S):
                return await self._lane.run(self._opened().recognise, token)
        except (UserError, TimeoutError) as error:
            log.warning("nobody can be recognised just now: %s", error or "the database is slow")
            return None

    async def remember(
        self,
        facts: Sequence[Fact],
        visit: str,
        exchanges: Sequence[Exchange],
        fits: Callable[[str], bool] = any_token,
    ) -> tuple[str, str]:
        """Begin to remember a person who has agreed, with what they said so far; return their id and a token that fits.

        Raises:
            UserError: nothing can be kept now.
        """
        return await self._lane.run(self._remember, tuple(facts), visit, tuple(exchanges), fits)

    def add(self, person: str, facts: Sequence[Fact] = (), visit: str = "", exchanges: Sequence[Exchange] = ()) -> None:
        """Keep more of a person, in the background; a failure is logged, without what was to be kept."""
        self.run(self._lane.run(self._opened().add, person, tuple(facts), visit, tuple(exchanges)))

    def drop(self, person: str, fact: Fact) -> None:
        """Keep a fact no longer, in the background."""
        self.run(self._lane.run(self._opened().drop, person, fact))

    def drop_visit(self, person: str, visit: str) -> None:
        """Keep nothing of one visit, in the background: it was somebody else's."""
        self.run(self._lane.run(self._opened().drop_visit, person, visit))

    async def forget(self, person: str) -> bool:
        """Erase a person and all that is kept of them; return whether there was one.

        Raises:
            UserError: the database can't be used now.
        """
        return await self._lane.run(self._opened().forget, person)

    def run(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Do something to its end, even if the answer that wanted it is interrupted; `close` waits for it."""
        task = asyncio.create_task(work, name="people")
        self._work.add(task)
        task.add_done_callback(self._done)
        return task

    # ------------------------------------------------------------ inside

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._work.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.warning(
                "something of a person was not kept: %s", error if isinstance(error, UserError) else type(error)
            )

    def _opened(self) -> "Store":
        if self._store is None:
            raise UserError("The memory of people is not open.", "Start the runtime first.")
        return self._store

    def _open(self) -> None:
        """Load SQLAlchemy, which takes a while, and open the database; runs on the lane."""
        from runtime.persona.people.database import database_url
        from runtime.persona.people.store import Store, utc_now

        store = Store(database_url(self._configured, self._data_dir), self._wall or utc_now)
        store.open()
        store.expire(self.keep_days)
        self._store = store

    def _remember(
        self, facts: Sequence[Fact], visit: str, exchanges: Sequence[Exchange], fits: Callable[[str], bool]
    ) -> tuple[str, str]:
        store = self._opened()
        person, token = store.remember(facts, fits)
        store.add(person, (), visit, exchanges)
        return person, token

    async def _expire_daily(self) -> None:
        while True:
            await asyncio.sleep(DAY_S)
            try:
                people, exchanges = await self._lane.run(self._opened().expire, self.keep_days)
                log.info("retention: %d people and %d exchanges were erased", people, exchanges)
            except UserError as error:
                log.warning("what is too old was not erased: %s", error)
