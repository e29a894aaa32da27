"""The graph in Neo4j, over its official driver. What is asked goes in parameters alone: every query is a constant here.

Nodes carry `graph`, the persona's name, so that several graphs may share a database; `key` is graph and id together.
"""

import itertools
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from runtime.core.errors import UserError
from runtime.persona.graph.model import Advice, Condition, Fact, Source, Symptom, Tables, Urgency
from runtime.persona.graph.words import key_of

SCHEMES: Final = ("neo4j", "neo4j+s", "neo4j+ssc", "bolt", "bolt+s", "bolt+ssc")
BATCH: Final = 500
MAX_ANSWERS: Final = 500
CONNECT_S: Final = 3.0
RETRY_S: Final = 1.0

INDEXES: Final = (
    "CREATE INDEX symptom_key IF NOT EXISTS FOR (n:Symptom) ON (n.key)",
    "CREATE INDEX condition_key IF NOT EXISTS FOR (n:Condition) ON (n.key)",
    "CREATE INDEX urgency_key IF NOT EXISTS FOR (n:Urgency) ON (n.key)",
    "CREATE INDEX advice_key IF NOT EXISTS FOR (n:Advice) ON (n.key)",
    "CREATE INDEX source_key IF NOT EXISTS FOR (n:Source) ON (n.key)",
    "CREATE INDEX name_key IF NOT EXISTS FOR (n:Name) ON (n.key)",
    "CREATE INDEX fact_key IF NOT EXISTS FOR (n:Fact) ON (n.key)",
    "CREATE INDEX topic_key IF NOT EXISTS FOR (n:Topic) ON (n.key)",
)
CLEAR: Final = (
    "MATCH (n:Symptom {graph: $graph}) DETACH DELETE n",
    "MATCH (n:Condition {graph: $graph}) DETACH DELETE n",
    "MATCH (n:Urgency {graph: $graph}) DETACH DELETE n",
    "MATCH (n:Advice {graph: $graph}) DETACH DELETE n",
    "MATCH (n:Source {graph: $graph}) DETACH DELETE n",
    "MATCH (n:Name {graph: $graph}) DETACH DELETE n",
)
ADD_SYMPTOMS: Final = "UNWIND $rows AS row CREATE (n:Symptom) SET n = row"
ADD_CONDITIONS: Final = "UNWIND $rows AS row CREATE (n:Condition) SET n = row"
ADD_URGENCIES: Final = "UNWIND $rows AS row CREATE (n:Urgency) SET n = row"
ADD_ADVICE: Final = "UNWIND $rows AS row CREATE (n:Advice) SET n = row"
ADD_SOURCES: Final = "UNWIND $rows AS row CREATE (n:Source) SET n = row"
ADD_NAMES: Final = "UNWIND $rows AS row CREATE (n:Name) SET n = row"
LINK_SIGNS: Final = """
UNWIND $rows AS row MATCH (a:Symptom {key: row.from}), (b:Condition {key: row.to})
CREATE (a)-[:SIGN_OF {likely: row.likely, place: row.place}]->(b)
"""
LINK_NAMES: Final = """
UNWIND $rows AS row MATCH (a:Name {key: row.from}), (b:Condition {key: row.to}) CREATE (a)-[:NAMES]->(b)
"""
LINK_URGENCIES: Final = """
UNWIND $rows AS row MATCH (a:Condition {key: row.from}), (b:Urgency {key: row.to}) CREATE (a)-[:CALLS_FOR]->(b)
"""
LINK_ADVICE: Final = """
UNWIND $rows AS row MATCH (a:Condition {key: row.from}), (b:Advice {key: row.to})
CREATE (a)-[:ADVISED {place: row.place}]->(b)
"""
LINK_SOURCES: Final = """
UNWIND $rows AS row MATCH (a:Condition {key: row.from}), (b:Source {key: row.to})
CREATE (a)-[:TOLD_BY {place: row.place}]->(b)
"""
ADD_FACTS: Final = """
UNWIND $rows AS row
MERGE (t:Topic {key: row.topic_key}) SET t.graph = row.graph, t.name = row.topic
MERGE (f:Fact {key: row.key})
SET f.graph = row.graph, f.name = row.name, f.topic = row.topic, f.relation = row.relation, f.text = row.text,
    f.source = row.source
MERGE (t)-[:HAS]->(f)
"""
SYMPTOMS: Final = """
MATCH (n:Symptom {graph: $graph}) RETURN n.id AS id, n.name AS name, n.names AS names ORDER BY n.place
"""
_WHOLE: Final = """
MATCH (c)-[:CALLS_FOR]->(u:Urgency)
RETURN c.id AS id, c.name AS name, c.names AS names, c.about AS about, c.warning AS warning, c.common AS common,
    c.place AS place, u.id AS urgency, u.rank AS rank, u.text AS text,
    [(s:Symptom)-[l:SIGN_OF]->(c) | [l.place, s.id, l.likely]] AS signs,
    [(c)-[l:ADVISED]->(a:Advice) | [l.place, a.id, a.text]] AS advice,
    [(c)-[l:TOLD_BY]->(o:Source) | [l.place, o.id, o.name, o.kind]] AS sources
ORDER BY place LIMIT $most
"""
WITH_SYMPTOMS: Final = "MATCH (n:Symptom)-[:SIGN_OF]->(c:Condition) WHERE n.key IN $keys WITH DISTINCT c" + _WHOLE
NAMED: Final = "MATCH (n:Name)-[:NAMES]->(c:Condition) WHERE n.key IN $keys WITH DISTINCT c" + _WHOLE
FACTS: Final = """
MATCH (t:Topic)-[:HAS]->(f:Fact) WHERE t.key IN $keys AND f.relation = $relation
RETURN f.name AS key, f.topic AS topic, f.relation AS relation, f.text AS text, f.source AS source
ORDER BY size(f.name) DESC, f.source LIMIT $most
"""
COUNTS: Final = {
    "symptoms": "MATCH (n:Symptom {graph: $graph}) RETURN count(n) AS n",
    "conditions": "MATCH (n:Condition {graph: $graph}) RETURN count(n) AS n",
    "signs": "MATCH (:Symptom {graph: $graph})-[l:SIGN_OF]->(:Condition) RETURN count(l) AS n",
    "facts": "MATCH (n:Fact {graph: $graph}) RETURN count(n) AS n",
}


