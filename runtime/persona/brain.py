"""What a brain is to the rest: a turn in, an answer out as a stream of phrases."""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Final, Protocol

from runtime.core.messages import Affect, Phrase, UserTurn
from runtime.persona.memory import Context

MAX_PHRASE_CHARS: Final = 240
AFFECTS: Final = {
    "neutral": Affect(),
    "warm": Affect("warm", 0.6, 0.4, 0.1),
    "calm": Affect("calm", 0.6, 0.1, -0.3),
    "happy": Affect("happy", 0.6, 0.7, 0.4),
    "sad": Affect("sad", 0.5, -0.5, -0.3),
    "concerned": Affect("concerned", 0.6, -0.2, 0.1),
    "surprised": Affect("surprised", 0.6, 0.2, 0.6),
    "curious": Affect("curious", 0.6, 0.2, 0.3),
    "angry": Affect("angry", 0.3, -0.4, 0.3),
}
"""How each feeling that a persona's file can name is said and shown."""
_SENTENCE_END: Final = re.compile(r"(?<=[.!?])\s+")
_CLAUSE_END: Final = re.compile(r"(?<=[,;:])\s+")


class Brain(Protocol):
    """Decides what to say. The streams may be closed at any point; nothing goes on after that."""

    def greet(self) -> AsyncIterator[Phrase]:
        """Return the words that open a conversation."""

    def respond(self, turn: UserTurn, context: Context) -> AsyncIterator[Phrase]:
        """Return the answer to a turn, phrase by phrase as it is found."""


@asynccontextmanager
async def closed(stream: AsyncIterator[Phrase]) -> AsyncIterator[AsyncIterator[Phrase]]:
    """Close a stream of phrases at the end, whatever ends it: nothing of it goes on after that."""
    try:
        yield stream
    finally:
        if (close := getattr(stream, "aclose", None)) is not None:
            await close()


def phrases_of(text: str, feeling: str, act: str, source: str = "", offers: tuple[str, ...] = ()) -> list[Phrase]:
    """Return text as phrases that can be spoken, all said with one of `AFFECTS`; the rest as in `Phrase`.

    What it offers goes with the last phrase, which is heard when all of it was.
    """
    pieces = list(speakable_pieces(text))
    return [
        Phrase(piece, AFFECTS[feeling], act, source, offers if number == len(pieces) else ())
        for number, piece in enumerate(pieces, 1)
    ]


def speakable_pieces(text: str) -> Iterator[str]:
    """Cut text where a voice can start: at sentences, and longer ones at clauses, at most 240 characters each."""
    for sentence in _SENTENCE_END.split(" ".join(text.split())):
        if len(sentence) <= MAX_PHRASE_CHARS:
            if sentence:
                yield sentence
            continue
        piece = ""
        for clause in (part for whole in _CLAUSE_END.split(sentence) for part in _hard_cut(whole)):
            if piece and len(piece) + 1 + len(clause) > MAX_PHRASE_CHARS:
                yield piece
                piece = clause
            else:
                piece = f"{piece} {clause}".strip()
        if piece:
            yield piece


def _hard_cut(clause: str) -> Iterator[str]:
    """Cut a clause without punctuation at spaces, or anywhere if it has none."""
    while len(clause) > MAX_PHRASE_CHARS:
        space = clause.rfind(" ", 0, MAX_PHRASE_CHARS)
        cut = space if space > 0 else MAX_PHRASE_CHARS
        yield clause[:cut]
        clause = clause[cut:].strip()
    if clause:
        yield clause
