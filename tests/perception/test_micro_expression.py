"""Short expressions: found where they are shown, and not in what else a face does. All faces are made.

The expressions shown are built of the same muscles as the detector's patterns, so the labels prove its arithmetic and
not that people's faces are read rightly.
"""

import numpy as np
import pytest

from runtime.core.blendshapes import weights
from runtime.core.messages import MicroExpression
from runtime.perception.micro_expression import APART_S, LONGEST_S, MicroExpressions
from tests.perception.faces import EXPRESSIONS, NEUTRAL, Person, times

SHOWN_EVERY_S = 4.137


def found(person: Person, seconds: float, rate_hz: float, speaking: bool = False) -> list[MicroExpression]:
    detector = MicroExpressions()
    told = [
        detector.feed(time_s, person.weights(time_s), person.head(time_s), speaking)
        for time_s in times(seconds, rate_hz)
    ]
    return [expression for expression in told if expression is not None]


def shown_every(length_s: float, count: int) -> list[tuple[str, float, float]]:
    names = list(EXPRESSIONS)
    return [(names[number % len(names)], 3.3 + SHOWN_EVERY_S * number, length_s) for number in range(count)]


@pytest.mark.parametrize("rate_hz", [10, 15])
@pytest.mark.parametrize("length_s", [0.2, 0.3, 0.4])
def test_short_expressions_are_found_and_named(rate_hz: float, length_s: float) -> None:
    shown = shown_every(length_s, 24)
    told = found(Person(seed=3, shown=shown), 24 * SHOWN_EVERY_S + 4, rate_hz)
    matched = [
        (name, expression)
        for name, begin_s, _ in shown
        for expression in told
        if begin_s - 0.1 <= expression.apex_s <= begin_s + length_s + 0.1
    ]
    assert len(matched) >= 0.9 * len(shown)
    assert len(told) == len(matched)
    assert sum(name == expression.label for name, expression in matched) >= 0.9 * len(matched)
    for _, expression in matched:
        assert expression.onset_s < expression.apex_s < expression.offset_s
        assert expression.offset_s - expression.onset_s <= LONGEST_S


@pytest.mark.parametrize("rate_hz", [10, 15])
@pytest.mark.parametrize("talks", [False, True])
def test_a_minute_without_any_has_at_most_one_in_two(rate_hz: float, talks: bool) -> None:
    assert len(found(Person(seed=8, talks=talks), 180, rate_hz)) * 60 / 180 <= 0.5
    assert len(found(Person(seed=9, talks=talks), 60, rate_hz, speaking=talks)) == 0


@pytest.mark.parametrize("rate_hz", [10, 15])
def test_expressions_that_last_are_moods(rate_hz: float) -> None:
    assert found(Person(seed=4, shown=shown_every(1.2, 20)), 20 * SHOWN_EVERY_S, rate_hz) == []


def test_what_the_mouth_does_in_speech_means_nothing() -> None:
    shown = [("happy", 3.3, 0.3)]
    assert len(found(Person(seed=1, shown=shown), 6, 15)) == 1
    assert found(Person(seed=1, shown=shown), 6, 15, speaking=True) == []
    word = MicroExpressions()
    for time_s in times(6, 15):
        opened = max(0.0, 1 - abs(time_s - 3) / 0.2)
        assert word.feed(time_s, NEUTRAL + weights({"jawOpen": 0.4, "mouthSmile": 0.5}) * opened) is None


def test_blinks_and_quick_turns_of_the_head_explain_what_they_move() -> None:
    def told(head_speed: float, lids: float) -> int:
        detector, count = MicroExpressions(), 0
        for time_s in times(6, 15):
            bump = max(0.0, 1 - abs(time_s - 3) / 0.2)
            shapes = NEUTRAL + weights({"browDown": 0.5, "eyeBlink": lids}) * np.float32(bump)
            yaw = head_speed * np.clip(time_s - 2.8, 0, 0.4)
            count += detector.feed(time_s, shapes, (float(yaw), 0.0, 0.0)) is not None
        return count

    assert (told(0, 0), told(0, 0.8), told(150, 0)) == (1, 0, 0)


def test_a_face_that_moves_without_end_is_told_of_seldom() -> None:
    chance = np.random.default_rng(0)
    detector = MicroExpressions()
    told = [detector.feed(time_s, chance.uniform(0, 1, 52).astype(np.float32)) for time_s in times(120, 15)]
    count = sum(expression is not None for expression in told)
    assert count <= 120 / APART_S
    assert count <= 6, "nothing is still before"


def test_a_gap_a_slow_camera_and_a_clock_set_back_find_nothing_and_break_nothing() -> None:
    assert found(Person(seed=2, shown=shown_every(0.3, 5)), 25, 3) == []
    detector = MicroExpressions()
    for time_s in (5.0, 5.1, 5.1, 1.0, 1.1, 0.9, 60.0):
        assert detector.feed(time_s, NEUTRAL) is None
