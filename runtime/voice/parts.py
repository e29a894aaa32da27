"""Long text cut into parts that a voice speaks well in one go. Pure."""

import re
from typing import Final

MAX_PART_CHARS: Final = 240
_SENTENCE_END: Final = re.compile(r"[.!?]+[\"'”’)\]]*\s+")
_CLAUSE_END: Final = re.compile(r"[,;:—–]+\s+")


def parts(text: str, limit: int = MAX_PART_CHARS) -> list[tuple[int, str]]:
    """Return the parts of `text`, each at most `limit` characters, with the place of its first character.

    They cover the text. A cut is made after the last sentence that fits, else after a clause, else at a space, else
    anywhere.
    """
    out = []
    at = 0
    while len(text) - at > limit:
        cut = at + _cut(text[at : at + limit])
        out.append((at, text[at:cut]))
        at = cut
    if at < len(text) or not out:
        out.append((at, text[at:]))
    return out


def sentences(text: str) -> list[tuple[int, str]]:
    """Return the sentences of `text`, each with the place of its first character; they cover the text."""
    cuts = [0, *(match.end() for match in _SENTENCE_END.finditer(text))]
    ends = [*cuts[1:], len(text)]
    return [(begin, text[begin:end]) for begin, end in zip(cuts, ends, strict=True) if end > begin]


def _cut(window: str) -> int:
    """Return after how many characters of a full window to cut."""
    for pattern in (_SENTENCE_END, _CLAUSE_END):
        ends = [match.end() for match in pattern.finditer(window)]
        if ends and ends[-1] > len(window) // 4:
            return ends[-1]
    space = window.rfind(" ")
    return space + 1 if space > 0 else len(window)
