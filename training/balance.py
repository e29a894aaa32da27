"""How evenly data is spread over its classes, and the weights that even it out."""

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor

FEW_ITEMS = 20
"""Below that many items a class can hardly be split into training, validation and test."""
UNEVEN = 3.0
"""From this ratio of the largest class to the smallest on, the report recommends weights."""
BAR_WIDTH = 40


@dataclass(frozen=True)
class Balance:
    """The number of items of each class, largest first."""

    counts: dict[str, int]

    @classmethod
    def of(cls, labels: Sequence[Hashable]) -> "Balance":
        """Return the balance of a list of labels."""
        return cls({str(label): count for label, count in Counter(labels).most_common()})

    @property
    def items(self) -> int:
        """The number of items in all."""
        return sum(self.counts.values())

    @property
    def ratio(self) -> float:
        """The largest class over the smallest; 1 is even."""
        return max(self.counts.values()) / min(self.counts.values()) if self.counts else 1.0

    @property
    def effective_classes(self) -> float:
        """The exponential of the labels' entropy: how many equally large classes would be as varied."""
        shares = np.array(list(self.counts.values()), dtype=np.float64) / max(1, self.items)
        return float(np.exp(-np.sum(shares * np.log(shares))))

    def weight(self, name: str) -> float:
        """Return the weight of a class that makes all count alike, in the loss or in drawing; 1 in the items' mean."""
        return self.items / (len(self.counts) * self.counts[name])

    def report(self) -> str:
        """Return a table of the classes, and what to do about it, as lines of text."""
        if not self.counts:
            return "There are no labels."
        width, most = max(5, *map(len, self.counts)), max(self.counts.values())
        lines = [f"{'class':<{width}}    items   share  weight"]
        lines += [
            f"{name:<{width}}  {count:>7}  {count / self.items:6.1%}  {self.weight(name):6.2f}  "
            + "#" * max(1, round(BAR_WIDTH * count / most))
            for name, count in self.counts.items()
        ]
        lines.append(
            f"{self.items} items, {len(self.counts)} classes, as varied as {self.effective_classes:.1f} equal ones; "
            f"largest to smallest {self.ratio:.1f}."
        )
        if few := [name for name, count in self.counts.items() if count < FEW_ITEMS]:
            lines.append(f"Fewer than {FEW_ITEMS} items: {', '.join(few)}. Weights can't replace more data there.")
        if self.ratio >= UNEVEN:
            lines.append("Train with these weights, in the loss or in drawing, and judge by macro F1, not by accuracy.")
        return "\n".join(lines)


def class_weights(labels: Sequence[Hashable], classes: Sequence[Hashable], beta: float | None = None) -> "Tensor":
    """Return weights for the loss, shape (classes,), float32, whose mean over the items is 1; 0 for absent classes.

    Args:
        labels: of the items.
        classes: in the order of the net's outputs.
        beta: None for inverse frequencies; 0.9 to 0.9999 for the inverse of the effective number of items,
            (1 - beta**n) / (1 - beta), which is gentler with large classes (Cui et al. 2019).
    """
    import torch

    counts = _counts(labels, classes)
    effective = counts if beta is None else (1 - beta**counts) / (1 - beta)
    weights = np.divide(1.0, effective, out=np.zeros_like(counts), where=counts > 0)
    return torch.from_numpy((weights * counts.sum() / (weights * counts).sum()).astype(np.float32))


def sampling_weights(labels: Sequence[Hashable], power: float = 1.0) -> "Tensor":
    """Return how often each item should be drawn, shape (items,), float64, mean 1: what `Fit.weights` resamples by.

    Args:
        labels: of the items.
        power: 1 draws all classes equally often, 0 leaves the data as it is, 0.5 lies between.
    """
    import torch

    counts = Counter(labels)
    weights = np.array([counts[label] ** -power for label in labels], dtype=np.float64)
    return torch.from_numpy(weights / weights.mean())


def _counts(labels: Sequence[Hashable], classes: Sequence[Hashable]) -> NDArray[Any]:
    found = Counter(labels)
    return np.array([found[name] for name in classes], dtype=np.float64)
