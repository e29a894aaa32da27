"""The test that may be looked at after every visit: how often it is wrong, and how soon it is right."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from runtime.experiments.sequential import MIN_EACH, Sequential, compare

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Draw = Callable[[np.random.Generator, Bools], Floats]
ALPHA = 0.05
RUNS = 300


def shares(first: float, second: float) -> Draw:
    return lambda random, side: (random.random(len(side)) < np.where(side, second, first)).astype(float)


def waits(spread: float, more_s: float = 0.0) -> Draw:
    """Waiting times with a long tail, as latencies have."""
    return lambda random, side: 0.5 * np.exp(spread * random.standard_normal(len(side))) + more_s * side


def runs(draw: Draw, is_share: bool, scale: float, weight: float = 0.5, count: int = 2_000) -> list[Sequential]:
    """Return what is known at the end of each of many experiments of `count` visits."""
    found = []
    for seed in range(RUNS):
        random = np.random.default_rng(seed)
        side = random.random(count) < weight
        found.append(compare(draw(random, side), side, is_share, scale, ALPHA))
    return found


def decided(found: list[Sequential]) -> float:
    return sum(one.decided_after is not None for one in found) / len(found)


@pytest.mark.parametrize("weight", [0.5, 0.1])
@pytest.mark.parametrize("share", [0.03, 0.5, 0.8, 0.95])
def test_two_variants_that_are_the_same_are_hardly_ever_told_apart(share: float, weight: float) -> None:
    found = runs(shares(share, share), True, 0.1, weight)
    assert decided(found) <= ALPHA
    assert all((one.p <= ALPHA) == (one.decided_after is not None) for one in found)


@pytest.mark.parametrize("weight", [0.5, 0.1])
def test_nor_by_how_long_they_take(weight: float) -> None:
    assert decided(runs(waits(0.8), False, 0.1, weight)) <= ALPHA


def test_a_test_that_is_not_made_for_it_is_often_wrong_when_looked_at_after_every_visit() -> None:
    """What the simulation would find if the sequential test were an ordinary one."""
    wrong = 0
    for seed in range(RUNS):
        random = np.random.default_rng(seed)
        side = random.random(2_000) < 0.5
        values = shares(0.5, 0.5)(random, side)
        counts = np.cumsum(~side), np.cumsum(side)
        totals = np.cumsum(values * ~side), np.cumsum(values * side)
        means = [total / np.maximum(count, 1) for total, count in zip(totals, counts, strict=True)]
        ready = np.minimum(*counts) >= MIN_EACH
        error = np.sqrt(0.25 / np.maximum(counts[0], 1) + 0.25 / np.maximum(counts[1], 1))
        wrong += bool((np.abs(means[1] - means[0])[ready] > 1.96 * error[ready]).any())
    assert wrong / RUNS > 0.2


@pytest.mark.parametrize(("first", "second"), [(0.7, 0.8), (0.8, 0.7), (0.5, 0.6), (0.1, 0.2)])
def test_a_real_difference_is_found(first: float, second: float) -> None:
    found = runs(shares(first, second), True, 0.1)
    assert decided(found) > 0.9
    assert np.median([one.decided_after or 2_000 for one in found]) < 900


def test_a_real_difference_in_time_is_found() -> None:
    found = runs(waits(0.5, more_s=0.1), False, 0.1)
    assert decided(found) > 0.9


@pytest.mark.parametrize("draw", [shares(0.5, 0.6), shares(0.85, 0.85)])
def test_the_interval_holds_the_truth_at_all_times_at_once(draw: Draw) -> None:
    truth = 0.1 if draw(np.random.default_rng(0), np.ones(50_000, bool)).mean() < 0.7 else 0.0
    missed = 0
    for seed in range(100):
        random = np.random.default_rng(seed)
        side = random.random(600) < 0.5
        values = draw(random, side)
        looks = [compare(values[:n], side[:n], True, 0.1, ALPHA) for n in range(100, 601, 20)]
        missed += any(one.low is not None and not one.low <= truth <= (one.high or 0) for one in looks)
    assert missed / 100 <= ALPHA


def test_nothing_is_said_of_few_visits() -> None:
    side = np.arange(2 * MIN_EACH - 1) % 2 == 1
    assert compare(side.astype(float), side, True, 0.1, ALPHA) == Sequential()
    assert compare(np.zeros(0), np.zeros(0, bool), True, 0.1, ALPHA) == Sequential()


def test_once_decided_it_stays_so_and_tells_when() -> None:
    side = np.arange(4_000) % 2 == 1
    values = np.where(np.arange(4_000) < 400, side, 0.0).astype(float)  # then the difference is gone
    first = compare(values[:400], side[:400], True, 0.1, ALPHA)
    last = compare(values, side, True, 0.1, ALPHA)
    assert first.decided_after == last.decided_after == 2 * MIN_EACH
    assert last.p <= first.p
    assert last.low is not None
    assert first.low is not None
    assert last.low < first.low


def test_the_ratio_is_the_one_of_the_paper() -> None:
    """Against the formula of Johari et al. (2017) for shares, with one variance for both."""
    random = np.random.default_rng(1)
    side = np.arange(400) % 2 == 1
    values = shares(0.5, 0.6)(random, side)
    found = compare(values, side, True, 0.1, 1e-9)
    best = 0.0
    for n in range(2 * MIN_EACH, 401):
        likely = (values[:n].sum() + 1) / (n + 2)
        first, second = values[:n][~side[:n]], values[:n][side[:n]]
        pairs = 2 / (1 / len(first) + 1 / len(second))  # n of the paper, which counts pairs
        v = 2 * likely * (1 - likely)
        d = second.mean() - first.mean()
        ratio = math.sqrt(v / (v + pairs * 0.01)) * math.exp(pairs**2 * 0.01 * d**2 / (2 * v * (v + pairs * 0.01)))
        best = max(best, ratio)
    assert found.p == pytest.approx(min(1.0, 1 / best))
