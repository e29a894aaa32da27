"""Signs of the hand and short replies: yes, no, the second one, next, again; their meaning follows from the talk."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Final

from runtime.core.clock import WallClock
from runtime.core.messages import Phrase, UserTurn
from runtime.persona.brain import Brain, closed, phrases_of
from runtime.persona.memory import Context, Exchange
from runtime.persona.persona import Persona, normal
from runtime.persona.telling import in_turn, tell

_REPLIES: Final = {
    "yes": ("yes", "yes please", "yeah", "yep", "right", "correct", "exactly", "that one", "sure", "ok", "okay"),
    "no": ("no", "nope", "no thanks", "no thank you", "neither", "none of them", "none of those"),
    "choose": ("the first", "the first one", "first one", "the former"),
    "next": ("the second", "the second one", "second one", "the latter", "the other one", "the last one"),
}
"""What people say to an offer; each stands for the sign that means the same."""
_MEANT: Final = {reply: action for action, replies in _REPLIES.items() for reply in replies}


class Choosing:
    """Answers signs, and short replies to an offer; every other turn is the inner brain's.

    With two things on offer, yes and choose take the first and next the second. Without an offer, next and back go
    through what the persona knows of the same topic. `clock` tells the local time for answers.
    """

    def __init__(self, brain: Brain, persona: Persona, clock: WallClock = datetime.now) -> None:
        self._brain = brain
        self._persona = persona
        self._clock = clock
        self._places = {entry.id: place for place, entry in enumerate(persona.knowledge)}

    def greet(self) -> AsyncIterator[Phrase]:
        """See `Brain.greet`."""
        return self._brain.greet()

    async def respond(self, turn: UserTurn, context: Context) -> AsyncIterator[Phrase]:
        """See `Brain.respond`."""
        last = context.last
        action = turn.action or (_MEANT.get(normal(turn.text), "") if last.offers else "")
        phrases = self._answer(action, turn, last, context) if action else None
        if phrases is None:
            async with closed(self._brain.respond(turn, context)) as stream:
                async for phrase in stream:
                    yield phrase
            return
        for phrase in phrases:
            yield phrase

    def _answer(self, action: str, turn: UserTurn, last: Exchange, context: Context) -> Sequence[Phrase] | None:
        """Return what is said to a sign or a short reply; None leaves it to the inner brain."""
        persona = self._persona
        if action == "again":
            return phrases_of(context.last_heard or persona.greeting[0], "neutral", "repair")
        if action == "greet":
            answered = any(exchange.asked and exchange.heard for exchange in context.exchanges)
            said = persona.closing if answered else persona.greeting
            return phrases_of(in_turn(said, turn.turn), "warm", "farewell" if answered else "greet")
        if last.offers:
            if action == "no":
                return phrases_of(in_turn(persona.not_heard, turn.turn), "concerned", "repair")
            place = self._places.get(last.offers[-1 if action == "next" else 0])
            return None if place is None else tell(persona, persona.knowledge[place], turn.turn, self._clock)
        if action in ("next", "back"):
            return self._beside(next((e.source for e in reversed(context.exchanges) if e.source), ""), action, turn)
        if action in ("yes", "no"):
            said = persona.approval if action == "yes" else persona.disapproval
            feeling = "warm" if action == "yes" else "concerned"
            return phrases_of(in_turn(said, turn.turn), feeling, "backchannel") if said else ()
        return ()

    def _beside(self, source: str, action: str, turn: UserTurn) -> Sequence[Phrase]:
        """Tell what stands next to an entry in its topic, going round; without one, begin anywhere."""
        known = self._persona.knowledge
        start = known[self._places[source]] if source in self._places else known[0]
        topic = [entry for entry in known if entry.topic == start.topic and entry.answer is not None] or [start]
        place = topic.index(start) if start in topic else 0
        step = 0 if source not in self._places else 1 if action == "next" else -1
        return tell(self._persona, topic[(place + step) % len(topic)], turn.turn, self._clock)
