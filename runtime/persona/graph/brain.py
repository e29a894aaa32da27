"""A brain that answers questions of health out of a graph, and passes every other turn on."""

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Final

from runtime.core.errors import UserError
from runtime.core.messages import Phrase, UserTurn
from runtime.persona.brain import Brain, closed
from runtime.persona.graph.answering import PREFIX, Answers, relation_asked
from runtime.persona.graph.finding import Found, SymptomFinder
from runtime.persona.graph.model import Condition, Graph, Relation, Symptom
from runtime.persona.graph.ranking import rank
from runtime.persona.graph.words import key_of, keys_in
from runtime.persona.memory import Context, Exchange
from runtime.persona.persona import EmergencyHelp, GraphOfKnowledge, Persona, normal

log = logging.getLogger(__name__)

MAX_BACK: Final = 4
"""So many exchanges back a question of symptoms is taken up again."""
_GOES_ON: Final = re.compile(
    r"^(?:and|also|plus|with|or|but|what about|how about|what if|now|then|yes|no|not|without|oh|ok|okay|well|"
    r"actually|sorry)\b|"
    r"\b(?:too|as well|also|in addition|on top|besides)\b"
)
_BOOKING: Final = re.compile(r"\b(?:appointments?|book|cancel)\b")
"""What is always asked of the house, not of the body."""
_HOUSE: Final = re.compile(
    r"\b(?:opening|open|hours|costs?|prices?|pay|insurance|park|parking|prescriptions?|refill|vaccin\w*|shot|jab|"
    r"where (?:is|are|can|do)|which (?:room|floor|door)|waiting room|reception|toilets?|certificate|sick note|referral|"
    r"results|nurse|doctors? here|do you have|can i get|can i see|do you (?:do|offer))\b"
)
_INFANT: Final = re.compile(r"\b(?:baby|babies|newborns?|infants?|(?:days?|weeks?|months?) old)\b")
"""What a graph of adults' and children's conditions knows nothing of: a fever in the first months is urgent."""
_FEELS: Final = re.compile(r"\b(?:i|my|he|she|his|her|we|our|hurts?)\b")
"""What is asked of the house, unless somebody feels a symptom."""
_WHENCE: Final = re.compile(
    r"\b(?:sources?|how do you know|where (?:do you|did you|does (?:that|this|it)) (?:know|get|come|have|read|"
    r"learn)\w*|who says|says who)\b"
)
_IT: Final = re.compile(r"\b(?:it|that|this|them|they)\b")
_MORE: Final = re.compile(r"\b(?:it|that|this|them|more)$")
MAX_SHORT_WORDS: Final = 4
"""A question of so few words ("what can I do") is about what was just spoken of, without naming it."""
_HAS: Final = re.compile(r"\b(?:have|has|had|got|caught|having|i|my)\b")
_WHETHER: Final = re.compile(
    r"\b(?:do|does|did|could|can|might|may) (?:i|he|she|we|they|my \w+) have\b|^am i\b"
    r"|\b(?:is|could|can|might|may) (?:it|this|that)(?: be)?\b"
)
"""Asks for a diagnosis, and gets none."""


@dataclass(frozen=True)
class _Ready:
    finder: SymptomFinder
    answers: Answers
    names: dict[str, str]


