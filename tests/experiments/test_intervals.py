"""Intervals against published figures and their own promise."""

import numpy as np
import pytest
from numpy.typing import NDArray

from runtime.experiments.intervals import Estimate, mean, mean_difference, share, share_difference, split_p


def ones(count: int, of: int) -> NDArray[np.float64]:
    return np.array([1.0] * count + [0.0] * (of - count))


def test_wilsons_and_newcombes_published_examples() -> None:
    """Newcombe, Statistics in Medicine 17 (1998), pages 857 and 873."""
    found = share(ones(81, 263), 0.95)
    assert found is not None
    assert (found.low, found.high) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    difference = share_difference(ones(48, 80), ones(56, 70), 0.95)
    assert difference is not None
    assert difference.value == pytest.approx(0.2)
    assert (difference.low, difference.high) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_intervals_of_times_hold_the_truth_as_often_as_they_say() -> None:
    random, hits, both = np.random.default_rng(0), 0, 0
    for _ in range(400):
        first, second = random.normal(1.0, 0.3, 40), random.normal(1.2, 0.6, 60)
        one, difference = mean(first, 0.95), mean_difference(first, second, 0.95)
        assert one is not None
        assert difference is not None
        hits += (one.low or 9) <= 1.0 <= (one.high or 0)
        both += (difference.low or 9) <= 0.2 <= (difference.high or 0)
    assert 0.92 < hits / 400 < 0.98
    assert 0.92 < both / 400 < 0.98


def test_little_is_told_of_little() -> None:
    none, same = np.zeros(0), np.ones(3)
    assert share(none, 0.95) is None
    assert mean(none, 0.95) is None
    assert share_difference(none, same, 0.95) is None
    assert mean_difference(none, same, 0.95) is None
    assert mean(same, 0.95) == Estimate(1.0)
    assert mean_difference(same, np.array([2.0]), 0.95) == Estimate(1.0)


def test_an_uneven_split_is_found() -> None:
    assert split_p([0, 0], [1, 1]) == 1.0
    assert split_p([505, 495], [1, 1]) > 0.5
    assert split_p([900, 100], [9, 1]) == 1.0
    assert split_p([560, 440], [1, 1]) < 0.001
