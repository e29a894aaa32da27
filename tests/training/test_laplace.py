"""The Laplace mechanism: clip first, then noise as wide as one person's reach."""

import math

import numpy as np
import pytest

from runtime.core.errors import UserError
from training.laplace import Laplace


def test_values_are_clipped_before_anything_else() -> None:
    made = Laplace(epsilon=1.0, low=-1.0, high=3.0)
    wild = np.array([-1e9, 0.5, 7.0, np.nan, np.inf, -np.inf])
    assert made.clip(wild).tolist() == [-1.0, 0.5, 3.0, 1.0, 3.0, -1.0]
    calm = made.clip(wild)
    one, other = (made.release(values, np.random.default_rng(4)) for values in (wild, calm))
    assert np.array_equal(one, other)


def test_the_noise_is_as_wide_as_the_sensitivity_demands() -> None:
    made = Laplace(epsilon=2.0, low=0.0, high=10.0)
    assert made.sensitivity(dims=3) == 30.0
    assert made.sensitivity(dims=3, people=5) == 6.0
    assert made.scale(dims=3, people=5) == 3.0
    released = Laplace(epsilon=2.0, low=0.0, high=10.0).release(np.full(50_000, 4.0), np.random.default_rng(0)) - 4.0
    scale = made.scale(dims=50_000)
    assert np.abs(released).mean() == pytest.approx(scale, rel=0.02)  # of a Laplace distribution: b
    assert released.std() == pytest.approx(math.sqrt(2) * scale, rel=0.03)
    assert np.median(released) == pytest.approx(0.0, abs=0.02 * scale)


def test_two_people_are_hard_to_tell_apart_by_a_release() -> None:
    """The most that any outcome's chance may differ is exp(epsilon): what the mechanism promises."""
    made, count = Laplace(epsilon=1.0, low=0.0, high=1.0), 25_000
    chance = np.random.default_rng(7)
    low = np.array([made.release(np.zeros(1), chance)[0] for _ in range(count)])
    high = np.array([made.release(np.ones(1), chance)[0] for _ in range(count)])
    edges = np.arange(-3.0, 4.01, 0.5)
    one, other = (np.histogram(values, edges)[0] for values in (low, high))
    ratios = one / other
    assert ratios.max() <= math.e * 1.2
    assert ratios.min() >= 1 / (math.e * 1.2)
    assert ratios[0] == pytest.approx(math.e, rel=0.2), "less noise than that would be too little, more a waste"


def test_a_mean_needs_noise_for_one_person_only() -> None:
    made = Laplace(epsilon=1.0, low=0.0, high=1.0)
    people = np.random.default_rng(1).uniform(0.2, 0.4, (500, 2))
    errors = [made.release_mean(people, np.random.default_rng(n)) - people.mean(0) for n in range(2_000)]
    assert np.abs(errors).mean() == pytest.approx(made.scale(2, 500), rel=0.05)
    alone = [made.release(people[0], np.random.default_rng(n)) - people[0] for n in range(2_000)]
    assert np.abs(alone).mean() == pytest.approx(made.scale(2), rel=0.05)


def test_values_and_noise_lie_on_one_grid() -> None:
    made = Laplace(epsilon=1.0, low=0.0, high=1.0)
    values = np.random.default_rng(1).uniform(0, 1, 4)
    for seed in range(20):
        steps = made.release(values, np.random.default_rng(seed)) * 1024
        assert np.array_equal(steps, np.rint(steps)), "digits below the grid would give the value away"


def test_without_a_seed_no_two_releases_are_alike() -> None:
    made = Laplace(epsilon=1.0, low=0.0, high=1.0)
    assert not np.array_equal(made.release(np.full(8, 0.5)), made.release(np.full(8, 0.5)))
    np.random.seed(1)
    first = made.release(np.full(8, 0.5))
    np.random.seed(1)
    assert not np.array_equal(first, made.release(np.full(8, 0.5))), "noise that can be had again protects nobody"


@pytest.mark.parametrize(
    ("epsilon", "low", "high", "told"),
    [
        (0.0, 0.0, 1.0, "epsilon is 0"),
        (-1.0, 0.0, 1.0, "epsilon is -1"),
        (math.inf, 0.0, 1.0, "epsilon is inf"),
        (1.0, 0.0, math.inf, "without them no noise hides anyone"),
        (1.0, 1.0, 1.0, "can't be clipped to 1.0 to 1.0"),
    ],
)
def test_what_promises_nothing_is_refused(epsilon: float, low: float, high: float, told: str) -> None:
    with pytest.raises(UserError, match=told):
        Laplace(epsilon, low, high)


def test_an_epsilon_that_hides_nothing_and_other_shapes_are_refused() -> None:
    with pytest.raises(UserError, match="hides nothing"):
        Laplace(1e12, 0.0, 1.0).release(np.zeros(2))
    with pytest.raises(ValueError, match="shape"):
        Laplace(1.0, 0.0, 1.0).release(np.zeros((2, 2)))
    with pytest.raises(ValueError, match="shape"):
        Laplace(1.0, 0.0, 1.0).release_mean(np.zeros(2))
