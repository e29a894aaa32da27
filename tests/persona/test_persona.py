"""The persona file: the shipped one is whole, and mistakes are named with their line."""

from pathlib import Path

import pytest

from runtime.core.errors import UserError
from runtime.persona.persona import find_persona, load_persona, normal
from tests.personas import BO

GOOD = (
    BO
    + """
[[knowledge]]
id = "lift"
questions = ["where is the lift", "where is the lift to the roof"]
answer = "On your left."

[[knowledge]]
id = "roof"
questions = ["what is on the roof"]
answer = "A garden."
"""
)


def written(folder: Path, text: str) -> Path:
    path = folder / "persona.toml"
    path.write_text(text)
    return path


def test_the_concierge_is_whole() -> None:
    persona = load_persona(find_persona("concierge"))
    assert len(persona.knowledge) >= 60
    assert all(len(entry.questions) >= 3 for entry in persona.knowledge)
    assert "AI" in persona.greeting[0]


def test_a_question_that_may_go_on_is_not_complete(tmp_path: Path) -> None:
    persona = load_persona(written(tmp_path, GOOD))
    assert not persona.is_known_question("Where is the lift")
    assert persona.is_known_question("where's the lift to the roof?")
    assert persona.is_known_question("what's on the roof")
    assert not persona.is_known_question("what is on")


@pytest.mark.parametrize(
    ("change", "line", "reason"),
    [
        (('answer = "A garden."', ""), 13, "an entry needs an answer"),
        (('answer = "A garden."', 'answer = ""'), 16, "at least 1 character"),
        (('name = "Bo"', "name = 3"), 2, "name"),
        (('id = "roof"', 'id = "lift"'), 14, "used twice"),
        (("what is on the roof", "where is the lift"), 15, "also a question of 'lift'"),
        (('answer = "A garden."', 'anwser = "A garden."'), 16, "Extra inputs"),
        (("[[knowledge]]", "[[knowledge]"), 8, "TOML"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, change: tuple[str, str], line: int, reason: str) -> None:
    head, _, tail = GOOD.rpartition(change[0])
    text = head + change[1] + tail if change[0] != "[[knowledge]]" else GOOD.replace(*change, 1)
    with pytest.raises(UserError, match=reason) as error:
        load_persona(written(tmp_path, text))
    assert f"line {line}" in str(error.value)


def test_a_question_misheard_by_a_word_is_likely_but_a_beginning_is_not() -> None:
    persona = load_persona(find_persona("concierge"))
    assert persona.is_likely_question("when was the cafe close")
    assert persona.is_likely_question("are the toilets")
    assert persona.is_likely_question("how are you children plan for")
    assert not persona.is_likely_question("how much is a ticket for my")
    assert not persona.is_likely_question("where is the")
    assert not persona.is_likely_question("what is the capital of france")


def test_an_unknown_persona_names_the_known_ones() -> None:
    with pytest.raises(UserError, match="concierge"):
        find_persona("nobody")


def test_normal_writes_contractions_out() -> None:
    assert normal("Where’s the café, and what's ON?") == "where is the caf and what is on"
