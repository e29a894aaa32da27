"""The embedded brain on questions written apart from its knowledge."""

import csv
from pathlib import Path

import pytest

from runtime.core.messages import UserTurn
from runtime.persona.brain import MAX_PHRASE_CHARS, speakable_pieces
from runtime.persona.grounded import GroundedBrain
from runtime.persona.memory import Context, Exchange
from runtime.persona.persona import Persona, find_persona, load_persona
from runtime.persona.scoring import read_questions, score_now
from tests.personas import meanings


@pytest.fixture(scope="module", params=["by words", "by meaning too"])
def brain(request: pytest.FixtureRequest) -> GroundedBrain:
    return GroundedBrain(load_persona(find_persona("concierge")), meanings() if request.param != "by words" else None)


def turn(text: str, alternative: str = "", in_domain: float = 1.0) -> UserTurn:
    return UserTurn(2, text, 0.0, 0.0, True, in_domain, alternative)


def test_held_out_paraphrases(brain: GroundedBrain) -> None:
    with (Path(__file__).parent / "questions_concierge.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["part"] == "held"]
    known = [row for row in rows if row["expected"] != "none"]
    strange = [row for row in rows if row["expected"] == "none"]
    answers = {row["question"]: brain.answer(turn(row["question"]), Context())[-1].source for row in rows}
    right = sum(answers[row["question"]] == row["expected"] for row in known) / len(known)
    wrong = sum(answers[row["question"]] not in ("", row["expected"]) for row in known) / len(known)
    declined = sum(not answers[row["question"]] for row in strange) / len(strange)
    assert right >= 0.75
    assert wrong <= 0.05
    assert declined >= 0.85


@pytest.mark.parametrize(("name", "least_right"), [("dev", 0.70), ("follow", 0.80)])
def test_questions_that_it_was_developed_on(name: str, least_right: float) -> None:
    brain = GroundedBrain(load_persona(find_persona("concierge")), meanings())
    outcomes = score_now(brain, read_questions(Path(__file__).parent / f"questions_concierge_{name}.csv"))
    assert sum(outcome.verdict == "right" for outcome in outcomes) / len(outcomes) >= least_right
    assert sum(outcome.verdict == "wrong" for outcome in outcomes) / len(outcomes) <= 0.05


def test_what_is_close_is_asked_about_by_naming_both() -> None:
    halls = [{"id": hall, "questions": [f"where is the {hall} hall"], "answer": "There."} for hall in ("blue", "green")]
    lines = {"greeting": ["Hi."], "fallbacks": ["No."], "not_heard": ["What?"], "closing": ["Bye."]}
    persona = Persona.model_validate({"name": "Bo", "knowledge": halls, **lines})
    (phrase,) = GroundedBrain(persona).answer(turn("where is the hall"), Context())
    assert phrase.text == 'Do you mean "where is the blue hall", or "where is the green hall"?'
    assert (phrase.act, phrase.offers) == ("ask", ("blue", "green"))


def test_every_known_phrasing_gets_its_own_answer(brain: GroundedBrain) -> None:
    persona = load_persona(find_persona("concierge"))
    wrong = [
        question
        for entry in persona.knowledge
        for question in entry.questions
        if brain.answer(turn(question), Context())[0].source != entry.id
    ]
    assert wrong == []


def test_nothing_heard_is_asked_again_and_the_unknown_is_admitted(brain: GroundedBrain) -> None:
    assert brain.answer(turn(""), Context())[0].act == "repair"
    answer = brain.answer(turn("who is the president of mars"), Context())
    assert answer[0].act == "fallback"


def test_who_takes_their_leave_hears_the_closing_words_in_turn(brain: GroundedBrain) -> None:
    closing = load_persona(find_persona("concierge")).closing
    said = [brain.answer(UserTurn(n, "goodbye", 0.0, 0.0), Context()) for n in range(len(closing))]
    assert {" ".join(phrase.text for phrase in phrases) for phrases in said} == set(closing)
    assert {phrase.act for phrases in said for phrase in phrases} == {"farewell"}


def test_a_doubtful_narrow_reading_yields_to_the_wide_one(brain: GroundedBrain) -> None:
    doubtful = turn("what is the lockers", "what is the capital of france", in_domain=0.1)
    assert brain.answer(doubtful, Context())[0].act in ("ask", "fallback")
    agreed = turn("where is the art", "where are the toilets", in_domain=0.1)
    assert brain.answer(agreed, Context())[0].source == "toilets"


def test_say_that_again_repeats_what_was_heard(brain: GroundedBrain) -> None:
    context = Context((Exchange(1, "where is the lift", "The lift is on your left."),))
    assert brain.answer(turn("say that again"), context)[0].text == "The lift is on your left."
    assert brain.answer(turn("be quiet"), context) == ()


def test_pieces_are_bounded_and_lose_nothing() -> None:
    text = "One. " + "word, " * 100 + "x" * 700 + ". Last?"
    pieces = list(speakable_pieces(text))
    assert all(0 < len(piece) <= MAX_PHRASE_CHARS for piece in pieces)
    assert "".join(pieces).replace(" ", "") == text.replace(" ", "")
