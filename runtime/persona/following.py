"""What a turn takes from the one before: "and on Sundays?", "how much is it?", "no, I meant the cafe"."""

import re
from dataclasses import dataclass
from typing import Final

from runtime.persona.knowledge.entry import Entry
from runtime.persona.persona import normal

SAME_TOPIC: Final = 0.12
"""Added to the score of an entry of the same topic, or of the same column of a table, when a turn follows on."""
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
_FOLLOWS: Final = re.compile(r"^(?:and|or|but|also|then|so)?\s*(?:what about|how about|and)?\s*(.*)$")
_LEADS: Final = re.compile(r"^(?:and|or|but|also|what about|how about)\b")
_POINTS: Final = frozenset(("it", "they", "them", "this", "that", "there", "one", "those", "these", "its"))


@dataclass(frozen=True)
class Reading:
    """What is asked: texts to search, whether it goes on from the last answer, and whether it refuses that."""

    texts: tuple[str, ...]
    follows: bool = False
    refuses: bool = False


def read(text: str, asked_before: str, last: Entry | None) -> Reading:
    """Return how a turn is to be read after an answer from `last` to `asked_before`."""
    words = normal(text)
    if asked_before and words in _REFUSAL:
        return Reading((asked_before,), refuses=True)
    if (found := _REPAIR.match(words)) is not None:
        return Reading((found[1],), refuses=asked_before != "")
    if last is None:
        return Reading((text,))
    if _LEADS.match(words):
        rest = _FOLLOWS.match(words)
        inner = rest[1] if rest and rest[1] else words
        return Reading((text, inner, *_with_subject(inner, last)), follows=True)
    if _POINTS & set(words.split()) and (more := _with_subject(words, last)):
        return Reading((text, *more), follows=True)
    return Reading((text,))


def aspect(entry: Entry) -> str:
    """Return the column of a table's entry, "" for others: ids of tables are TABLE.ROW.COLUMN."""
    parts = entry.id.split(".")
    return f"{parts[0]}.{parts[-1]}" if len(parts) > 2 else ""


def goes_on(last: Entry, entry: Entry) -> bool:
    """Whether an entry goes on with what the last answer was about."""
    return (entry.topic != "" and entry.topic == last.topic) or (aspect(entry) != "" and aspect(entry) == aspect(last))


def _with_subject(words: str, last: Entry) -> tuple[str, ...]:
    """Return the words with the row that was spoken of in the place of "it", and the last column with new words."""
    parts = last.id.split(".")
    if len(parts) < 3:
        return ()
    row, column = normal(".".join(parts[1:-1])), parts[-1]
    pointed = " ".join(row if word in _POINTS else word for word in words.split())
    return (pointed if pointed != words else f"{words} {row}", f"{column.replace('_', ' ')} {words}")
