"""Copies: items of the very same content, and items so alike that one says nothing the other doesn't."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.cleaning.items import Item
from training.cleaning.looked import found
from training.cleaning.review import DROP, Row


def exact(items: Sequence[Item]) -> list[Row]:
    """Return a row for each item that repeats an earlier one's content; an open one for all where labels differ."""
    same: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        same[item.content].append(item)
    rows = []
    for copies in same.values():
        first, *others = copies
        labels = sorted({str(item.label) for item in copies})
        if len(labels) == 1:
            rows += [found(item, "duplicate", 1.0, f"the same as {first.name}", DROP, DROP) for item in others]
        else:
            told = f"{len(copies)} copies labelled {', '.join(labels)}; the first is {first.name}"
            rows += [found(item, "conflict", 1.0, told, DROP) for item in copies]
    return rows


def near(items: Sequence[Item], prints: Any, least: float) -> tuple[list[Row], NDArray[np.int64]]:
    """Return rows for the near copies, and for each item the place of the one it is a near copy of (or its own).

    Each is compared with items that stay, so what is called a copy really is like one of them; in a chain of pictures,
    each like the next, every so many stay.

    Args:
        items: in order; of two alike the first stays.
        prints: shape (items, n), rows of length 1.
        least: the cosine from which on two are alike.
    """
    from sklearn.neighbors import NearestNeighbors

    own = np.arange(len(items))
    if len(items) < 2:
        return [], own
    radius = float(np.sqrt(max(0.0, 2 - 2 * least)))
    finder = NearestNeighbors(radius=radius, algorithm="brute").fit(prints)
    rows, original = [], own.copy()
    for start in range(0, len(items), 2_000):
        away, who = finder.radius_neighbors(prints[start : start + 2_000], sort_results=False)
        for place, (distances, others) in enumerate(zip(away, who, strict=True), start):
            earlier = [(d, o) for d, o in zip(distances, others, strict=True) if o < place and original[o] == o]
            if not earlier:
                continue
            distance, other = min(earlier)
            original[place] = other
            item, stays = items[place], items[int(other)]
            if item.content == stays.content:
                continue  # told as an exact copy
            labels = "" if item.label == stays.label else f", which is labelled {stays.label}, not {item.label}"
            cosine = 1 - float(distance) ** 2 / 2
            rows.append(found(item, "near copy", cosine, f"much like {stays.name}{labels}", DROP))
    return rows, original
