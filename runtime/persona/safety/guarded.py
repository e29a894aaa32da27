"""A brain that hears no abuse and no tricks, says nothing it must not, and is honest about what it is."""

from collections.abc import AsyncIterator, Sequence
from copy import copy
from dataclasses import replace
from typing import Final

from runtime.core.messages import Phrase, UserTurn
from runtime.persona.brain import Brain, closed, phrases_of
from runtime.persona.memory import Context, Exchange
from runtime.persona.people.person import Person
from runtime.persona.persona import Persona
from runtime.persona.safety import incoming, outgoing
from runtime.persona.safety.fold import MAX_CHARS
from runtime.persona.safety.identity import asks_what_it_is, says_it_is_artificial
from runtime.persona.safety.leaks import Leaks
from runtime.persona.telling import in_turn

SOURCE: Final = "safety"
"""The source of every phrase that is said in place of another."""
PHRASES_BEFORE: Final = 2
"""So many phrases that were said are read together with the next one."""
MAX_JUDGED: Final = 2_000
MAX_HELD: Final = 4
"""So many phrases in a row that may go on as something forbidden are waited with."""


class Guarded:
    """A brain around a brain, the outermost; one serves many sessions.

    `instructions` is what a language model is told about its part (its system message): that is never said. Where the
    inner brain goes wrong it is closed, and one line takes the place of the rest of its answer.
    """

    def __init__(self, brain: Brain, persona: Persona, instructions: str = "") -> None:
        limits = persona.limits
        self._brain = brain
        self._limits = limits
        self._about_me, self._about_source = about_me(persona)
        self._incoming = incoming.Incoming(limits)
        self._judged: dict[int, bool] = {}  # by hash: what was said is not kept here
        self._outgoing = outgoing.Outgoing(limits, Leaks(instructions, _public(persona)))

    def around(self, brain: Brain) -> "Guarded":
        """Return the same guard around another brain, at once: what was worked out from the persona is shared."""
        other = copy(self)
        other._brain = brain
        return other

    async def greet(self) -> AsyncIterator[Phrase]:
        """See `Brain.greet`; who greets without saying that it is an AI says so next."""
        honest = False
        async with closed(self._checked(self._brain.greet(), 0, "greet")) as stream:
            async for phrase in stream:
                honest = honest or says_it_is_artificial(phrase.text)
                yield phrase
        if not honest:
            yield phrases_of(self._about_me, "warm", "greet", self._about_source)[0]

    async def respond(self, turn: UserTurn, context: Context) -> AsyncIterator[Phrase]:
        """See `Brain.respond`."""
        if asks_what_it_is(turn.text) or (turn.doubtful and asks_what_it_is(turn.alternative)):
            for phrase in phrases_of(self._about_me, "warm", "answer", self._about_source):
                yield phrase
            return
        finding = self._incoming.judge(turn.text)
        unfit = bool(turn.alternative) and self._incoming.judge(turn.alternative)
        if finding is None and turn.doubtful and unfit:
            finding = unfit
        if finding is not None:
            for phrase in self._reply(finding, turn):
                yield phrase
            return
        heard = replace(turn, text=turn.text[:MAX_CHARS], alternative="" if unfit else turn.alternative[:MAX_CHARS])
        async with closed(self._checked(self._brain.respond(heard, self._fit(context)), turn.turn)) as stream:
            async for phrase in stream:
                yield phrase

    async def _checked(self, stream: AsyncIterator[Phrase], turn: int, act: str = "answer") -> AsyncIterator[Phrase]:
        """Pass phrases on, each once it is known that neither it nor what it begins is something not to be said."""
        said: list[str] = []
        held: list[Phrase] = []
        async with closed(stream) as phrases:
            async for phrase in phrases:
                held.append(phrase)
                text = " ".join([*said[-PHRASES_BEFORE:], *(one.text for one in held)])
                finding = self._outgoing.judge(phrase.text) or self._outgoing.judge(text[-MAX_CHARS:])
                if finding is not None:
                    for instead in self._instead(finding, turn, act):
                        yield instead
                    return
                free = max(0, len(held) - MAX_HELD) if self._outgoing.may_go_on(phrase.text) else len(held)
                for one in held[:free]:
                    said.append(one.text)
                    yield one
                held = held[free:]
        for one in held:
            yield one

    def _reply(self, finding: incoming.Finding, turn: UserTurn) -> list[Phrase]:
        """Return what is said to somebody whose words are not passed on."""
        limits = self._limits
        if finding.rule >= 0:
            lines: Sequence[str] = (limits.rules[finding.rule].instead,)
        elif finding.kind in ("abuse", "hate"):
            lines = limits.to_abuse
        else:
            lines = limits.to_tricks if finding.kind == "trick" else limits.to_forbidden
        return phrases_of(in_turn(lines, turn.turn), "calm", "answer", SOURCE)

    def _instead(self, finding: outgoing.Finding, turn: int, act: str) -> list[Phrase]:
        """Return what is said in place of the rest of an answer."""
        limits = self._limits
        lines = {
            "diagnosis": limits.no_diagnosis,
            "investment": limits.no_investment,
            "claim": (self._about_me,),
        }.get(finding.kind, limits.held_back)
        if finding.rule >= 0:
            lines = (limits.rules[finding.rule].instead,)
        return phrases_of(in_turn(lines, turn), "calm", act, SOURCE)

    def _fit(self, context: Context) -> Context:
        """Return the context without what was not passed on when it was said, and without facts that are tricks."""
        exchanges = tuple(one for one in context.exchanges if not self._is_unfit(one))
        return replace(context, exchanges=exchanges, person=self._fit_person(context.person))

    def _is_unfit(self, exchange: Exchange) -> bool:
        if exchange.source:
            return exchange.source == SOURCE
        key = hash(exchange.asked)
        if key not in self._judged:
            if len(self._judged) >= MAX_JUDGED:
                self._judged.clear()
            self._judged[key] = self._incoming.judge(exchange.asked) is not None
        return self._judged[key]

    def _fit_person(self, person: Person | None) -> Person | None:
        if person is None:
            return None
        facts = tuple(fact for fact in person.facts if self._incoming.judge(fact.value) is None)
        last = person.last_asked if self._incoming.judge(person.last_asked) is None else ""
        return replace(person, facts=facts, last_asked=last)