class Neo4jGraph:
    """One persona's graph in a Neo4j database, or in another server that speaks Bolt and Cypher."""

    def __init__(self, driver: Any, graph: str, database: str | None = None) -> None:
        """`driver` is an asynchronous driver of the neo4j package; `graph` is the persona's name."""
        self._driver = driver
        self._graph = graph
        self._database = database

    async def load(self, tables: Tables) -> None:
        """See `Graph.load`."""
        for query in INDEXES:
            await self._run(query)
        for query in CLEAR:
            await self._run(query, graph=self._graph)
        conditions = tables.conditions
        names = [(key_of(n), c.id) for c in conditions for n in dict.fromkeys((c.name, *c.names))]
        nodes: tuple[tuple[str, Iterable[dict[str, Any]]], ...] = (
            (ADD_SYMPTOMS, (asdict(s) for s in tables.symptoms)),
            (ADD_URGENCIES, (asdict(u) for u in tables.urgencies)),
            (ADD_ADVICE, (asdict(a) for a in tables.advice)),
            (ADD_SOURCES, (asdict(s) for s in tables.sources)),
            (ADD_CONDITIONS, map(_flat, conditions)),
            (ADD_NAMES, ({"id": name} for name in dict.fromkeys(name for name, _ in names))),
        )
        for query, rows in nodes:
            own = [{**row, **self._mark(row["id"]), "place": place} for place, row in enumerate(rows)]
            await self._write(query, [{k: list(v) if isinstance(v, tuple) else v for k, v in r.items()} for r in own])
        await self._link(LINK_SIGNS, ((s, c.id, likely) for c in conditions for s, likely in c.signs))
        await self._link(LINK_NAMES, ((name, one, 1.0) for name, one in dict.fromkeys(names)))
        await self._link(LINK_URGENCIES, ((c.id, c.urgency.id, 1.0) for c in conditions))
        await self._link(LINK_ADVICE, ((c.id, a.id, 1.0) for c in conditions for a in c.advice))
        await self._link(LINK_SOURCES, ((c.id, s.id, 1.0) for c in conditions for s in c.sources))

    async def add_facts(self, facts: Iterable[Fact]) -> int:
        """See `Graph.add_facts`."""
        rows = [
            {
                **self._mark("\n".join((fact.key, fact.relation, fact.source))),
                "topic_key": self._key(fact.key),
                "name": fact.key,
                "topic": fact.topic,
                "relation": fact.relation,
                "text": fact.text,
                "source": fact.source,
            }
            for fact in facts
        ]
        await self._write(ADD_FACTS, rows)
        return len(rows)

    async def symptoms(self) -> Sequence[Symptom]:
        """See `Graph.symptoms`."""
        rows = await self._run(SYMPTOMS, graph=self._graph)
        return [Symptom(row["id"], row["name"], tuple(row["names"])) for row in rows]

    async def conditions_with(self, symptoms: Sequence[str]) -> Sequence[Condition]:
        """See `Graph.conditions_with`."""
        rows = await self._run(WITH_SYMPTOMS, keys=[self._key(one) for one in symptoms], most=MAX_ANSWERS)
        return [_condition(row) for row in rows]

    async def conditions_named(self, keys: Sequence[str]) -> Sequence[Condition]:
        """See `Graph.conditions_named`."""
        rows = await self._run(NAMED, keys=[self._key(one) for one in keys], most=MAX_ANSWERS)
        return [_condition(row) for row in rows]

    async def facts(self, keys: Sequence[str], relation: str) -> Sequence[Fact]:
        """See `Graph.facts`."""
        given = [self._key(one) for one in keys]
        return [Fact(**row) for row in await self._run(FACTS, keys=given, relation=relation, most=MAX_ANSWERS)]

    async def counts(self) -> dict[str, int]:
        """See `Graph.counts`."""
        return {name: (await self._run(query, graph=self._graph))[0]["n"] for name, query in COUNTS.items()}

    async def close(self) -> None:
        """See `Graph.close`."""
        await self._driver.close()

    # ------------------------------------------------------------ inside

    async def _link(self, query: str, links: Iterable[tuple[str, str, float]]) -> None:
        rows = [
            {"from": self._key(one), "to": self._key(other), "likely": likely, "place": place}
            for place, (one, other, likely) in enumerate(links)
        ]
        await self._write(query, rows)

    async def _write(self, query: str, rows: Sequence[Mapping[str, Any]]) -> None:
        for begin in range(0, len(rows), BATCH):
            await self._run(query, rows=list(itertools.islice(rows, begin, begin + BATCH)))

    async def _run(self, query: str, **parameters: Any) -> list[dict[str, Any]]:
        from neo4j.exceptions import DriverError, Neo4jError

        try:
            records, _, _ = await self._driver.execute_query(query, parameters, database_=self._database)
        except (DriverError, Neo4jError, OSError) as error:
            reason = type(error).__name__  # its text may hold the address with its password
            raise UserError(
                f"The graph database did not answer: {reason}.", "Check graph_url and the server."
            ) from None
        return [record.data() for record in records]

    def _key(self, one: str) -> str:
        return f"{self._graph}/{one}"

    def _mark(self, one: str) -> dict[str, str]:
        return {"graph": self._graph, "key": self._key(one)}


