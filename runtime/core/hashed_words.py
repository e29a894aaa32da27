"""Words as numbers without a vocabulary: each word and its pieces of letters hashed into the rows of one table.

A word nobody foresaw, or one misheard or mistyped, shares most of its pieces with the word that was meant
(Bojanowski et al. 2017, "Enriching Word Vectors with Subword Information"). Training and runtime share this file.
"""

import functools
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

PIECE_LETTERS: Final = (3, 4, 5)
_WORD: Final = re.compile(r"[a-z0-9]+(?:'[a-z]+)*")
_CACHED_WORDS: Final = 16_384


@dataclass(frozen=True)
class WordHasher:
    """Sizes of the table: row 0 is nothing, then `words` rows for whole words and `pieces` rows for pieces."""

    words: int
    pieces: int
    pieces_per_word: int = 12
    max_words: int = 40

    @property
    def rows(self) -> int:
        """Rows of the whole table."""
        return 1 + self.words + self.pieces

    def ids(self, text: str, last: bool = False) -> NDArray[np.int64]:
        """Return (n, 1 + pieces_per_word) row numbers of the text's first (or last) words, 1 <= n <= max_words.

        A text without words gives one word of nothing. Rows are padded with 0 at their ends.
        """
        found = words_of(text)
        kept = found[-self.max_words :] if last else found[: self.max_words]
        if not kept:
            return np.zeros((1, 1 + self.pieces_per_word), np.int64)
        return np.array([_rows(word, self.words, self.pieces, self.pieces_per_word) for word in kept], np.int64)


def words_of(text: str) -> list[str]:
    """Return a text's words in lower case, without punctuation."""
    return _WORD.findall(text.lower().replace("’", "'"))


@functools.lru_cache(maxsize=_CACHED_WORDS)
def _rows(word: str, words: int, pieces: int, limit: int) -> tuple[int, ...]:
    marked = f"<{word}>"
    parts = [marked[at : at + size] for size in PIECE_LETTERS for at in range(len(marked) - size + 1)][:limit]
    rows = [1 + zlib.crc32(word.encode()) % words]
    rows += [1 + words + zlib.crc32(part.encode()) % pieces for part in parts]
    return (*rows, *([0] * (limit + 1 - len(rows))))


def padded(batch: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Return texts' row numbers as one (texts, longest, 1 + pieces_per_word) array, padded with 0 at their ends."""
    out = np.zeros((len(batch), max(map(len, batch)), batch[0].shape[1]), np.int64)
    for index, ids in enumerate(batch):
        out[index, : len(ids)] = ids
    return out
