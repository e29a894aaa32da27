"""All that lies in a persona's knowledge folder, read and checked."""

import importlib.util
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field, ValidationError

from runtime.core.errors import UserError
from runtime.core.toml_file import checked, mistake, read_text
from runtime.persona.knowledge.entry import Answer, Entry, Line, Strict
from runtime.persona.knowledge.files import at, read_csv
from runtime.persona.knowledge.pages import SUFFIXES, read_page
from runtime.persona.knowledge.pictures import FILE_NAME as PICTURES
from runtime.persona.knowledge.pictures import SUFFIXES as PICTURE_SUFFIXES
from runtime.persona.knowledge.pictures import Picture, read_pictures
from runtime.persona.knowledge.tables import Table, read_table

log = logging.getLogger(__name__)

NAME: Final = "knowledge"
MAX_FILES: Final = 200


class Quiz(Strict):
    """One question that the persona asks: `accept` are the answers that count, `hint` helps, `explain` tells."""

    id: Line
    ask: Answer
    accept: Annotated[tuple[Line, ...], Field(min_length=1, max_length=20)]
    hint: Answer
    explain: Answer
    topic: str = Field(default="", max_length=100)


class KnowledgeFile(Strict):
    """A TOML file of knowledge."""

    knowledge: Annotated[tuple[Entry, ...], Field(max_length=2_000)] = ()
    quiz: Annotated[tuple[Quiz, ...], Field(max_length=200)] = ()


@dataclass
class Knowledge:
    """What a folder holds. `place` says of an entry's id in which file, and where it can be told, line it stands."""

    entries: list[Entry] = field(default_factory=list)
    tables: dict[str, Table] = field(default_factory=dict)
    pictures: list[Picture] = field(default_factory=list)
    quiz: list[Quiz] = field(default_factory=list)
    place: dict[str, str] = field(default_factory=dict)


def knowledge_files(folder: Path) -> list[Path]:
    """Return the files of a folder, in order; folders in it are another reader's."""
    if not folder.is_dir():
        return []
    found = sorted(p for p in folder.iterdir() if p.is_file() and p.name[0] not in ".~")
    if len(found) > MAX_FILES:
        raise UserError(f"{folder} has more than {MAX_FILES} files.", "Put what belongs together into one file.")
    return found


def read_knowledge(folder: Path) -> Knowledge:
    """Read a folder's files. What nothing here can read is left out, and named in the log.

    Raises:
        UserError: a mistake in one of them, with its file and line.
    """
    found = Knowledge()
    for path in knowledge_files(folder):
        kind = path.suffix.lower()
        if kind == ".pdf" and importlib.util.find_spec("pypdf") is None:
            log.warning('%s is left out: to read it, pip install -e ".[pdf]"', path)
        elif kind in SUFFIXES:
            _add(found, path, read_page(path))
        elif kind == ".toml":
            _add_toml(found, path)
        elif path.name == PICTURES:
            found.pictures, shown = read_pictures(path)
            _add(found, path, [entry for _, entry in shown], [f"{path}, line {line}" for line, _ in shown])
        elif kind == ".csv":
            _add_csv(found, path)
        elif kind not in PICTURE_SUFFIXES:
            log.warning("%s is left out: save it as Markdown, HTML, PDF or CSV", path)
    return found


def _add_toml(found: Knowledge, path: Path) -> None:
    if path.with_suffix(".csv").is_file():
        return  # it says how the table is asked
    text = read_text(path)
    values = checked(path, text, KnowledgeFile)
    _add(found, path, values.knowledge, [_line(path, text, i) for i in range(len(values.knowledge))])
    found.quiz += values.quiz


def _add_csv(found: Knowledge, path: Path) -> None:
    header = read_text(path).partition("\n")[0].lower()
    if re.search(r"\bquestions?\b", header) and re.search(r"\banswer\b", header):
        lines, entries = zip(*_questions(path), strict=True)
        _add(found, path, entries, [f"{path}, line {line}" for line in lines])
    else:
        table, answers = read_table(path)
        found.tables[table.name] = table
        _add(found, path, answers)


def _add(found: Knowledge, path: Path, entries: Sequence[Entry], places: Sequence[str] = ()) -> None:
    for number, entry in enumerate(entries):
        found.entries.append(entry)
        found.place.setdefault(entry.id, places[number] if places else str(path))


def _line(path: Path, text: str, index: int) -> str:
    return mistake(path, text, ("knowledge", index), "").partition(": ")[0]


def _questions(path: Path) -> list[tuple[int, Entry]]:
    """Read questions and answers from a CSV; a cell may hold several questions with | between them."""
    found = []
    for line, row in read_csv(path):
        asked = row.pop("questions", "") or row.pop("question", "")
        row.pop("question", "")
        values = {key: value for key, value in row.items() if value}
        questions = [q.strip() for q in asked.split("|") if q.strip()]
        try:
            entry = Entry.model_validate({"id": f"{path.stem}:{line}", **values, "questions": questions})
        except ValidationError as error:
            item = error.errors()[0]
            raise at(path, line, f"{'.'.join(map(str, item['loc']))}: {item['msg']}") from error
        found.append((line, entry))
    if not found:
        raise at(path, 1, "the file has no rows")
    return found
