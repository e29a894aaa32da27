"""Sentences as a student reads them, with words dropped and letters mistyped while it learns."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from runtime.core import hashed_words
from runtime.core.hashed_words import WordHasher, words_of

HASHER = WordHasher(words=16_384, pieces=12_288)
DROPPED_SHARE = 0.08
MISTYPED_SHARE = 0.06
CLEAN_SHARE = 0.4
"""So many sentences are left as they are."""
MAX_TRAIN_WORDS = 22
"""Longer sentences are few, and a batch is as long as its longest."""
_LETTERS = "abcdefghijklmnopqrstuvwxyz"

Rows = NDArray[np.int64]
Item = tuple[Rows, NDArray[np.float32]]


class Reading(NamedTuple):
    """How a text becomes the numbers that a student reads, and several texts' numbers one array."""

    ids: Callable[[str], Rows]
    padded: Callable[[Sequence[Rows]], Rows]


HASHED = Reading(HASHER.ids, hashed_words.padded)


class Sentences(Dataset[Item]):
    """Pairs of what the student reads and the teacher's vector of the sentence as it was written."""

    def __init__(self, texts: list[str], vectors: NDArray[np.float32], reading: Reading = HASHED) -> None:
        found = [words_of(text) for text in texts]
        kept = [index for index, words in enumerate(found) if len(words) <= MAX_TRAIN_WORDS]
        self._texts, self._vectors, self._reading = [found[index] for index in kept], vectors[kept], reading

    def collate(self, items: list[Item]) -> tuple[Tensor, Tensor]:
        """Return (b, ...) numbers and (b, 384) vectors."""
        ids, vectors = zip(*items, strict=True)
        return torch.from_numpy(self._reading.padded(ids)), torch.from_numpy(np.stack(vectors))

    def __len__(self) -> int:
        return len(self._texts)

    def __getitem__(self, index: int) -> Item:
        words = self._texts[index]
        if np.random.random() >= CLEAN_SHARE:
            words = disturbed(words)
        return self._reading.ids(" ".join(words)), self._vectors[index]


def disturbed(words: list[str]) -> list[str]:
    """Return words of which some are missing and some mistyped; never none, by numpy's global chance."""
    kept = [word for word in words if np.random.random() >= DROPPED_SHARE] or words
    return [mistyped(word) if np.random.random() < MISTYPED_SHARE else word for word in kept]


def mistyped(word: str) -> str:
    """Return a word with a letter swapped, dropped, replaced or doubled; short words stay."""
    if len(word) < 4:
        return word
    at, way = int(np.random.randint(len(word) - 1)), int(np.random.randint(4))
    if way == 0:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if way == 1:
        return word[:at] + word[at + 1 :]
    if way == 2:
        return word[:at] + _LETTERS[np.random.randint(26)] + word[at + 1 :]
    return word[: at + 1] + word[at:]


def embed(net: torch.nn.Module, texts: list[str], reading: Reading = HASHED, batch: int = 256) -> NDArray[np.float32]:
    """Return a net's (n, size) vectors of texts."""
    device = next(net.parameters()).device
    rows = [reading.ids(text) for text in texts]
    order = np.argsort([len(ids) for ids in rows], kind="stable")  # a batch is as long as its longest
    found = []
    for begin in range(0, len(texts), batch):
        ids = torch.from_numpy(reading.padded([rows[index] for index in order[begin : begin + batch]]))
        found.append(net(ids.to(device)).float().cpu().numpy())
    return np.concatenate(found)[np.argsort(order)]