class GraphBrain:
    """Answers what is asked about symptoms and conditions; the rest is the inner brain's, as is what the graph can't.

    A question that goes on ("and with a rash?") is taken together with those before it.
    """

    def __init__(self, brain: Brain, graph: Graph, persona: Persona) -> None:
        self._brain = brain
        self._graph = graph
        self._persona = persona
        self._ready: _Ready | None = None
        self._lock = asyncio.Lock()

    def around(self, brain: Brain) -> "GraphBrain":
        """Return the same around another brain; a vocabulary that has been read is shared."""
        other = copy(self)
        other._brain = brain
        return other

    def greet(self) -> AsyncIterator[Phrase]:
        """See `Brain.greet`."""
        return self._brain.greet()

    async def respond(self, turn: UserTurn, context: Context) -> AsyncIterator[Phrase]:
        """See `Brain.respond`."""
        phrases: Sequence[Phrase] = ()
        if turn.text and not turn.action:
            try:
                phrases = await self.answer(turn.text, context)
            except UserError as error:
                log.warning("the graph gives no answer: %s", error.what)
        if phrases:
            for phrase in phrases:
                yield phrase
            return
        async with closed(self._brain.respond(turn, context)) as stream:
            async for phrase in stream:
                yield phrase

    async def answer(self, text: str, context: Context) -> Sequence[Phrase]:
        """Return what the graph has to say to a text; nothing where it is not about health.

        Raises:
            UserError: the graph can't be reached.
        """
        words = normal(text)
        if words in self._persona.phrases or _INFANT.search(words):
            return ()
        ready = await self._vocabulary()
        last = context.last
        if last.source.startswith(PREFIX) and _WHENCE.search(words):
            return await self._sources(last, ready)
        found = ready.finder.find(text)
        if _BOOKING.search(words) or (_HOUSE.search(words) and not (found and _FEELS.search(words))):
            return ()
        relation = relation_asked(words)
        if not (relation == "causes" and found):
            phrases = await self._condition(text, words, last, bool(found), ready)
            if phrases:
                return phrases
        found = _with_earlier(found, words, context.exchanges, ready.finder)
        if not found.present:
            return ()
        conditions = await self._graph.conditions_with(found.present)
        return ready.answers.about_symptoms(found, rank(conditions, found.present, found.absent))

    async def prepare(self) -> None:
        """Read the vocabulary of the graph, so that the first question doesn't. Raises UserError as `answer`."""
        await self._vocabulary()

    async def _vocabulary(self) -> _Ready:
        async with self._lock:
            if self._ready is None:
                symptoms = await self._graph.symptoms()
                conditions = await self._graph.conditions_with([symptom.id for symptom in symptoms])
                self._ready = await asyncio.to_thread(self._made_ready, symptoms, conditions)
        return self._ready

    def _made_ready(self, symptoms: Sequence[Symptom], conditions: Sequence[Condition]) -> _Ready:
        names = [name for condition in conditions for name in (condition.name, *condition.names)]
        told = self._persona.graph or GraphOfKnowledge.model_validate({})
        call = (self._persona.emergency or EmergencyHelp.model_validate({})).call
        answers = Answers(told.limits, call, told.most, {symptom.id: symptom.name for symptom in symptoms})
        return _Ready(
            SymptomFinder(symptoms, names), answers, {condition.id: condition.name for condition in conditions}
        )

    async def _condition(self, text: str, words: str, last: Exchange, felt: bool, ready: _Ready) -> Sequence[Phrase]:
        """Return what was asked about a condition or a topic that is named, or was spoken of just now."""
        relation = relation_asked(words)
        keys = keys_in(text)
        named = await self._graph.conditions_named(keys)
        whether = bool(_WHETHER.search(words))
        if named and (relation or whether or (not felt and _HAS.search(words))):
            best = max(named, key=lambda one: max((len(key_of(n)) for n in one.names if key_of(n) in keys), default=0))
            return ready.answers.about_condition(best, relation or ("tests" if whether else "treatment"))
        if relation is None:
            return ()
        facts = [] if felt else await self._graph.facts(keys, relation)
        if facts:
            return ready.answers.about_fact(facts[0])
        spoken_of = ready.names.get(last.source.removeprefix(PREFIX), "")
        if spoken_of and not felt and last.source.startswith(PREFIX) and _is_about_it(words, relation):
            again = await self._graph.conditions_named([key_of(spoken_of)])
            return ready.answers.about_condition(again[0], relation) if again else ()
        return ()

    async def _sources(self, last: Exchange, ready: _Ready) -> Sequence[Phrase]:
        name = ready.names.get(last.source.removeprefix(PREFIX), "")
        found = await self._graph.conditions_named([key_of(name)]) if name else ()
        return ready.answers.about_sources(found[0]) if found else ()


def _is_about_it(words: str, relation: Relation) -> bool:
    """Whether a question that names nothing is about what was spoken of just now."""
    if relation == "about":
        return bool(_MORE.search(words))
    return bool(_IT.search(words)) or len(words.split()) <= MAX_SHORT_WORDS


def _with_earlier(found: Found, words: str, exchanges: Sequence[Exchange], finder: SymptomFinder) -> Found:
    """Return the symptoms of a question together with those of the ones it goes on from."""
    if not found or not _GOES_ON.search(words):
        return found
    for exchange in reversed(exchanges[-MAX_BACK:]):
        earlier = finder.find(exchange.asked)
        if not earlier and exchange.source.startswith(PREFIX):
            continue  # it asked for more about the answer
        if not earlier:
            break
        found = found.after(earlier)
        if not _GOES_ON.search(normal(exchange.asked)):
            break
    return found
