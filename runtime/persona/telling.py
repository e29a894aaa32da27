"""Saying what the persona knows: an answer as phrases, at a time of day, and the lines of its file in turn."""

from collections.abc import Sequence

from runtime.core.clock import WallClock
from runtime.core.messages import Phrase
from runtime.persona.brain import phrases_of
from runtime.persona.knowledge.entry import Entry
from runtime.persona.persona import Persona


def tell(persona: Persona, entry: Entry, turn: int, clock: WallClock) -> list[Phrase]:
    """Return an entry's answer, its slots filled for now; of an entry without one the closing words of this turn."""
    text = in_turn(persona.closing, turn) if entry.answer is None else persona.spoken(entry.answer, clock())
    return phrases_of(text, entry.affect, entry.act, entry.id)


def in_turn(texts: Sequence[str], turn: int) -> str:
    """Return one of these variants, another in the next turn, so that the same words don't come twice running."""
    return texts[turn % len(texts)]
