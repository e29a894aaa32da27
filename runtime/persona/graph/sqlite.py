"""The embedded graph: SQLite, in memory or in a file. A shipped graph is loaded in some ten milliseconds."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

from runtime.core.errors import UserError
from runtime.persona.graph.model import Advice, Condition, Fact, Source, Symptom, Tables, Urgency
from runtime.persona.graph.words import key_of

MAX_ANSWERS: Final = 500
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS symptom (id TEXT PRIMARY KEY, name TEXT, names TEXT);
CREATE TABLE IF NOT EXISTS urgency (id TEXT PRIMARY KEY, rank INTEGER, text TEXT);
CREATE TABLE IF NOT EXISTS advice (id TEXT PRIMARY KEY, text TEXT);
CREATE TABLE IF NOT EXISTS source (id TEXT PRIMARY KEY, name TEXT, kind TEXT);
CREATE TABLE IF NOT EXISTS condition (
    id TEXT PRIMARY KEY, name TEXT, names TEXT, about TEXT, urgency TEXT, warning TEXT, common INTEGER
);
CREATE TABLE IF NOT EXISTS sign (
    symptom TEXT, condition TEXT, likely REAL, place INTEGER, PRIMARY KEY (symptom, condition)
);
CREATE INDEX IF NOT EXISTS sign_of ON sign (condition, place);
CREATE TABLE IF NOT EXISTS advised (condition TEXT, advice TEXT, place INTEGER, PRIMARY KEY (condition, place));
CREATE TABLE IF NOT EXISTS told_by (condition TEXT, source TEXT, place INTEGER, PRIMARY KEY (condition, place));
CREATE TABLE IF NOT EXISTS called (key TEXT, condition TEXT, PRIMARY KEY (key, condition));
CREATE TABLE IF NOT EXISTS fact (
    key TEXT, topic TEXT, relation TEXT, text TEXT, source TEXT, PRIMARY KEY (key, relation, source)
);
"""
_TABLES: Final = ("symptom", "urgency", "advice", "source", "condition", "sign", "advised", "told_by", "called")
_CONDITIONS: Final = """
SELECT c.id, c.name, c.names, c.about, u.id, u.rank, u.text, c.warning, c.common,
    (SELECT json_group_array(json_array(symptom, likely)) FROM
        (SELECT symptom, likely FROM sign WHERE condition = c.id ORDER BY place)),
    (SELECT json_group_array(json_array(id, text)) FROM
        (SELECT a.id, a.text FROM advised JOIN advice a ON a.id = advice WHERE condition = c.id ORDER BY place)),
    (SELECT json_group_array(json_array(id, name, kind)) FROM
        (SELECT s.id, s.name, s.kind FROM told_by JOIN source s ON s.id = source WHERE condition = c.id ORDER BY place))
FROM condition c JOIN urgency u ON u.id = c.urgency WHERE c.id IN
"""
WITH_SYMPTOMS: Final = (
    _CONDITIONS
    + "(SELECT condition FROM sign WHERE symptom IN (SELECT value FROM json_each(?))) ORDER BY c.rowid LIMIT ?"
)
NAMED: Final = (
    _CONDITIONS
    + "(SELECT condition FROM called WHERE key IN (SELECT value FROM json_each(?))) ORDER BY c.rowid LIMIT ?"
)
FACTS: Final = """
SELECT key, topic, relation, text, source FROM fact WHERE key IN (SELECT value FROM json_each(?)) AND relation = ?
ORDER BY length(key) DESC, source LIMIT ?
"""


