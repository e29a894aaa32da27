"""Opening the database of people: SQLite or PostgreSQL, with its tables brought up to date."""

import os
import sqlite3
from pathlib import Path
from typing import Any, Final

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from runtime.core.errors import UserError

FILE_NAME: Final = "people.db"
WAIT_S: Final = 5
"""So long is waited for a server, for a statement, and for another process that writes to the file."""
MIGRATIONS: Final = Path(__file__).with_name("migrations")
_MIGRATION_LOCK: Final = 0x0A7A7A
"""Number of the PostgreSQL advisory lock that lets one process at a time change tables."""
_DRIVERS: Final = {
    "sqlite": "sqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}


def database_url(configured: str | None, data_dir: Path) -> URL:
    """Return the address of the database: the one configured, or a file in the data folder.

    Raises:
        UserError: it is no address of an SQLite or PostgreSQL database.
    """
    if not configured:
        return URL.create("sqlite", database=str(data_dir / FILE_NAME))
    try:
        url = make_url(configured)
    except ArgumentError:
        raise UserError("The setting database_url is no address.", "Write postgresql://USER:PASS@HOST/NAME.") from None
    if url.drivername not in _DRIVERS:
        raise UserError(f"{url.drivername!r} is no database that people are kept in.", "Take PostgreSQL or SQLite.")
    if url.drivername == "sqlite" and url.database in (None, "", ":memory:"):
        raise UserError("A database in memory remembers nobody.", "Write sqlite:///FILE, or leave database_url out.")
    return url.set(drivername=_DRIVERS[url.drivername])


def open_database(url: URL) -> Engine:
    """Connect, and bring the tables up to date. A new SQLite file can be read by its owner alone.

    Raises:
        UserError: it can't be reached or written, a newer runtime made its tables, or the driver is missing.
    """
    shown = url.render_as_string(hide_password=True)
    try:
        engine = _sqlite(url) if url.get_backend_name() == "sqlite" else _postgresql(url)
        try:
            with engine.begin() as connection:
                migrate(connection)
        except BaseException:
            engine.dispose()
            raise
    except ModuleNotFoundError as error:
        raise UserError(f"{shown} needs the package {error.name}.", "pip install 'psycopg[binary]'") from None
    except CommandError as error:
        raise UserError(
            f"The tables of {shown} are not this runtime's: {error}.", "Use the runtime that made them."
        ) from None
    except (SQLAlchemyError, OSError) as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise UserError(
            f"The database {shown} can't be opened: {reason}.", "Check database_url and data_dir."
        ) from None
    return engine


def migrate(connection: Connection) -> None:
    """Bring the tables up to date, within the connection's transaction; other processes wait meanwhile."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _postgresql(url: URL) -> Engine:
    options = {"connect_timeout": WAIT_S, "options": f"-c statement_timeout={WAIT_S * 1000}"}
    return create_engine(url, pool_size=1, pool_pre_ping=True, hide_parameters=True, connect_args=options)


def _sqlite(url: URL) -> Engine:
    path = Path(url.database or FILE_NAME)
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    engine = create_engine(url, pool_size=1, hide_parameters=True, connect_args={"timeout": WAIT_S})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    """Have deleted rows overwritten with zeros and keys checked, and leave transactions to SQLAlchemy."""
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")


def _begin(connection: Connection) -> Any:
    """Take the file at once: two that read first and then write would fail each other."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")
