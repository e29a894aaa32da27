"""The benchmark of the ends of turns: what it speaks, and what it makes of the waits."""

import math
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.questions import free_questions
from benchmarks.turns import AFTER_S, Spoken, outcome, speak, wait_s
from runtime.core.hashed_words import WordHasher
from runtime.perception.endpoint import BROKEN_OFF_S, DOUBTFUL_S, EndpointEvent
from runtime.perception.turn_end import TurnEnd
from runtime.perception.vad import RATE_HZ
from runtime.persona.persona import find_persona, load_persona, normal


def test_turns_cut_off_are_counted_and_not_waited_for() -> None:
    found = outcome([0.1, None, 0.3, 0.2])
    assert found["mean_ms"] == pytest.approx(200)
    assert found["p95_ms"] == pytest.approx(290)
    assert found["cut_off"] == 0.25
    none = outcome([None])
    assert none["cut_off"] == 1
    assert math.isnan(none["mean_ms"])


def test_every_other_question_pauses_and_its_speech_ends_where_told() -> None:
    text = "where is the lift to the roof"
    plain, paused = speak([text] * 2, seed=3)
    assert (plain.paused, paused.paused) == (False, True)
    for spoken in (plain, paused):
        loud = np.flatnonzero(np.abs(spoken.sound) > 0.004)
        assert loud[-1] / RATE_HZ == pytest.approx(spoken.end_s, abs=0.05)
        assert len(spoken.sound) / RATE_HZ == pytest.approx(spoken.end_s + AFTER_S, abs=0.01)
    gaps = [np.diff(np.flatnonzero(np.abs(spoken.sound) > 0.004)).max() / RATE_HZ for spoken in (plain, paused)]
    assert gaps[0] < 0.15 < gaps[1]


def test_free_questions_are_in_no_list() -> None:
    known = load_persona(find_persona("concierge")).phrases
    free = free_questions()
    assert len(free) == len(set(free)) >= 80
    assert not {normal(text) for text in free} & set(known)


def test_a_turn_ends_when_the_policy_or_the_model_says_so() -> None:
    persona = load_persona(find_persona("concierge"))
    spoken = Spoken("i came by train today", np.zeros(5 * RATE_HZ, np.float32), 3.0, paused=True)
    within = [EndpointEvent(2 + 0.1 * step, False, 1.0, 2.0, "i came", 0.3) for step in range(6)]
    asked = [*within, *(EndpointEvent(3 + 0.1 * step, False, 1.0, 3.0, "i came by the", 0.9) for step in range(20))]
    judge = TurnEnd(None, WordHasher(8, 8))
    assert wait_s(spoken, asked, persona, None) is None  # half a second of silence within
    assert wait_s(spoken, asked[6:], persona, None) == pytest.approx(BROKEN_OFF_S, abs=0.11)
    assert wait_s(spoken, asked[6:], persona, judge) == pytest.approx(0.1)
    doubtful = [replace(event, chance=0.01) for event in asked]
    assert wait_s(spoken, doubtful, persona, judge) == pytest.approx(DOUBTFUL_S, abs=0.11)
