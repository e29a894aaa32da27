"""A picture of windows: how each hand moved, what it looks like at the end, and what a net calls it."""

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from runtime.perception.hand_features import LABELS, LANDMARKS
from training.gesture.data import Windows

FINGERS: Final = {
    "tab:red": (0, 1, 2, 3, 4),
    "tab:orange": (0, 5, 6, 7, 8),
    "tab:green": (5, 9, 10, 11, 12),
    "tab:blue": (9, 13, 14, 15, 16),
    "black": (13, 17, 18, 19, 20),
    "grey": (0, 17),
}
"""The lines of a hand, through its landmarks."""
COLUMNS: Final = 8
CELL: Final = 1.3
"""Height and width of a window's place on the sheet; its hand and way fill 1."""


def examples(windows: Windows) -> Windows:
    """Return the first eight windows for each label, in their order, of those that may be called nothing else."""
    only = windows.allowed.sum(1) == 1
    rows = [np.nonzero(only & windows.allowed[:, label])[0][:COLUMNS] for label in range(len(LABELS))]
    shown = np.concatenate(rows)
    return Windows(windows.values[shown], windows.allowed[shown])


def sheet(windows: Windows, chances: NDArray[np.float32], path: Path) -> Path:
    """Draw windows (n, 16, 45) with the label of the highest of their chances (n, 14), red where it is wrong."""
    from matplotlib.figure import Figure

    rows = max(1, -(-len(windows) // COLUMNS))
    figure = Figure(figsize=(1.4 * COLUMNS, 1.4 * rows), layout="tight")
    axes = figure.subplots()
    for number, (window, allowed, chance) in enumerate(zip(windows.values, windows.allowed, chances, strict=True)):
        seen = window[window[:, 0] > 0]
        hand, way = seen[-1, 3:].reshape(LANDMARKS, 2), seen[:, 1:3]
        low, high = np.minimum(hand.min(0), way.min(0)), np.maximum(hand.max(0), way.max(0))
        middle, size = CELL * np.array([number % COLUMNS, number // COLUMNS]), float((high - low).max())
        hand, way = (middle + (part - (low + high) / 2) / size for part in (hand, way))
        axes.plot(*way.T, color="silver", marker=".", markersize=3)
        for colour, line in FINGERS.items():
            axes.plot(*hand[list(line)].T, color=colour, linewidth=1)
        best = int(chance.argmax())
        colour, title = "black" if allowed[best] else "red", f"{LABELS[best]} {chance[best]:.0%}"
        axes.text(middle[0], middle[1] - 0.42 * CELL, title, fontsize=7, color=colour, ha="center")
    axes.set(aspect="equal", ylim=(CELL * (rows - 0.5), -0.6 * CELL))
    axes.set_axis_off()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=80)
    return path
