"""The files of a graph: symptoms.csv, conditions.csv, urgency.csv, advice.csv and sources.csv, read and checked."""

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from runtime.core.errors import UserError
from runtime.persona.graph.model import EMERGENCY, LIKELIHOOD, Advice, Condition, Source, Symptom, Tables, Urgency

MAX_FILE_BYTES: Final = 2_000_000
MAX_ROWS: Final = 2_000
MAX_CELL_CHARS: Final = 1_000
MAX_SHOWN_MISTAKES: Final = 20
MAX_RANK: Final = 4
MAX_COMMON: Final = 3
COLUMNS: Final = {
    "urgency": ("id", "rank", "text"),
    "advice": ("id", "text"),
    "sources": ("id", "name", "kind"),
    "symptoms": ("id", "name", "names"),
    "conditions": (
        "id", "name", "names", "about", "urgency", "advice", "warning", "sources", "common", *LIKELIHOOD,
    ),
}  # fmt: skip
"""The columns of each file. In a cell, several things are parted by |."""
_MAY_BE_EMPTY: Final = {"warning", *LIKELIHOOD}
_ID: Final = re.compile(r"[a-z][a-z0-9_]{0,60}")


@dataclass
class _Reader:
    """Reads the files of a folder and gathers their mistakes, so that all are named at once."""

    folder: Path
    mistakes: list[str] = field(default_factory=list)

    def wrong(self, name: str, line: int, reason: str) -> None:
        self.mistakes.append(f"{self.folder / name}.csv, line {line}: {reason}.")

    def rows(self, name: str) -> list[tuple[int, dict[str, str]]]:
        """Return line number and cells of each row of a file; rows that are wrong are left out."""
        path = self.folder / f"{name}.csv"
        try:
            if path.stat().st_size > MAX_FILE_BYTES:
                raise UserError(f"{path} is over {MAX_FILE_BYTES // 1_000_000} MB.", "Is it the right file?")
            text = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise UserError(f"{path} can't be read: {error}.", "A graph needs this file, in UTF-8.") from error
        reader = csv.reader(text.splitlines(), strict=True)
        found: list[tuple[int, dict[str, str]]] = []
        seen: set[str] = set()
        try:
            header = tuple(next(reader, ()))
            if header != COLUMNS[name]:
                self.wrong(name, 1, f"the first line has to be {','.join(COLUMNS[name])}")
                return []
            for cells in reader:
                line = reader.line_num
                if cells and (row := self._row(name, line, cells, seen)):
                    found.append((line, row))
        except csv.Error as error:
            self.wrong(name, reader.line_num, f"this is no CSV: {error}")
        if len(found) > MAX_ROWS:
            self.wrong(name, found[MAX_ROWS][0], f"there are over {MAX_ROWS} rows")
        return found[:MAX_ROWS]

    def _row(self, name: str, line: int, cells: Sequence[str], seen: set[str]) -> dict[str, str] | None:
        columns = COLUMNS[name]
        if len(cells) != len(columns):
            self.wrong(name, line, f"there are {len(cells)} cells and not {len(columns)}; is a comma outside quotes")
            return None
        row = {column: " ".join(cell.split()) for column, cell in zip(columns, cells, strict=True)}
        for column, cell in row.items():
            if not cell and column not in _MAY_BE_EMPTY:
                self.wrong(name, line, f"{column} is empty")
            if len(cell) > MAX_CELL_CHARS:
                self.wrong(name, line, f"{column} is over {MAX_CELL_CHARS} characters")
        if not _ID.fullmatch(row["id"]):
            self.wrong(name, line, f"the id {row['id']!r} is not small letters, digits and _")
        if row["id"] in seen:
            self.wrong(name, line, f"the id {row['id']!r} is used twice")
        seen.add(row["id"])
        return row

    def number(self, name: str, line: int, row: Mapping[str, str], column: str, least: int, most: int) -> int:
        """Return a cell as a number from `least` to `most`."""
        if row[column].isascii() and row[column].isdigit() and least <= int(row[column]) <= most:
            return int(row[column])
        self.wrong(name, line, f"{column} is {row[column]!r} and not a number from {least} to {most}")
        return least

    def known(self, name: str, line: int, row: Mapping[str, str], column: str, ids: Mapping[str, object]) -> list[str]:
        """Return the ids in a cell, those that exist."""
        given = parts(row[column])
        for one in given:
            if one not in ids:
                self.wrong(name, line, f"{column} names {one!r}, which is not there")
        return [one for one in given if one in ids]


def parts(cell: str) -> tuple[str, ...]:
    """Return what | parts in a cell."""
    return tuple(part.strip() for part in cell.split("|") if part.strip())


def read_tables(folder: Path) -> Tables:
    """Read the five files of a graph.

    Raises:
        UserError: one is missing or wrong; every mistake is named with its file and line.
    """
    read = _Reader(folder)
    urgencies = {
        row["id"]: Urgency(row["id"], read.number("urgency", line, row, "rank", 0, MAX_RANK), row["text"])
        for line, row in read.rows("urgency")
    }
    if not read.mistakes and EMERGENCY not in urgencies:
        read.wrong("urgency", 1, f"the urgency {EMERGENCY!r} is missing")
    advice = {row["id"]: Advice(row["id"], row["text"]) for _, row in read.rows("advice")}
    sources = {row["id"]: Source(row["id"], row["name"], row["kind"]) for _, row in read.rows("sources")}
    symptoms = {row["id"]: Symptom(row["id"], row["name"], parts(row["names"])) for _, row in read.rows("symptoms")}
    conditions = [
        condition
        for line, row in read.rows("conditions")
        if (condition := _condition(read, line, row, urgencies, advice, sources, symptoms))
    ]
    if read.mistakes:
        raise UserError("\n".join(read.mistakes[:MAX_SHOWN_MISTAKES]), "Mend these and try again.")
    if not conditions or not symptoms:
        raise UserError(f"The graph in {folder} is empty.", "It needs symptoms and conditions.")
    return Tables(tuple(symptoms.values()), tuple(conditions))


def _condition(
    read: _Reader,
    line: int,
    row: Mapping[str, str],
    urgencies: Mapping[str, Urgency],
    advice: Mapping[str, Advice],
    sources: Mapping[str, Source],
    symptoms: Mapping[str, Symptom],
) -> Condition | None:
    name = "conditions"
    urgency = read.known(name, line, row, "urgency", urgencies)
    signs: dict[str, float] = {}
    for column, likely in LIKELIHOOD.items():
        for sign in read.known(name, line, row, column, symptoms):
            if sign in signs:
                read.wrong(name, line, f"{sign!r} is named twice")
            signs[sign] = likely
    if not signs:
        read.wrong(name, line, "no symptom is a sign of this condition")
    advised = tuple(advice[one] for one in read.known(name, line, row, "advice", advice))
    told_by = tuple(sources[one] for one in read.known(name, line, row, "sources", sources))
    common = read.number(name, line, row, "common", 1, MAX_COMMON)
    if len(urgency) != 1:
        read.wrong(name, line, "a condition calls for one urgency")
        return None
    return Condition(
        id=row["id"],
        name=row["name"],
        names=parts(row["names"]),
        about=row["about"],
        urgency=urgencies[urgency[0]],
        advice=advised,
        warning=row["warning"],
        sources=told_by,
        common=common,
        signs=tuple(signs.items()),
    )
