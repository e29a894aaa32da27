"""What `python -m training clean` and `report` do: look through a data set, and write down what looks wrong in it."""

import argparse
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from runtime.core.errors import UserError
from training.balance import Balance
from training.cleaning import duplicates, labels
from training.cleaning.items import Item, Patterns, files, number_lines, text_lines
from training.cleaning.looked import Looked
from training.cleaning.review import DROP, LABEL, Review, Row
from training.cleaning.reviewed import REVIEWS_FOLDER, review_path

KINDS: Final = ("pictures", "sound", "text", "numbers")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `clean` and `report` both take."""
    parser.add_argument("kind", choices=KINDS, metavar="KIND", help=", ".join(KINDS))
    parser.add_argument("set", metavar="SET", help="a folder, or one table, below --data")
    parser.add_argument("--data", type=Path, required=True, help="the folder of the data sets")
    parser.add_argument("--reviews", type=Path, help=f"the folder of the review files [DATA/{REVIEWS_FOLDER}]")
    parser.add_argument("--label-pattern", metavar="REGEX", help="the label in a file's name, in parentheses")
    parser.add_argument("--group-pattern", metavar="REGEX", help="the speaker or recording in its name, in parentheses")
    parser.add_argument("--text-column", type=int, default=0, help="of text, from 0")
    parser.add_argument("--label-column", type=int, help="of text [1] and numbers [0]; -1 for none")


def add_clean_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `clean` alone takes."""
    parser.add_argument("--near", type=float, help="the cosine from which on items are near copies; above 1 for none")
    parser.add_argument("--no-label-check", action="store_true", help="don't look for wrong labels")


def clean(given: argparse.Namespace) -> str:
    """Look through a data set, write its review file, decisions made before kept, and return a report.

    Raises:
        UserError: the data or the review file can't be used.
    """
    source, path = _places(given)
    before = Review.read(path) if path.exists() else Review()
    looked = look(given, source)
    hashes = {row.item: row.sha256 for row in looked.rows} | {item.name: item.sha256 for item in looked.items}
    review = before.update(findings(looked, given.near, not given.no_label_check), hashes)
    review.write(path)
    return summary(looked.items, review, path)


def report(given: argparse.Namespace) -> str:
    """Return how the classes of a data set are balanced after its review, with the weights that even them out."""
    source, path = _places(given)
    review = Review.read(path) if path.exists() else Review()
    return balance(items_of(given, source), review)


def _places(given: argparse.Namespace) -> tuple[Path, Path]:
    source = given.data / given.set
    if not source.exists():
        raise UserError(f"There is no {given.set} in {given.data}.", "Name a folder or a table below --data.")
    return source, review_path(given.reviews or given.data / REVIEWS_FOLDER, given.set)


def look(given: argparse.Namespace, source: Path) -> Looked:
    """Return what the kind's own look at the data gives."""
    from training.cleaning import pictures, sound, tables

    patterns = Patterns(given.label_pattern, given.group_pattern)
    if given.kind == "pictures":
        return pictures.look(source, patterns)
    if given.kind == "sound":
        return sound.look(source, patterns)
    if given.kind == "text":
        return tables.look_text(source, patterns, given.text_column, _label_column(given, 1))
    return tables.look_numbers(source, patterns, _label_column(given, 0))


def items_of(given: argparse.Namespace, source: Path) -> list[Item]:
    """Return the items of the data without a look into pictures and sounds."""
    from training.cleaning import pictures, sound

    patterns = Patterns(given.label_pattern, given.group_pattern)
    if given.kind == "text":
        return text_lines(source, given.text_column, _label_column(given, 1), patterns)
    if given.kind == "numbers":
        return number_lines(source, _label_column(given, 0), patterns)
    return files(source, pictures.SUFFIXES if given.kind == "pictures" else sound.SUFFIXES, patterns)


def _label_column(given: argparse.Namespace, default: int) -> int | None:
    chosen = default if given.label_column is None else int(given.label_column)
    return None if chosen < 0 else chosen


def findings(looked: Looked, near: float | None, check_labels: bool) -> list[Row]:
    """Return all rows about the data: faults of items, copies, labels."""
    alike, original = duplicates.near(looked.items, looked.prints, looked.near if near is None else near)
    rows = looked.rows + duplicates.exact(looked.items) + alike
    if check_labels:
        rows += labels.suspects(looked.items, looked.traits, groups(looked.items, original))
    return rows


def groups(items: Sequence[Item], original: NDArray[np.int64]) -> NDArray[Any]:
    """Return for each item a number that it shares with its speaker or recording, else with its near copies."""
    names = [f"group {i.group}" if i.group else f"item {o}" for i, o in zip(items, original, strict=True)]
    return np.unique(names, return_inverse=True)[1]


def summary(items: Sequence[Item], review: Review, path: Path) -> str:
    """Return what was found, how the classes are balanced, and what to do next, as lines of text."""
    counts = Counter(row.finding for row in review.rows)
    opened = Counter(row.finding for row in review.open_rows())
    lines = [f"{name:<12} {count:>6}   {opened[name]} to decide" for name, count in sorted(counts.items())]
    lines = lines or ["Nothing looks wrong."]
    lines += ["", balance(items, review), ""]
    lines.append(f"Written: {path}. Put keep, drop or label X into its column `decision`; an empty one leaves")
    lines.append("the item as it is. Training with --data (and --reviews) as here obeys it. No data were changed.")
    return "\n".join(lines)


def balance(items: Sequence[Item], review: Review) -> str:
    """Return the balance of the items that a review leaves, by the labels it leaves them."""
    left, found = 0, []
    for item in items:
        row = review.decision(item.name, item.sha256)
        if row is None or row.decision != DROP:
            left += 1
            found.append(item.label if row is None else row.decision.removeprefix(LABEL))
    shown = Balance.of([label for label in found if label]).report()
    return f"{shown}\n{left} of {len(items)} items are used."
