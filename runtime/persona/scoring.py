"""How well a brain answers questions of a file: right, wrong, asked back, and how soon."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from runtime.core.messages import Phrase, PlayoutMark, UserTurn
from runtime.persona.brain import Brain
from runtime.persona.knowledge.files import at, read_csv
from runtime.persona.memory import Memory

NONE: Final = "none"
TEST_FILE: Final = "test.csv"
"""Where a persona's own questions lie, beside persona.toml."""
COLUMNS: Final = {"question", "expected"}
_ASKS_BACK: Final = frozenset(("ask", "fallback", "repair"))


@dataclass(frozen=True)
class Question:
    """One line of a file: what is asked, the ids that answer it (none: nothing does), what was asked just before.

    An id that ends with a colon stands for all that begin with it: "quiz:". `part` groups questions of a kind;
    `reference` is a good answer, to compare a language model's with.
    """

    asked: str
    expected: frozenset[str]
    after: str = ""
    part: str = ""
    reference: str = ""


@dataclass(frozen=True)
class Outcome:
    """What came of a question: "right", "wrong" or "asked"; the source of the answer; seconds to the first phrase.

    "asked" is asked back, or said that it doesn't know. An answer without a source is wrong where the file names one.
    """

    question: Question
    verdict: str
    source: str
    text: str
    first_s: float


def read_questions(path: Path, can_answer: Callable[[str], bool] = bool) -> list[Question]:
    """Return the questions of a CSV: question, expected (ids with | between, or none); perhaps after, part, reference.

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
        others = {name: row.get(name, "") for name in ("after", "part", "reference")}
        found.append(Question(row["question"], expected, **others))
    if not found:
        raise at(path, 1, "the file has no questions")
    return found


async def score(brain: Brain, questions: Sequence[Question]) -> list[Outcome]:
    """Ask every question in a conversation of its own and judge the answer."""
    return [await _ask(brain, question) for question in questions]


def score_now(brain: Brain, questions: Sequence[Question]) -> list[Outcome]:
    """Do what `score` does where no event loop runs."""
    return asyncio.run(score(brain, questions))


class Conversation:
    """A conversation by text, remembered as a session remembers it: all that is said is heard."""

    def __init__(self, brain: Brain) -> None:
        self._brain = brain
        self._memory = Memory()
        self._turn = 1  # the greeting's

    async def say(self, text: str) -> tuple[list[Phrase], float]:
        """Return the answer, and the seconds to its first phrase, or to its end where it has none."""
        self._turn += 1
        turn = UserTurn(self._turn, text, 0.0, 0.0, spoken=False)
        context = self._memory.context()
        self._memory.asked(turn)
        phrases: list[Phrase] = []
        first_s = 0.0
        begun_s = time.perf_counter()
        async for phrase in self._brain.respond(turn, context):
            first_s = first_s or time.perf_counter() - begun_s
            phrases.append(phrase)
            self._memory.told(self._turn, phrase)
        self._memory.heard(PlayoutMark(self._turn, _text(phrases), 0.0, finished=True))
        return phrases, first_s or time.perf_counter() - begun_s


async def _ask(brain: Brain, question: Question) -> Outcome:
    conversation = Conversation(brain)
    if question.after:
        await conversation.say(question.after)
    phrases, first_s = await conversation.say(question.asked)
    source = next((phrase.source for phrase in phrases if phrase.source), "")
    return Outcome(question, _verdict(source, question.expected, phrases), source, _text(phrases), first_s)


def _verdict(source: str, expected: frozenset[str], phrases: Sequence[Phrase]) -> str:
    """Judge by the first source named: what an answer adds for this person comes after it."""
    asked = not source and any(phrase.act in _ASKS_BACK for phrase in phrases)
    if expected == {NONE}:
        return "wrong" if source else "asked" if phrases and phrases[0].act == "ask" else "right"
    good = any(source == one or (one.endswith(":") and source.startswith(one)) for one in expected)
    return "right" if good else "asked" if asked else "wrong"


def _text(phrases: Sequence[Phrase]) -> str:
    return " ".join(phrase.text for phrase in phrases)
