"""Sentences as vectors: those that mean alike lie near each other, whatever their words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from runtime.core import hashed_words, word_pieces
from runtime.core.kept_vectors import KeptVectors
from runtime.core.models import ModelRegistry, file_metadata

MODELS: Final = ("retrieval_large", "retrieval")
"""The models there are, the better and slower first."""
BATCH: Final = 64

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Embedding:
    """A loaded model: its name, its session, and how a text and a batch of texts are put to it."""

    name: str
    session: Any
    ids: Callable[[str], Rows]
    padded: Callable[[Sequence[Rows]], Rows]
    kept: KeptVectors | None = None
    """Vectors of texts from earlier starts."""

    def vectors(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return (n, size) vectors of length 1, so that the product of two is their likeness, -1..1. n is above 0."""
        rows = [self.ids(text) for text in texts]
        order = np.argsort([len(row) for row in rows], kind="stable")  # those of a length together: less is padding
        given = self.session.get_inputs()[0].name
        found = []
        for begin in range(0, len(texts), BATCH):
            batch = self.padded([rows[place] for place in order[begin : begin + BATCH]])
            found.append(self.session.run(["vector"], {given: batch})[0])
        return np.asarray(np.concatenate(found)[np.argsort(order)], np.float32)

    def vectors_of(self, name: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the vectors of a persona's own texts: of those that were there at an earlier start, from its file."""
        return self.vectors(texts) if self.kept is None else self.kept.vectors(name, texts, self.vectors)


def load_embedding(registry: ModelRegistry, folder: Path | None = None, best: str = MODELS[0]) -> Embedding | None:
    """Return the model `best`, or the next one of `MODELS` that ships, or None where none does.

    Args:
        registry: of the models.
        folder: where the vectors of a persona's texts are kept for the next start; None keeps none.
        best: one of `MODELS`.

    Raises:
        UserError: its file isn't the one of the manifest.
    """
    entries = registry.entries()
    name = next((name for name in MODELS[MODELS.index(best) :] if name in entries), None)
    if name is None:
        return None
    session = registry.load(name)
    said = file_metadata(session)
    kept = None if folder is None else KeptVectors(folder, name, entries[name].sha256)
    if "vocabulary" in said:
        splitting = word_pieces.WordPieces(said["vocabulary"].split(" "), int(said["max_pieces"]))
        return Embedding(name, session, splitting.ids, word_pieces.padded, kept)
    sizes = (int(said[key]) for key in ("hash_words", "hash_pieces", "pieces_per_word", "max_words"))
    return Embedding(name, session, hashed_words.WordHasher(*sizes).ids, hashed_words.padded, kept)
