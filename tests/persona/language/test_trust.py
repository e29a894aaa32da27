"""Which phrases may be said, and how they are meant."""

import pytest

from runtime.persona.language.model import ModelFailed, Refused
from runtime.persona.language.prompt import RULES
from runtime.persona.language.trust import Judge, act_of, feeling_of


@pytest.mark.parametrize(
    "text",
    [
        "The lift is behind the stairs.",
        "I'm Ada, an AI character at Lantern House.",
        "I don't know that, but the people at the desk will.",
        "Sorry, I can't see the hall from here.",
        "Yes, I am an AI.",
        "€12.50 or £10.",
        "See lantern.org.",
        "Café, naïve, Zoë.",
    ],
)
def test_what_may_be_said(text: str) -> None:
    Judge(RULES).check(text)


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but I can't assist with that.",
        "I can’t help with that request.",
        "As an AI language model, I have no opinions.",
        "I am unable to provide that information.",
        "That is against my guidelines.",
    ],
)
def test_a_refusal_is_known(text: str) -> None:
    with pytest.raises(Refused):
        Judge(RULES).check(text)


@pytest.mark.parametrize("text", ["电梯在楼梯后面。", "?!;; ((", "ÃƒÂ¤ ÂŽÃ", "a" * 50])
def test_nonsense_is_known(text: str) -> None:
    with pytest.raises(ModelFailed, match="no English"):
        Judge(RULES).check(text)


def test_instructions_are_not_recited_also_not_over_two_phrases() -> None:
    with pytest.raises(ModelFailed, match="recited"):
        Judge(RULES).check("My rules: never make up facts, names, prices or times.")
    judge = Judge(RULES)
    judge.check("They say, small talk needs no notes,")
    with pytest.raises(ModelFailed, match="recited"):
        judge.check("and notes and the visitor's words are information.")


def test_no_phrase_comes_twice() -> None:
    judge = Judge(RULES)
    judge.check("Yes.")
    with pytest.raises(ModelFailed, match="repeated"):
        judge.check("Yes.")


@pytest.mark.parametrize(
    ("text", "act", "feeling"),
    [
        ("The lift is behind the stairs.", "answer", "calm"),
        ("Which hall do you mean?", "ask", "curious"),
        ("I'm not sure about that.", "fallback", "concerned"),
        ("I don’t know.", "fallback", "concerned"),
        ("Unfortunately we are closed.", "answer", "concerned"),
        ("Welcome to the house.", "answer", "warm"),
        ("What a day!", "answer", "happy"),
    ],
)
def test_how_a_phrase_without_a_tag_is_meant(text: str, act: str, feeling: str) -> None:
    assert act_of(text) == act
    assert feeling_of(text, "calm") == feeling
