"""The store of people, on SQLite and on a real PostgreSQL server."""

import json
import multiprocessing
import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from runtime.core.errors import UserError
from runtime.experiments.store import METADATA
from runtime.persona.memory import Exchange
from runtime.persona.people.database import database_url, open_database
from runtime.persona.people.person import MAX_FACTS, MAX_QUESTIONS, Fact
from runtime.persona.people.store import MAX_EXCHANGES, TOKEN, Store
from runtime.persona.people.tables import ASKED_CHARS, Base

NAME = Fact("name", "name", "Anna", "v1", 2)
DIET = Fact("preference", "diet", "vegetarian", "v1", 3)


class Wall:
    """The time of day, as the test has it."""

    def __init__(self) -> None:
        self.time = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time


@pytest.fixture
def wall() -> Wall:
    return Wall()


@pytest.fixture
def store(url: str, wall: Wall, tmp_path: Path) -> Iterator[Store]:
    store = Store(database_url(url, tmp_path), wall)
    store.open()
    yield store
    store.close()


def test_models_and_migrations_agree(url: str, tmp_path: Path) -> None:
    engine = open_database(database_url(url, tmp_path))
    with engine.begin() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        tables = [Base.metadata, METADATA]
        assert compare_metadata(context, tables) == []  # type: ignore[arg-type]  # it takes several, too
        assert {"person", "exchange", "fact", "experiment_visit"} <= set(inspect(connection).get_table_names())
    engine.dispose()


def test_a_database_is_opened_again_as_it_was(url: str, wall: Wall, tmp_path: Path) -> None:
    token = ""
    for _ in range(2):
        store = Store(database_url(url, tmp_path), wall)
        store.open()
        token = token or store.remember([NAME])[1]
        person = store.recognise(token)
        store.close()
        assert person is not None
        assert person.name == "Anna"


def _open_and_close(url: str) -> None:
    open_database(database_url(url, Path())).dispose()


def test_two_processes_that_open_a_new_database_at_once_both_can(url: str) -> None:
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        pool.map(_open_and_close, [url] * 3)


def test_a_person_is_known_by_their_token_and_by_nothing_else(store: Store, wall: Wall) -> None:
    person, token = store.remember([NAME])
    assert TOKEN.fullmatch(token)
    began = wall.time
    wall.time += timedelta(days=2)
    for other in ("", "x", token[:-1], token + "A", token[:-1] + "!", person, "A" * 43, "' OR 1=1 --"):
        assert store.recognise(other) is None
    known = store.recognise(token)
    assert known is not None
    assert (known.id, known.name, known.since, known.last_seen) == (person, "Anna", began, began)
    assert store.people()[0].last_seen == wall.time
    assert token not in json.dumps(store.export(person))


def test_a_token_can_be_asked_to_fit(store: Store) -> None:
    for sign in "abc":
        person, token = store.remember(fits=lambda token, sign=sign: token.startswith(sign))  # type: ignore[misc]
        assert token.startswith(sign)
        known = store.recognise(token)
        assert known is not None
        assert known.id == person
    _, token = store.remember(fits=lambda token: False)
    assert TOKEN.fullmatch(token)


def test_what_was_said_is_kept_as_it_was_heard(store: Store, wall: Wall) -> None:
    person, token = store.remember([NAME])
    store.add(person, [DIET], "v1", [Exchange(2, "where is the lift", "The lift is", cut=True, source="lift")])
    store.add(person, (), "v1", [Exchange(3, "thanks", "You are welcome.")])
    kept = store.export(person)
    assert [(one["turn"], one["asked"], one["heard"], one["cut"]) for one in kept["exchanges"]] == [
        (2, "where is the lift", "The lift is", True),
        (3, "thanks", "You are welcome.", False),
    ]
    assert [(one["key"], one["value"], one["visit"], one["turn"]) for one in kept["facts"]] == [
        ("name", "Anna", "v1", 2),
        ("diet", "vegetarian", "v1", 3),
    ]
    assert kept["facts"][0]["said_at"] == wall.time.isoformat()
    known = store.recognise(token)
    assert known is not None
    assert known.last_asked == "where is the lift"


def test_an_exchange_that_is_kept_again_is_replaced(store: Store) -> None:
    person, _ = store.remember()
    store.add(person, (), "v1", [Exchange(2, "hello", "Hel")])
    store.add(person, (), "v1", [Exchange(2, "hello", "Hello.")])
    assert [one["heard"] for one in store.export(person)["exchanges"]] == ["Hello."]


def test_a_fact_replaces_what_it_contradicts(store: Store) -> None:
    person, _ = store.remember([NAME, DIET, Fact("preference", "likes", "tea"), Fact("preference", "likes", "cake")])
    store.add(person, [Fact("preference", "diet", "vegan"), Fact("name", "name", "Hanna"), DIET])
    values = [one["value"] for one in store.export(person)["facts"]]
    assert sorted(values) == ["Hanna", "cake", "tea", "vegetarian"]


