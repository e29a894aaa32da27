"""What every brain around another one keeps to."""

from collections.abc import AsyncIterator, Callable

import pytest

from runtime.core.messages import Phrase, UserTurn
from runtime.persona.brain import MAX_PHRASE_CHARS, Brain, phrases_of
from runtime.persona.choosing import Choosing
from runtime.persona.graph.brain import GraphBrain
from runtime.persona.graph.helping import HelpFirst
from runtime.persona.graph.sqlite import SqliteGraph
from runtime.persona.manner import Mannered
from runtime.persona.memory import Context
from runtime.persona.persona import find_persona, load_persona
from runtime.persona.safety.guarded import Guarded

PERSONA = load_persona(find_persona("concierge"))


class Talkative:
    """Says three phrases; `closed` once nothing of its answer is left to run."""

    def __init__(self) -> None:
        self.closed = False

    async def greet(self) -> AsyncIterator[Phrase]:
        yield Phrase("Hello, I'm an AI.")

    async def respond(self, turn: UserTurn, context: Context) -> AsyncIterator[Phrase]:
        try:
            for word in ("One.", "Two.", "Three."):
                yield Phrase(word)
        finally:
            self.closed = True


@pytest.mark.parametrize(
    "around",
    [
        lambda inner: Choosing(inner, PERSONA),
        lambda inner: Mannered(inner, PERSONA),
        lambda inner: HelpFirst(inner, PERSONA),
        lambda inner: GraphBrain(inner, SqliteGraph(), PERSONA),
        lambda inner: Guarded(inner, PERSONA),
    ],
    ids=["choosing", "mannered", "help first", "graph", "guarded"],
)
async def test_an_answer_that_is_closed_leaves_nothing_running(around: Callable[[Brain], Brain]) -> None:
    inner = Talkative()
    stream = around(inner).respond(UserTurn(1, "count to three", 0.0, 0.0), Context())
    assert (await anext(stream)).text == "One."
    await stream.aclose()  # type: ignore[attr-defined]
    assert inner.closed


def test_what_is_offered_goes_with_the_last_phrase_alone() -> None:
    phrases = phrases_of("One thing. Or another?", "curious", "ask", offers=("a", "b"))
    assert [phrase.offers for phrase in phrases] == [(), ("a", "b")]
    assert phrases_of("", "curious", "ask", offers=("a",)) == []
    assert all(len(phrase.text) <= MAX_PHRASE_CHARS for phrase in phrases_of("word " * 100, "warm", "answer"))
