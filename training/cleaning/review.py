"""The review file: what was found in the data, what a person decided about it, and data after those decisions."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Final

from runtime.core.errors import UserError

KEEP: Final = "keep"
DROP: Final = "drop"
LABEL: Final = "label "
"""Followed by the right label."""


@dataclass(frozen=True)
class Row:
    """One finding about one item, and the decision on it: a line of the review file."""

    item: str
    """A file's path below the data folder, or `file:line` for a line of a table."""
    finding: str
    score: float
    """How sure or how bad, 0..1."""
    detail: str
    proposal: str
    """What the program would decide, where it isn't sure enough to."""
    decision: str = ""
    """`keep`, `drop`, `label X`, or nothing while nobody has decided: then the item is used as it is."""
    sha256: str = ""
    """The first 16 digits, of the item's content: a decision holds for this content alone, without it for any."""
    label_at: str = ""
    """Where the item's label stands, as `Item.label_at` says it."""

    @property
    def key(self) -> tuple[str, str]:
        """What a later finding of the same is known by."""
        return self.item, self.finding


FIELDS: Final = tuple(field.name for field in fields(Row))


class Review:
    """The rows of a review file. It never touches data: erase a decision, or the file, and all is as it was."""

    def __init__(self, rows: Iterable[Row] = ()) -> None:
        self.rows = list(rows)
        self.decided: dict[str, list[Row]] = {}
        """The rows with a decision, by item."""
        for row in self.rows:
            if row.decision:
                self.decided.setdefault(row.item, []).append(row)

    @classmethod
    def read(cls, path: Path) -> "Review":
        """Return the review of a file, as written here or saved by a spreadsheet program (with semicolons, a mark).

        Raises:
            UserError: the file can't be read, lacks columns, or has a decision that isn't one; the line is told.
        """
        try:
            text = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise UserError(f"The review file {path} can't be read: {error}.", "Save it as CSV in UTF-8.") from None
        header = text.partition("\n")[0]
        reader = csv.DictReader(io.StringIO(text), delimiter=";" if header.count(";") > header.count(",") else ",")
        if missing := set(FIELDS) - set(reader.fieldnames or ()):
            raise UserError(f"{path} lacks the column {', '.join(sorted(missing))}.", "Make the review file anew.")
        return cls(_row(line, path, reader.line_num) for line in reader)

    def write(self, path: Path) -> None:
        """Write the file whole, or leave the old one. Raises UserError where it can't be written."""
        beside = path.with_name(path.name + ".part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with beside.open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file, lineterminator="\n")
                writer.writerow(FIELDS)
                for row in self.rows:
                    writer.writerow(f"{row.score:.4f}" if name == "score" else getattr(row, name) for name in FIELDS)
            beside.replace(path)
        except OSError as error:
            raise UserError(f"The review {path} can't be written: {error}.", "Name a folder with --reviews.") from None

    def update(self, found: Iterable[Row], hashes: Mapping[str, str]) -> "Review":
        """Return a review of what is found now, with the decisions made before, erased ones included.

        A decision stays while its item's content does, found again or not. Undecided rows that aren't found again go.

        Args:
            found: rows.
            hashes: of all items there are now, by name.
        """
        before = {row.key: row for row in self.rows}
        rows = []
        for row in found:
            old = before.pop(row.key, None)
            same = old is not None and old.sha256 == row.sha256
            rows.append(replace(row, decision=old.decision) if old is not None and same else row)
        rows += [
            row
            for row in before.values()
            if row.decision and (not row.sha256 or hashes.get(row.item, row.sha256) == row.sha256)
        ]
        return Review(rows)

    def decision(self, item: str, sha256: str) -> Row | None:
        """Return the row that decides an item: one that drops it before one that gives a label; None if neither does.

        Raises:
            UserError: the item is given two different labels.
        """
        rows = [row for row in self.decided.get(item, ()) if row.sha256 in ("", sha256) and row.decision != KEEP]
        labels = sorted({row.decision for row in rows} - {DROP})
        if dropped := next((row for row in rows if row.decision == DROP), None):
            return dropped
        if len(labels) > 1:
            raise UserError(f"The review gives {item} {' and '.join(labels)}.", "Leave one.")
        return rows[0] if rows else None

    def changed(self) -> list[str]:
        """Return the items that are not to be used as they are."""
        return [item for item, rows in self.decided.items() if any(row.decision != KEEP for row in rows)]

    def open_rows(self) -> list[Row]:
        """Return the rows nobody has decided yet."""
        return [row for row in self.rows if not row.decision]


def _row(line: dict[str, str | None], path: Path, number: int) -> Row:
    known = {name: (line.get(name) or "").strip() for name in FIELDS}
    decision, remedy = known["decision"], f"Write {KEEP}, {DROP}, {LABEL}X, or nothing."
    if decision.lower() in (KEEP, DROP):
        decision = decision.lower()
    elif decision.lower().startswith(LABEL) and decision[len(LABEL) :].strip():
        decision = LABEL + decision[len(LABEL) :].strip()
    elif decision:
        raise UserError(f"{path}, line {number}: {decision!r} is no decision.", remedy)
    try:
        score = float(known["score"].replace(",", ".") or 0)
    except ValueError:
        raise UserError(f"{path}, line {number}: {known['score']!r} is no score.", "Restore that number.") from None
    return Row(**{**known, "score": score, "decision": decision})  # type: ignore[arg-type]
