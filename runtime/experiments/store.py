"""Where the figures of visits are kept: one table of the database of people. Calls block."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Final

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Date,
    Engine,
    Float,
    Integer,
    MetaData,
    String,
    Table,
    delete,
    func,
    insert,
    select,
)
from sqlalchemy.exc import SQLAlchemyError

from runtime.core.errors import UserError
from runtime.experiments.experiment import NAME_CHARS, Experiment
from runtime.experiments.outcomes import Visit

METADATA: Final = MetaData()
MAX_VISITS: Final = 1_000_000
"""So many of one experiment are read for a report, the newest."""
VISITS: Final = Table(
    "experiment_visit",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("experiment", String(NAME_CHARS), nullable=False, index=True),
    Column("variant", String(NAME_CHARS), nullable=False),
    Column("day", Date, nullable=False),
    Column("came_back", Boolean, nullable=False),
    Column("turns", Integer, nullable=False),
    Column("answered", Integer, nullable=False),
    Column("again", Integer, nullable=False),
    Column("interrupted", Integer, nullable=False),
    Column("thumbs_up", Integer, nullable=False),
    Column("thumbs_down", Integer, nullable=False),
    Column("done", Boolean, nullable=False),
    Column("waited_s", Float, nullable=True),
)
"""Whoever changes it adds a migration beside those of the people; a test finds where the two differ.

The day and not the time: a visit shall not be found in a log or in what is remembered of a person. There is no id of a
session or person either; `id` keeps the order.
"""
_FIGURES: Final = [column for column in VISITS.columns if column.name not in ("id", "experiment", "day")]


def today() -> date:
    """Return the day, in UTC."""
    return datetime.now(UTC).date()


class VisitStore:
    """Figures of visits in a database whose tables are up to date; it is closed with the store.

    All methods raise UserError where the database can't be used.
    """

    def __init__(self, engine: Engine, day: Callable[[], date] = today) -> None:
        self._engine = engine
        self._day = day

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    def add(self, experiment: Experiment, visit: Visit) -> None:
        """Keep a visit, and erase what is older than the experiment allows."""
        with self._transaction() as connection:
            _expire(connection, experiment, self._day())
            values = {column.name: getattr(visit, column.name) for column in _FIGURES}
            connection.execute(insert(VISITS).values(experiment=experiment.name, day=self._day(), **values))

    def expire(self, experiment: Experiment) -> None:
        """Erase what is older than the experiment allows."""
        with self._transaction() as connection:
            _expire(connection, experiment, self._day())

    def visits(self, experiment: str) -> list[Visit]:
        """Return the visits of an experiment, in the order in which they ended."""
        newest = select(*_FIGURES).where(VISITS.c.experiment == experiment).order_by(VISITS.c.id.desc())
        with self._transaction() as connection:
            rows = connection.execute(newest.limit(MAX_VISITS)).mappings().all()
        return [Visit(**row) for row in reversed(rows)]

    def counts(self) -> dict[str, int]:
        """Return how many visits are kept of each experiment."""
        counted = select(VISITS.c.experiment, func.count()).group_by(VISITS.c.experiment)
        with self._transaction() as connection:
            return {str(name): int(count) for name, count in connection.execute(counted.order_by(VISITS.c.experiment))}

    def erase(self, experiment: str) -> int:
        """Erase all visits of an experiment; return how many there were."""
        with self._transaction() as connection:
            return int(connection.execute(delete(VISITS).where(VISITS.c.experiment == experiment)).rowcount)

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            kind = type(error).__name__
            raise UserError(f"The database of experiments can't be used ({kind}).", "Check that it runs.") from None


def _expire(connection: Connection, experiment: Experiment, day: date) -> None:
    old = VISITS.c.day <= day - timedelta(days=experiment.keep_days)
    connection.execute(delete(VISITS).where(VISITS.c.experiment == experiment.name, old))
