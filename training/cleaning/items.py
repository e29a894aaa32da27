"""The items of a data folder: files or lines of tables, each with its name, hash, and where known label and group."""

import csv
import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from runtime.core.errors import UserError
from runtime.core.models import sha256_of

HASH_DIGITS: Final = 16
LABELS_FILE: Final = "labels.csv"
_FILE_COLUMNS: Final = ("file", "item", "path", "name")
_LABEL_COLUMNS: Final = ("label", "class", "category")
_BOX_COLUMNS: Final = ("xmin", "ymin", "xmax", "ymax")


@dataclass(frozen=True)
class Item:
    """One item. `group` names what its near relatives share: a speaker, a recording."""

    name: str
    """A file's path below the folder, or `file:line` for a line of a table."""
    sha256: str
    """The first 16 digits; of a line's cells without the label."""
    label: str | None = None
    label_at: str = ""
    """Where the label stands: `labels.csv`, `folder`, `column 1` (from 0), `name 6 5` (from 6 to 5 before its end)."""
    group: str | None = None
    path: Path = Path()
    text: str = ""
    """Of a line of text."""
    values: tuple[float, ...] = ()
    """Of a line of numbers."""
    box: tuple[int, int, int, int] | None = None
    """Left, top, right, bottom of what the label is about, in pixels."""

    @property
    def content(self) -> str:
        """What is the same in copies: the text of a line of text, whatever else stands beside it, else the hash."""
        return self.text or self.sha256


@dataclass(frozen=True)
class Patterns:
    """How labels and groups are read from names: regular expressions with a group in parentheses."""

    label: str | None = None
    group: str | None = None

    def find(self, pattern: str | None, name: str) -> tuple[str, str] | None:
        """Return what the first group of `pattern` matches in a name, and where (see `Item.label_at`), or None."""
        if pattern is None:
            return None
        try:
            found = re.search(pattern, name)
            return (
                None if found is None else (found[1], f"name {len(name) - found.start(1)} {len(name) - found.end(1)}")
            )
        except (re.error, IndexError) as error:
            raise UserError(
                f"The pattern {pattern!r} can't be used: {error}.", "Put one group in parentheses."
            ) from None

    def group_of(self, name: str) -> str | None:
        """Return the group that a name tells of."""
        found = self.find(self.group, name)
        return found and found[0]


def file_hash(path: Path) -> str:
    """Return the hash by which a review knows a file."""
    return sha256_of(path)[:HASH_DIGITS]


def line_hash(cells: Sequence[str], label_at: str) -> str:
    """Return the hash by which a review knows a line of a table: of its cells without the label."""
    rest = [cell.strip() for place, cell in enumerate(cells) if label_at != f"column {place}"]
    return hashlib.sha256("\x1f".join(rest).encode()).hexdigest()[:HASH_DIGITS]


def files(folder: Path, suffixes: Sequence[str], patterns: Patterns) -> list[Item]:
    """Return the files below a folder that end in one of `suffixes`, by name.

    A label comes from `labels.csv` in the folder (columns file and label, and a box xmin, ymin, xmax, ymax where there
    is one), else from the pattern, else from the name of the folder the file lies in.

    Raises:
        UserError: there are none, or labels.csv can't be used.
    """
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in suffixes and path.is_file())
    if not paths:
        raise UserError(f"There is no file {' or '.join(suffixes)} below {folder}.", "Name the folder of the data.")
    listed = _listed(folder / LABELS_FILE)
    items = []
    for path in paths:
        name = path.relative_to(folder).as_posix()
        label, box = listed.get(name, (None, None))
        at = LABELS_FILE if label else ""
        if not label and (found := patterns.find(patterns.label, name)) is not None:
            label, at = found
        if not label and not listed and patterns.label is None and path.parent != folder:
            label, at = path.parent.name, "folder"
        items.append(Item(name, file_hash(path), label, at, patterns.group_of(name), path, box=box))
    return items


