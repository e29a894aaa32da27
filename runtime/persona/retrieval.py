"""Finding the entry that a text asks for: BM25 over words (bm25s), string likeness (rapidfuzz), sentence vectors."""

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
from runtime.persona.persona import Persona, normal

logging.getLogger("bm25s").setLevel(logging.WARNING)  # it sets its own level to DEBUG when imported

_SYNONYMS: Final = {
    "kid": "child", "kids": "child", "children": "child", "toddler": "child", "son": "child", "daughter": "child",
    "elevator": "lift", "elevators": "lift", "bathroom": "toilet", "restroom": "toilet", "restrooms": "toilet",
    "loo": "toilet", "washroom": "toilet", "bathrooms": "toilet", "coffee": "cafe", "restaurant": "cafe",
    "cost": "price", "costs": "price", "fee": "price", "charge": "price", "expensive": "price", "much": "price",
    "admission": "ticket", "entry": "ticket", "entrance": "ticket", "picture": "photo", "pictures": "photo",
    "photograph": "photo", "photographs": "photo", "photography": "photo", "photos": "photo", "internet": "wifi",
    "wireless": "wifi", "jacket": "coat", "jackets": "coat", "luggage": "suitcase", "bicycle": "bike",
    "bicycles": "bike", "cycle": "bike", "car": "park", "parking": "park", "garage": "park", "elderly": "senior",
    "pensioner": "senior", "pensioners": "senior", "wallet": "bag", "keys": "bag", "purse": "bag",
    "vegan": "vegetarian", "families": "family", "boy": "child", "girl": "child", "terrace": "garden",
    "injured": "hurt", "begin": "start", "begins": "start", "starts": "start", "shut": "close", "closing": "close",
    "closes": "close", "opening": "open", "opens": "open", "painting": "art", "paintings": "art",
    "garden": "garden", "dog": "pet", "dogs": "pet", "pets": "pet", "cat": "pet", "pupil": "school",
    "pupils": "school", "class": "school", "present": "gift", "voucher": "gift", "vouchers": "gift",
    "robot": "computer", "human": "person", "discount": "reduced", "cheaper": "reduced", "less": "reduced",
    "reduction": "reduced", "pram": "stroller", "buggy": "stroller", "pushchair": "stroller", "infant": "baby",
    "nappy": "baby", "diaper": "baby",
}  # fmt: skip
_STOP: Final = frozenset(
    """
    a an the is are am be was do does did can could may might would will shall should i you we he she it they
    me my your our us to of in on at for from and or please there here this that have has get go got any some
    """.split()
)
_ASKING: Final = frozenset(["how", "what", "where", "when", "which", "who", "why"])
_LEXICAL_SHARE: Final = 0.6
MEANING_SHARE: Final = 0.4
"""Of the score where there is a model; what is left is split between words and letters as without it."""


@dataclass(frozen=True)
class Match:
    """An entry of the persona by its index, and how well a text fits it, 0..1."""

    entry: int
    score: float


class Retriever:
    """Ranks a persona's entries for a text. Built once; `rank` takes about a millisecond."""

    def __init__(self, persona: Persona, embedding: Embedding | None = None) -> None:
        pairs = [
            (index, words)
            for index, entry in enumerate(persona.knowledge)
            for text in (*entry.questions, *entry.clues)
            if (words := normal(text))
        ]
        self._entry_of = np.array([index for index, _ in pairs])
        self._phrasings = [text for _, text in pairs]
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
        self._entries = len(persona.knowledge)
        self._embedding = embedding
        self._meanings = None if embedding is None else embedding.vectors(self._phrasings)

    def rank(self, text: str, count: int = 3) -> list[Match]:
        """Return the best `count` entries for a text, best first."""
        words = normal(text)
        if not words:
            return []
        tokens = _tokens(words)
        known = [token for token in tokens if token in self._vocabulary]
        lexical = np.zeros(len(self._phrasings), np.float32)
        if known:
            whole = self._weight(tokens) * self._scale
            lexical = np.minimum(1.0, self._lexical(known) / np.sqrt(self._own * whole))
        alike = process.cdist([words], self._phrasings, scorer=fuzz.token_sort_ratio)[0] / 100.0
        scores = _LEXICAL_SHARE * lexical + (1 - _LEXICAL_SHARE) * alike
        if self._embedding is not None and self._meanings is not None:
            near = np.clip(self._meanings @ self._embedding.vectors([words])[0], 0, 1)
            scores = MEANING_SHARE * near + (1 - MEANING_SHARE) * scores
        best = np.zeros(self._entries, np.float32)
        np.maximum.at(best, self._entry_of, scores)
        return [Match(int(i), float(best[i])) for i in np.argsort(-best)[:count]]

    def _weight(self, tokens: Sequence[str]) -> float:
        return sum(self._rarity.get(token, self._unknown) for token in tokens)

    def _lexical(self, tokens: Sequence[str]) -> NDArray[np.float32]:
        scores: NDArray[np.float32] = self._index.get_scores(list(tokens))
        return scores


def _tokens(words: str) -> list[str]:
    """Return a normalised text's words with synonyms and plurals brought together; content words if there are any."""
    tokens = [_stem(_SYNONYMS.get(word, word)) for word in words.split()]
    content = [token for token in tokens if token not in _STOP]
    return content if any(token not in _ASKING for token in content) else tokens


def _stem(word: str) -> str:
    for ending in ("ing", "ies", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            return word[: -len(ending)] + ("y" if ending == "ies" else "")
    return word
