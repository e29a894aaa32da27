"""What is in a graph of medical knowledge, and what a store of one can do.

A graph is nodes (symptom, condition, urgency, advice, source) and edges: a symptom is a sign of a condition, always,
often or sometimes; a condition calls for an urgency, has advice, and is told by sources. Beside it stand facts: short
texts about many more topics, each with its source.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, Protocol

LIKELIHOOD: Final = {"always": 0.9, "often": 0.6, "sometimes": 0.25}
"""How likely a sign is with a condition, by the column of conditions.csv that names it."""
EMERGENCY: Final = "emergency"
"""The urgency whose conditions are told first."""
Relation = Literal["about", "symptoms", "treatment", "causes", "prevention", "outlook", "tests", "risk"]


@dataclass(frozen=True)
class Symptom:
    """A symptom: its `name` as it is said ("a headache"), and the `names` that people give it."""

    id: str
    name: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Urgency:
    """How soon a condition needs help: `rank` 0 (home) to 4 (at once), and the sentence that says so."""

    id: str
    rank: int
    text: str


@dataclass(frozen=True)
class Advice:
    """What anybody may do, in one sentence."""

    id: str
    text: str


@dataclass(frozen=True)
class Source:
    """A kind of public source that the graph was written after."""

    id: str
    name: str
    kind: str


@dataclass(frozen=True)
class Condition:
    """What may be behind symptoms. `common` is 1 (rare) to 3; `signs` are symptom ids and how likely each is, 0..1."""

    id: str
    name: str
    names: tuple[str, ...]
    about: str
    urgency: Urgency
    advice: tuple[Advice, ...]
    warning: str
    sources: tuple[Source, ...]
    common: int
    signs: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Fact:
    """A short text about a topic. `key` is the topic's name as `words.key_of` gives it."""

    key: str
    topic: str
    relation: Relation
    text: str
    source: str


@dataclass(frozen=True)
class Tables:
    """A whole graph, as its files hold it."""

    symptoms: tuple[Symptom, ...]
    conditions: tuple[Condition, ...]

    @property
    def urgencies(self) -> tuple[Urgency, ...]:
        """Every urgency that a condition calls for, most pressing last."""
        return tuple(sorted({c.urgency for c in self.conditions}, key=lambda urgency: urgency.rank))

    @property
    def advice(self) -> tuple[Advice, ...]:
        """Every advice that a condition has."""
        return tuple(dict.fromkeys(advice for c in self.conditions for advice in c.advice))

    @property
    def sources(self) -> tuple[Source, ...]:
        """Every source that tells of a condition."""
        return tuple(dict.fromkeys(source for c in self.conditions for source in c.sources))


class Graph(Protocol):
    """A store of one persona's graph. Every method may raise UserError where the store can't be reached."""

    async def load(self, tables: Tables) -> None:
        """Put a whole graph in the place of what was there; facts stay."""

    async def add_facts(self, facts: Iterable[Fact]) -> int:
        """Add facts, each in the place of the one with its topic, relation and source; return how many were given."""

    async def symptoms(self) -> Sequence[Symptom]:
        """Return every symptom."""

    async def conditions_with(self, symptoms: Sequence[str]) -> Sequence[Condition]:
        """Return every condition that at least one of these symptoms (ids) is a sign of."""

    async def conditions_named(self, keys: Sequence[str]) -> Sequence[Condition]:
        """Return every condition that has one of these names, as `words.key_of` gives them."""

    async def facts(self, keys: Sequence[str], relation: str) -> Sequence[Fact]:
        """Return the facts of one relation about topics with one of these names, the longest name first."""

    async def counts(self) -> dict[str, int]:
        """Return how many of each there are: symptoms, conditions, signs, facts."""

    async def close(self) -> None:
        """Let go of files and connections."""
