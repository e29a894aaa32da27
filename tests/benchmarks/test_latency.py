"""The conversation benchmark: what is asked, and what it makes of two runs."""

import math
from typing import Any

import pytest

from benchmarks.latency import Run, model_share
from benchmarks.questions import free_questions, record, record_free
from runtime.persona.persona import find_persona, load_persona


def turns(*answers_ms: float | None, listed: bool = False) -> list[dict[str, Any]]:
    return [{"listed": listed} | ({} if answer is None else {"answer_ms": answer}) for answer in answers_ms]


def test_the_models_share_is_of_the_same_questions() -> None:
    joined = Run("espeak", turns=[*turns(100.0, 900.0, listed=True), *turns(300.0, None, 500.0, 100.0)])
    without = Run("espeak", turns=turns(600.0, 800.0, 400.0, None))
    assert model_share(joined, without) == pytest.approx(80)
    assert math.isnan(model_share(Run("espeak", turns=turns(None)), Run("espeak", turns=turns(400.0))))


def test_listed_and_free_questions_are_spoken() -> None:
    persona = load_persona(find_persona("concierge"))
    listed, free = record(persona, 3), record_free(2)
    known = {text for entry in persona.knowledge for text in entry.questions}
    assert {question.text for question in listed} <= known
    assert {question.text for question in free} <= set(free_questions())
    assert [question.listed for question in (*listed, *free)] == [True] * 3 + [False] * 2
    assert all(0.5 < question.duration_s < 8 for question in (*listed, *free))
    assert [question.text for question in record_free(2)] == [question.text for question in free]
