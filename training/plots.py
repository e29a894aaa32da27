"""Pictures of a training: loss and figures by epoch, a confusion matrix, curves over time. All are PNG files."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


def loss_curves(history: Sequence[dict[str, Any]], path: Path, title: str = "") -> Path:
    """Draw loss, learning rate and every figure of the evaluations against the epoch, and return the path.

    Args:
        history: one dict an epoch with `epoch` and `loss`; other numbers in it are drawn below.
    """
    figure, (above, below) = _axes(2)
    epochs = [row["epoch"] for row in history]
    above.plot(epochs, [row["loss"] for row in history], marker=".")
    above.set(ylabel="loss (training)", title=title)
    for name in dict.fromkeys(key for row in history for key in row if key not in ("epoch", "loss", "rate", "seconds")):
        rows = [row for row in history if isinstance(row.get(name), (int, float))]
        below.plot([row["epoch"] for row in rows], [row[name] for row in rows], marker=".", label=name)
    below.set(xlabel="epoch", ylabel="evaluation (held out)")
    if below.lines:
        below.legend(fontsize="small")
    return _save(figure, path)


def confusion(matrix: NDArray[Any], labels: Sequence[str], path: Path, title: str = "") -> Path:
    """Draw a confusion matrix (rows: true class, columns: answer; counts) and return the path."""
    figure, axes = _axes(1)
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    axes.imshow(shares, vmin=0, vmax=1, cmap="Blues")
    for row, column in np.ndindex(*matrix.shape):
        colour = "white" if shares[row, column] > 0.5 else "black"
        axes.text(column, row, str(matrix[row, column]), ha="center", va="center", color=colour, fontsize="small")
    places = range(len(labels))
    axes.set_xticks(places, labels, rotation=45, ha="right")
    axes.set_yticks(places, labels)
    axes.set(xlabel="answer", ylabel="true class", title=title)
    return _save(figure, path)


def curves(
    wanted: NDArray[Any], got: NDArray[Any], names: Sequence[str], rate_hz: float, path: Path, title: str = ""
) -> Path:
    """Draw curves over time, wanted and got, each (frames, curves), one row a curve, and return the path."""
    figure, axes = _axes(len(names))
    times = np.arange(len(wanted)) / rate_hz
    for at, (axis, name) in enumerate(zip(np.atleast_1d(axes), names, strict=True)):
        axis.plot(times, wanted[:, at], color="grey", label="wanted")
        axis.plot(times, got[:, at], label="got")
        axis.set(ylabel=name)
    np.atleast_1d(axes)[0].set(title=title)
    np.atleast_1d(axes)[0].legend(fontsize="small")
    np.atleast_1d(axes)[-1].set(xlabel="seconds")
    return _save(figure, path)


def _axes(rows: int) -> tuple[Any, Any]:
    from matplotlib.figure import Figure  # not pyplot: no window, no global state

    figure = Figure(figsize=(8, max(5, 2 * rows)), layout="constrained")
    return figure, figure.subplots(rows, 1)


def _save(figure: Any, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=80)
    return path
