"""Which graphs there are, and how the brain around one is put together."""

import asyncio
import importlib.metadata
import importlib.util
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path
from typing import Final, TypeVar

from runtime.core.backends import BackendState
from runtime.core.errors import UserError
from runtime.persona.brain import Brain
from runtime.persona.graph.brain import GraphBrain
from runtime.persona.graph.helping import HelpFirst
from runtime.persona.graph.model import Condition, Fact, Graph, Symptom, Tables
from runtime.persona.graph.sqlite import SqliteGraph
from runtime.persona.graph.tables import read_tables
from runtime.persona.persona import Persona

log = logging.getLogger(__name__)

PART: Final = "knowledge graph"
PATIENCE_S: Final = 0.5
"""A visitor waits no longer for a graph database; then the embedded graph answers."""
AGAIN_AFTER_S: Final = 30.0
_T = TypeVar("_T")


def available(graph_url: str = "") -> list[BackendState]:
    """Return the state of every graph on this machine, best first."""
    detail, remedy = "", 'Install its driver: pip install -e ".[graph]".'
    if importlib.util.find_spec("neo4j") is not None:
        detail = f"driver {importlib.metadata.version('neo4j')}"
        remedy = "" if graph_url else "Set graph_url to neo4j://USER:PASSWORD@HOST."
    return [
        BackendState(PART, "neo4j", not remedy, detail, remedy, True),
        BackendState(PART, "embedded", True, "SQLite, filled from the persona's own files"),
    ]


def files_of(persona_file: Path, persona: Persona) -> Path | None:
    """Return the folder of a persona's graph; None where it has none."""
    return None if persona.graph is None else persona_file.parent / persona.graph.folder


def store_of(data_dir: Path, persona_file: Path) -> Path:
    """Return where the embedded graph of a persona lies once more than its own files was loaded into it."""
    return data_dir / "graphs" / f"{persona_file.parent.name}.sqlite"


def open_embedded(folder: Path, store: Path | None = None) -> SqliteGraph:
    """Return the embedded graph, filled from the files; together with the facts of the store where there is one.

    Raises:
        UserError: a file is wrong.
    """
    graph = SqliteGraph(store if store is not None and store.is_file() else None)
    graph.fill(read_tables(folder))
    return graph


def open_graph(graph_url: str, folder: Path, name: str, store: Path | None = None) -> Graph:
    """Return the graph of the persona `name`: embedded, or at an address with the embedded one behind it.

    Raises:
        UserError: the files are wrong, the address is, or its driver is missing.
    """
    embedded = open_embedded(folder, store)
    if not graph_url:
        return embedded
    from runtime.persona.graph.neo4j_graph import open_neo4j

    return WithFallback(open_neo4j(graph_url, name), embedded)


def with_graph(brain: Brain, persona: Persona, graph: Graph | None) -> Brain:
    """Return a brain that answers out of the graph, and sends emergencies to help before all else."""
    return help_first(brain if graph is None else GraphBrain(brain, graph, persona), persona)


def help_first(brain: Brain, persona: Persona) -> Brain:
    """Return a brain that sends emergencies to help before all else, where the persona has to do with such."""
    return HelpFirst(brain, persona) if persona.emergency is not None or persona.graph is not None else brain


class WithFallback:
    """A graph that another one stands in for while it does not answer in time."""

    def __init__(
        self, first: Graph, second: Graph, patience_s: float = PATIENCE_S, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._first = first
        self._second = second
        self._patience_s = patience_s
        self._clock = clock
        self._closed_until_s = float("-inf")

    async def load(self, tables: Tables) -> None:
        """See `Graph.load`; loading goes to the first graph alone, and fails with it."""
        await self._first.load(tables)

    async def add_facts(self, facts: Iterable[Fact]) -> int:
        """See `Graph.add_facts`; as `load`."""
        return await self._first.add_facts(facts)

    async def symptoms(self) -> Sequence[Symptom]:
        """See `Graph.symptoms`."""
        found = await self._either(lambda graph: graph.symptoms())
        return found or await self._second.symptoms()  # the database has not been loaded

    async def conditions_with(self, symptoms: Sequence[str]) -> Sequence[Condition]:
        """See `Graph.conditions_with`."""
        return await self._either(lambda graph: graph.conditions_with(symptoms))

    async def conditions_named(self, keys: Sequence[str]) -> Sequence[Condition]:
        """See `Graph.conditions_named`."""
        return await self._either(lambda graph: graph.conditions_named(keys))

    async def facts(self, keys: Sequence[str], relation: str) -> Sequence[Fact]:
        """See `Graph.facts`."""
        return await self._either(lambda graph: graph.facts(keys, relation))

    async def counts(self) -> dict[str, int]:
        """See `Graph.counts`."""
        return await self._either(lambda graph: graph.counts())

    async def close(self) -> None:
        """See `Graph.close`."""
        await asyncio.gather(self._first.close(), self._second.close())

    async def _either(self, ask: Callable[[Graph], Awaitable[_T]]) -> _T:
        if self._clock() >= self._closed_until_s:
            try:
                return await asyncio.wait_for(ask(self._first), self._patience_s)
            except (UserError, TimeoutError) as error:
                self._closed_until_s = self._clock() + AGAIN_AFTER_S
                reason = error.what if isinstance(error, UserError) else "it took too long"
                log.warning("the embedded graph answers for %g s: %s", AGAIN_AFTER_S, reason)
        return await ask(self._second)