def open_neo4j(url: str, graph: str) -> Neo4jGraph:
    """Return the graph at neo4j://USER:PASSWORD@HOST:PORT/DATABASE; nothing is connected yet.

    Raises:
        UserError: the driver is missing, or the address is wrong.
    """
    try:
        import neo4j
    except ImportError:
        raise UserError("Neo4j's driver is not installed.", 'Install it: pip install -e ".[graph]".') from None
    logging.getLogger("neo4j.notifications").setLevel(logging.ERROR)  # else it warns of each label not in use yet
    try:
        parts = urlsplit(url)
        host = f"{parts.hostname or ''}:{parts.port or 7687}"
    except ValueError:
        raise UserError("graph_url is no address.", "Give neo4j://USER:PASSWORD@HOST:7687.") from None
    if parts.scheme not in SCHEMES or not parts.hostname:
        raise UserError("graph_url is no address of a Neo4j server.", "Give neo4j://USER:PASSWORD@HOST:7687.")
    auth = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
    driver = neo4j.AsyncGraphDatabase.driver(
        f"{parts.scheme}://{host}",
        auth=auth,
        connection_timeout=CONNECT_S,
        max_transaction_retry_time=RETRY_S,
        connection_acquisition_timeout=2 * CONNECT_S,
    )
    return Neo4jGraph(driver, graph, parts.path.strip("/") or None)


def _flat(condition: Condition) -> dict[str, Any]:
    """Return the properties of a condition that are no edges."""
    return {
        "id": condition.id,
        "name": condition.name,
        "names": condition.names,
        "about": condition.about,
        "warning": condition.warning,
        "common": condition.common,
    }


def _condition(row: Mapping[str, Any]) -> Condition:
    return Condition(
        id=row["id"],
        name=row["name"],
        names=tuple(row["names"]),
        about=row["about"],
        urgency=Urgency(row["urgency"], row["rank"], row["text"]),
        advice=tuple(Advice(*cells) for _, *cells in sorted(row["advice"])),
        warning=row["warning"],
        sources=tuple(Source(*cells) for _, *cells in sorted(row["sources"])),
        common=row["common"],
        signs=tuple((one, likely) for _, one, likely in sorted(row["signs"])),
    )
