"""The benchmark of the ends of turns: what it speaks, and what it makes of the waits."""

import math

import numpy as np
import pytest

from benchmarks.turns import AFTER_S, FREE, outcome, speak
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
    free = FREE.read_text().split("\n")[:-1]
    assert len(free) == len(set(free)) >= 24
    assert not {normal(text) for text in free} & set(known)
