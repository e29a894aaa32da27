"""Both stores of a graph: what is put in comes out, and what people say never becomes part of a query."""

import asyncio
import os
import sqlite3
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from runtime.core.errors import UserError
from runtime.persona.graph import neo4j_graph
from runtime.persona.graph.backends import WithFallback, files_of, open_embedded, open_graph, store_of
from runtime.persona.graph.model import Fact, Graph
from runtime.persona.graph.neo4j_graph import Neo4jGraph, open_neo4j
from runtime.persona.graph.sqlite import SqliteGraph
from runtime.persona.graph.tables import read_tables
from runtime.persona.persona import find_persona, load_persona

FILE = find_persona("clinic")
FOLDER = files_of(FILE, load_persona(FILE)) or Path()
TABLES = read_tables(FOLDER)
FACTS = [
    Fact("rare ill", "Rare Illness", "about", "It is rare.", "MedlinePlus"),
    Fact("rare ill", "Rare Illness", "symptoms", "It itches.", "MedlinePlus"),
    Fact("ill", "Illness", "about", "It is common.", "NIH"),
]
HOSTILE = [
    "x' OR 1=1 --",
    '"}) MATCH (n) DETACH DELETE n //',
    "'; DROP TABLE symptom; --",
    "$graph",
    "\\u0027",
    "ü" * 500,
]
SERVER = os.environ.get("GRAPH_TEST_URL", "")
"""neo4j://USER:PASSWORD@HOST/DATABASE of a server that the test may fill: Neo4j, or another that speaks Bolt."""


@pytest.fixture(params=["embedded", "file", "server"])
async def graph(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Graph]:
    if request.param == "server" and not SERVER:
        pytest.skip("GRAPH_TEST_URL names no server that speaks Bolt")
    opened: Graph
    if request.param == "server":
        opened = open_neo4j(SERVER, f"test_{uuid.uuid4()}")
    else:
        opened = SqliteGraph(tmp_path / "deep" / "graph.sqlite" if request.param == "file" else None)
    await opened.load(TABLES)
    yield opened
    if isinstance(opened, Neo4jGraph):
        await opened._run("MATCH (n {graph: $graph}) DETACH DELETE n", graph=opened._graph)
    await opened.close()


async def test_what_was_loaded_comes_out_whole_and_in_order(graph: Graph) -> None:
    assert tuple(await graph.symptoms()) == TABLES.symptoms
    every = [symptom.id for symptom in TABLES.symptoms]
    assert tuple(await graph.conditions_with(every)) == TABLES.conditions
    counts = await graph.counts()
    assert counts["symptoms"] == len(TABLES.symptoms)
    assert counts["signs"] == sum(len(condition.signs) for condition in TABLES.conditions)


async def test_conditions_are_found_by_symptom_and_by_name(graph: Graph) -> None:
    expected = [c.id for c in TABLES.conditions if "toe_pain" in dict(c.signs)]
    assert [c.id for c in await graph.conditions_with(["toe_pain"])] == expected == ["gout"]
    assert [c.id for c in await graph.conditions_named(["influenza", "nothing"])] == ["flu"]


async def test_loading_again_replaces_and_facts_stay(graph: Graph) -> None:
    assert await graph.add_facts(FACTS) == 3
    await graph.add_facts(FACTS[:1])
    await graph.load(TABLES)
    found = await graph.facts(["ill", "rare ill"], "about")
    assert [fact.topic for fact in found] == ["Rare Illness", "Illness"]
    assert found[0] == FACTS[0]
    counts = await graph.counts()
    assert counts["facts"] == 3
    assert counts["conditions"] == len(TABLES.conditions)


@pytest.mark.parametrize("words", HOSTILE)
async def test_hostile_words_find_nothing_and_break_nothing(graph: Graph, words: str) -> None:
    before = await graph.counts()
    assert list(await graph.conditions_with([words])) == []
    assert list(await graph.conditions_named([words])) == []
    assert list(await graph.facts([words], words)) == []
    await graph.add_facts([Fact(words, words, "about", words, words)])
    assert (await graph.facts([words], "about"))[0].text == words
    after = await graph.counts()
    assert {**after, "facts": 0} == {**before, "facts": 0}


