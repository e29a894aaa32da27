"""What is kept of people, in a database. Blocking calls, for one thread at a time; `People` is their async side."""

import hashlib
import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast

from sqlalchemy import URL, CursorResult, Delete, Engine, Select, delete, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from runtime.core.errors import UserError
from runtime.persona.memory import Exchange
from runtime.persona.people.database import open_database
from runtime.persona.people.person import Fact, Kind, Person, any_token, with_facts
from runtime.persona.people.tables import (
    ASKED_CHARS,
    HEARD_CHARS,
    KEY_CHARS,
    SOURCE_CHARS,
    VALUE_CHARS,
    ExchangeRow,
    FactRow,
    PersonRow,
)

MAX_EXCHANGES: Final = 500
"""Kept of one person; the oldest go first."""
MAX_PEOPLE: Final = 100_000
MAX_DRAWN: Final = 10_000
ID_BYTES: Final = 8
TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}")
"""What a token looks like: 256 random bits in URL-safe base 64."""


def utc_now() -> datetime:
    """Return the time of day, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Summary:
    """A person in a list: `since` and `last_seen` in UTC, and how much is kept of them."""

    id: str
    name: str
    since: datetime
    last_seen: datetime
    facts: int
    exchanges: int


class Store:
    """People who agreed to be remembered, their facts and exchanges."""

    def __init__(self, url: URL, wall: Callable[[], datetime] = utc_now) -> None:
        self._url = url
        self._wall = wall
        self._engine: Engine | None = None

    def open(self) -> None:
        """Connect and bring the tables up to date. Raises what `open_database` raises."""
        self._engine = open_database(self._url)

    def close(self) -> None:
        """Give the connections back."""
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None

    # ------------------------------------------------------------ one person. All raise UserError without a database

    def recognise(self, token: str) -> Person | None:
        """Return the person to whom a token was given, as of their last visit, and note that they are here again."""
        if not TOKEN.fullmatch(token):
            return None
        with self._session() as session:
            row = session.scalar(select(PersonRow).where(PersonRow.token_hash == _hash(token)))
            if row is None:
                return None
            person = self._person(session, row)
            row.last_seen_at = self._wall()
            return person

    def remember(self, facts: Sequence[Fact] = (), fits: Callable[[str], bool] = any_token) -> tuple[str, str]:
        """Begin to remember a person who has agreed; return their id, and the token by which they are known again.

        The token is one that `fits`, if one of 10,000 does.

        Raises:
            UserError: 100,000 people are remembered already, or the database can't be used.
        """
        drawn = (secrets.token_urlsafe(32) for _ in range(MAX_DRAWN))
        token = next(filter(fits, drawn), secrets.token_urlsafe(32))
        person, now = secrets.token_hex(ID_BYTES), self._wall()
        with self._session() as session:
            if (session.scalar(select(func.count()).select_from(PersonRow)) or 0) >= MAX_PEOPLE:
                raise UserError(f"{MAX_PEOPLE} people are remembered already.", "Lower keep_days, or erase some.")
            row = PersonRow(id=person, token_hash=_hash(token), consented_at=now, created_at=now, last_seen_at=now)
            session.add(row)
            session.flush()
            self._write_facts(session, person, facts)
        return person, token

    def add(self, person: str, facts: Sequence[Fact] = (), visit: str = "", exchanges: Sequence[Exchange] = ()) -> None:
        """Keep more of a person; an exchange that is kept already is replaced. Who is forgotten stays so."""
        with self._session() as session:
            if session.get(PersonRow, person) is None:
                return
            self._write_facts(session, person, facts)
            for exchange in exchanges:
                self._write_exchange(session, person, visit, exchange)
            session.flush()
            newest = select(ExchangeRow.id).where(ExchangeRow.person_id == person).order_by(ExchangeRow.id.desc())
            limit = session.scalar(newest.offset(MAX_EXCHANGES - 1).limit(1))
            if limit is not None:
                old = delete(ExchangeRow).where(ExchangeRow.person_id == person, ExchangeRow.id < limit)
                session.execute(old)

    def drop(self, person: str, fact: Fact) -> None:
        """Keep a fact no longer."""
        with self._session() as session:
            same = (FactRow.kind == fact.kind, FactRow.key == fact.key, FactRow.value == fact.value)
            session.execute(delete(FactRow).where(FactRow.person_id == person, *same))

    def drop_visit(self, person: str, visit: str) -> None:
        """Keep nothing of one visit: it was somebody else's."""
        with self._session() as session:
            for table in (ExchangeRow, FactRow):
                session.execute(delete(table).where(table.person_id == person, table.visit == visit))

    def forget(self, person: str) -> bool:
        """Erase a person and all that is kept of them; return whether there was one of that id."""
        with self._session() as session:
            row = session.get(PersonRow, person)
            if row is not None:
                session.delete(row)
            return row is not None

    def export(self, person: str) -> dict[str, Any]:
        """Return all that is kept of a person, for JSON; times in ISO 8601.

        Raises:
            UserError: there is no person of that id.
        """
        with self._session() as session:
            row = session.get(PersonRow, person)
            if row is None:
                raise UserError(f"Nobody of the id {person!r} is remembered.", "python -m runtime people list")
            facts = session.scalars(_facts_of(person))
            said = session.scalars(select(ExchangeRow).where(ExchangeRow.person_id == person).order_by(ExchangeRow.id))
            return {
                "id": row.id,
                "consented_at": row.consented_at.isoformat(),
                "created_at": row.created_at.isoformat(),
                "last_seen_at": row.last_seen_at.isoformat(),
                "facts": [_columns(fact, "kind", "key", "value", "visit", "turn", "said_at") for fact in facts],
                "exchanges": [
                    _columns(one, "visit", "turn", "asked", "heard", "cut", "source", "said_at") for one in said
                ],
            }

    # ------------------------------------------------------------ all of them

    def people(self) -> list[Summary]:
        """Return everybody who is remembered, who was here last first."""
        name = select(FactRow.value).where(FactRow.person_id == PersonRow.id, FactRow.kind == "name").limit(1)
        facts = select(func.count()).select_from(FactRow).where(FactRow.person_id == PersonRow.id)
        exchanges = select(func.count()).select_from(ExchangeRow).where(ExchangeRow.person_id == PersonRow.id)
        wanted = select(PersonRow, *(query.scalar_subquery() for query in (name, facts, exchanges)))
        with self._session() as session:
            rows = session.execute(wanted.order_by(PersonRow.last_seen_at.desc(), PersonRow.id))
            return [Summary(row.id, called or "", row.created_at, row.last_seen_at, f, e) for row, called, f, e in rows]

    def expire(self, keep_days: int) -> tuple[int, int]:
        """Erase who was not here for so many days, and what was said longer ago by others; return how many of each."""
        limit = self._wall() - timedelta(days=keep_days)
        with self._session() as session:
            people = _deleted(session, delete(PersonRow).where(PersonRow.last_seen_at <= limit))
            exchanges = _deleted(session, delete(ExchangeRow).where(ExchangeRow.said_at <= limit))
            session.execute(delete(FactRow).where(FactRow.kind == "question", FactRow.said_at <= limit))
        return people, exchanges

    # ------------------------------------------------------------ inside

    @contextmanager
    def _session(self) -> Iterator[Session]:
        """One transaction. What goes wrong is told without what was to be written."""
        if self._engine is None:
            raise UserError("The memory of people is not open.", "Start the runtime first.")
        try:
            with Session(self._engine) as session, session.begin():
                yield session
        except SQLAlchemyError as error:
            kind = type(error).__name__
            raise UserError(f"The database of people can't be used ({kind}).", "Check that it runs.") from None

    def _person(self, session: Session, row: PersonRow) -> Person:
        answered = select(ExchangeRow).where(ExchangeRow.person_id == row.id, ExchangeRow.source != "")
        last = session.scalar(answered.order_by(ExchangeRow.id.desc()).limit(1))
        facts = tuple(_fact(fact) for fact in session.scalars(_facts_of(row.id)))
        return Person(row.id, facts, row.created_at, row.last_seen_at, last.asked if last else "")

    def _write_facts(self, session: Session, person: str, new: Sequence[Fact]) -> None:
        """Write new facts; what they replace, and the oldest above the limits, goes."""
        rows = {_fact(row): row for row in session.scalars(_facts_of(person))}
        new = [replace(f, key=_clean(f.key, KEY_CHARS), value=_clean(f.value, VALUE_CHARS)) for f in new]
        kept = with_facts(tuple(rows), tuple(new))
        for fact, row in rows.items():
            if fact not in kept:
                session.delete(row)
        session.flush()
        for fact in kept:
            if fact not in rows:
                session.add(FactRow(person_id=person, **{**vars(fact), "said_at": fact.said_at or self._wall()}))

    def _write_exchange(self, session: Session, person: str, visit: str, exchange: Exchange) -> None:
        place = (ExchangeRow.person_id == person, ExchangeRow.visit == visit, ExchangeRow.turn == exchange.turn)
        row = session.scalar(select(ExchangeRow).where(*place))
        if row is None:
            row = ExchangeRow(person_id=person, visit=visit, turn=exchange.turn, said_at=self._wall())
            session.add(row)
        row.asked, row.heard = _clean(exchange.asked, ASKED_CHARS), _clean(exchange.heard, HEARD_CHARS)
        row.cut, row.source = exchange.cut, _clean(exchange.source, SOURCE_CHARS)


def _deleted(session: Session, statement: Delete) -> int:
    """Run a deletion; return how many rows went."""
    return cast("CursorResult[Any]", session.execute(statement)).rowcount


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("ascii")).hexdigest()


def _clean(text: str, limit: int) -> str:
    """Return text that both databases can hold."""
    return text.replace("\0", "").encode("utf-8", "ignore").decode("utf-8")[:limit]


def _facts_of(person: str) -> Select[FactRow]:
    return select(FactRow).where(FactRow.person_id == person).order_by(FactRow.id)


def _fact(row: FactRow) -> Fact:
    return Fact(cast(Kind, row.kind), row.key, row.value, row.visit, row.turn, row.said_at)


def _columns(row: FactRow | ExchangeRow, *names: str) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in names}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}
