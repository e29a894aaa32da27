"""Where augmentation takes its chance from, and the switch that turns it off."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import numpy as np

Range = tuple[float, float]
"""The least and the greatest value, both possible."""


class _Switch:
    on = True


_SWITCH: Final = _Switch()


@contextmanager
def off() -> Iterator[None]:
    """Turn all augmentation of this process off inside the block: every change then returns what it was given.

    Worker processes that start inside the block obey it too where they are forked.
    """
    before, _SWITCH.on = _SWITCH.on, False
    try:
        yield
    finally:
        _SWITCH.on = before


def is_on() -> bool:
    """Return whether augmentation happens now."""
    return _SWITCH.on


def fresh() -> np.random.Generator:
    """Return a generator seeded from numpy's own one, which the training loop seeds anew for each item."""
    return np.random.default_rng(np.random.randint(0, 2**32, size=4, dtype=np.uint64))


def between(span: Range, rng: np.random.Generator) -> float:
    """Return a number from a range, all equally likely. One number is drawn whatever the range."""
    return float(rng.uniform(*span))
