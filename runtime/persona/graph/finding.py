"""Finding symptoms in what a person says: by the names of the graph, by word stems, with misspellings, and denials."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from rapidfuzz.distance import OSA

from runtime.persona.graph.model import Symptom
from runtime.persona.graph.words import FILLERS, Clause, clauses, stem, stems

MAX_GAP: Final = 1
"""So many words, fillers not counted, may stand between the words of a name: "my head really badly hurts"."""
MIN_FUZZY_CHARS: Final = 6
"""A shorter word is not taken for a misspelt one: too many words are a letter apart."""
MIN_KNOWN_CHARS: Final = 4
MAX_FOUND: Final = 12
_REAL_WORDS: Final = frozenset(
    map(
        stem,
        """
        baking bending booking buying children claims connection cooking crying doctor dressing ending favour
        feeding fishing flying giving guessing having heading kissing leading leaves lending living looking
        loving making missing moving needing parent parents parking passing patient patients paying playing
        present pressing pushing reading rushing saying seating sending shaking should spending stairs staying
        sucked taking talking thirty trying vending waking walking washing wishing working
        """.split(),
    )
)
"""Words that are a letter away from one of a symptom, and yet meant."""

_DENYING_NAMES: Final = frozenset(["no", "not", stem("gone")])
"""Words of names that deny something themselves: "no appetite", "voice is gone"."""


@dataclass(frozen=True)
class Found:
    """The symptoms of a text, by their ids in the order they were said: those present, and those denied."""

    present: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.present or self.absent)

    def after(self, earlier: "Found") -> "Found":
        """Return what is known when this was said after `earlier`: the later word counts."""
        present = tuple(one for one in earlier.present if one not in self.absent)
        absent = tuple(one for one in earlier.absent if one not in self.present)
        return Found(
            tuple(dict.fromkeys((*present, *self.present)))[-MAX_FOUND:],
            tuple(dict.fromkeys((*absent, *self.absent)))[-MAX_FOUND:],
        )


@dataclass(frozen=True)
class _Name:
    symptom: str
    words: tuple[str, ...]


class SymptomFinder:
    """Finds the symptoms of a graph in texts. Built once for a graph; `find` takes well under a millisecond."""

    def __init__(self, symptoms: Sequence[Symptom], others: Sequence[str] = ()) -> None:
        """`others` are names that are no symptoms though they hold words of some: the fever of "hay fever" is none."""
        names: dict[tuple[str, ...], str] = {}
        for symptom in symptoms:
            for name in (symptom.name, *symptom.names):
                names.setdefault(stems(name), symptom.id)
        known = {frozenset(words) for words in names}
        for other in others:
            if len(stems(other)) > 1 and frozenset(stems(other)) not in known:
                names.setdefault(stems(other), "")
        self._order = {symptom.id: place for place, symptom in enumerate(symptoms)} | {"": -1}
        self._by_word: dict[str, list[_Name]] = {}
        for words, symptom_id in sorted(names.items(), key=lambda item: -len(item[0])):
            for word in set(words):
                self._by_word.setdefault(word, []).append(_Name(symptom_id, words))
        self._near = lru_cache(maxsize=4_096)(self._nearest)

    def find(self, text: str) -> Found:
        """Return the symptoms in a text."""
        present: dict[str, None] = {}
        absent: dict[str, None] = {}
        for clause in _with_pronouns(clauses(text)):
            for symptom, denied in self._in_clause(clause):
                (absent if denied else present).setdefault(symptom)
        return Found(tuple(present)[:MAX_FOUND], tuple(one for one in absent if one not in present)[:MAX_FOUND])

    def _in_clause(self, clause: Clause) -> list[tuple[str, bool]]:
        """Return symptom and denial of each name in a clause. A longer name takes its words from shorter ones."""
        kept = [(word, denied) for word, denied in zip(clause.words, clause.denied, strict=True) if word not in FILLERS]
        words = [self._near(stem(word)) if len(word) >= MIN_FUZZY_CHARS else stem(word) for word, _ in kept]
        candidates = {name for word in words for name in self._by_word.get(word, ())}
        found: list[tuple[int, str, bool]] = []
        taken: set[int] = set()
        for name in sorted(candidates, key=lambda name: (-len(name.words), self._order[name.symptom])):
            for places in _places(words, name.words):
                if taken.isdisjoint(places):
                    taken.update(places)
                    found.append((places[0], name.symptom, _is_denied(kept, places, name.words)))
        return [(symptom, denied) for _, symptom, denied in sorted(found) if symptom]

    def _nearest(self, word: str) -> str:
        """Return the word of the graph that a misspelt one stands for, or the word itself."""
        if word in self._by_word or word in _REAL_WORDS:
            return word
        limit = 1 if len(word) < 8 else 2
        near = [
            (distance, known)
            for known in self._by_word
            if len(known) >= MIN_KNOWN_CHARS
            and known[0] == word[0]
            and abs(len(known) - len(word)) <= limit
            and (distance := OSA.distance(_sound(word), _sound(known), score_cutoff=limit)) <= limit
        ]
        return min(near)[1] if near else word


def _with_pronouns(parts: Sequence[Clause]) -> list[Clause]:
    """Join a clause about "it" to the one before: "my tooth, it aches"."""
    joined: list[Clause] = []
    for part in parts:
        if joined and part.words[0] in ("it", "they", "which", "that"):
            last = joined.pop()
            part = Clause(last.words + part.words, last.denied + part.denied)
        joined.append(part)
    return joined


def _sound(word: str) -> str:
    """Return a word with the spellings of one sound made alike: "headake" is "headache"."""
    return word.replace("ch", "k").replace("ck", "k").replace("ph", "f").replace("gh", "g")


def _places(words: Sequence[str], name: Sequence[str]) -> list[tuple[int, ...]]:
    """Return where the words of a name stand together, in any order, with at most `MAX_GAP` others between."""
    if len(name) == 1:
        return [(place,) for place, word in enumerate(words) if word == name[0]]
    found = []
    for begin in range(len(words)):
        window = range(begin, min(begin + len(name) + MAX_GAP, len(words)))
        places: list[int] = []
        for wanted in name:
            place = next((p for p in window if words[p] == wanted and p not in places), None)
            if place is None:
                break
            places.append(place)
        if len(places) == len(name) and begin in places:
            found.append(tuple(sorted(places)))
    return found


def _is_denied(kept: Sequence[tuple[str, bool]], places: Sequence[int], name: Sequence[str]) -> bool:
    """Whether a name is denied: one of its words is, unless the name itself holds a denial ("can not sleep")."""
    if not _DENYING_NAMES.isdisjoint(name):
        return False
    return any(kept[place][1] for place in places)
