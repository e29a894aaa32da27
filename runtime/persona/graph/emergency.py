"""Emergencies in what a person says, found by patterns. Pure, needs no graph and no model; under a millisecond.

It would rather warn once too often: chest pain is an emergency even to somebody who only asks what causes it. What is
denied ("no chest pain"), long past ("a stroke two years ago") or a figure of speech ("stroke of luck") is none.
"""

import itertools
import re
from dataclasses import dataclass
from typing import Final, get_args

from rapidfuzz.distance import OSA

from runtime.persona.graph.dangers import (
    AGAIN_NOW,
    ASKS_ABOUT,
    FELT,
    FIGURES,
    KEYWORDS,
    LONG_PAST,
    MISSPELT,
    NAMED,
    NOT_THIS,
    REAL_WORDS,
    STORY,
)
from runtime.persona.graph.words import Clause, clauses
from runtime.persona.persona import Danger

KINDS: Final[tuple[Danger, ...]] = get_args(Danger)
"""Every kind of emergency, the one that is answered first, first."""


@dataclass(frozen=True)
class Alarm:
    """An emergency: its kind, and the words that told it."""

    kind: Danger
    words: str


class Emergency:
    """Finds emergencies in a text. Without state; one may serve all sessions."""

    def __init__(self) -> None:
        self._felt = {kind: [re.compile(rf"\b(?:{p})\b") for p in patterns] for kind, patterns in FELT.items()}
        self._named = {kind: [re.compile(rf"\b(?:{p})\b") for p in patterns] for kind, patterns in NAMED.items()}
        self._not_this = {kind: re.compile(pattern) for kind, pattern in NOT_THIS.items()}

    def find(self, text: str) -> Alarm | None:
        """Return the emergency that a text tells of, the most pressing of `KINDS`; None where there is none."""
        parts = [_mended(clause) for clause in clauses(text)]
        if not parts:
            return None
        whole = " ".join(part.text for part in parts)
        past = bool(LONG_PAST.search(whole)) and not AGAIN_NOW.search(whole)
        learning = bool(ASKS_ABOUT.search(whole)) or bool(STORY.search(whole))
        joined = [_joined(a, b) for a, b in itertools.pairwise(parts)]
        for kind in KINDS:
            if past and kind != "self_harm":
                continue
            patterns = self._felt[kind] + ([] if learning else self._named.get(kind, []))
            for part in (*parts, *joined):
                if words := self._told(kind, patterns, part):
                    return Alarm(kind, words)
        return None

    def _told(self, kind: Danger, patterns: list[re.Pattern[str]], part: Clause) -> str:
        """Return the words that tell of a kind of emergency in a clause; "" where none do."""
        text = part.text
        found = [
            match[0]
            for pattern in patterns
            for match in pattern.finditer(text)
            if not part.denied[text.count(" ", 0, match.start())]
            and (kind == "self_harm" or not _denied_end(part, text, match))
        ]
        other = self._not_this.get(kind)
        return "" if not found or (other is not None and other.search(text) and len(found) < 2) else found[0]


def _denied_end(part: Clause, text: str, match: re.Match[str]) -> bool:
    """Whether a denial begins within the match and reaches its end: "my chest does not hurt"."""
    last = text.count(" ", 0, match.end())
    return part.denied[last] and not re.search(
        r"\bnot (?:\w+ ){0,2}(?:stop|breath|wak|respond|react|want|wish|move|worth)", match[0]
    )


def _mended(clause: Clause) -> Clause:
    """Return a clause with misspelt alarming words mended and figures of speech taken out."""
    words = [_mend(word) for word in clause.words]
    text = " ".join(words)
    denied = list(clause.denied)
    for match in reversed(list(FIGURES.finditer(text))):
        first, count = text.count(" ", 0, match.start()), match[0].strip().count(" ") + 1
        if match.start() and text[match.start() - 1] != " ":
            continue  # it began within a word
        words[first : first + count] = ["etc"]
        denied[first : first + count] = [False]
    return Clause(tuple(words), tuple(denied))


def _mend(word: str) -> str:
    if word in MISSPELT:
        return MISSPELT[word]
    if len(word) < 6 or word in REAL_WORDS or word in KEYWORDS:
        return word
    near = (key for key in KEYWORDS if key[0] == word[0] and abs(len(key) - len(word)) <= 1)
    return next((key for key in near if OSA.distance(word, key, score_cutoff=1) <= 1), word)


def _joined(first: Clause, second: Clause) -> Clause:
    return Clause(first.words + second.words, first.denied + second.denied)
