"""What a kind of data gives to the cleaning: its items, faults already seen, and vectors to compare items by."""

from dataclasses import dataclass, field
from typing import Any

from training.cleaning.items import Item
from training.cleaning.review import Row


@dataclass
class Looked:
    """The items that could be read, and what was seen on the way."""

    items: list[Item]
    prints: Any
    """Shape (items, n), dense or sparse, rows of length 1: near copies have a cosine near 1."""
    near: float
    """The cosine from which on two items are called near copies."""
    traits: Any
    """Shape (items, m), dense or sparse: what a label can be guessed from."""
    rows: list[Row] = field(default_factory=list)


def found(item: Item, finding: str, score: float, detail: str, proposal: str, decision: str = "") -> Row:
    """Return a row of the review about an item."""
    known = min(1.0, max(0.0, score))
    return Row(item.name, finding, known, detail, proposal, decision, item.sha256, item.label_at)
