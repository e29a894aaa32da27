"""Questions of a file, asked and judged."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from runtime.core.errors import UserError
from runtime.core.messages import Phrase, UserTurn
from runtime.persona.memory import Context
from runtime.persona.scoring import Conversation, Question, read_questions, score_now

ANSWERS = {
    "where is the lift": [Phrase("Over there.", source="lift")],
    "a ticket for my aunt": [Phrase("Twelve euros.", source="ticket"), Phrase("As you like art:", source="gallery")],
    "a which": [Phrase('Do you mean "a" or "b"?', act="ask", offers=("a", "b"))],
    "something odd": [Phrase("That I don't know.", act="fallback")],
    "quiz me": [Phrase("How many planets are there?", source="quiz:0")],
    "i like art": [Phrase("I'll keep that in mind.")],
}


class Recorded:
    """Says what was written down, and what it was asked before."""

    def __init__(self) -> None:
        self.contexts: list[Context] = []

    async def greet(self) -> AsyncIterator[Phrase]:
        yield Phrase("Hello.")

    async def respond(self, turn: UserTurn, context: Context) -> AsyncIterator[Phrase]:
        self.contexts.append(context)
        for phrase in ANSWERS[turn.text]:
            yield phrase


@pytest.mark.parametrize(
    ("asked", "expected", "verdict"),
    [
        ("where is the lift", "lift", "right"),
        ("where is the lift", "stairs", "wrong"),
        ("where is the lift", "none", "wrong"),
        ("quiz me", "quiz:", "right"),
        ("quiz me", "quiz", "wrong"),
        ("a ticket for my aunt", "ticket", "right"),
        ("a ticket for my aunt", "gallery", "wrong"),
        ("a which", "a", "asked"),
        ("a which", "none", "asked"),
        ("something odd", "a", "asked"),
        ("something odd", "none", "right"),
        ("i like art", "gallery", "wrong"),
        ("i like art", "none", "right"),
    ],
)
def test_an_answer_is_judged_by_its_source(asked: str, expected: str, verdict: str) -> None:
    (found,) = score_now(Recorded(), [Question(asked, frozenset({expected}))])
    assert found.verdict == verdict
    assert found.text == " ".join(phrase.text for phrase in ANSWERS[asked])
    assert found.first_s > 0


def test_what_was_asked_before_is_in_the_context_as_it_was_heard() -> None:
    brain = Recorded()
    score_now(
        brain, [Question("a which", frozenset({"a"}), after="where is the lift"), Question("a which", frozenset())]
    )
    first, second, third = brain.contexts
    assert first.exchanges == third.exchanges == ()
    (before,) = second.exchanges
    assert (before.asked, before.heard, before.source) == ("where is the lift", "Over there.", "lift")


async def test_a_conversation_remembers_what_was_offered() -> None:
    brain = Recorded()
    conversation = Conversation(brain)
    for asked in ("a which", "where is the lift"):
        await conversation.say(asked)
    assert brain.contexts[-1].exchanges[0].offers == ("a", "b")


def test_a_file_is_read_with_the_columns_that_it_has(tmp_path: Path) -> None:
    path = tmp_path / "questions.csv"
    path.write_text("question,expected,after,part,reference\nwhen,hours | closing,who,short,At ten.\n")
    assert read_questions(path) == [Question("when", frozenset({"hours", "closing"}), "who", "short", "At ten.")]
    path.write_text("question,expected\nwhen,none\n")
    assert read_questions(path) == [Question("when", frozenset({"none"}))]


@pytest.mark.parametrize(
    ("text", "line"),
    [("question\nwhen\n", 1), ("question,expected\n", 1), ("question,expected\nwhen,\n", 2), ("a,a\n1,2\n", 1)],
)
def test_a_wrong_file_is_named_with_its_line(tmp_path: Path, text: str, line: int) -> None:
    path = tmp_path / "questions.csv"
    path.write_text(text)
    with pytest.raises(UserError, match=rf"questions\.csv, line {line}:"):
        read_questions(path)
