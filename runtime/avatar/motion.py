"""Primitives of smooth movement that do not care how long a step is: springs, wandering, pulses."""

import math

import numpy as np
from numpy.typing import NDArray


class Spring:
    """A critically damped follower of a moving target, stepped exactly for any step length.

    Source: solution of x'' = w^2 (target - x) - 2 w x' for a target that holds still during the step.
    """

    def __init__(self, start: NDArray[np.float64]) -> None:
        self.value = np.array(start, np.float64)
        self.speed = np.zeros_like(self.value)

    def step(self, target: NDArray[np.float64], dt_s: float, rate_hz: float | NDArray[np.float64]) -> None:
        """Move towards `target` for `dt_s`; about 95 % of the way is done after 4.7 / `rate_hz` seconds."""
        gap = self.value - target
        pull = (self.speed + rate_hz * gap) * dt_s
        decay = np.exp(-rate_hz * dt_s)
        self.value = target + (gap + pull) * decay
        self.speed = (self.speed - rate_hz * pull) * decay


def settle(
    gap: NDArray[np.float64], speed: NDArray[np.float64], since_s: float, rate_hz: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return what is left of `gap`, at first changing by `speed` a second, after `since_s` of a damped return to 0."""
    return np.asarray((gap + (speed + rate_hz * gap) * since_s) * np.exp(-rate_hz * since_s))


def wander(seed: int, time_s: float, rate_hz: float, channels: int) -> NDArray[np.float64]:
    """Return smooth noise (channels,) in about -1..1 that never loops: one new value a channel each 1 / `rate_hz` s.

    It depends on time alone, so a restarted process goes on where the last one stopped. Two octaves of value noise.
    """
    return 0.75 * _octave(seed, time_s * rate_hz, channels) + 0.35 * _octave(seed + 1, time_s * rate_hz * 2.3, channels)


def _octave(seed: int, position: float, channels: int) -> NDArray[np.float64]:
    cell = math.floor(position)
    knots = _hashed(seed, np.arange(cell - 1, cell + 3)[:, None], np.arange(channels)[None, :])
    f = position - cell
    # Uniform cubic B-spline: speed and acceleration have no jumps.
    spline = np.array([(1 - f) ** 3, 3 * f**3 - 6 * f**2 + 4, -3 * f**3 + 3 * f**2 + 3 * f + 1, f**3]) / 6.0
    return np.asarray(1.5 * spline @ knots)


def _hashed(seed: int, cell: NDArray[np.int64], channel: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return a number in -1..1 for each cell and channel (a 64-bit integer hash, the finaliser of splitmix64)."""
    x = (cell.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)) ^ (
        channel.astype(np.uint64) * np.uint64(0xC2B2AE3D27D4EB4F) + np.uint64(seed & 0xFFFFFFFF)
    )
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    x ^= x >> np.uint64(31)
    return np.asarray((x >> np.uint64(11)).astype(np.float64) / 2.0**52 - 1.0)


def bump(time_s: float, length_s: float) -> float:
    """Return a pulse that rises from 0 at 0 to 1 and is back at 0 after `length_s`, without corners."""
    if not 0.0 < time_s < length_s:
        return 0.0
    return math.sin(math.pi * time_s / length_s) ** 2
