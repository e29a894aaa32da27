"""Choosing thresholds: what they do with questions whose answers are known."""

from benchmarks.thresholds import Score, rank, scored
from runtime.persona.deciding import Thresholds
from runtime.persona.grounded import GroundedBrain
from runtime.persona.persona import Persona
from runtime.persona.scoring import NONE, Question

LINES = {"name": "Bo", "greeting": ["Hi."], "fallbacks": ["No."], "not_heard": ["What?"], "closing": ["Bye."]}
KNOWLEDGE = [
    {"id": "blue", "questions": ["where is the blue hall"], "answer": "There."},
    {"id": "blue_price", "questions": ["how much is the blue hall"], "answer": "Two."},
    {"id": "green", "questions": ["where is the green hall"], "answer": "Here."},
]
PERSONA = Persona.model_validate({**LINES, "knowledge": KNOWLEDGE})
QUESTIONS = [
    Question("where's the blue hall", frozenset(["blue"])),
    Question("where is the green hall", frozenset(["blue"])),
    Question("how much is it", frozenset(["blue_price"]), after="where is the blue hall"),
    Question("where is the hall", frozenset(["green"])),
    Question("who invented the telephone", frozenset([NONE])),
]


def test_answers_are_right_wrong_or_asked_about() -> None:
    ranked = rank(GroundedBrain(PERSONA), PERSONA, QUESTIONS)
    at = Thresholds(sure=0.5, possible=0.3, close=0.05, doubt=1.0)
    assert scored(PERSONA, ranked, at) == Score(right=0.6, wrong=0.2, named=0.2)
    nothing = Thresholds(sure=1.1, possible=1.1, close=0.0, doubt=1.0)
    assert scored(PERSONA, ranked, nothing) == Score(right=0.2, wrong=0.0, named=0.0)
