"""The neutral face: what is learned of a person, how soon, and what is not."""

import numpy as np
import pytest

from runtime.core.blendshapes import INDEX, weights
from runtime.perception.baseline import ADAPT_S, MOST_MOUTH, Baseline
from tests.perception.faces import EXPRESSIONS, NEUTRAL, Person, times


def learned(person: Person, seconds: float, rate_hz: float) -> Baseline:
    baseline = Baseline()
    for time_s in times(seconds, rate_hz):
        baseline.feed(time_s, person.weights(time_s))
    return baseline


STEADY = [number for name, number in INDEX.items() if not name.startswith(("eyeBlink", "eyeLook"))]


@pytest.mark.parametrize("rate_hz", [8, 15, 30])
def test_a_neutral_face_is_learned_in_the_first_seconds_at_any_rate(rate_hz: float) -> None:
    baseline = learned(Person(seed=1), 6.0, rate_hz)
    assert baseline.known == 1
    assert np.abs(baseline.neutral - NEUTRAL)[STEADY].max() < 0.03
    assert baseline.feed(7.0, NEUTRAL)[STEADY].max() < 0.03


def test_what_goes_beyond_the_neutral_face_is_left_and_never_negative() -> None:
    baseline = learned(Person(seed=2), 6.0, 15)
    shown = baseline.feed(6.5, NEUTRAL + EXPRESSIONS["happy"])
    assert shown[INDEX["mouthSmileLeft"]] == pytest.approx(0.5, abs=0.04)
    assert shown[INDEX["browInnerUp"]] < 0.05
    assert baseline.feed(6.6, np.zeros(52, np.float32)).min() == 0


def test_an_expression_in_the_first_seconds_is_not_taken_for_the_neutral_face() -> None:
    person = Person(seed=3, shown=[("surprised", 0.4, 1.2), ("happy", 1.8, 1.0)])
    baseline = learned(person, 8.0, 15)
    assert np.abs(baseline.neutral - NEUTRAL)[STEADY].max() < 0.06


def test_somebody_who_comes_smiling_is_still_seen_to_smile() -> None:
    beaming = np.clip(NEUTRAL + weights({"mouthSmile": 0.8}), 0, 1)
    baseline = learned(Person(seed=4, neutral=beaming), 6.0, 15)
    assert baseline.neutral[INDEX["mouthSmileLeft"]] == pytest.approx(MOST_MOUTH)
    assert baseline.feed(7.0, beaming)[INDEX["mouthSmileLeft"]] > 0.4


def test_a_lively_face_teaches_nothing() -> None:
    chance = np.random.default_rng(5)
    baseline = Baseline()
    for time_s in times(10, 15):
        baseline.feed(time_s, chance.uniform(0, 1, 52).astype(np.float32))
    assert baseline.known == 0


def test_a_held_smile_is_not_learned_later_and_a_slow_change_is() -> None:
    baseline = learned(Person(seed=6), 6.0, 10)
    for number in range(600):  # a minute
        baseline.feed(6 + number / 10, NEUTRAL + EXPRESSIONS["happy"])
    assert np.abs(baseline.neutral - NEUTRAL)[STEADY].max() < 0.05
    moved = NEUTRAL + weights({"browInnerUp": 0.1})
    for number in range(int(10 * ADAPT_S)):
        baseline.feed(70 + number / 10, moved)
    gone = (baseline.neutral - NEUTRAL)[INDEX["browInnerUp"]]
    assert 0.04 < gone < 0.09, "about 1 - 1/e of the way after one time constant"