def label_columns(columns: Sequence[str]) -> tuple[str, str] | None:
    """Return which columns of a labels.csv hold file and label; None where one is missing."""
    name = next((column for column in _FILE_COLUMNS if column in columns), None)
    label = next((column for column in _LABEL_COLUMNS if column in columns), None)
    return None if name is None or label is None else (name, label)


def _listed(path: Path) -> dict[str, tuple[str, tuple[int, int, int, int] | None]]:
    if not path.exists():
        return {}
    found: dict[str, tuple[str, tuple[int, int, int, int] | None]] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        columns = label_columns(reader.fieldnames or ())
        if columns is None:
            raise UserError(f"{path} needs the columns file and label.", "Write them into its first line.")
        for line in reader:
            box = None
            if all(line.get(column) for column in _BOX_COLUMNS):
                left, top, right, bottom = (round(float(line[column])) for column in _BOX_COLUMNS)
                box = (left, top, right, bottom)
            found[line[columns[0]]] = (line[columns[1]], box)
    return found


def is_table(path: Path) -> bool:
    """Return whether a file is a table whose lines are items: .csv or .tsv, but no list of labels."""
    return path.suffix.lower() in (".csv", ".tsv") and path.name != LABELS_FILE


def cells_of(text: Iterable[str], path: Path) -> Any:
    """Return the csv reader for the lines of a table."""
    if path.suffix.lower() == ".tsv":
        # Quotes in tab-separated files are mostly just quotes, and an odd one would swallow the rest of the file.
        return csv.reader(text, delimiter="\t", quoting=csv.QUOTE_NONE)
    return csv.reader(text)


def lines(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield name (`file:line`, from 1) and cells of each line of the .csv and .tsv files in a folder, or of one file.

    A line that goes on over several has the number of its last.

    Raises:
        UserError: there are none, or one isn't UTF-8.
    """
    paths = [folder] if folder.is_file() else sorted(path for path in folder.glob("*.?sv") if is_table(path))
    if not paths:
        raise UserError(f"There is no .csv or .tsv file in {folder}.", "Name the folder of the data, or one file.")
    for path in paths:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = cells_of(file, path)
            try:
                for cells in reader:
                    if cells:
                        yield f"{path.name}:{reader.line_num}", cells
            except (UnicodeDecodeError, csv.Error) as error:
                raise UserError(f"{path} can't be read: {error}.", "Save it as CSV in UTF-8.") from None


def text_lines(folder: Path, text_column: int, label_column: int | None, patterns: Patterns) -> list[Item]:
    """Return the lines of tables of text; columns count from 0. A first line `text`, `category`, ... is passed over."""
    at = "" if label_column is None else f"column {label_column}"
    items = []
    for name, cells in lines(folder):
        if len(cells) <= max(text_column, label_column or 0):
            raise UserError(f"{name} has {len(cells)} columns.", "Name other columns, or mend the line.")
        text = cells[text_column].strip()
        if name.endswith(":1") and text.lower() in ("text", "sentence", "question", "utterance"):
            continue
        label = None if label_column is None else cells[label_column].strip()
        items.append(Item(name, line_hash(cells, at), label, at, patterns.group_of(name), text=text))
    return items


def number_lines(folder: Path, label_column: int | None, patterns: Patterns) -> list[Item]:
    """Return the lines of tables of numbers; a first line of words is passed over, as are tables of names alone."""
    at = "" if label_column is None else f"column {label_column}"
    items: list[Item] = []
    for name, cells in lines(folder):
        label = None if label_column is None else cells[label_column].strip()
        rest = [cell for place, cell in enumerate(cells) if place != label_column]
        try:
            values = tuple(map(float, rest))
        except ValueError:
            if name.endswith(":1"):
                continue
            raise UserError(
                f"{name} holds something that is no number.", "Name the label's column, or mend it."
            ) from None
        if values:
            items.append(Item(name, line_hash(cells, at), label, at, patterns.group_of(name), values=values))
    return items
