"""What a model may answer from: passages that retrieval found, with their ids as sources."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from runtime.core.clock import WallClock
from runtime.persona.embedding import Embedding
from runtime.persona.memory import Context
from runtime.persona.persona import Persona
from runtime.persona.retrieval import NOTHING, Retriever

LEAST_SCORE: Final = 0.3
"""A passage that fits worse than this tells the model nothing."""
_SHARED: Final = 0.5
_SHARED_WORDS: Final = 2


@dataclass(frozen=True)
class Passage:
    """A piece of what the persona knows: `id` names it as a source, `feeling` is how it is said."""

    id: str
    text: str
    feeling: str = "neutral"


class Search(Protocol):
    """Finds passages."""

    def find(self, texts: Sequence[str], context: Context, count: int) -> Sequence[Passage]:
        """Return at most `count` passages for what was said (its readings, the likelier first), best first."""


class PersonaSearch:
    """Finds the persona's own entries, also by what the talk was about before. `clock` tells the local time."""

    def __init__(self, persona: Persona, embedding: Embedding | None = None, clock: WallClock = datetime.now) -> None:
        self._persona = persona
        self._clock = clock
        self._retriever = Retriever(persona, embedding)

    def find(self, texts: Sequence[str], context: Context, count: int) -> Sequence[Passage]:
        """See `Search.find`: in turn the best of each reading, alone and with the last question before it."""
        last = context.last
        asked = [*texts, *(f"{last.asked} {text}" for text in texts if last.asked)]
        ranks = zip(*(self._retriever.rank(text, count) for text in asked if text.strip()), strict=False)
        ranked = [
            match.entry for rank in ranks for match in rank if match.entry != NOTHING and match.score >= LEAST_SCORE
        ]
        before = [i for i, entry in enumerate(self._persona.knowledge) if entry.id == last.source]
        chosen = list(dict.fromkeys([*ranked[: count - 1], *before, *ranked[count - 1 :]]))[:count]
        entries = [self._persona.knowledge[index] for index in chosen]
        now = self._clock()
        told = [(e, self._persona.spoken(e.answer, now)) for e in entries if e.answer is not None]
        return [Passage(e.id, f"{e.questions[0]}? {answer}", e.affect) for e, answer in told]


def passage_of(text: str, passages: Sequence[Passage]) -> Passage | None:
    """Return the passage that a phrase says: the one that holds most of its longer words, at least half of them."""
    words = _words(text)
    best, most = None, max(_SHARED * len(words), _SHARED_WORDS - 0.5)
    for passage in passages:
        shared = len(words & _words(passage.text))
        if shared > most or (shared == most and best is None):
            best, most = passage, shared
    return best


def _words(text: str) -> frozenset[str]:
    return frozenset(word for word in re.findall(r"[a-z0-9]+", text.lower()) if len(word) > 3 or word.isdigit())
