"""What a persona's changed files change while sessions talk, and what a broken file does not."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from runtime.core.device import PROFILES
from runtime.core.messages import UserTurn
from runtime.core.settings import Settings
from runtime.mind import Mind
from runtime.persona import reloading
from runtime.persona.graph.model import Symptom
from runtime.persona.graph.sqlite import SqliteGraph
from runtime.persona.memory import Context
from runtime.persona.persona import find_persona
from tests.personas import BO

FILE = (
    BO
    + """[[knowledge]]
id = "parrot"
questions = ["where is the parrot"]
answer = "In the hall."
"""
)
GRAPH = """
[graph]
folder = "graph"
"""


class Talk:
    """A mind that runs, as one session sees it that began before any change."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "persona.toml"
        self.file.write_text(FILE)
        self.mind = Mind(Settings.model_validate({"persona": str(folder), "data_dir": folder}), PROFILES["edge"])
        self.brain = self.mind.guard(self.mind.brain)
        self.heard: list[Sequence[str]] = []

    async def ask(self, text: str) -> str:
        turn = UserTurn(1, text, 0.0, 0.0, spoken=False)
        return " ".join([phrase.text async for phrase in self.brain.respond(turn, Context())])

    async def hear(self, phrases: Sequence[str]) -> None:
        self.heard.append(phrases)

    async def until(self, text: str, answer: str) -> None:
        """Ask until the answer is this."""
        async with asyncio.timeout(20):
            while await self.ask(text) != answer:  # noqa: ASYNC110 - a change is told to nobody
                await asyncio.sleep(0.01)


@pytest.fixture
async def talk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Talk]:
    monkeypatch.setattr(reloading.watch, "__defaults__", (0.02,))
    talk = Talk(tmp_path)
    await talk.mind.start(talk.hear)
    yield talk
    await talk.mind.close()


async def test_a_new_answer_and_a_new_phrase_are_taken_up_by_a_talk_under_way(talk: Talk) -> None:
    assert await talk.ask("where is the parrot") == "In the hall."
    assert not talk.mind.is_known_question("may i feed the parrot")
    text = FILE.replace("In the hall.", "In the garden.")
    talk.file.write_text(text.replace('parrot"]', 'parrot", "may i feed the parrot"]'))
    await talk.until("where is the parrot", "In the garden.")
    assert talk.mind.is_known_question("may i feed the parrot")
    assert "may i feed the parrot" in talk.mind.phrases
    assert talk.heard == [talk.mind.phrases]


async def test_a_rule_of_the_guard_is_taken_up(talk: Talk) -> None:
    rule = '[[limits.rules]]\nname = "parrots"\nnever_discuss = ["parrot"]\ninstead = "Not of the parrot."\n'
    talk.file.write_text(FILE + rule)
    await talk.until("where is the parrot", "Not of the parrot.")
    assert talk.heard == []  # the phrases are those of before


@pytest.mark.parametrize(
    ("broken", "named"),
    [
        (FILE.replace("answer =", "anwser ="), "persona.toml, line 10: knowledge.0.anwser"),
        (FILE + GRAPH, "urgency.csv can't be read"),
        (FILE.replace("In the hall.", "In the {hall.north.name}."), "persona.toml, line 7: parrot"),
    ],
    ids=["key", "graph", "slot"],
)
async def test_a_broken_file_leaves_all_as_it_was(
    talk: Talk, caplog: pytest.LogCaptureFixture, broken: str, named: str
) -> None:
    before = talk.mind._now
    talk.file.write_text(broken)
    async with asyncio.timeout(20):
        while not caplog.records:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert talk.mind._now is before
    assert await talk.ask("where is the parrot") == "In the hall."
    [record] = caplog.records
    assert named in record.getMessage()
    assert "\n" not in record.getMessage()
    talk.file.write_text(FILE.replace("In the hall.", "Here."))
    await talk.until("where is the parrot", "Here.")


async def test_a_graph_and_its_tables_are_taken_up(talk: Talk) -> None:
    clinic = find_persona("clinic").parent / "knowledge" / "graph"
    folder = talk.file.parent / "graph"
    folder.mkdir()
    for file in clinic.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    assert await talk.ask("what could cause a headache") == "I don't know."
    talk.file.write_text(FILE + GRAPH)
    async with asyncio.timeout(20):
        while "headache" not in await talk.ask("what could cause a headache"):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    symptoms = folder / "symptoms.csv"
    symptoms.write_text(symptoms.read_text().replace("headache,a headache,", "headache,a headache,noddle ache|"))
    async with asyncio.timeout(20):
        while "headache" not in await talk.ask("what could cause noddle ache"):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert any("what could cause noddle ache" in phrases for phrases in talk.heard)


async def test_the_vocabulary_of_a_graph_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    symptoms = SqliteGraph.symptoms

    async def counted(graph: SqliteGraph) -> Sequence[Symptom]:
        read.append(1)
        return await symptoms(graph)

    monkeypatch.setattr(SqliteGraph, "symptoms", counted)
    mind = Mind(Settings.model_validate({"persona": "clinic", "data_dir": tmp_path}), PROFILES["edge"])
    brain = mind.guard(mind.brain)
    await mind.start(lambda phrases: asyncio.sleep(0))
    for number in (1, 2):
        turn = UserTurn(number, "i have a headache", 0.0, 0.0, spoken=False)
        assert [phrase async for phrase in brain.respond(turn, Context())]
    await mind.close()
    assert read == [1]
