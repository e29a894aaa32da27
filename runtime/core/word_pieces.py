"""Text as numbers of word pieces: the longest known beginning of each word, then the longest of what is left.

WordPiece (Schuster and Nakajima 2012, "Japanese and Korean Voice Search") as BERT uses it in lower case (Devlin et al.
2019): a piece that goes on a word begins with ##. The library `tokenizers` does the same, but brings an HTTP client and
a hub's with it; a test compares the two. Training and runtime share this file.
"""

import functools
import re
import unicodedata
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

PAD, UNKNOWN, BEGIN, END = range(4)
SPECIAL: Final = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
"""The first four of a vocabulary."""
INSIDE: Final = "##"
_PART: Final = re.compile(r"[^\W_]+|[^\w\s]")
_MAX_LETTERS: Final = 40
_CACHED_WORDS: Final = 16_384


class WordPieces:
    """Splits text by a vocabulary, which begins with `SPECIAL`; at most `max_pieces` numbers a text."""

    def __init__(self, vocabulary: Sequence[str], max_pieces: int) -> None:
        self.vocabulary = tuple(vocabulary)
        self.max_pieces = max_pieces
        self._numbers = {piece: number for number, piece in enumerate(vocabulary)}
        self._pieces = functools.lru_cache(_CACHED_WORDS)(self._split)

    def ids(self, text: str) -> NDArray[np.int64]:
        """Return (n,) numbers of the text's first pieces between `BEGIN` and `END`, 2 <= n <= max_pieces."""
        plain = unicodedata.normalize("NFD", text.lower())
        letters = "".join(letter for letter in plain if unicodedata.category(letter) != "Mn")
        found = [number for part in _PART.findall(letters) for number in self._pieces(part)]
        return np.array([BEGIN, *found[: self.max_pieces - 2], END], np.int64)

    def _split(self, word: str) -> tuple[int, ...]:
        if len(word) > _MAX_LETTERS:
            return (UNKNOWN,)
        found: list[int] = []
        begin = 0
        while begin < len(word):
            mark = INSIDE if begin else ""
            ends = range(len(word), begin, -1)
            end = next((end for end in ends if mark + word[begin:end] in self._numbers), None)
            if end is None:
                return (UNKNOWN,)
            found.append(self._numbers[mark + word[begin:end]])
            begin = end
        return tuple(found)


def padded(batch: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Return texts' numbers as one (texts, longest) array, filled with `PAD` at their ends."""
    out = np.full((len(batch), max(map(len, batch))), PAD, np.int64)
    for index, ids in enumerate(batch):
        out[index, : len(ids)] = ids
    return out