def about_me(persona: Persona) -> tuple[str, str]:
    """Return what a persona says to "are you human", and the entry of its knowledge that it comes from, or "".

    It is the line of its limits, else the honest answer of an entry that knows such a question, else a plain one.
    """
    if persona.limits.about_me:
        return persona.limits.about_me, ""
    for entry in persona.knowledge:
        asked = any(asks_what_it_is(question) for question in entry.questions)
        if asked and entry.answer is not None and says_it_is_artificial(entry.answer):
            return entry.answer, entry.id
    return f"I am {persona.name}, an AI: a computer program, and not a person.", ""


def unfit_answers(persona: Persona) -> list[tuple[str, str]]:
    """Return the entries whose answers the persona's own limits hold back, each with the reason.

    For `persona check`: such an answer is never spoken.
    """
    judge = outgoing.Outgoing(persona.limits, Leaks(""))
    found = ((entry.id, judge.judge(entry.answer)) for entry in persona.knowledge if entry.answer)
    return [(name, finding.kind) for name, finding in found if finding is not None]


def _public(persona: Persona) -> list[str]:
    """Return what anyone may hear: the persona's own lines."""
    lines = [persona.name, persona.place, *persona.greeting, *persona.fallbacks, *persona.not_heard, *persona.closing]
    for entry in persona.knowledge:
        lines += [*entry.questions, entry.answer or ""]
    return lines
