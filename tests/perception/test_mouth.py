"""The mouth, on simulated time and at several rates."""

from collections.abc import Callable

import numpy as np
import pytest

from runtime.perception.mouth import MOVING_S, SWING, MouthWatch, lips_apart
from tests.perception.faces import NEUTRAL, Person, face, times


def moving(gap: Callable[[float], float], seconds: float, rate_hz: float) -> list[float]:
    """Return the times at which the mouth is said to move."""
    watch, found = MouthWatch(), []
    for time_s in times(seconds, rate_hz):
        watch.feed(time_s, gap(time_s))
        if watch.moving:
            found.append(time_s)
    return found


@pytest.mark.parametrize("rate_hz", [10, 15, 30])
def test_a_mouth_that_opens_once_does_not_move_as_in_speech(rate_hz: float) -> None:
    assert moving(lambda time_s: 0.08 if 1 < time_s < 2 else 0.005, 4, rate_hz) == []


@pytest.mark.parametrize("rate_hz", [10, 15, 30])
def test_a_mouth_that_talks_moves_until_shortly_after(rate_hz: float) -> None:
    person = Person(talks=True)
    found = moving(lambda time_s: person.gap(time_s) if 2 < time_s < 5 else 0.004, 9, rate_hz)
    assert 2 < found[0] < 4
    assert 4 < found[-1] < 5.2 + MOVING_S


def test_lips_that_tremble_do_not_move_as_in_speech() -> None:
    chance = np.random.default_rng(2)
    assert moving(lambda _: 0.04 + float(chance.uniform(-0.49, 0.49)) * SWING, 60, 15) == []


def test_the_gap_of_the_lips_is_measured_by_the_face() -> None:
    assert lips_apart(face(NEUTRAL, gap=0.07)) == pytest.approx(0.07, abs=0.002)
