"""Sessions while an experiment is under way: who meets which variant, and when that is chosen."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from runtime.core.clock import run_simulated
from runtime.core.messages import BotText, KeepToken, Phrase, Presence, PresenceChanged, UserTurn, VariantChosen
from runtime.parts import Parts
from runtime.persona.memory import Context
from runtime.persona.people.people import People
from runtime.visit import FORGET_AFTER_S
from runtime.voice.synthesizer import VoiceStyle
from tests.scene import Scene


class Named:
    """A brain that says which variant it is."""

    def __init__(self, name: str) -> None:
        self.name = name

    async def greet(self) -> AsyncIterator[Phrase]:
        yield Phrase(f"hello from {self.name}", act="greet")

    async def respond(self, turn: UserTurn, context: Context) -> AsyncIterator[Phrase]:
        yield Phrase(f"{self.name} answers", source="entry")


def variant_of(unit: str, shift: int = 0) -> str:
    return "odd" if (ord(unit[-1]) + shift) % 2 else "even"


async def varied(people: People | None = None, shift: int = 0) -> Scene:
    """Return a scene in which the last sign of who comes, id or token, decides which of two variants they meet."""

    def changed(parts: Parts) -> Parts:
        def vary(unit: str) -> Parts:
            name = variant_of(unit, shift)
            return replace(parts, variant=name, vary=vary, brain=Named(name), style=VoiceStyle(name))

        return replace(parts, vary=vary)

    return await Scene(people=people, changed=changed).start()


def test_a_session_meets_one_variant_and_keeps_it() -> None:
    async def talk() -> None:
        scene = await varied()
        scene.session.meet("")
        scene.session.greet()
        await scene.until_silent()
        for _ in range(3):
            await scene.session.ask("where is it")
            await scene.until_silent()
            scene.session.meet("a-token-that-comes-too-late")
        (chosen,) = scene.of(VariantChosen)
        assert chosen.variant == variant_of(scene.session.id)
        assert scene.voice.spoken == [f"hello from {chosen.variant}", *[f"{chosen.variant} answers"] * 3]
        assert {style.voice for style in scene.voice.styles} == {chosen.variant}
        assert not chosen.came_back
        assert [(text.act, text.source) for text in scene.of(BotText)[:2]] == [("greet", ""), ("answer", "entry")]
        await scene.end()

    run_simulated(talk())


def test_who_comes_with_a_token_meets_the_variant_of_the_token() -> None:
    async def talk() -> None:
        for token, name in (("token-1", "odd"), ("token-2", "even")):
            scene = await varied()
            scene.session.meet(token)
            scene.session.greet()
            await scene.until_silent()
            assert scene.of(VariantChosen)[-1] == VariantChosen(name, came_back=True)
            assert scene.voice.spoken == [f"hello from {name}"]
            await scene.end()

    run_simulated(talk())


def test_the_next_person_may_meet_another_variant() -> None:
    async def talk() -> None:
        seen = set()
        for _ in range(12):
            scene = await varied()
            await scene.session.ask("where is it")
            await scene.until_silent()
            scene.eyes.emit(PresenceChanged(Presence.AWAY, 0.0))
            await asyncio.sleep(2 * FORGET_AFTER_S + 1)
            await scene.session.ask("where is it")
            await scene.until_silent()
            first, second = scene.of(VariantChosen)
            assert scene.voice.spoken == [f"{first.variant} answers", f"{second.variant} answers"]
            seen.add(first.variant == second.variant)
            await scene.end()
        assert seen == {True, False}

    run_simulated(talk())


@pytest.mark.parametrize("shift", [0, 1])
def test_who_agrees_to_be_remembered_meets_the_same_variant_again(tmp_path: Path, shift: int) -> None:
    async def talk() -> None:
        async with People(None, tmp_path, 30) as people:
            scene = await varied(people, shift)
            scene.session.meet("")
            scene.session.greet()
            await scene.until_silent()
            for text in ("I'm Anna", "yes"):
                await scene.session.ask(text)
                await scene.until_silent()
            (kept,) = scene.of(KeepToken)
            (chosen,) = scene.of(VariantChosen)
            assert variant_of(kept.token, shift) == chosen.variant
            await scene.end()

    run_simulated(talk())
