"""How long a rule waits at the end of turns, and how many turns it cuts off in a pause: the figure that counts."""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

GRID_S: Final = np.round(np.arange(0.10, 2.001, 0.05), 3)
"""Silences after which a rule is asked; at the last one a turn is over whatever the rule says."""
CUT_SHARE: Final = 0.05

Turns = Sequence[Sequence[tuple[int, float | None]]]
"""Of each turn its pauses, as row number and length in seconds; `None` is the end of the turn."""


def outcome(turns: Turns, wait_s: NDArray[np.float64]) -> tuple[float, float]:
    """Return the mean wait in seconds at the end of the turns that weren't cut off, and the share that was.

    `wait_s` (rows,) is the silence after which the rule ends the turn, for each pause. A pause that lasts as long cuts
    the turn off.
    """
    waits, cut = [], 0
    for turn in turns:
        if any(length is not None and length >= wait_s[row] for row, length in turn):
            cut += 1
        else:
            waits.append(float(wait_s[turn[-1][0]]))
    return (float(np.mean(waits)) if waits else float("nan")), cut / len(turns)


def first_above(chances: NDArray[np.floating], threshold: float) -> NDArray[np.float64]:
    """Return the first silence (rows,) at which a chance (rows, grid) reaches a threshold, else the longest."""
    above = chances >= threshold
    above[:, -1] = True
    return np.asarray(GRID_S[above.argmax(axis=1)], np.float64)


def best(turns: Turns, rule: Callable[[float], NDArray[np.float64]], values: Sequence[float]) -> float:
    """Return the value of a rule's setting with the shortest mean wait among those that cut off at most 5 %.

    Where none is so careful, the most careful one is returned.
    """
    scored = [(value, *outcome(turns, rule(value))) for value in values]
    careful = [(wait, value) for value, wait, cut in scored if cut <= CUT_SHARE]
    return min(careful)[1] if careful else min(scored, key=lambda item: item[2])[0]


def silence_rule(rows: int) -> Callable[[float], NDArray[np.float64]]:
    """Return the rule that waits for the same silence everywhere."""
    return lambda wait: np.full(rows, wait)


def threshold_rule(chances: NDArray[np.floating]) -> Callable[[float], NDArray[np.float64]]:
    """Return the rule that ends a turn as soon as its chance (rows, grid) reaches a threshold."""
    return lambda threshold: first_above(chances, threshold)
