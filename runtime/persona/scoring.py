"""How well a brain answers questions of a file: right, wrong, asked back, and how soon."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from runtime.core.messages import Phrase, UserTurn
from runtime.persona.brain import Brain
from runtime.persona.knowledge.files import at, read_csv
from runtime.persona.memory import Context, Exchange

NONE: Final = "none"
TEST_FILE: Final = "test.csv"
"""Where a persona's own questions lie, beside persona.toml."""
COLUMNS: Final = {"question", "expected"}


@dataclass(frozen=True)
class Question:
    """One line of a file: what is asked, the ids that answer it (none: nothing does), what was asked just before."""

    asked: str
    expected: frozenset[str]
    after: str = ""
    part: str = ""


@dataclass(frozen=True)
class Outcome:
    """What came of a question: "right", "wrong" or "asked"; the source of the answer; seconds to the first phrase."""

    question: Question
    verdict: str
    source: str
    text: str
    first_s: float


def read_questions(path: Path, can_answer: Callable[[str], bool] = bool) -> list[Question]:
    """Return the questions of a CSV with the columns question, expected (ids with | between, or none), after, part.

    `can_answer` says whether an id is one that an answer may come from.

    Raises:
        UserError: the file is wrong, with the line.
    """
    found = []
    for line, row in read_csv(path):
        if not set(row) >= COLUMNS:
            raise at(path, 1, "the columns question and expected are needed")
        expected = frozenset(part.strip() for part in row["expected"].split("|") if part.strip())
        if not row["question"] or not expected:
            raise at(path, line, "a question and what answers it are needed")
        for one in sorted(expected - {NONE}):
            if not can_answer(one):
                raise at(path, line, f"nothing that the persona knows has the id {one!r}")
        found.append(Question(row["question"], expected, row.get("after", ""), row.get("part", "")))
    if not found:
        raise at(path, 1, "the file has no questions")
    return found


async def score(brain: Brain, questions: Sequence[Question]) -> list[Outcome]:
    """Ask every question in a conversation of its own and judge the answer."""
    return [await _ask(brain, question) for question in questions]


def score_now(brain: Brain, questions: Sequence[Question]) -> list[Outcome]:
    """Do what `score` does where no event loop runs."""
    return asyncio.run(score(brain, questions))


async def _ask(brain: Brain, question: Question) -> Outcome:
    context = Context()
    if question.after:
        said = [phrase async for phrase in brain.respond(_turn(1, question.after), context)]
        heard, last = " ".join(p.text for p in said), said[-1] if said else Phrase("")
        context = Context((Exchange(1, question.after, heard, source=last.source, offers=last.offers),))
    begin = time.perf_counter()
    phrases, first_s = await _collect(brain.respond(_turn(2, question.asked), context), begin)
    source = phrases[-1].source if phrases else ""
    text = " ".join(phrase.text for phrase in phrases)
    return Outcome(question, _verdict(source, question.expected, phrases), source, text, first_s)


async def _collect(stream: AsyncIterator[Phrase], begin: float) -> tuple[list[Phrase], float]:
    phrases: list[Phrase] = []
    first_s = 0.0
    async for phrase in stream:
        first_s = first_s or time.perf_counter() - begin
        phrases.append(phrase)
    return phrases, first_s or time.perf_counter() - begin


def _verdict(source: str, expected: frozenset[str], phrases: Sequence[Phrase]) -> str:
    if expected == {NONE}:
        return "wrong" if source else "asked" if phrases and phrases[0].act == "ask" else "right"
    return "right" if source in expected else "wrong" if source else "asked"


def _turn(number: int, text: str) -> UserTurn:
    return UserTurn(number, text, 0.0, 0.0, spoken=False)
