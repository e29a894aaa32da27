"""Sentences as vectors: those that mean alike lie near each other, whatever their words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from runtime.core.hashed_words import WordHasher, padded
from runtime.core.models import ModelRegistry, file_metadata

MODEL = "retrieval"
BATCH: Final = 64


@dataclass(frozen=True)
class Embedding:
    """A loaded model."""

    session: Any
    hasher: WordHasher

    def vectors(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return (n, size) vectors of length 1, so that the product of two is their likeness, -1..1. n is above 0."""
        ids = [self.hasher.ids(text) for text in texts]
        order = np.argsort([len(words) for words in ids], kind="stable")  # those of a length together: less is padding
        found = []
        for begin in range(0, len(texts), BATCH):
            batch = padded([ids[place] for place in order[begin : begin + BATCH]])
            found.append(self.session.run(["vector"], {"words": batch})[0])
        return np.asarray(np.concatenate(found)[np.argsort(order)], np.float32)


def load_embedding(registry: ModelRegistry) -> Embedding | None:
    """Return the model, or None where none ships. Raises UserError where its file isn't the one of the manifest."""
    if MODEL not in registry.entries():
        return None
    session = registry.load(MODEL)
    said = file_metadata(session)
    sizes = (int(said[name]) for name in ("hash_words", "hash_pieces", "pieces_per_word", "max_words"))
    return Embedding(session, WordHasher(*sizes))
