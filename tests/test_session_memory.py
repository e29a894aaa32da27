"""Sessions that remember people: what is heard, kept and handed to the client, on simulated time."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from runtime.core.clock import run_simulated
from runtime.core.messages import KeepToken, PersonLeft, Presence, PresenceChanged
from runtime.persona.people.database import database_url
from runtime.persona.people.people import People
from runtime.persona.people.store import Store
from runtime.visit import FORGET_AFTER_S
from tests.scene import Scene


def remembered(folder: Path, talk: Callable[[People], Coroutine[Any, Any, None]]) -> list[dict[str, Any]]:
    """Run talks with a memory in a folder; return what is kept after them."""

    async def main() -> None:
        async with People(None, folder, 30) as people:
            await talk(people)

    run_simulated(main())
    store = Store(database_url(None, folder))
    store.open()
    kept = [store.export(one.id) for one in store.people()]
    store.close()
    return kept


async def visit(people: People, token: str | None, *texts: str) -> Scene:
    """Let somebody come with a token and type; return the scene, still open."""
    scene = await Scene(people=people).start()
    scene.session.meet(token)
    scene.session.greet()
    await scene.until_silent()
    for text in texts:
        await scene.session.ask(text)
        await scene.until_silent()
    return scene


def test_who_agreed_is_greeted_by_name_at_the_next_visit(tmp_path: Path) -> None:
    async def talk(people: People) -> None:
        first = await visit(people, "", "I'm Anna", "yes", "where is it")
        (kept,) = first.of(KeepToken)
        assert "token" not in repr(kept)
        await first.end()
        second = await visit(people, kept.token)
        assert "Welcome back, Anna." in second.voice.spoken
        await second.end()

    (person,) = remembered(tmp_path, talk)
    assert [one["asked"] for one in person["exchanges"]] == ["I'm Anna", "yes", "where is it"]
    assert person["exchanges"][-1]["heard"] == "one two three four five six"


def test_forget_me_ends_what_the_session_remembers_too(tmp_path: Path) -> None:
    async def talk(people: People) -> None:
        scene = await visit(people, "", "I'm Anna", "yes", "forget me", "where is it")
        assert [event.token == "" for event in scene.of(KeepToken)] == [False, True]
        assert scene.brain.contexts[-1].exchanges == ()
        await scene.end()

    assert remembered(tmp_path, talk) == []


def test_who_walks_away_is_not_the_next_person(tmp_path: Path) -> None:
    async def talk(people: People) -> None:

        scene = await visit(people, "", "I'm Anna", "yes")
        scene.eyes.emit(PresenceChanged(Presence.AWAY, 0.0))
        await asyncio.sleep(2 * FORGET_AFTER_S + 1)
        assert scene.of(PersonLeft)
        await scene.session.ask("what do you know about me")
        await scene.until_silent()
        assert not any("Anna" in text for text in scene.voice.spoken[-2:])
        await scene.end()

    (person,) = remembered(tmp_path, talk)
    assert [one["asked"] for one in person["exchanges"]] == ["I'm Anna", "yes"]


def test_a_client_that_can_keep_no_token_has_nobody_asked(tmp_path: Path) -> None:
    async def talk(people: People) -> None:
        scene = await visit(people, None, "I'm Anna")
        assert not any("remember you" in text for text in scene.voice.spoken)
        await scene.end()

    assert remembered(tmp_path, talk) == []
