"""What a turn takes from the one before: "and on Sundays?", "how much is it?", "no, I meant the cafe"."""

import re
from dataclasses import dataclass
from typing import Final

from runtime.persona.knowledge.entry import Entry
from runtime.persona.persona import normal

_REPAIR: Final = re.compile(
    r"^(?:(?:no|nope|sorry|wait|not that)\s+)*"
    r"(?:i (?:mean|meant|said|asked about|was asking about|wanted)|actually)\s+(.+)$"
)
_REFUSAL: Final = frozenset(
    (
        "that is not what i meant", "that is not what i asked", "that is wrong", "no that is wrong", "not that",
        "no not that", "wrong", "you got me wrong", "no that is not what i meant", "that is not it",
    )
)  # fmt: skip
_LEAD: Final = re.compile(r"^(?:(?:and|or|but|also|then|so)\b\s*)*(?:(?:what|how) about\b\s*)?")
_POINTS: Final = re.compile(
    r"\b(?:it|its|they|them|this|that|those|these|(?:(?<=this )|(?<=that )|(?<=there ))ones?|(?<!is )(?<!are )there)\b"
)
"""Not "the gold one", which names another."""
_ASKS: Final = re.compile(
    r"^(?:(?:what|where|when|how|who|which|why|is|are|am|do|does|can|may|could|there|i|you|we|the|a|an|any|your|my|our|"
    r"get|find|take|have|buy|much|many|long|to|of|on|for|tell|me|about)\s+)+"
)
MAX_POINTING_WORDS: Final = 6
"""A longer question names what it is about, whatever pronouns are in it; after a cell of a table they mean its row."""
ROW_TRUST: Final = 0.85
"""Of what follows "and" or "what about" after a cell of a table, taken as it stands: it may name another row alone."""
POINTING_TRUST: Final = 0.85
"""Of a question that points at what was spoken of, taken as it stands."""


@dataclass(frozen=True)
class Version:
    """A text to search. `trust` is the factor of its score; what is `new` can't mean the last answer's entry."""

    text: str
    trust: float = 1.0
    new: bool = False


@dataclass(frozen=True)
class Reading:
    """What is asked, in one or more versions; and whether it refuses the last answer, which then is none."""

    versions: tuple[Version, ...]
    refuses: bool = False


def read(text: str, asked_before: str, last: Entry | None) -> Reading:
    """Return how a turn is to be read after an answer from `last` to `asked_before`."""
    words = normal(text)
    if asked_before and words in _REFUSAL:
        return Reading((Version(asked_before),), refuses=True)
    if (found := _REPAIR.match(words)) is not None:
        return Reading((Version(found[1]),), refuses=asked_before != "")
    if last is None:
        return Reading((Version(text),))
    rest = _LEAD.sub("", words) or words
    row = normal(_cell(last)[0])
    if _POINTS.search(rest) and len(rest.split()) <= MAX_POINTING_WORDS:
        return Reading((Version(_POINTS.sub(_subject(last), rest)), Version(text, POINTING_TRUST)))
    if _POINTS.search(rest) and row:
        return Reading((Version(f"{rest} {row}"), Version(text, POINTING_TRUST)))
    if rest != words:
        return Reading((Version(rest, ROW_TRUST if row else 1.0), Version(f"{_question(last)} {rest}", new=True)))
    return Reading((Version(text),))


def _subject(last: Entry) -> str:
    """Return what "it" is after an answer: the row of a table, else what its first question is about."""
    row = _cell(last)[0]
    return normal(row) if row else _ASKS.sub("", normal(last.questions[0]))


def _question(last: Entry) -> str:
    """Return what was asked of the subject: the column of a table, else the whole question."""
    return _cell(last)[1].replace("_", " ") or last.questions[0]


def _cell(entry: Entry) -> tuple[str, str]:
    """Return the row and column of a table's entry, whose id is TABLE.ROW.COLUMN; "" and "" of another."""
    _, _, rest = entry.id.partition(".")
    row, _, column = rest.rpartition(".")
    return (row, column) if row else ("", "")
