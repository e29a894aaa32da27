"""The tables of what is remembered. Whoever changes them adds a migration; a test finds where the two differ."""

from datetime import UTC, datetime

from sqlalchemy import DateTime, Dialect, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

ID_CHARS = 32
HASH_CHARS = 64
ASKED_CHARS = 2_000
HEARD_CHARS = 4_000
SOURCE_CHARS = 200
KEY_CHARS = 60
VALUE_CHARS = 200


class UtcTime(TypeDecorator[datetime]):
    """A time with its zone, kept as UTC without one: SQLite knows no zones."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the time as it is kept."""
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the time as it is used."""
        return None if value is None else value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """All tables."""


class PersonRow(Base):
    """One person who agreed to be remembered. There are no rows of others."""

    __tablename__ = "person"

    id: Mapped[str] = mapped_column(String(ID_CHARS), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(HASH_CHARS), unique=True)
    """SHA-256 of the token that their browser keeps: who reads the database can't be taken for them."""
    consented_at: Mapped[datetime] = mapped_column(UtcTime)
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcTime, index=True)


class ExchangeRow(Base):
    """What was said to them in one turn of a visit: their words, and what they heard of the answer."""

    __tablename__ = "exchange"
    __table_args__ = (UniqueConstraint("person_id", "visit", "turn", name="exchange_once"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    visit: Mapped[str] = mapped_column(String(ID_CHARS))
    turn: Mapped[int]
    asked: Mapped[str] = mapped_column(String(ASKED_CHARS))
    heard: Mapped[str] = mapped_column(String(HEARD_CHARS))
    cut: Mapped[bool]
    source: Mapped[str] = mapped_column(String(SOURCE_CHARS))
    said_at: Mapped[datetime] = mapped_column(UtcTime, index=True)


class FactRow(Base):
    """One thing they said of themselves, and in which turn of which visit."""

    __tablename__ = "fact"
    __table_args__ = (UniqueConstraint("person_id", "kind", "key", "value", name="fact_once"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    key: Mapped[str] = mapped_column(String(KEY_CHARS))
    value: Mapped[str] = mapped_column(String(VALUE_CHARS))
    visit: Mapped[str] = mapped_column(String(ID_CHARS))
    turn: Mapped[int]
    said_at: Mapped[datetime] = mapped_column(UtcTime)
