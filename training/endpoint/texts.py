"""Turns and sentences as a recogniser would write them, from dialogues cut into training, validation and test."""

import gzip
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from runtime.core.hashed_words import words_of
from runtime.voice.speakable import speakable
from training.retrieval.texts import banking, chatterbot
from training.retrieval.visitors import visitors_questions
from training.run import Run

BLOCK: Final = 25
"""Dialogues next to each other that go to one part together: neighbours are near copies."""
TEST_BLOCKS: Final = (4, 9)
VALIDATION_BLOCKS: Final = (7,)
"""Of every ten blocks."""
MAX_WORDS: Final = 20
"""The last words that a net reads; it looks back over 15."""
LONGEST: Final = 40
"""Sentences of more words are left out."""
SMOKE_DIALOGUES: Final = 40
_SENTENCE: Final = re.compile(r"(?<=[.!?])\s+")


@dataclass(frozen=True)
class Turn:
    """What one person says at a time: its sentences as written."""

    sentences: tuple[str, ...]

    @property
    def text(self) -> str:
        """The turn as written."""
        return " ".join(self.sentences)


def spoken_words(text: str) -> list[str]:
    """Return a text's words as said: in lower case, numbers and times in words, no punctuation."""
    return words_of(speakable(text).text.replace("-", " "))


def dialogues(path: Path, smoke: bool = False) -> dict[str, list[Turn]]:
    """Return the users' turns of each part: `train`, `validation`, `test`; and `system`, the other side's of train."""
    parts: dict[str, list[Turn]] = {"train": [], "validation": [], "test": [], "system": []}
    with gzip.open(path, "rt", encoding="utf-8") as file:
        records = [json.loads(line) for line in file]
    step, block = (max(1, len(records) // SMOKE_DIALOGUES), 2) if smoke else (1, BLOCK)
    for index, record in enumerate(records[::step]):
        number = index // block % 10
        part = "test" if number in TEST_BLOCKS else "validation" if number in VALIDATION_BLOCKS else "train"
        for speaker, text, *_ in record["turns"]:
            sentences = tuple(s for s in _SENTENCE.split(" ".join(text.split())) if words_of(s))
            if not sentences:
                continue
            if speaker == "USER":
                parts[part].append(Turn(sentences))
            elif part == "train":
                parts["system"].append(Turn(sentences))
    return parts


def other_sentences(run: Run) -> list[Turn]:
    """Return questions and small talk that are said whole: more ways to end a sentence than the dialogues have."""
    found = banking(run.folder("text/banking77"), 200 if run.smoke else None).texts
    talk = list(chatterbot(run.folder("text/chatterbot")))
    found = sorted({*found, *talk[:: 50 if run.smoke else 1]})
    turns = []
    for text in found:
        sentences = tuple(s for s in _SENTENCE.split(text) if words_of(s))
        if sentences:
            turns.append(Turn(sentences))
    return turns


def visitors_turns(count: int, seed: int) -> list[Turn]:
    """Return visitors' questions, one a turn."""
    return [Turn((f"{text}?",)) for text in visitors_questions(count, np.random.default_rng(seed))]


@dataclass(frozen=True)
class Cut:
    """A text that stops somewhere: its words, and whether a whole sentence ended there."""

    words: tuple[str, ...]
    whole: bool


def cuts(turns: Sequence[Turn], seed: int) -> list[Cut]:
    """Return each sentence of the turns whole, and once cut at a word drawn at random where it has two or more."""
    chooser = np.random.default_rng(seed)
    out = []
    for sentence in (sentence for turn in turns for sentence in turn.sentences):
        words = tuple(spoken_words(sentence))
        if not 0 < len(words) <= LONGEST:
            continue
        out.append(Cut(words, True))
        if len(words) > 1:
            out.append(Cut(words[: int(chooser.integers(1, len(words)))], False))
    return out


class Mishearing:
    """Writes words as a recogniser might that hears some of them wrong: others that look like them, or none."""

    def __init__(self, words: Sequence[str]) -> None:
        self._alike: dict[tuple[str, int], list[str]] = {}
        self._all = list(dict.fromkeys(words))
        for word in self._all:
            self._alike.setdefault((word[0], len(word) // 2), []).append(word)

    def words(self, said: Sequence[str], wrong: float) -> list[list[str]]:
        """Return what is heard for each word, by numpy's global chance: the word, another, two, or nothing.

        `wrong` is the share of words that are drawn anew, 0..1; a few of them come out right all the same.
        """
        return [self._word(word, wrong) for word in said]

    def _word(self, word: str, wrong: float) -> list[str]:
        chance = np.random.random() / max(wrong, 1e-9)
        if chance >= 1:
            return [word]
        if chance < 0.2:
            return []
        pool = self._alike.get((word[0], len(word) // 2), self._all) if chance < 0.75 else self._all
        other = pool[np.random.randint(len(pool))]
        return [other] if chance < 0.9 else [other, word]
