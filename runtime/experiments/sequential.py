"""A test that may be looked at after every visit: the mixture sequential probability ratio test of a difference.

Johari, Koomen, Pekelis and Walsh, "Peeking at A/B tests" (2017); its interval is the asymptotic confidence sequence of
Waudby-Smith et al., "Time-uniform central limit theory" (2024), after Howard et al. (2021). The likelihood of the data
under a normal prior of the difference, with standard deviation `scale`, is divided by that without a difference. If
there is none, the ratio ever exceeds 1/alpha with a chance of at most alpha. The test takes the variance of all values
together, as if there were no difference; the interval takes that of each side. Both are estimated, so nothing is said
before both sides have `MIN_EACH` visits. (Of the libraries, confseq calls itself unstable and needs a compiler.)
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

MIN_EACH: Final = 50
_NO_SPREAD: Final = 1e-12
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Sequential:
    """What is known after all visits so far of the second mean less the first.

    `p` is valid whenever one looks: the smallest so far. `low` to `high` holds the difference at all times at once,
    with the wanted confidence; None before the test begins. `decided_after` so many visits p first was alpha or less.
    """

    p: float = 1.0
    low: float | None = None
    high: float | None = None
    decided_after: int | None = None


def compare(values: Floats, second: Bools, is_share: bool, scale: float, alpha: float) -> Sequential:
    """Test whether two means differ, after each of (n,) values in the order in which they came.

    `second` (n,) tells which belong to the second mean. Shares are means of zeros and ones.
    """
    sides = [_Running(values, mine, is_share) for mine in (~second, second)]
    ready = np.flatnonzero(np.minimum(sides[0].count, sides[1].count) >= MIN_EACH)
    if not len(ready):
        return Sequential()
    difference = (sides[1].mean - sides[0].mean)[ready]
    pooled = _Running(values, np.ones(len(values), bool), is_share).variance
    variance = (pooled * (1 / sides[0].at_least_one + 1 / sides[1].at_least_one))[ready]
    spread = variance + scale**2
    log_ratio = 0.5 * (np.log(variance / spread) + difference**2 * scale**2 / (variance * spread))
    crossed = np.flatnonzero(log_ratio >= -np.log(alpha))
    own = float(sum(side.variance[-1] / side.count[-1] for side in sides))
    half = np.sqrt(own * (own + scale**2) / scale**2 * (np.log1p(scale**2 / own) - 2 * np.log(alpha)))
    return Sequential(
        p=float(np.exp(-max(0.0, log_ratio.max()))),
        low=float(difference[-1] - half),
        high=float(difference[-1] + half),
        decided_after=int(ready[crossed[0]]) + 1 if len(crossed) else None,
    )


class _Running:
    """Count, mean and variance of those of (n,) values that are `mine`, after each value; all (n,)."""

    def __init__(self, values: Floats, mine: Bools, is_share: bool) -> None:
        self.count = np.cumsum(mine)
        self.at_least_one = np.maximum(self.count, 1)
        total = np.cumsum(np.where(mine, values, 0.0))
        self.mean: Floats = total / self.at_least_one
        if is_share:
            likely = (total + 1) / (self.count + 2)  # never 0 or 1, where no variance would be left
            self.variance: Floats = likely * (1 - likely)
        else:
            squares = np.cumsum(np.where(mine, values**2, 0.0))
            about_mean = squares - self.count * self.mean**2
            self.variance = np.maximum(about_mean / np.maximum(self.count - 1, 1), _NO_SPREAD)
