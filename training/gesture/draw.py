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
    figure = Figure(figsize=(1.5 * COLUMNS, 1.6 * rows), layout="constrained")
    grid = list(figure.subplots(rows, COLUMNS, squeeze=False).flat)
    for axes in grid:
        axes.set_axis_off()
    for axes, window, allowed, chance in zip(grid, windows.values, windows.allowed, chances, strict=False):
        seen = window[window[:, 0] > 0]
        hand = seen[-1, 3:].reshape(LANDMARKS, 2)
        axes.plot(*(seen[:, 1:3] * [1, -1]).T, color="silver", marker=".", markersize=3)
        for colour, line in FINGERS.items():
            axes.plot(*(hand[list(line)] * [1, -1]).T, color=colour, linewidth=1)
        best = int(chance.argmax())
        title = f"{LABELS[best]} {chance[best]:.0%}"
        axes.set_title(title, fontsize=7, color="black" if allowed[best] else "red")
        axes.set_aspect("equal")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=80)
    return path
