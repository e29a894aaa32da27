"""The async side: never blocks the loop, loses nothing at the end, keeps its retention, goes on without a database."""

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from runtime.core.clock import now, run_simulated
from runtime.core.errors import UserError
from runtime.persona.memory import Exchange
from runtime.persona.people.database import database_url
from runtime.persona.people.people import DAY_S, RECOGNISED_WITHIN_S, People
from runtime.persona.people.person import Fact, Person
from runtime.persona.people.store import Store

NAME = Fact("name", "name", "Anna")


def kept(url: str, look: Callable[[Store], Any]) -> Any:
    store = Store(database_url(url, Path()))
    store.open()
    try:
        return look(store)
    finally:
        store.close()


async def test_what_is_kept_in_the_background_is_there_after_closing(url: str, tmp_path: Path) -> None:
    async with People(url, tmp_path, 30) as people:
        person, token = await people.remember([NAME], "v1", [Exchange(2, "hello", "Hello.")])
        for number in range(3, 20):
            people.add(person, (), "v1", [Exchange(number, "more", "Yes.")])
        assert people.under_way > 0
    assert people.under_way == 0
    turns = [one["turn"] for one in kept(url, lambda store: store.export(person))["exchanges"]]
    assert turns == list(range(2, 20))
    async with People(url, tmp_path, 30) as people:
        known = await people.recognise(token)
        assert known is not None
        assert known.name == "Anna"
        assert await people.forget(person)
        assert await people.recognise(token) is None


async def test_the_event_loop_goes_on_while_the_database_is_slow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with People(None, tmp_path, 30) as people:
        person, _ = await people.remember([NAME], "v1", [])
        plain, ticks, during = Store.add, 0, []

        def slow(store: Store, *args: Any) -> None:
            began = ticks
            time.sleep(0.2)
            during.append(ticks - began)
            plain(store, *args)

        monkeypatch.setattr(Store, "add", slow)
        people.add(person, [NAME])
        while people.under_way:
            ticks += 1
            await asyncio.sleep(0)
        assert during[0] > 10


async def test_a_slow_database_leaves_the_person_a_stranger(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("runtime.persona.people.people.RECOGNISED_WITHIN_S", 0.01)
    async with People(None, tmp_path, 30) as people:
        _, token = await people.remember([NAME], "v1", [])
        plain = Store.recognise

        def slow(store: Store, token: str) -> Person | None:
            time.sleep(0.2)
            return plain(store, token)

        monkeypatch.setattr(Store, "recognise", slow)
        assert await people.recognise(token) is None
    assert token not in caplog.text
    assert RECOGNISED_WITHIN_S <= 1.0


async def test_a_lost_database_is_survived_and_the_log_names_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def lost(store: Store, *args: Any) -> None:
        raise UserError("The database of people can't be used.", "Check that it runs.")

    caplog.set_level(logging.DEBUG)
    async with People(None, tmp_path, 30) as people:
        person, token = await people.remember([NAME], "v1", [])
        for name in ("recognise", "add", "forget", "drop"):
            monkeypatch.setattr(Store, name, lost)
        assert await people.recognise(token) is None
        people.add(person, [NAME], "v1", [Exchange(2, "my secret", "Your secret.")])
        people.drop(person, NAME)
        await people.settle()
        with pytest.raises(UserError):
            await people.forget(person)
    assert "not kept" in caplog.text
    for private in ("Anna", "secret", token, person):
        assert private not in caplog.text


def test_retention_is_enforced_at_the_start_and_every_day(tmp_path: Path) -> None:
    wall = [datetime(2026, 3, 1, tzinfo=UTC)]

    async def stay(days: int) -> list[int]:
        """Open, remember one more person, stay for some days; return how many were kept at each day's end."""
        async with People(None, tmp_path, 3, lambda: wall[0]) as people:
            counts = [count(tmp_path)]
            await people.remember([NAME], "v1", [])
            for _ in range(days):
                began = now()
                wall[0] += timedelta(days=1)
                await asyncio.sleep(DAY_S + 60)
                assert now() - began >= DAY_S
                counts.append(count(tmp_path))
            return counts

    assert run_simulated(stay(2)) == [0, 1, 1]
    wall[0] += timedelta(days=3)
    assert run_simulated(stay(4)) == [0, 1, 1, 0, 0]


def count(data_dir: Path) -> int:
    return len(kept(f"sqlite:///{data_dir / 'people.db'}", lambda store: store.people()))


async def test_nobody_is_remembered_for_no_days(tmp_path: Path) -> None:
    async with People(None, tmp_path, 30) as people:
        _, token = await people.remember([NAME], "v1", [])
    async with People(None, tmp_path, 0) as people:
        assert not people.remembers
        assert await people.recognise(token) is None
    assert count(tmp_path) == 0


async def test_what_cant_be_opened_is_told(tmp_path: Path) -> None:
    people = People("mysql://nowhere", tmp_path, 30)
    with pytest.raises(UserError):
        await people.open()
    await people.close()
    assert not people.remembers
