"""A data set as its review leaves it, beside the data: links to its files, and tables without the lines dropped.

The trainer reads that in place of the data, so each model obeys the review without a word of its own about it.
"""

import csv
import hashlib
import io
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any, Final

from runtime.core.errors import UserError
from training.cleaning.items import LABELS_FILE, cells_of, file_hash, is_table, label_columns, line_hash
from training.cleaning.review import DROP, LABEL, Review, Row

REVIEWS_FOLDER: Final = "reviews"
"""Below --data, where nothing else is said."""


def review_path(reviews: Path, relative: str) -> Path:
    """Return where the review of the data set `relative` (a folder or a file below --data) is, there or not."""
    return reviews / (relative.strip("/").replace("/", "-") + ".csv")


def review_of(data: Path, relative: str, reviews: Path) -> Review:
    """Return all that is decided about DATA/relative, items by their path below `data`.

    The reviews of folders around it and of folders and files in it count, too.
    """
    if not reviews.is_dir():
        return Review()
    relative = relative.strip("/")
    source, path = data / relative, PurePosixPath(relative)
    inner = sorted(found.relative_to(data) for found in source.rglob("*")) if source.is_dir() else []
    rows: list[Row] = []
    for place in [*path.parents, path, *inner]:
        file = review_path(reviews, str(place))
        if str(place) == "." or not file.is_file():
            continue
        base = place if (data / place).is_dir() else place.parent
        for row in Review.read(file).rows:
            item = (base / row.item).as_posix()
            if item == relative or item.startswith((f"{relative}/", f"{relative}:")):
                rows.append(replace(row, item=item))
    return Review(rows)


KINDS: Final = ("dropped", "relabelled", "passed over")
"""What can become of a decision."""


@dataclass
class Obeyed:
    """What became of a review's decisions, each an item's path below the data folder."""

    dropped: list[str] = field(default_factory=list)
    relabelled: dict[str, str] = field(default_factory=dict)
    passed_over: list[str] = field(default_factory=list)
    """Their items are gone, or have another content than when they were decided."""

    def record(self) -> dict[str, Any]:
        """Return what a run's record tells: how many, and one hash of which."""
        held = repr((sorted(self.dropped), sorted(self.relabelled.items())))
        counts: dict[str, Any] = {kind: len(getattr(self, kind.replace(" ", "_"))) for kind in KINDS}
        return {**counts, "sha256": hashlib.sha256(held.encode()).hexdigest()}


def obey(data: Path, relative: str, review: Review, into: Path) -> Obeyed:
    """Make INTO/relative: DATA/relative as the review leaves it. What was there before goes; the data stay untouched.

    Raises:
        UserError: a decision can't be followed: two labels, or a label without a place to stand.
    """
    source, target, obeyed = data / relative, into / relative, Obeyed()
    shutil.rmtree(target, ignore_errors=True)
    if target.is_symlink() or target.is_file():
        target.unlink()
    lists = []
    for path in [source] if source.is_file() else sorted(found for found in source.rglob("*") if found.is_file()):
        name = path.relative_to(data).as_posix()
        if path.name == LABELS_FILE:
            lists.append(path)
        elif is_table(path) and any(item.startswith(f"{name}:") for item in review.decided):
            _write(into / name, "".join(_lines_left(path, name, review, obeyed)))
        else:
            _link(path, name, review, into, obeyed)
    for path in lists:
        _write(into / path.relative_to(data), _labels_left(path, path.parent.relative_to(data), obeyed))
    followed = {*obeyed.dropped, *obeyed.relabelled}
    obeyed.passed_over = [item for item in review.changed() if item not in followed]
    return obeyed


def _link(path: Path, name: str, review: Review, into: Path, obeyed: Obeyed) -> None:
    """Link a file under its name, or under that which its new label gives it; or leave it out."""
    row = review.decision(name, file_hash(path)) if name in review.decided else None
    if row is not None and row.decision == DROP:
        obeyed.dropped.append(name)
        return
    if row is not None:
        obeyed.relabelled[name] = row.decision.removeprefix(LABEL)
        name = _renamed(name, obeyed.relabelled[name], row.label_at)
    target = into / name
    if target.is_symlink():
        raise UserError(f"With a new label a file would be {name}, which is another file.", "Take that label back.")
    target.parent.mkdir(parents=True, exist_ok=True)
    os.symlink(path.resolve(), target)


def _renamed(name: str, label: str, label_at: str) -> str:
    """Return the path by which a file tells its new label; its own where a labels.csv does."""
    kind, _, place = label_at.partition(" ")
    if kind == LABELS_FILE:
        return name
    if "/" in label or label in (".", ".."):
        raise UserError(f"The review gives {name} the label {label}, which no file can be named by.", "Write another.")
    if kind == "folder":
        path = PurePosixPath(name)
        return (path.parent.with_name(label) / path.name).as_posix()
    if kind == "name":
        start, end = (len(name) - int(number) for number in place.split())
        return name[:start] + label + name[end:]
    raise UserError(f"The review gives {name} the label {label}, but not where it stands.", "Fill its label_at.")


def _lines_left(path: Path, name: str, review: Review, obeyed: Obeyed) -> Iterator[str]:
    """Yield the lines of a table that aren't dropped, untouched ones to the letter."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        raw = file.readlines()
    reader, begun = cells_of(raw, path), 0
    for cells in reader:
        item, lines, begun = f"{name}:{reader.line_num}", raw[begun : reader.line_num], reader.line_num
        rows = review.decided.get(item, [])
        label_at = next((row.label_at for row in rows if row.label_at), "")
        row = review.decision(item, line_hash(cells, label_at)) if rows else None
        if row is None:
            yield from lines
        elif row.decision == DROP:
            obeyed.dropped.append(item)
        else:
            obeyed.relabelled[item] = cells[_column(row)] = row.decision.removeprefix(LABEL)
            yield _line(cells, path)


def _column(row: Row) -> int:
    kind, _, place = row.label_at.partition(" ")
    if kind != "column":
        raise UserError(
            f"The review gives {row.item} a label, but not where it stands.", "Fill its label_at: column N."
        )
    return int(place)


def _line(cells: list[str], path: Path) -> str:
    if path.suffix.lower() == ".tsv":
        return "\t".join(cells) + "\n"
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(cells)
    return out.getvalue()


def _labels_left(path: Path, folder: Path, obeyed: Obeyed) -> str:
    """Return a labels.csv without the files dropped, and with the new labels."""
    out = io.StringIO()
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        writer = csv.DictWriter(out, reader.fieldnames or (), lineterminator="\n")
        writer.writeheader()
        columns = label_columns(reader.fieldnames or ())
        for line in reader:
            item = (folder / line[columns[0]]).as_posix() if columns else ""
            if columns and item in obeyed.relabelled:
                line[columns[1]] = obeyed.relabelled[item]
            if item not in obeyed.dropped:
                writer.writerow(line)
    return out.getvalue()


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="")
