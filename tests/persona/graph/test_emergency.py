"""Emergencies: told in many ways they are found, and what only sounds like one is not."""

import csv
from pathlib import Path

import pytest

from runtime.core.messages import Phrase, UserTurn
from runtime.persona.brain import phrases_of
from runtime.persona.graph.emergency import KINDS, Emergency
from runtime.persona.graph.helping import WORDS, HelpFirst, help_for
from runtime.persona.memory import Context, Exchange
from runtime.persona.persona import EmergencyHelp, find_persona, load_persona

CASES = list(csv.DictReader((Path(__file__).parent / "emergencies.csv").read_text(encoding="utf-8").splitlines()))
CLINIC = load_persona(find_persona("clinic"))
EMERGENCY = Emergency()


def kind_of(text: str) -> str:
    alarm = EMERGENCY.find(text)
    return alarm.kind if alarm else "none"


def test_of_many_emergencies_hardly_one_is_missed_and_hardly_one_is_false() -> None:
    real = [case for case in CASES if case["kind"] != "none"]
    others = [case for case in CASES if case["kind"] == "none"]
    missed = [case["text"] for case in real if kind_of(case["text"]) == "none"]
    false = [case["text"] for case in others if kind_of(case["text"]) != "none"]
    assert len(real) >= 100
    assert len(others) >= 80
    assert len(missed) <= 0.01 * len(real), missed
    assert len(false) <= 0.02 * len(others), false


def test_each_kind_of_emergency_is_among_the_cases() -> None:
    assert {case["kind"] for case in CASES} == {*KINDS, "none"}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("I have chest pain", "chest_pain"),
        ("I have no chest pain", "none"),
        ("no, I have chest pain", "chest_pain"),
        ("no fever but chest pain", "chest_pain"),
        ("I don't have chest pain or trouble breathing", "none"),
        ("my chest, it hurts", "chest_pain"),
        ("a chest of drawers", "none"),
        ("I can't breathe", "breathing"),
        ("I can't breathe through my nose", "none"),
        ("what are the signs of a stroke", "none"),
        ("what could cause chest pain", "chest_pain"),
        ("he had a stroke years ago", "none"),
        ("he had a stroke years ago and now his face is hanging", "stroke"),
        ("I tried to kill myself two years ago", "self_harm"),
        ("CHEST PAIN!!!", "chest_pain"),
        ("chest pian", "chest_pain"),
        ("", "none"),
        ("...", "none"),
    ],
)
def test_denied_named_past_and_misspelt(text: str, kind: str) -> None:
    assert kind_of(text) == kind


def test_of_two_emergencies_the_most_pressing_is_answered() -> None:
    assert kind_of("my chest hurts and I want to kill myself") == "self_harm"
    assert kind_of("she has hives and she can't breathe") == "breathing"


def test_a_very_long_text_is_read_as_far_as_anybody_speaks() -> None:
    assert kind_of("chest pain " + "and so on " * 100_000) == "chest_pain"


class Inner:
    """A brain that says what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def greet(self):  # type: ignore[no-untyped-def]
        yield Phrase("Hello.", act="greet")

    async def respond(self, turn: UserTurn, context: Context):  # type: ignore[no-untyped-def]
        self.asked.append(turn.text)
        for phrase in phrases_of("The door is there.", "neutral", "answer", "door"):
            yield phrase


async def said(text: str, alternative: str = "", last: str = "") -> tuple[list[Phrase], list[str]]:
    inner = Inner()
    context = Context((Exchange(1, "something", "heard", source=last),) if last else ())
    turn = UserTurn(2, text, 0.0, 0.0, alternative=alternative)
    return [phrase async for phrase in HelpFirst(inner, CLINIC).respond(turn, context)], inner.asked


async def test_help_comes_before_everything_else() -> None:
    phrases, asked = await said("where are the toilets, and by the way my chest hurts")
    assert asked == []
    assert phrases[0].source == "help:chest_pain"
    assert "112" in phrases[0].text
    assert phrases[0].text.startswith("Please call")


async def test_what_the_other_reading_of_the_recogniser_tells_counts_too() -> None:
    phrases, _ = await said("when are you open", alternative="i have chest pain")
    assert phrases[0].source == "help:chest_pain"


async def test_other_turns_are_the_inner_brains() -> None:
    phrases, asked = await said("where is the door")
    assert asked == ["where is the door"]
    assert [phrase.text for phrase in phrases] == ["The door is there."]


async def test_the_turn_after_an_emergency_reminds_once() -> None:
    phrases, _ = await said("where is the door", last="help:bleeding")
    assert "call 112" in phrases[0].text
    assert phrases[-1].text == "The door is there."
    care, _ = await said("where is the door", last="help:self_harm")
    assert "trust" in care[0].text


def test_self_harm_is_met_with_care_and_a_helpline_without_a_number_of_its_own() -> None:
    alarm = EMERGENCY.find("I want to kill myself")
    assert alarm is not None
    text = " ".join(phrase.text for phrase in help_for(alarm, CLINIC.emergency or EmergencyHelp.model_validate({})))
    assert "glad" in text
    assert "helpline" in text
    assert {word.strip(".,") for word in text.split() if any(c.isdigit() for c in word)} == {"112", "911"}
    assert "white coat" not in text


def test_the_persona_may_say_it_in_its_own_words() -> None:
    told = EmergencyHelp.model_validate({"call": "the red button", "words": {"bleeding": "Press {call} at once."}})
    alarm = EMERGENCY.find("it is bleeding heavily")
    assert alarm is not None
    assert [phrase.text for phrase in help_for(alarm, told)] == ["Press the red button at once."]


def test_every_kind_has_words_and_each_names_whom_to_call() -> None:
    assert set(WORDS) == set(KINDS)
    assert all("{call}" in words for words in WORDS.values())
