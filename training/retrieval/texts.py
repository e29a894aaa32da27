"""The sentences that the student learns from, and banking77 cut into training, validation and test."""

import csv
import gzip
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from runtime.core.hashed_words import words_of
from training.retrieval.situations import framed, situations
from training.retrieval.visitors import visitors_questions
from training.run import Run

VALIDATION, TEST = 3, 4
"""Of every five questions of an intent: the fourth picks the weights, the fifth is for the report alone."""
SHARES: Final = {
    "goemotions": 20_000,
    "chatterbot": 8_000,
    "sgd": 14_000,
    "medquad": 3_000,
    "visitors": 24_000,
    "situations": 12_000,
}
"""Sentences of each set at most; more make the teacher's share of the time too long on a few cores."""
FRAMED: Final = 30_000
"""Sentences in which the single words stand."""
WORDS: Final = 18_000
"""Single words at most: the most frequent of the sentences, then of the teacher's vocabulary."""
SMOKE_SHARE: Final = 60
MAX_CHARS: Final = 200
_YAML_ITEM: Final = re.compile(r"^(?:- +)?\s*- +(.+)$")


@dataclass(frozen=True)
class Labelled:
    """Questions with their intents: `texts` and (n,) `intents`; `part` (n,) is the question's number modulo 5."""

    texts: list[str]
    intents: NDArray[np.int64]
    part: NDArray[np.int64]


def banking(folder: Path, limit: int | None = None) -> Labelled:
    """Read banking77: the questions of each intent are numbered in their order."""
    with (folder / "train.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))[:: 1 if limit is None else max(1, 10_003 // limit)]
    names = {name: index for index, name in enumerate(sorted({row["category"] for row in rows}))}
    counted: Counter[str] = Counter()
    part = []
    for row in rows:
        part.append(counted[row["category"]] % 5)
        counted[row["category"]] += 1
    intents = np.array([names[row["category"]] for row in rows], np.int64)
    return Labelled([" ".join(row["text"].split()) for row in rows], intents, np.array(part, np.int64))


def sentences(run: Run, questions: Labelled, words: Iterable[str]) -> list[str]:
    """Return all sentences to learn from, each once: none of banking77's validation or test part, however written.

    Single words are among them, alone and in frames: the most frequent of the sentences, then `words`.
    """
    known = questions.part < VALIDATION
    kept = [text for text, use in zip(questions.texts, known, strict=True) if use]
    held = {_key(text) for text, use in zip(questions.texts, known, strict=True) if not use}
    sets = {
        "goemotions": _goemotions(run.folder("text/goemotions")),
        "chatterbot": chatterbot(run.folder("text/chatterbot")),
        "sgd": _dialogues(run.folder("text/sgd_dialogues_dev.jsonl.gz")),
        "medquad": _medical(run.folder("text/medquad.jsonl.gz")),
    }
    chooser = np.random.default_rng(run.seed)
    sets["visitors"] = iter(visitors_questions(SMOKE_SHARE if run.smoke else SHARES["visitors"], chooser))
    sets["situations"] = iter(situations(SMOKE_SHARE if run.smoke else SHARES["situations"], chooser))
    taken = dict.fromkeys(kept)
    vocabulary: Counter[str] = Counter()
    for name, texts in sets.items():
        unique = sorted({" ".join(text.split()) for text in texts if 1 < len(text) <= MAX_CHARS})
        order = chooser.permutation(len(unique))[: SMOKE_SHARE if run.smoke else SHARES[name]]
        taken.update(dict.fromkeys(unique[index] for index in order))
    for text in taken:
        vocabulary.update(set(words_of(text)))
    count = SMOKE_SHARE if run.smoke else WORDS
    frequent = [word for word, times in vocabulary.most_common() if times > 1]
    single = list(dict.fromkeys([*frequent, *words]))[:count]
    taken.update(dict.fromkeys([*single, *framed(single, SMOKE_SHARE if run.smoke else FRAMED, chooser)]))
    return [text for text in taken if _key(text) and _key(text) not in held]


def _key(text: str) -> str:
    return " ".join(words_of(text))


def _goemotions(folder: Path) -> Iterator[str]:
    with (folder / "train.tsv").open(encoding="utf-8") as file:
        yield from (line.split("\t")[0].replace("[NAME]", "he") for line in file)


def chatterbot(folder: Path) -> Iterator[str]:
    """Yield the lines of chatterbot's small talk."""
    for path in sorted(folder.glob("*.yml")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if (found := _YAML_ITEM.match(line)) is not None:
                yield found[1].strip("'\" ")


def _dialogues(path: Path) -> Iterator[str]:
    for record in _records(path):
        for _, text, *_ in record["turns"]:  # type: ignore[attr-defined]
            yield from re.split(r"(?<=[.!?])\s+", text)


def _medical(path: Path) -> Iterator[str]:
    for record in _records(path):
        yield str(record["question"])


def _records(path: Path) -> Iterable[dict[str, object]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)