class Recorder:
    """In the place of a driver: keeps every query with its parameters, and finds nothing."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []

    async def execute_query(self, query: str, parameters: dict[str, Any], database_: str | None) -> Any:
        self.calls.append((query, parameters))
        return [SimpleNamespace(data=lambda: {"n": 0})] if "count(" in query else [], None, None

    async def close(self) -> None: ...


async def everything(graph: Neo4jGraph, words: str) -> None:
    await graph.load(TABLES)
    await graph.add_facts([Fact(words, words, "about", words, words)])
    await graph.symptoms()
    await graph.conditions_with([words])
    await graph.conditions_named([words])
    await graph.facts([words], words)
    await graph.counts()


async def test_no_query_of_neo4j_depends_on_what_is_said() -> None:
    constants = {*neo4j_graph.INDEXES, *neo4j_graph.CLEAR, *neo4j_graph.COUNTS.values()}
    constants |= {value for name, value in vars(neo4j_graph).items() if name.isupper() and isinstance(value, str)}
    asked: list[list[str]] = []
    for words in ("headache", *HOSTILE):
        driver = Recorder()
        await everything(Neo4jGraph(driver, words), words)
        asked.append([query for query, _ in driver.calls])
        assert set(asked[-1]) <= constants
        assert all(words not in query for query, _ in driver.calls if words not in ("headache", "$graph"))
        assert any(words in str(parameters) or repr(words)[1:-1] in str(parameters) for _, parameters in driver.calls)
    assert all(queries == asked[0] for queries in asked)


async def test_no_query_of_sqlite_depends_on_what_is_said() -> None:
    asked: list[list[str]] = []
    for words in ("headache", *HOSTILE):
        graph = SqliteGraph()
        graph.fill(TABLES)
        seen: list[str] = []

        class Watched:
            def __init__(self, base: sqlite3.Connection, seen: list[str]) -> None:
                self.base, self.seen = base, seen

            def execute(self, query: str, *parameters: Any) -> Any:
                self.seen.append(query)
                return self.base.execute(query, *parameters)

        base = graph._base
        graph._base = Watched(base, seen)  # type: ignore[assignment]
        await graph.conditions_with([words])
        await graph.conditions_named([words, words + "x"])
        await graph.facts([words] * 7, words)
        base.close()
        asked.append(seen)
    assert all(queries == asked[0] for queries in asked)
    assert len(asked[0]) == 3


@pytest.mark.parametrize("url", ["http://x", "neo4j://", "bolt:7687", "neo4j://host:port", "nonsense"])
def test_a_wrong_address_is_told_without_its_password(url: str) -> None:
    with pytest.raises(UserError, match="graph_url") as error:
        open_neo4j(url.replace("//", "//me:secret@"), "clinic")
    assert "secret" not in str(error.value)


async def test_a_server_that_is_away_is_told_and_the_embedded_graph_answers_meanwhile() -> None:
    away = open_neo4j("bolt://me:secret@127.0.0.1:1", "clinic")
    with pytest.raises(UserError, match="did not answer") as error:
        await away.counts()
    assert "secret" not in str(error.value)
    now = [0.0]
    graph = WithFallback(away, open_embedded(FOLDER), clock=lambda: now[0])
    assert len(await graph.symptoms()) == len(TABLES.symptoms)
    assert [c.id for c in await graph.conditions_named(["influenza"])] == ["flu"]
    await graph.close()


async def test_a_slow_server_is_given_up_for_a_while_and_tried_again() -> None:
    class Slow(SqliteGraph):
        asked = 0

        async def counts(self) -> dict[str, int]:
            self.asked += 1
            await asyncio.sleep(60)
            return {}

    now = [0.0]
    slow = Slow()
    graph = WithFallback(slow, open_embedded(FOLDER), patience_s=0.01, clock=lambda: now[0])
    for _ in range(3):
        assert (await graph.counts())["conditions"] == len(TABLES.conditions)
    assert slow.asked == 1
    now[0] = 31.0
    await graph.counts()
    assert slow.asked == 2
    await graph.close()


async def test_facts_once_loaded_are_there_beside_the_files(tmp_path: Path) -> None:
    store = store_of(tmp_path, FILE)
    loaded = SqliteGraph(store)
    await loaded.add_facts(FACTS)
    await loaded.close()
    graph = open_graph("", FOLDER, "clinic", store)
    assert (await graph.counts())["facts"] == 3
    assert (await graph.counts())["conditions"] == len(TABLES.conditions)
    await graph.close()


def test_a_file_that_is_no_graph_is_told(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite"
    path.write_bytes(b"not a database" * 100)
    with pytest.raises(UserError, match="can't be opened"):
        SqliteGraph(path)
