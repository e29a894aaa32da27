"""Confidence intervals and the check of the split, for one look at the end: SciPy's, and Newcombe's, which it lacks."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from runtime.core.errors import UserError

try:
    from scipy import stats
except ModuleNotFoundError:
    raise UserError("Reports of experiments need SciPy.", "pip install -c constraints.txt scipy") from None

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Estimate:
    """A value with its confidence interval; the ends are None where all values are the same, or there is but one."""

    value: float
    low: float | None = None
    high: float | None = None


def share(values: Floats, level: float) -> Estimate | None:
    """Return the share of ones among (n,) zeros and ones, with Wilson's interval; None of nothing."""
    if not len(values):
        return None
    return Estimate(float(values.mean()), *_wilson(values, level))


def share_difference(first: Floats, second: Floats, level: float) -> Estimate | None:
    """Return the second share less the first, with Newcombe's interval (1998, his method 10); None without either."""
    if not len(first) or not len(second):
        return None
    (low_1, high_1), (low_2, high_2) = _wilson(first, level), _wilson(second, level)
    one, two = float(first.mean()), float(second.mean())
    below, above = math.hypot(two - low_2, high_1 - one), math.hypot(high_2 - two, one - low_1)
    return Estimate(two - one, two - one - below, two - one + above)


def mean(values: Floats, level: float) -> Estimate | None:
    """Return the mean of (n,) values with Student's interval; None of nothing."""
    if not len(values):
        return None
    if np.ptp(values) == 0:
        return Estimate(float(values[0]))
    ends = stats.ttest_1samp(values, 0.0).confidence_interval(level)
    return Estimate(float(values.mean()), float(ends.low), float(ends.high))


def mean_difference(first: Floats, second: Floats, level: float) -> Estimate | None:
    """Return the second mean less the first, with Welch's interval; None without either."""
    if not len(first) or not len(second):
        return None
    difference = float(second.mean() - first.mean())
    if np.ptp(first) == 0 or np.ptp(second) == 0:
        return Estimate(difference)
    ends = stats.ttest_ind(second, first, equal_var=False).confidence_interval(level)
    return Estimate(difference, float(ends.low), float(ends.high))


def _wilson(values: Floats, level: float) -> tuple[float, float]:
    ends = stats.binomtest(int(values.sum()), len(values)).proportion_ci(level, method="wilson")
    return float(ends.low), float(ends.high)


def split_p(counts: Sequence[int], weights: Sequence[int]) -> float:
    """Return how likely so uneven a split is by chance, by the chi-square test; 1 of nothing."""
    if not sum(counts):
        return 1.0
    expected = np.array(weights, float) / sum(weights) * sum(counts)
    return float(stats.chisquare(counts, expected).pvalue)
