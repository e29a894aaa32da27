"""A model's text, cut where a voice can start as soon as it is known that it can. Pure: fed in pieces equals fed whole.

A cut depends on the text up to a few characters behind it and on nothing else, least of all on how it arrived.
"""

import re
from collections.abc import Iterator
from typing import Final

from runtime.persona.brain import MAX_PHRASE_CHARS, speakable_pieces
from runtime.persona.language.cleaning import Cleaned, cleaned

FIRST_CLAUSE_CHARS: Final = 60
"""From here on the first piece may end with a clause: a voice can start while the sentence goes on."""
CLAUSE_CHARS: Final = 160
"""So may the later ones, which are waited for less, from here on."""
WINDOW: Final = 400
"""Text without any end within so many characters is cut at a space."""

_CLOSING: Final = "[\"'”’)\\]*_]{0,4}"
_GAP: Final = r"[^\S\n]"
_END: Final = re.compile(
    rf"(?P<sentence>(?P<sign>[.!?…]+){_CLOSING}{_GAP}+(?=(?P<next>\S)))|(?P<line>{_GAP}*\n)"
    rf"|(?P<clause>[,;:]{_CLOSING}{_GAP}+(?=\S)|{_GAP}[–—-]{_GAP}+(?=\S))|(?P<skip><think>|```)"
)
_SKIPPED_UNTIL: Final = {"<think>": "</think>", "```": "```"}
"""What a reasoning model thinks, and code: neither is said."""
_ABBREVIATED: Final = re.compile(r"(?:^|[\s(\"“])(?:Mr|Mrs|Ms|Dr|Prof|St|Jr|Sr|Mt|vs|e\.g|i\.e|approx|[A-Z])$", re.I)
_NUMBERED: Final = re.compile(r"(?:^|\s)No$")
_LIST_MARK: Final = re.compile(r"^\s*\(?\d{1,2}$")
_OTHER_SPEAKER: Final = re.compile(r"^\W*(?:user|visitor|human|customer|guest)\W{0,3}:", re.I)


class Cutter:
    """Cuts one answer. `over` tells that the model has begun to speak for the other side: nothing follows."""

    def __init__(self, speaker: str = "") -> None:
        self._held = ""
        self._until = ""  # the end of a part that is skipped
        self._begun = False
        self._line_begins = True
        self._feeling = ""
        self._label = re.compile(rf"^\W*(?:{re.escape(speaker) or 'assistant'}|assistant|ai|bot)\W{{0,3}}:\s*", re.I)
        self.over = False

    def feed(self, text: str) -> list[Cleaned]:
        """Take the next text and return the pieces that are complete with it, each at most 240 characters."""
        self._held += text.replace("\r", "\n")
        return list(self._cut())

    def finish(self) -> list[Cleaned]:
        """Return what is left when no more comes."""
        pieces = list(self._cut())
        rest, self._held = ("" if self._until or self.over else self._held), ""
        return [*pieces, *self._said(rest, "")]

    def _cut(self) -> Iterator[Cleaned]:
        while not self.over:
            if self._until:
                place = self._held.find(self._until)
                if place < 0:
                    self._held = self._held[max(len(self._held) - len(self._until) + 1, 0) :]
                    return
                self._held, self._until = self._held[place + len(self._until) :], ""
            found = self._end()
            if found is None:
                return
            raw, self._held = self._held[: found[0]], self._held[found[1] :]
            yield from self._said(raw, found[2])

    def _end(self) -> tuple[int, int, str] | None:
        """Return where the first piece ends, where the next begins, and what kind of end it is; None if not known."""
        for match in _END.finditer(self._held[:WINDOW]):
            kind = str(match.lastgroup if match.lastgroup != "next" else "sentence")
            if match["skip"]:
                self._until = _SKIPPED_UNTIL[match["skip"]]
                return match.start(), match.end(), "skip"
            if self._ends(match):
                return match.end(), match.end(), kind
        if len(self._held) < WINDOW:
            return None
        space = self._held.rfind(" ", 1, WINDOW)
        return (space, space + 1, "space") if space > 0 else (WINDOW, WINDOW, "space")

    def _ends(self, match: re.Match[str]) -> bool:
        before = self._held[: match.start()]
        if match["line"] is not None:
            return True
        if match["clause"] is not None:
            return len(before) >= (CLAUSE_CHARS if self._begun else FIRST_CLAUSE_CHARS)
        following = match["next"]
        if match["sign"] != ".":
            return not following.islower()
        if following.islower() or _ABBREVIATED.search(before) or _LIST_MARK.match(before):
            return False
        return not (_NUMBERED.search(before) and following.isdigit())

    def _said(self, raw: str, ending: str) -> Iterator[Cleaned]:
        """Yield what is to be said of a piece with this kind of end."""
        line_begins, self._line_begins = self._line_begins, ending == "line" or (self._line_begins and not raw.strip())
        if line_begins and _OTHER_SPEAKER.match(raw):
            self.over = True
            return
        piece = cleaned(raw if self._begun else self._label.sub("", raw, count=1), self._lists(raw, line_begins))
        self._feeling = piece.feeling or self._feeling
        if not piece.text:
            return
        self._begun = True
        text = f"{piece.text}." if ending == "line" and piece.text[-1].isalnum() else piece.text
        for part in speakable_pieces(text) if len(text) > MAX_PHRASE_CHARS else (text,):
            if any(sign.isalnum() for sign in part):
                yield Cleaned(part, self._feeling)

    def _lists(self, raw: str, line_begins: bool) -> bool:
        """Whether a number before a piece is the mark of a list: "1." first, any at a later line's start."""
        return line_begins and (self._begun or raw.lstrip(" (")[:1] == "1")
