"""Sentences as the student reads them: word pieces, with words dropped and letters mistyped while it learns."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.data import Dataset

from runtime.core.hashed_words import words_of
from runtime.core.word_pieces import WordPieces, padded
from training.retrieval.data import CLEAN_SHARE, MAX_TRAIN_WORDS, disturbed

Item = tuple[NDArray[np.int64], NDArray[np.float32]]


class Sentences(Dataset[Item]):
    """Pairs of a sentence's pieces and the teacher's vector of it as it was written."""

    def __init__(self, texts: list[str], vectors: NDArray[np.float32], splitting: WordPieces) -> None:
        found = [words_of(text) for text in texts]
        kept = [index for index, words in enumerate(found) if len(words) <= MAX_TRAIN_WORDS]
        self._texts, self._vectors, self._splitting = [found[index] for index in kept], vectors[kept], splitting

    def __len__(self) -> int:
        return len(self._texts)

    def __getitem__(self, index: int) -> Item:
        words = self._texts[index]
        if np.random.random() >= CLEAN_SHARE:
            words = disturbed(words)
        return self._splitting.ids(" ".join(words)), self._vectors[index]


def collate(items: list[Item]) -> tuple[Tensor, Tensor]:
    """Return (b, n) numbers of pieces and (b, 384) vectors."""
    ids, vectors = zip(*items, strict=True)
    return torch.from_numpy(padded(ids)), torch.from_numpy(np.stack(vectors))


def embed(net: nn.Module, texts: list[str], splitting: WordPieces, batch: int = 256) -> NDArray[np.float32]:
    """Return a net's (n, size) vectors of texts."""
    device = next(net.parameters()).device
    rows = [splitting.ids(text) for text in texts]
    order = np.argsort([len(ids) for ids in rows], kind="stable")  # a batch is as long as its longest
    found = []
    for begin in range(0, len(texts), batch):
        ids = torch.from_numpy(padded([rows[index] for index in order[begin : begin + batch]]))
        found.append(net(ids.to(device)).float().cpu().numpy())
    return np.concatenate(found)[np.argsort(order)]
