"""What the gesture model sees of a hand doesn't depend on where, how large and how often the hand is seen."""

import numpy as np
import pytest
from numpy.typing import NDArray

from runtime.perception.hand_features import FEATURES, STEP_S, STEPS, mirrored, palm_centre, palm_size, window


@pytest.fixture
def hand() -> NDArray[np.float32]:
    """A hand of 100 pixels or so; any 21 points will do."""
    return np.random.default_rng(0).uniform(0, 100, (21, 2)).astype(np.float32)


def moved(hand: NDArray[np.float32], times: NDArray[np.float64]) -> NDArray[np.float32]:
    """The hand as it goes right by two palms a second."""
    way = 2 * palm_size(hand) * times
    return hand + np.stack([way, np.zeros_like(way)], -1)[:, None].astype(np.float32)


def test_a_hand_seen_once_fills_the_newest_step_alone(hand: NDArray[np.float32]) -> None:
    found = window([3.0], hand[None])
    assert found.shape == (STEPS, FEATURES)
    assert found[-1, 0] == 1
    assert not found[:-2].any()  # the step before lies close enough to be taken as seen
    shape = found[-1, 3:].reshape(21, 2)
    assert palm_size(shape) == pytest.approx(1, abs=1e-5)
    assert palm_centre(shape) == pytest.approx([0, 0], abs=1e-5)


def test_place_and_size_change_nothing(hand: NDArray[np.float32]) -> None:
    times = np.linspace(0, 1, 16)
    hands = moved(hand, times)
    assert window(times + 50, hands * 3 + 200) == pytest.approx(window(times, hands), abs=1e-4)


@pytest.mark.parametrize("rate_hz", [10, 15, 30])
def test_the_shift_is_counted_in_palms_back_from_now_at_any_rate(hand: NDArray[np.float32], rate_hz: int) -> None:
    times = np.arange(rate_hz + 3) / rate_hz
    found = window(times, moved(hand, times))
    assert found[:, 0].all()
    assert found[:, 1] == pytest.approx(-2 * STEP_S * np.arange(STEPS - 1, -1, -1), abs=1e-3)
    assert found[:, 2] == pytest.approx(np.zeros(STEPS), abs=1e-3)


def test_a_gap_is_a_gap(hand: NDArray[np.float32]) -> None:
    times = np.array([0.0, 0.1, 0.2, 0.8, 0.9, 1.0])
    seen = window(times, np.repeat(hand[None], 6, 0))[:, 0]
    at = 1.0 - np.arange(STEPS - 1, -1, -1) * STEP_S
    assert not seen[(at > 0.35) & (at < 0.65)].any()
    assert seen[(at < 0.25) | (at > 0.75)].all()


def test_a_mirror_turns_x_around(hand: NDArray[np.float32]) -> None:
    times = np.linspace(0, 1, 16)
    hands = moved(hand, times)
    sign = np.array([1.0] + [-1.0, 1.0] * 22)
    assert window(times, mirrored(hands)) == pytest.approx(window(times, hands) * sign, abs=1e-4)


def test_a_hand_shrunk_to_a_point_and_one_far_away_give_finite_numbers(hand: NDArray[np.float32]) -> None:
    assert np.isfinite(window([0.0, 1.0], np.zeros((2, 21, 2)))).all()
    far = np.stack([hand + 1e6, hand])
    assert np.abs(window([0.0, 0.05], far)).max() <= 6