class SqliteGraph:
    """A graph in SQLite. Its queries take well under a millisecond, so they run where they are called."""

    def __init__(self, path: Path | None = None) -> None:
        """Open or make the database; without a path it lives in memory, for one process.

        Raises:
            UserError: the file can't be opened, or is none of ours.
        """
        self._path = path
        try:
            if path is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
            self._base = sqlite3.connect(path or ":memory:", check_same_thread=False, timeout=5.0)
            self._base.executescript(_SCHEMA)
        except (OSError, sqlite3.Error) as error:
            raise UserError(f"The graph {path} can't be opened: {error}.", "Remove it and load it again.") from error

    async def load(self, tables: Tables) -> None:
        """See `Graph.load`."""
        self.fill(tables)

    def fill(self, tables: Tables) -> None:
        """Do what `load` does, at once; for where no event loop runs."""
        with self._base as base:
            for table in _TABLES:
                base.execute(f"DELETE FROM {table}")  # a name from the list above
            base.executemany(
                "INSERT INTO symptom VALUES (?, ?, ?)", [(s.id, s.name, json.dumps(s.names)) for s in tables.symptoms]
            )
            base.executemany("INSERT INTO urgency VALUES (?, ?, ?)", [(u.id, u.rank, u.text) for u in tables.urgencies])
            base.executemany("INSERT INTO advice VALUES (?, ?)", [(a.id, a.text) for a in tables.advice])
            base.executemany("INSERT INTO source VALUES (?, ?, ?)", [(s.id, s.name, s.kind) for s in tables.sources])
            base.executemany(
                "INSERT INTO condition VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    (c.id, c.name, json.dumps(c.names), c.about, c.urgency.id, c.warning, c.common)
                    for c in tables.conditions
                ],
            )
            for condition in tables.conditions:
                key = condition.id
                rows = [(sign, key, likely, place) for place, (sign, likely) in enumerate(condition.signs)]
                base.executemany("INSERT INTO sign VALUES (?, ?, ?, ?)", rows)
                advised = [(key, advice.id, place) for place, advice in enumerate(condition.advice)]
                base.executemany("INSERT INTO advised VALUES (?, ?, ?)", advised)
                told = [(key, source.id, place) for place, source in enumerate(condition.sources)]
                base.executemany("INSERT INTO told_by VALUES (?, ?, ?)", told)
                names = [(key_of(name), key) for name in (condition.name, *condition.names)]
                base.executemany("INSERT OR IGNORE INTO called VALUES (?, ?)", names)

    async def add_facts(self, facts: Iterable[Fact]) -> int:
        """See `Graph.add_facts`."""
        with self._base as base:
            rows = [tuple(asdict(fact).values()) for fact in facts]
            base.executemany("INSERT OR REPLACE INTO fact VALUES (?, ?, ?, ?, ?)", rows)
        return len(rows)

    async def symptoms(self) -> Sequence[Symptom]:
        """See `Graph.symptoms`."""
        rows = self._base.execute("SELECT id, name, names FROM symptom ORDER BY rowid")
        return [Symptom(one, name, tuple(json.loads(names))) for one, name, names in rows]

    async def conditions_with(self, symptoms: Sequence[str]) -> Sequence[Condition]:
        """See `Graph.conditions_with`."""
        return self._conditions(WITH_SYMPTOMS, symptoms)

    async def conditions_named(self, keys: Sequence[str]) -> Sequence[Condition]:
        """See `Graph.conditions_named`."""
        return self._conditions(NAMED, keys)

    async def facts(self, keys: Sequence[str], relation: str) -> Sequence[Fact]:
        """See `Graph.facts`."""
        rows = self._base.execute(FACTS, (json.dumps(list(keys)), relation, MAX_ANSWERS))
        return [Fact(*row) for row in rows]

    async def counts(self) -> dict[str, int]:
        """See `Graph.counts`."""
        row = self._base.execute(
            "SELECT (SELECT count(*) FROM symptom), (SELECT count(*) FROM condition), (SELECT count(*) FROM sign), "
            "(SELECT count(*) FROM fact)"
        ).fetchone()
        return dict(zip(("symptoms", "conditions", "signs", "facts"), row, strict=True))

    async def close(self) -> None:
        """See `Graph.close`."""
        self._base.close()

    def _conditions(self, query: str, values: Sequence[str]) -> list[Condition]:
        rows = self._base.execute(query, (json.dumps(list(values)), MAX_ANSWERS))
        return [_condition(row) for row in rows]


def _condition(row: Sequence[str]) -> Condition:
    one, name, names, about, urgency, rank, text, warning, common, signs, advice, sources = row
    return Condition(
        id=one,
        name=name,
        names=tuple(json.loads(names)),
        about=about,
        urgency=Urgency(urgency, int(rank), text),
        advice=tuple(Advice(*cells) for cells in json.loads(advice)),
        warning=warning,
        sources=tuple(Source(*cells) for cells in json.loads(sources)),
        common=int(common),
        signs=tuple((sign, likely) for sign, likely in json.loads(signs)),
    )
