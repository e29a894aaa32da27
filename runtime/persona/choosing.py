"""Signs of the hand and short replies: yes, no, the second one, next, again; their meaning follows from the talk."""

from collections.abc import AsyncIterator, Sequence
from typing import Final

from runtime.core.messages import Phrase, UserTurn
from runtime.persona.brain import Brain, phrases_of
from runtime.persona.knowledge.entry import Entry
from runtime.persona.memory import Context, Exchange
from runtime.persona.persona import Persona, normal

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
    through what the persona knows of the same topic.
    """

    def __init__(self, brain: Brain, persona: Persona) -> None:
        self._brain = brain
        self._persona = persona
        self._places = {entry.id: place for place, entry in enumerate(persona.knowledge)}

    def greet(self) -> AsyncIterator[Phrase]:
        """See `Brain.greet`."""
        return self._brain.greet()

    async def respond(self, turn: UserTurn, context: Context) -> AsyncIterator[Phrase]:
        """See `Brain.respond`."""
        last = context.exchanges[-1] if context.exchanges else Exchange(0, "")
        action = turn.action or (_MEANT.get(normal(turn.text), "") if last.offers else "")
        phrases = self._answer(action, turn, last, context) if action else None
        if phrases is None:
            async for phrase in self._brain.respond(turn, context):
                yield phrase
            return
        for phrase in phrases:
            yield phrase

    def _answer(self, action: str, turn: UserTurn, last: Exchange, context: Context) -> Sequence[Phrase] | None:
        """Return what is said to a sign or a short reply; None leaves it to the inner brain."""
        persona = self._persona
        if action == "again":
            heard = next((e.heard for e in reversed(context.exchanges) if e.heard), "")
            return phrases_of(heard or persona.greeting[0], "neutral", "repair")
        if action == "greet":
            answered = any(exchange.asked and exchange.heard for exchange in context.exchanges)
            said = persona.closing if answered else persona.greeting
            return phrases_of(_pick(said, turn), "warm", "farewell" if answered else "greet")
        if last.offers:
            if action == "no":
                return phrases_of(_pick(persona.not_heard, turn), "concerned", "repair")
            return self._say(last.offers[-1 if action == "next" else 0], turn)
        if action in ("next", "back"):
            return self._beside(next((e.source for e in reversed(context.exchanges) if e.source), ""), action, turn)
        if action in ("yes", "no"):
            said = persona.approval if action == "yes" else persona.disapproval
            return (
                phrases_of(_pick(said, turn), "warm" if action == "yes" else "concerned", "backchannel") if said else ()
            )
        return ()

    def _beside(self, source: str, action: str, turn: UserTurn) -> Sequence[Phrase]:
        """Tell what stands next to an entry in its topic, going round; without one, begin anywhere."""
        known = self._persona.knowledge
        start = known[self._places[source]] if source in self._places else known[0]
        topic = [entry for entry in known if entry.topic == start.topic and entry.answer is not None] or [start]
        place = topic.index(start) if start in topic else 0
        step = 0 if source not in self._places else 1 if action == "next" else -1
        return self._tell(topic[(place + step) % len(topic)], turn)

    def _say(self, entry: str, turn: UserTurn) -> Sequence[Phrase] | None:
        return self._tell(self._persona.knowledge[self._places[entry]], turn) if entry in self._places else None

    def _tell(self, entry: Entry, turn: UserTurn) -> Sequence[Phrase]:
        text = _pick(self._persona.closing, turn) if entry.answer is None else self._persona.spoken(entry.answer)
        return phrases_of(text, entry.affect, entry.act, entry.id)


def _pick(texts: Sequence[str], turn: UserTurn) -> str:
    return texts[turn.turn % len(texts)]
