"""Tables (CSV): each row answers what is in its columns; comparisons are worked out when the table is read."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field

from runtime.core.errors import UserError
from runtime.core.toml_file import checked, read_text
from runtime.persona.knowledge.entry import MAX_CLUES, Answer, Entry, Feeling, Line, Strict
from runtime.persona.knowledge.files import at, read_csv
from runtime.persona.knowledge.saying import number_in, said

ALIASES: Final = "aliases"
PICTURE: Final = "picture"
MAX_QUESTIONS: Final = 50
_SLOT: Final = re.compile(r"\{([^{}]*)\}")


class Asked(Strict):
    """How people ask for a row, and the answer. Slots are {name} and the columns; `clues` as in `Entry`.

    With `pick` it is one entry for the table: "lowest fee", "highest rate" name the row; "card = yes" the rows, whose
    names are then the slot {names}.
    """

    id: Line
    questions: Annotated[tuple[Line, ...], Field(min_length=1, max_length=20)]
    answer: Answer
    pick: str = Field("", max_length=200)
    affect: Feeling = "neutral"
    clues: Annotated[tuple[Line, ...], Field(max_length=MAX_CLUES)] = ()


class TableWords(Strict):
    """The file beside a table, NAME.toml for NAME.csv: what is asked of it."""

    topic: str = Field("", max_length=100)
    ask: Annotated[tuple[Asked, ...], Field(max_length=50)] = ()


@dataclass(frozen=True)
class Table:
    """A table by its name: column -> value for each row, the rows by their names (the first column) in lower case."""

    name: str
    columns: tuple[str, ...]
    rows: dict[str, dict[str, str]]


def read_table(path: Path) -> tuple[Table, list[Entry]]:
    """Return a table and what it answers; NAME.toml beside it says how it is asked, and without that it is guessed.

    Raises:
        UserError: a mistake in either file, with its line.
    """
    rows: dict[str, dict[str, str]] = {}
    columns: tuple[str, ...] = ()
    for line, row in read_csv(path):
        columns = tuple(row)
        name = row[columns[0]]
        if not name or name.lower() in rows:
            raise at(path, line, f"the first column has to name each row once, not {name!r}")
        rows[name.lower()] = row
    if not rows:
        raise at(path, 1, "the table has no rows")
    table = Table(path.stem, columns, rows)
    words = path.with_suffix(".toml")
    if not words.is_file():
        return table, [entry for row in rows.values() for entry in _guessed(table, row)]
    text = read_text(words)
    described = checked(words, text, TableWords)
    entries = []
    for asked in described.ask:
        try:
            entries += list(_picked(table, asked, described.topic) if asked.pick else _each(table, asked, described))
        except KeyError as error:
            number = next((i for i, t in enumerate(text.splitlines(), 1) if f'"{asked.id}"' in t), 1)
            raise at(words, number, f"{path.name} has nothing for {{{error.args[0]}}}") from error
    return table, entries


def _guessed(table: Table, row: dict[str, str]) -> Iterator[Entry]:
    name = row[table.columns[0]]
    shown = [c for c in table.columns[1:] if c not in (ALIASES, PICTURE) and row[c]]
    facts = ", ".join(f"{column} {said(row[column])}" for column in shown)
    names = _names(row)
    yield Entry(
        id=f"{table.name}.{name}",
        questions=tuple(f"tell me about {n}" for n in names),
        answer=f"{name}: {facts}." if facts else f"{name}.",
        topic=table.name,
        picture=row.get(PICTURE, ""),
    )
    for column in shown:
        asked = [f"what is the {column} of {n}" for n in names] + [f"{n} {column}" for n in names]
        if column in ("price", "cost", "fee"):
            asked += [f"how much is {n}" for n in names]
        answer = f"The {column} of {name} is {said(row[column])}."
        yield Entry(id=f"{table.name}.{name}.{column}", questions=tuple(asked), answer=answer, topic=table.name)


def _each(table: Table, asked: Asked, words: TableWords) -> Iterator[Entry]:
    for row in table.rows.values():
        slots = {**{c: said(v) for c, v in row.items()}, "name": row[table.columns[0]]}
        if any(not slots.get(slot, "-") for slot in _SLOT.findall(asked.answer)):
            continue  # nothing to say of this row
        names = [slots | {"name": name} for name in _names(row)]
        questions = tuple(fill(q, named) for named in names for q in asked.questions)[:MAX_QUESTIONS]
        yield Entry(
            id=f"{table.name}.{slots['name']}.{asked.id}",
            questions=questions,
            answer=fill(asked.answer, slots),
            topic=words.topic or table.name,
            affect=asked.affect,
            clues=tuple(fill(clue, named) for named in names for clue in asked.clues)[:MAX_CLUES],
            picture=row.get(PICTURE, ""),
        )


def _picked(table: Table, asked: Asked, topic: str) -> Iterator[Entry]:
    rows = list(table.rows.values())
    order, _, column = asked.pick.partition(" ")
    if order in ("lowest", "highest"):
        values = {i: n for i, row in enumerate(rows) if (n := number_in(row[column])) is not None}
        if not values:
            raise KeyError(asked.pick)
        best = (min if order == "lowest" else max)(values, key=lambda i: values[i])
        found = [row for i, row in enumerate(rows) if values.get(i) == values[best]]
    else:
        column, _, wanted = (part.strip() for part in asked.pick.partition("="))
        found = [row for row in rows if row[column].lower() == wanted.lower()]
        if not found:
            raise KeyError(asked.pick)
    names = [row[table.columns[0]] for row in found]
    slots = {c: said(v) for c, v in found[0].items()} | {"name": names[0], "names": listed(names)}
    answer = fill(asked.answer, slots)
    yield Entry(
        id=f"{table.name}.{asked.id}", questions=asked.questions, answer=answer, topic=topic or table.name,
        affect=asked.affect, clues=asked.clues,
    )  # fmt: skip


def fill(text: str, slots: dict[str, str]) -> str:
    """Return text with its {slots} filled. Raises KeyError for one that isn't there."""
    return _SLOT.sub(lambda found: slots[found[1]] if "." not in found[1] else found[0], text)


def listed(names: list[str]) -> str:
    """Return "a", "a and b", "a, b and c"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def cell(tables: dict[str, Table], path: str) -> str:
    """Return what a slot TABLE.ROW.COLUMN stands for, as it is said.

    Raises:
        UserError: there is no such cell.
    """
    name, row, column = [*path.split("."), "", ""][:3]
    try:
        return said(tables[name].rows[row.lower()][column.lower()])
    except KeyError as error:
        raise UserError(f"There is no {path!r} in the tables.", "Write {table.row.column}.") from error


def _names(row: dict[str, str]) -> list[str]:
    first = next(iter(row.values()))
    return [first, *(alias for alias in map(str.strip, row.get(ALIASES, "").split("|")) if alias)]
