"""Finding the entry that a text asks for, on a small persona."""

import pytest

from runtime.persona.persona import Persona
from runtime.persona.retrieval import KNOWN_ALIKE, NOTHING, Retriever

LINES = {"name": "Bo", "greeting": ["Hi."], "fallbacks": ["No."], "not_heard": ["What?"], "closing": ["Bye."]}
KNOWLEDGE = [
    {"id": "lift", "questions": ["where is the lift"], "answer": "There."},
    {"id": "hours", "questions": ["when are you open", "???"], "clues": ["can we come at nine"], "answer": "Always."},
    {"id": "bread", "questions": ["how do i bake bread"], "answer": "Slowly."},
]
RETRIEVER = Retriever(Persona.model_validate({**LINES, "knowledge": KNOWLEDGE}))


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("Where's the lift?", 0),
        ("where are your lifts", 0),
        ("open when", 1),
        ("could we come at nine", 1),
        ("what is the capital of france", NOTHING),
        ("how long do i bake bread", 2),
    ],
)
def test_the_entry_that_is_meant_comes_first(text: str, entry: int) -> None:
    assert RETRIEVER.rank(text)[0].entry == entry


def test_a_phrasing_of_its_own_is_beyond_doubt_and_the_others_are_ranked_too() -> None:
    first, *others = RETRIEVER.rank("Can we come at nine?", count=4)
    assert (first.entry, first.score) == (1, 1.0)
    assert len(others) == 3
    assert all(0 <= match.score <= KNOWN_ALIKE for match in others)


def test_nothing_is_found_for_no_words() -> None:
    assert RETRIEVER.rank("...") == []
