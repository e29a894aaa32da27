"""What is kept of visits, on SQLite and on a real PostgreSQL server."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from runtime.core.errors import UserError
from runtime.experiments.outcomes import Visit
from runtime.experiments.store import VISITS, VisitStore
from runtime.persona.people.database import database_url, open_database
from tests.experiments.files import experiment

VISIT = Visit("a", False, 5, 4, 1, 2, 1, 0, True, 0.75)


class Calendar:
    """The day, as the test has it."""

    def __init__(self) -> None:
        self.day = date(2026, 3, 1)

    def __call__(self) -> date:
        return self.day


@pytest.fixture
def calendar() -> Calendar:
    return Calendar()


@pytest.fixture
def store(url: str, calendar: Calendar, tmp_path: Path) -> Iterator[VisitStore]:
    store = VisitStore(open_database(database_url(url, tmp_path)), calendar)
    yield store
    store.close()


def test_visits_come_back_as_they_were_in_their_order(store: VisitStore) -> None:
    visits = [VISIT, Visit("b"), Visit("b", came_back=True, turns=3), VISIT]
    for visit in visits:
        store.add(experiment(), visit)
    store.add(experiment(name="other"), Visit("a"))
    assert store.visits("shorter") == visits
    assert store.counts() == {"other": 1, "shorter": 4}


def test_nothing_is_kept_by_which_a_person_could_be_found() -> None:
    assert {column.name for column in VISITS.columns} == {
        *("id", "experiment", "variant", "day", "came_back", "turns", "answered", "again", "interrupted"),
        *("thumbs_up", "thumbs_down", "done", "waited_s"),
    }


def test_what_is_too_old_goes_with_the_next_visit(store: VisitStore, calendar: Calendar) -> None:
    short, long = experiment(keep_days=10), experiment(name="other", keep_days=100)
    store.add(short, Visit("a"))
    store.add(long, Visit("a"))
    calendar.day += timedelta(days=9)
    store.add(short, Visit("b"))
    assert store.counts() == {"other": 1, "shorter": 2}
    calendar.day += timedelta(days=1)
    store.add(short, Visit("b"))
    assert [visit.variant for visit in store.visits("shorter")] == ["b", "b"]
    calendar.day += timedelta(days=50)
    store.expire(short)
    assert store.counts() == {"other": 1}


def test_an_experiments_figures_can_be_erased(store: VisitStore) -> None:
    store.add(experiment(), VISIT)
    store.add(experiment(name="other"), VISIT)
    assert store.erase("shorter") == 1
    assert store.erase("shorter") == 0
    assert store.counts() == {"other": 1}


def test_a_database_that_breaks_is_told(store: VisitStore, url: str, tmp_path: Path) -> None:
    engine = open_database(database_url(url, tmp_path))
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE experiment_visit"))
    engine.dispose()
    with pytest.raises(UserError, match="can't be used"):
        store.add(experiment(), VISIT)


def test_people_who_are_remembered_stay_when_the_table_is_added(url: str, tmp_path: Path) -> None:
    """A database of the runtime before this one is brought up to date."""
    address = database_url(url, tmp_path)
    engine = open_database(address)
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE experiment_visit"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
        time = "'2026-01-01 00:00:00'"
        connection.execute(text(f"INSERT INTO person VALUES ('p', 'h', {time}, {time}, {time})"))
    engine.dispose()
    engine = open_database(address)
    with engine.begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM person")).scalar() == 1
        assert connection.execute(text("SELECT count(*) FROM experiment_visit")).scalar() == 0
    engine.dispose()
