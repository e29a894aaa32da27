"""GoEmotions and questions without any emotion, as hashed words and shares of the 28 labels."""

import csv
import gzip
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from runtime.core.hashed_words import WordHasher, padded, words_of
from training.retrieval.data import disturbed
from training.run import Run
from training.text_tone.labels import LABELS, NEUTRAL

HASHER: Final = WordHasher(words=8_192, pieces=8_192)
VALIDATION_PART: Final = 10
"""One in so many of the training comments is kept for validation."""
QUESTIONS: Final = {"text/sgd_dialogues_dev.jsonl.gz": 12_000, "text/medquad.jsonl.gz": 2_000}
"""Questions and orders in talks with a service, and questions about illness, at most so many: what is asked plainly has
no emotion, and GoEmotions, which has remarks alone, calls most questions curious."""
BANKING: Final = "text/banking77"
"""Questions to a bank: of another kind than those learned from, so they show whether any plain question is neutral."""
CLEAN_SHARE: Final = 0.5
SMOKE_TEXTS: Final = 300
MAX_TRAIN_WORDS: Final = 30
_POLITE: Final = re.compile(r"\b(thank|thanks|great|good|sorry|perfect|awesome|wonderful|nice|love|sounds)\b", re.I)


@dataclass(frozen=True)
class Texts:
    """Remarks and (n, 28) shares of their labels, which sum to 1."""

    texts: list[str]
    shares: NDArray[np.float32]

    def some(self, kept: Iterable[int]) -> "Texts":
        """Return those of the given numbers."""
        wanted = list(kept)
        return Texts([self.texts[index] for index in wanted], self.shares[wanted])

    def __add__(self, other: "Texts") -> "Texts":
        return Texts(self.texts + other.texts, np.concatenate([self.shares, other.shares]))


def load(run: Run) -> tuple[Texts, Texts, Texts]:
    """Return the texts to learn from, to validate with and to test with.

    GoEmotions' own `dev.tsv` is the test, whole comments apart from `train.tsv`; a comment of the same words as one of
    the test is not learned from.
    """
    folder = run.folder("text/goemotions")
    test = comments(folder / "dev.tsv")
    known = {" ".join(words_of(text)) for text in test.texts}
    every = comments(folder / "train.tsv")
    every = every.some(i for i, text in enumerate(every.texts) if " ".join(words_of(text)) not in known)
    order = np.random.default_rng(run.seed).permutation(len(every.texts))
    if run.smoke:
        order, test = order[:SMOKE_TEXTS], test.some(range(SMOKE_TEXTS))
    cut = len(order) // VALIDATION_PART
    asked = plain(questions(run))
    asked_cut = len(asked.texts) // VALIDATION_PART
    # The questions come in the order of their dialogues, so the first tenth is dialogues apart.
    validation = every.some(order[:cut]) + asked.some(range(asked_cut))
    return every.some(order[cut:]) + asked.some(range(asked_cut, len(asked.texts))), validation, test


def comments(path: Path) -> Texts:
    """Read a file of GoEmotions: text, label numbers, id. A comment of several labels shares them evenly."""
    texts, rows = [], []
    with path.open(encoding="utf-8") as file:
        for line in file:
            text, numbers, _ = line.rstrip("\n").split("\t")
            row = np.zeros(len(LABELS), np.float32)
            row[[int(number) for number in numbers.split(",")]] = 1
            texts.append(re.sub(r"\[NAME\]", "he", text))
            rows.append(row / row.sum())
    return Texts(texts, np.array(rows))


def questions(run: Run) -> list[str]:
    """Return what people ask plainly of a service, in the order of the files."""
    found: list[str] = []
    for name, count in QUESTIONS.items():
        unique = list(dict.fromkeys(_plain_lines(run.folder(name))))
        kept = min(len(unique), SMOKE_TEXTS // 4 if run.smoke else count)
        found += [unique[index * len(unique) // kept] for index in range(kept)]
    return found


def banking(run: Run) -> list[str]:
    """Return every tenth question to a bank."""
    with (run.folder(BANKING) / "train.csv").open(encoding="utf-8", newline="") as file:
        return [" ".join(row["text"].split()) for row in csv.DictReader(file)][::10]


def plain(texts: list[str]) -> Texts:
    """Return texts as neutral ones."""
    shares = np.zeros((len(texts), len(LABELS)), np.float32)
    shares[:, NEUTRAL] = 1
    return Texts(texts, shares)


class Remarks(Dataset[tuple[NDArray[np.int64], NDArray[np.float32]]]):
    """Hashed words and shares of the labels; half of the texts with words missing or mistyped, as they are heard."""

    def __init__(self, texts: Texts) -> None:
        self._words = [words_of(text)[:MAX_TRAIN_WORDS] for text in texts.texts]
        self._shares = texts.shares

    def __len__(self) -> int:
        return len(self._words)

    def __getitem__(self, index: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        words = self._words[index]
        if np.random.random() >= CLEAN_SHARE and words:
            words = disturbed(words)
        return HASHER.ids(" ".join(words)), self._shares[index]


def collate(items: list[tuple[NDArray[np.int64], NDArray[np.float32]]]) -> tuple[Tensor, Tensor]:
    """Return (b, w, 1 + pieces) row numbers and (b, 28) shares."""
    ids, shares = zip(*items, strict=True)
    return torch.from_numpy(padded(list(ids))), torch.from_numpy(np.stack(shares))


def _plain_lines(path: Path) -> Iterator[str]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            record = json.loads(line)
            if "question" in record:
                yield str(record["question"])
                continue
            for speaker, text, *_ in record["turns"]:
                parts = re.split(r"(?<=[.!?])\s+", text)
                yield from (
                    part for part in parts if not _POLITE.search(part) and (speaker == "USER" or part[-1:] == "?")
                )
