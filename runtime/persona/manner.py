"""How the character meets a mood: words, tone and face that fit, and never a mirror of anger or fear. Pure."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Final

from runtime.core.messages import Affect, Mood, Phrase, UserTurn
from runtime.persona.brain import Brain, closed
from runtime.persona.memory import Context
from runtime.persona.persona import Persona
from runtime.persona.telling import in_turn

SURE: Final = 0.4
"""A mood less sure than this changes nothing."""
OPENING_AGAIN_AFTER: Final = 5
"""An opening is not said again within so many turns."""
_LEFT_AS_THEY_ARE: Final = frozenset(["greet", "farewell", "error"])

_TONE: Final = {
    "angry": Affect("calm", 0.8, 0.0, -0.4),
    "disgusted": Affect("calm", 0.6, 0.0, -0.3),
    "afraid": Affect("calm", 0.7, 0.2, -0.3),
    "sad": Affect("concerned", 0.6, -0.1, -0.3),
}
"""How everything is said to a person in such a mood."""
_FACE: Final = {
    **_TONE,
    "sad": Affect("concerned", 0.6, -0.2, -0.2),
    "happy": Affect("happy", 0.45, 0.5, 0.1),
    "surprised": Affect("curious", 0.5, 0.1, 0.2),
}
"""How the character looks at a person in such a mood."""
_BRIGHTER: Final = {"neutral": Affect("warm", 0.6, 0.4, 0.1), "warm": Affect("happy", 0.5, 0.6, 0.3)}


def expression(mood: Mood) -> Affect:
    """Return the feeling that stands on the character's face between its utterances: a smile is smiled back at."""
    return _FACE.get(mood.label, Affect()) if mood.confidence >= SURE else Affect()


class Mannered:
    """A brain whose answers fit the mood of the person.

    To an angry one it says only the first sentence of an answer, calmly; to a sad one all of it, gently. Each may begin
    with an opening of the persona's file.
    """

    def __init__(self, brain: Brain, persona: Persona) -> None:
        self._brain = brain
        self._persona = persona

    def greet(self) -> AsyncIterator[Phrase]:
        """See `Brain.greet`."""
        return self._brain.greet()

    async def respond(self, turn: UserTurn, context: Context) -> AsyncIterator[Phrase]:
        """See `Brain.respond`."""
        label = context.mood.label if context.mood.confidence >= SURE else "unknown"
        answers = 0
        async with closed(self._brain.respond(turn, context)) as stream:
            async for phrase in stream:
                if phrase.act in _LEFT_AS_THEY_ARE:
                    yield phrase
                    continue
                if not answers and (opening := self._opening(label, turn, context)):
                    yield Phrase(opening, _TONE[label], "answer")
                answers += 1
                if label == "angry" and answers > 1 and phrase.act == "answer":
                    continue  # the rest can be asked for
                yield replace(phrase, affect=_toned(phrase.affect, label))

    def _opening(self, label: str, turn: UserTurn, context: Context) -> str:
        """Return what is said first, or nothing where one of the openings has been heard lately."""
        openings: Sequence[str] = getattr(self._persona.openings, label, ())
        lately = " ".join(exchange.heard for exchange in context.exchanges[-OPENING_AGAIN_AFTER:])
        if not openings or any(opening in lately for opening in openings):
            return ""
        return in_turn(openings, turn.turn)


def _toned(affect: Affect, label: str) -> Affect:
    if label == "happy":
        return _BRIGHTER.get(affect.label, affect)
    return _TONE.get(label, affect)
