"""Finding the entry that a text asks for: BM25 over words (bm25s), string likeness (rapidfuzz), sentence vectors."""

import functools
import logging
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import bm25s
import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from runtime.persona.embedding import Embedding
from runtime.persona.graph.words import stem
from runtime.persona.persona import Persona, normal
from runtime.persona.strange import STRANGE

logging.getLogger("bm25s").setLevel(logging.WARNING)  # it sets its own level to DEBUG when imported

_STOP: Final = frozenset(
    """
    a an the is are am be was do does did can could may might would will shall should i you we he she it they
    me my your our us to of in on at for from and or please there here this that have has get go got any some
    """.split()
)
_LEXICAL_SHARE: Final = 0.6
"""Of the score by words; the rest is the likeness of letters, which forgives what was misheard."""
MEANING_SHARE: Final = 0.85
"""Of the whole score, where there is a model."""
KNOWN_ALIKE: Final = 0.9
"""The most that others score where a text is one of an entry's own phrasings."""
_NEAREST, _NEAREST_SHARE = 3, 0.5
"""How many of an entry's phrasings tell its meaning besides the nearest, and how much they count."""


_REMEMBERED: Final = 256
"""Vectors of texts that were asked about lately: one turn asks several times about the same."""

NOTHING: Final = -1


@dataclass(frozen=True)
class Match:
    """An entry of the persona by its index, and how well a text fits it, 0..1.

    `NOTHING` stands for what no host is there for.
    """

    entry: int
    score: float


class Retriever:
    """Ranks a persona's entries for a text. Built once; `rank` takes about a millisecond."""

    def __init__(self, persona: Persona, embedding: Embedding | None = None) -> None:
        known = [[normal(text) or text for text in (*entry.questions, *entry.clues)] for entry in persona.knowledge]
        known.append(list(STRANGE))
        self._phrasings = [text for texts in known for text in texts]
        self._places = _places(list(map(len, known)))
        self._exact = {text: entry for entry, texts in reversed(list(enumerate(known[:NOTHING]))) for text in texts}
        tokens = [_tokens(text) for text in self._phrasings]
        self._vocabulary = {token for words in tokens for token in words}
        self._index = bm25s.BM25(k1=1.2, b=0.5)
        self._index.index(tokens, show_progress=False)
        own = np.array([self._lexical(words)[i] for i, words in enumerate(tokens)])
        count = Counter(token for words in tokens for token in set(words))
        self._rarity = {token: math.log(1 + len(tokens) / n) for token, n in count.items()}
        self._unknown = math.log(1 + len(tokens))
        weight = np.array([self._weight(words) for words in tokens])
        self._scale = float(np.median(own / weight))
        self._own = np.maximum(own, 1e-6)
        self._embedding = embedding
        self._meanings = None if embedding is None else embedding.vectors_of(persona.name, self._phrasings)
        self._rows = {text: row for row, text in enumerate(self._phrasings)}
        self._meaning = functools.lru_cache(_REMEMBERED)(self._vector)

    def rank(self, text: str, count: int = 3) -> list[Match]:
        """Return the best `count` entries for a text, best first."""
        words = normal(text)
        if not words:
            return []
        scores = self._by_words(words)[self._places].max(axis=1)
        if self._embedding is not None and self._meanings is not None:
            near = np.clip(self._meanings @ self._meaning(words), 0, 1)[self._places]
            nearest = np.partition(near, -min(_NEAREST, near.shape[1]), axis=1)[:, -_NEAREST:]
            meaning = (1 - _NEAREST_SHARE) * nearest.max(axis=1) + _NEAREST_SHARE * nearest.mean(axis=1)
            scores = MEANING_SHARE * meaning + (1 - MEANING_SHARE) * scores
        if words in self._exact:
            scores = np.minimum(scores, KNOWN_ALIKE)
            scores[self._exact[words]] = 1.0
        best = np.argsort(-scores)[:count]
        return [Match(int(i) if i < len(scores) - 1 else NOTHING, float(scores[i])) for i in best]

    def _vector(self, words: str) -> NDArray[np.float32]:
        assert self._embedding is not None
        assert self._meanings is not None
        row = self._rows.get(words)
        vector: NDArray[np.float32] = self._embedding.vectors([words])[0] if row is None else self._meanings[row]
        return vector

    def _by_words(self, words: str) -> NDArray[np.float32]:
        """Return how well each phrasing fits in words and letters, 0..1."""
        tokens = _tokens(words)
        known = [token for token in tokens if token in self._vocabulary]
        lexical = np.zeros(len(self._phrasings), np.float32)
        if known:
            whole = self._weight(tokens) * self._scale
            lexical = np.minimum(1.0, self._lexical(known) / np.sqrt(self._own * whole))
        alike = process.cdist([words], self._phrasings, scorer=fuzz.token_sort_ratio)[0] / 100.0
        scores: NDArray[np.float32] = _LEXICAL_SHARE * lexical + (1 - _LEXICAL_SHARE) * alike
        return scores

    def _weight(self, tokens: Sequence[str]) -> float:
        return sum(self._rarity.get(token, self._unknown) for token in tokens)

    def _lexical(self, tokens: Sequence[str]) -> NDArray[np.float32]:
        scores: NDArray[np.float32] = self._index.get_scores(list(tokens))
        return scores


def _places(counts: Sequence[int]) -> NDArray[np.intp]:
    """Return the places of each entry's phrasings as a row, filled up with the first of them."""
    first = np.concatenate([[0], np.cumsum(counts)[:-1]])[:, None]
    offset = np.arange(max(counts, default=1))[None]
    return np.where(offset < np.array(counts)[:, None], first + offset, first)


def _tokens(words: str) -> list[str]:
    """Return the stems of a normalised text's words: of those with content, if there are any."""
    every = words.split()
    return [stem(word) for word in every if word not in _STOP] or [stem(word) for word in every]