def test_what_is_kept_of_one_person_is_bounded(store: Store) -> None:
    person, token = store.remember([NAME])
    store.add(person, [Fact("preference", "likes", f"thing {n}") for n in range(MAX_FACTS + 20)])
    store.add(person, [Fact("question", "question", f"what is {n}") for n in range(MAX_QUESTIONS + 3)])
    store.add(person, (), "v1", [Exchange(n, "q", "a") for n in range(MAX_EXCHANGES + 7)])
    store.add(person, (), "v2", [Exchange(1, "x" * 9_000, "nul \0 and \ud800 half")])
    kept = store.export(person)
    assert len(kept["facts"]) == MAX_FACTS
    assert len(kept["exchanges"]) == MAX_EXCHANGES
    last = kept["exchanges"][-1]
    assert len(last["asked"]) == ASKED_CHARS
    assert last["heard"] == "nul  and  half"
    known = store.recognise(token)
    assert known is not None
    assert known.name == "Anna"
    assert [fact.value for fact in known.questions] == [f"what is {n}" for n in range(3, MAX_QUESTIONS + 3)]


def test_who_is_forgotten_is_gone_with_everything(store: Store) -> None:
    person, token = store.remember([NAME])
    other, _ = store.remember([DIET])
    store.add(person, (), "v1", [Exchange(2, "hello", "Hello.")])
    assert store.forget(person)
    assert not store.forget(person)
    assert store.recognise(token) is None
    store.add(person, [DIET], "v1", [Exchange(3, "late", "Too late.")])
    with pytest.raises(UserError, match="Nobody"):
        store.export(person)
    assert [one.id for one in store.people()] == [other]


def test_one_visit_and_one_fact_can_be_dropped(store: Store) -> None:
    person, _ = store.remember([NAME])
    store.add(person, [Fact("preference", "likes", "tea", "v2", 4)], "v2", [Exchange(4, "hello", "Hello.")])
    store.add(person, (), "v1", [Exchange(4, "hello", "Hello.")])
    store.drop_visit(person, "v2")
    kept = store.export(person)
    assert [one["visit"] for one in kept["exchanges"]] == ["v1"]
    assert [one["value"] for one in kept["facts"]] == ["Anna"]
    store.drop(person, NAME)
    assert store.export(person)["facts"] == []


def test_retention_erases_who_stayed_away_and_what_was_said_long_ago(store: Store, wall: Wall) -> None:
    away, _ = store.remember([NAME])
    loyal, token = store.remember([DIET, Fact("question", "question", "why is it blue")])
    for person in (away, loyal):
        store.add(person, (), "v1", [Exchange(2, "hello", "Hello.")])
    wall.time += timedelta(days=20)
    assert store.recognise(token) is not None
    assert store.expire(30) == (0, 0)
    wall.time += timedelta(days=10)
    assert store.expire(30) == (1, 1)
    assert [one.id for one in store.people()] == [loyal]
    kept = store.export(loyal)
    assert kept["exchanges"] == []
    assert [one["key"] for one in kept["facts"]] == ["diet"]
    assert store.expire(0) == (1, 0)
    assert store.people() == []


def test_people_are_listed_with_how_much_is_kept(store: Store, wall: Wall) -> None:
    first, _ = store.remember([NAME, DIET])
    wall.time += timedelta(days=1)
    second, _ = store.remember()
    store.add(first, (), "v1", [Exchange(2, "a", "b"), Exchange(3, "c", "d")])
    listed = [(one.id, one.name, one.facts, one.exchanges) for one in store.people()]
    assert listed == [(second, "", 0, 0), (first, "Anna", 2, 2)]


def test_errors_of_the_database_tell_nothing_of_people(store: Store, url: str, tmp_path: Path) -> None:
    engine = open_database(database_url(url, tmp_path))
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE fact")
    engine.dispose()
    with pytest.raises(UserError) as caught:
        store.remember([NAME])
    assert "Anna" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_file_of_people_is_its_owners_alone_and_forgetting_wipes_it(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "people.db"
    store = Store(database_url(None, path.parent))
    store.open()
    person, _ = store.remember([Fact("name", "name", "Rumpelstiltskin")])
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert b"Rumpelstiltskin" in path.read_bytes()
    store.forget(person)
    store.close()
    assert b"Rumpelstiltskin" not in path.read_bytes()
    assert [file.name for file in path.parent.iterdir()] == ["people.db"]


@pytest.mark.parametrize(
    ("configured", "what"),
    [
        ("no address", "no address"),
        ("mysql://a:secret@b/c", "mysql"),
        ("sqlite://", "in memory"),
        ("postgresql://a:secret@127.0.0.1:1/c", "can't be opened"),
        ("sqlite:////proc/nowhere/people.db", "can't be opened"),
    ],
)
def test_a_database_that_cant_be_used_is_told_without_its_password(configured: str, what: str, tmp_path: Path) -> None:
    if configured.startswith("postgresql"):
        pytest.importorskip("psycopg", reason="the driver psycopg is not installed")
    with pytest.raises(UserError, match=what) as caught:
        open_database(database_url(configured, tmp_path))
    assert "secret" not in str(caught.value)
    assert caught.value.remedy


def test_tables_of_a_newer_runtime_are_left_alone(url: str, tmp_path: Path) -> None:
    engine = open_database(database_url(url, tmp_path))
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    engine.dispose()
    with pytest.raises(UserError, match="not this runtime's"):
        open_database(database_url(url, tmp_path))


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "people.db").write_text("a shopping list, " * 500)
    with pytest.raises(UserError, match="can't be opened"):
        open_database(database_url(None, tmp_path))
