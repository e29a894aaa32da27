"""Text as the graph reads it: clauses, word stems, and what is denied. Pure; the same for symptoms and emergencies."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from runtime.persona.persona import normal

MAX_CHARS: Final = 1_000
"""Of a text, so much is read; nobody says more in a turn."""
_CLAUSE: Final = re.compile(r"[.,;:!?\n]+|\bbut\b|\bhowever\b|\bthough\b|\bjust\b|\bonly\b|\binstead\b", re.IGNORECASE)
_CONTRACTIONS: Final = (
    (re.compile(r"\b(can)(?:'t|not)\b|\bcant\b"), "can not"),
    (re.compile(r"\bwon'?t\b"), "will not"),
    (re.compile(r"\b(do|does|did|is|are|was|were|has|have|had|could|would|should)n'?t\b"), r"\1 not"),
    (re.compile(r"\b(i)'?ve\b"), "i have"),
    (re.compile(r"\bim\b"), "i am"),
    (re.compile(r"\b(he|she|it|there|who|[a-z]+)'s\b"), r"\1 is"),
)
_ENDINGS: Final = (
    "iness", "ness", "ations", "ation", "ings", "ing", "edly", "ed", "ies", "ily", "es", "ly", "s", "y", "e", "i",
)  # fmt: skip
_IRREGULAR: Final = {
    "swollen": "swell", "hurts": "hurt", "hurting": "hurt", "teeth": "tooth", "feet": "foot", "threw": "throw",
    "thrown": "throw", "lost": "lose", "losing": "lose", "ran": "run", "felt": "feel", "bled": "bleed",
    "bleeds": "bleed", "bitten": "bite", "stung": "sting", "stings": "sting", "fell": "fall", "tummy": "stomach",
    "belly": "stomach", "abdomen": "stomach", "tum": "stomach", "sore": "sore", "ached": "ache", "achy": "ache",
    "painful": "pain", "painfully": "pain", "pains": "pain", "eyes": "eye", "urinate": "pee", "urinating": "pee",
    "wee": "pee", "weeing": "pee", "peeing": "pee", "peed": "pee", "poop": "poo", "stools": "stool", "feces": "stool",
    "breath": "breathe", "vomited": "vomit", "diarrhoea": "diarrhea", "itches": "itch", "itchy": "itch",
    "nauseated": "nausea", "nauseous": "nausea", "dizzy": "dizzy", "dizziness": "dizzy", "oedema": "edema",
    "anemia": "anaemia", "celiac": "coeliac", "apnea": "apnoea", "hemorrhoids": "haemorrhoid", "died": "die",
}  # fmt: skip
FILLERS: Final = frozenset(
    """
    a an the my our your his her its their is are am was were be been being do does did has have had i you he she it we
    they me this that these those of very really so such quite rather bit little got get gets getting keeps keep
    constantly always often still also too and or since for from some kind sort like at on to with all as lot
    """.split()
)
"""Words that may stand between the words of a name without parting them."""
_DENYING: Final = re.compile(
    r"\b(?:no(?! (?:longer just|doubt|idea|wonder|i\b|my\b|he\b|she\b|it\b|we\b|they\b|there\b|one|joke))|without|"
    r"never(?! had (?:such|so|this))|nor|neither|denie[sd]|free of|instead of|rather than|not)\b"
)
_NOT_DENYING: Final = re.compile(
    r"\bnot (?:only|sure|stop|know|feeling|feel well|well|get rid|been able|able|sleep|eat|until|understand|stand|"
    r"be ill|help|bear|right|good|ok|okay|go away|ignore|take)\b"
)
_GONE: Final = re.compile(
    r"^(?: \w+)? (?:is|are|has|have) (?:\w+ )?(?:fine|ok|okay|normal|gone|gone away|better|"
    r"stopped)(?: now| again| today| already)?$"
)


@dataclass(frozen=True)
class Clause:
    """A part of what was said: its words, and for each whether it stands under a denial ("no", "without")."""

    words: tuple[str, ...]
    denied: tuple[bool, ...]

    @property
    def text(self) -> str:
        """The words with single spaces."""
        return " ".join(self.words)


def plain(text: str) -> str:
    """Return text in lower case with short forms written out; punctuation stays."""
    words = text[:MAX_CHARS].lower().replace("’", "'")
    for pattern, written in _CONTRACTIONS:
        words = pattern.sub(written, words)
    return words


def clauses(text: str) -> list[Clause]:
    """Cut a text into clauses, and tell in each what is denied."""
    found = []
    for part in _CLAUSE.split(plain(text)):
        words = tuple(normal(part).split())
        if words:
            found.append(Clause(words, _denials(words)))
    return found


def _denials(words: Sequence[str]) -> tuple[bool, ...]:
    """A denial reaches six words on, over "or" but not over "and", nor into a new statement ("i", "my")."""
    text = " ".join(words)
    starts = [0]
    for word in words:
        starts.append(starts[-1] + len(word) + 1)
    denied = [False] * len(words)
    for match in _DENYING.finditer(text):
        if _NOT_DENYING.match(text, match.start()):
            continue
        first = starts.index(match.start()) if match.start() in starts else 0
        reach = 6 if match[0] != "not" or _is_auxiliary(words, first) else 0
        begun = first + len(match[0].split())
        for place in range(begun, min(begun + reach, len(words))):
            if words[place] in ("and", "because", "my", "when", "if", "so") or (words[place] == "i" and place > begun):
                break
            denied[place] = True
    for place in range(len(words)):
        if _GONE.match(text[starts[place + 1] - 1 :]):
            denied[place] = True
    return tuple(denied)


def _is_auxiliary(words: Sequence[str], place: int) -> bool:
    """Whether "not" here denies what one has: "do not have", "is not"; "can not breathe" is no denial of breath."""
    before = ("do", "does", "did", "have", "has", "is", "are", "am", "was", "had")
    return place == 0 or words[place - 1] in before


@lru_cache(maxsize=8_192)
def stem(word: str) -> str:
    """Return a word without its ending, so that "coughing" meets "cough". Rough, and the same on both sides."""
    word = _IRREGULAR.get(word, word)
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            base = word[: -len(ending)]
            if len(base) > 3 and base[-1] == base[-2] and base[-1] not in "ls":
                base = base[:-1]
            return base
    return word


def stems(text: str) -> tuple[str, ...]:
    """Return the stems of a text's words without fillers; of all words where there are but fillers."""
    words = normal(plain(text)).split()
    found = tuple(stem(word) for word in words if word not in FILLERS)
    return found or tuple(stem(word) for word in words)


def key_of(name: str) -> str:
    """Return a name as it is compared: stems without fillers."""
    return " ".join(stems(name))


def keys_in(text: str, longest: int = 6, most: int = 120) -> list[str]:
    """Return every run of up to `longest` words of a text as a key, longest first, at most `most`."""
    words = stems(text)
    found = (
        " ".join(words[begin : begin + size])
        for size in range(min(longest, len(words)), 0, -1)
        for begin in range(len(words) - size + 1)
    )
    return list(dict.fromkeys(found))[:most]
