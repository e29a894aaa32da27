"""The Laplace mechanism (Dwork et al. 2006): released features are clipped, then noise hides each person in them."""

import math
import os
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from runtime.core.errors import UserError

STEPS_A_SCALE: Final = 1024
"""The grid that releases lie on is at least that much finer than the noise."""
MOST_STEPS: Final = 2**40


@dataclass(frozen=True)
class Laplace:
    """Releases features so that what is seen is nearly as likely, by exp(epsilon), whatever one person's values were.

    Every value is first clipped to `low`..`high`. Only that bounds how far one person can move the result (the
    sensitivity), and so how much noise hides them. Clip by what the feature means, never by what this data holds: a
    bound read off the data tells of the data.

    Values and noise lie on one grid, since the last digits of noise in floating point give the value away (Mironov
    2012). The noise is the two-sided geometric distribution, the Laplace distribution of a grid (Ghosh et al. 2009).
    """

    epsilon: float
    """Of one release. Releases of the same person add up."""
    low: float
    high: float

    def __post_init__(self) -> None:
        if not (self.epsilon > 0 and math.isfinite(self.epsilon)):
            raise UserError(f"epsilon is {self.epsilon}.", "Give a finite number above 0, say 1.")
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high):
            raise UserError(
                f"Features can't be clipped to {self.low} to {self.high}.",
                "Give finite bounds: without them no noise hides anyone.",
            )

    def clip(self, features: NDArray[Any]) -> NDArray[np.float64]:
        """Return the features held within the bounds, not-a-number as the middle."""
        middle = (self.low + self.high) / 2
        known: NDArray[np.float64] = np.nan_to_num(np.asarray(features, np.float64), nan=middle)
        return np.clip(known, self.low, self.high)

    def sensitivity(self, dims: int, people: int = 1) -> float:
        """Return the L1 sensitivity: how far one person can move a release of `dims` values, a mean over `people`."""
        return dims * (self.high - self.low) / people

    def scale(self, dims: int, people: int = 1) -> float:
        """Return the noise's scale b, in the features' unit: sensitivity / epsilon. Its deviation is b times root 2."""
        return self.sensitivity(dims, people) / self.epsilon

    def release(self, features: NDArray[Any], rng: np.random.Generator | None = None) -> NDArray[np.float64]:
        """Return one person's features, clipped and with noise.

        Args:
            features: shape (dims,), all that is released of the person.
            rng: for experiments that can be repeated. Without it the noise comes from the operating system, and
                only then is the release private.
        """
        if features.ndim != 1:
            raise ValueError(f"features of one person have shape (dims,), not {features.shape}")
        return self._noisy(self.clip(features), len(features), 1, rng)

    def release_mean(self, features: NDArray[Any], rng: np.random.Generator | None = None) -> NDArray[np.float64]:
        """Return the mean of several people's features, each clipped, with noise. How many they are is no secret.

        Args:
            features: shape (people, dims), one row a person: average a person's recordings first.
            rng: as for `release`.
        """
        if features.ndim != 2 or not len(features):
            raise ValueError(f"features of people have shape (people, dims), not {features.shape}")
        return self._noisy(self.clip(features).mean(0), features.shape[1], len(features), rng)

    def _noisy(
        self, values: NDArray[np.float64], dims: int, people: int, rng: np.random.Generator | None
    ) -> NDArray[np.float64]:
        reach = (self.high - self.low) / people
        """How far one person can move one value."""
        steps = 2 ** math.ceil(math.log2(max(1.0, STEPS_A_SCALE * self.epsilon / dims)))
        if steps > MOST_STEPS:
            raise UserError(f"epsilon {self.epsilon:g} hides nothing.", "Give less, say 1.")
        grid = reach / steps
        whole = np.rint((values - self.low) / grid)
        # Rounding can move two values that are `reach` apart one step further apart: a mean is on no grid of its own.
        spread = dims * (steps if people == 1 else steps + 1) / self.epsilon
        return np.asarray(self.low + grid * (whole + _two_sided_geometric(dims, spread, rng)), dtype=np.float64)


def _two_sided_geometric(count: int, spread: float, rng: np.random.Generator | None) -> NDArray[np.float64]:
    """Return whole numbers, shape (count,), each n with a chance in proportion to exp(-|n| / spread)."""
    first, second = (np.floor(-spread * np.log(_uniform(count, rng))) for _ in range(2))
    return first - second


def _uniform(count: int, rng: np.random.Generator | None) -> NDArray[np.float64]:
    """Return numbers above 0 up to 1, shape (count,), in steps of 2**-53."""
    raw = os.urandom(8 * count) if rng is None else rng.bytes(8 * count)
    return np.asarray(((np.frombuffer(raw, np.uint64) >> np.uint64(11)) + 1.0) * 2.0**-53, dtype=np.float64)
