"""A brain that knows whom it talks to: it asks before it keeps anything, uses what it knows, tells it and erases it."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Final

from runtime.core.errors import UserError
from runtime.core.messages import Phrase, UserTurn
from runtime.persona.brain import AFFECTS, Brain, closed, phrases_of
from runtime.persona.memory import MAX_EXCHANGES, Context, Exchange
from runtime.persona.people import wording
from runtime.persona.people.facts import find_facts
from runtime.persona.people.people import People
from runtime.persona.people.person import Fact, Person, any_token
from runtime.persona.people.requests import Request, disowns, read, refuses
from runtime.persona.people.subjects import looked_up
from runtime.persona.people.visit import Visit
from runtime.persona.tutoring import PREFIX as QUIZ
from runtime.persona.tutoring import read_standing

MIN_QUESTION_WORDS: Final = 3
CLEAR_DOMAIN: Final = 0.95
"""How surely a turn is of the persona's domain for what can't be undone; below, it is asked first. "Tell me about
Saturn" was heard as "delete my data" at 0.80, and real wishes to be forgotten at 1.00 in six voices."""
_NOT_NOW: Final = frozenset(("angry", "sad", "afraid", "disgusted"))
"""In such a mood nobody is asked whether they may be remembered."""
Said = list[Phrase]


class Remembering:
    """A brain around a brain, for one session. Those that guard what is heard and said, and send to help, go around it.

    `hand_over` gives the client the token by which the person is known again ("" has it throw its token away).
    `look_up` is a brain that answers from knowledge alone: with it, preferences find what matters because of them
    ("what can I eat" from a vegetarian), and questions that had no answer are tried again at the next visit.
    A token is handed over only if it `fits`.
    """

    def __init__(
        self,
        brain: Brain,
        people: People,
        hand_over: Callable[[str], None],
        look_up: Brain | None = None,
        fits: Callable[[str], bool] = any_token,
    ) -> None:
        self._brain = brain
        self._people = people
        self._hand_over = hand_over
        self._look_up = look_up
        self._fits = fits
        self._visit = Visit(people, hand_over, fits)

    def meet(self, token: str | None) -> None:
        """Take the token that the client has kept, before the greeting.

        "" says that it has none yet; None that it can't keep one, and then nobody is asked to be remembered.
        """
        self._visit.token = token

    def leave(self, exchanges: tuple[Exchange, ...]) -> None:
        """The person is gone: keep the last of what was said, if they agreed. The next is known by no token."""
        self._visit.save(exchanges)
        self._visit = Visit(self._people, self._hand_over, self._fits)

    async def greet(self) -> AsyncIterator[Phrase]:
        """See `Brain.greet`; who is known is greeted by name, and asked whether to go on where they stopped."""
        visit = self._visit
        await visit.recognise()
        if not visit.recognised:
            async with closed(self._brain.greet()) as stream:
                async for phrase in stream:
                    yield phrase
            return
        yield Phrase(wording.welcome(visit.person), AFFECTS["warm"], "greet")
        pick_up = await self._pick_up(visit)
        async with closed(self._brain.greet()) as stream:
            greeting = [phrase async for phrase in stream]
        if pick_up and len(greeting) > 1 and greeting[-1].text.endswith("?"):
            greeting.pop()  # one question at a time
        for place, phrase in enumerate(greeting):
            yield phrase if place else replace(phrase, text=wording.without_hello(phrase.text))
        for phrase in pick_up:
            yield phrase

    async def respond(self, turn: UserTurn, context: Context) -> AsyncIterator[Phrase]:
        """See `Brain.respond`."""
        visit = self._visit
        await visit.recognise()
        exchanges = tuple(one for one in context.exchanges if one.turn > visit.since)
        visit.save(exchanges)
        said, asked = await self._own(visit, turn, exchanges)
        for phrase in said:
            yield phrase
        last = said[-1] if said else None
        if asked is not None:
            answer: Said = []
            inner = replace(context, exchanges=_without_ours(exchanges), person=visit.person)
            async with closed(self._brain.respond(asked, inner)) as stream:
                async for phrase in stream:
                    phrase = replace(phrase, text=_parting(phrase, visit.person))
                    answer.append(phrase)
                    yield phrase
            self._note(visit, asked, answer)
            for phrase in await self._besides(visit, asked, answer):
                answer.append(phrase)
                yield phrase
            last = answer[-1] if answer else None
        if last is not None and last.act == "answer" and context.mood.label not in _NOT_NOW:
            for phrase in self._offer(visit, exchanges):
                yield phrase

    # ------------------------------------------------------------ what the memory itself answers

    async def _own(self, visit: Visit, turn: UserTurn, exchanges: tuple[Exchange, ...]) -> tuple[Said, UserTurn | None]:
        """Return what the memory has to say, and the turn that is left for the brain, if any."""
        offers = exchanges[-1].offers if exchanges else ()
        offered = next((offer for offer in offers if offer.startswith(wording.OURS)), "")
        request = read(turn.text, turn.action)
        if request is Request.NOTHING and turn.doubtful:
            request = read(turn.alternative) if read(turn.alternative) is not Request.YES else request
        if request is Request.FORGET and (turn.in_domain >= CLEAR_DOMAIN or offered == wording.FORGET):
            return await self._forget(visit, turn), None
        if request is Request.FORGET:
            return _say(wording.FORGET_ALL, "curious", "ask", wording.FORGET), None
        if offered == wording.FORGET and request in (Request.YES, Request.NO):
            return await self._forget(visit, turn) if request is Request.YES else _say(wording.KEPT_STILL), None
        if (said := await self._consent(visit, turn, request, offered, exchanges)) is not None:
            return said, None
        if offered == wording.RESUME and request in (Request.YES, Request.NO):
            return self._resume(visit, turn) if request is Request.YES else (_say(wording.ANYTHING_ELSE), None)
        if offered == wording.RENAME and visit.other_name is not None:
            name, visit.other_name = visit.other_name, None
            if request is Request.YES:
                visit.learn([name])
                return _say(wording.acknowledged([name])), None
            visit.disown(name)
            if request is Request.NO:
                return _say(wording.GUEST, "concerned"), None
        if visit.recognised and (request is Request.NOT_ME or disowns(turn.text, visit.person.name)):
            visit.disown()
            return _say(wording.GUEST, "concerned"), None
        if request is Request.TELL:
            return _say(wording.known(visit.person, self._people.keep_days)), None
        if request is Request.RESUME:
            return self._resume(visit, turn)
        if request is Request.REMEMBER:
            return self._asked_to_remember(visit, exchanges), None
        if exchanges and read_standing(exchanges[-1].source).waits:
            return [], turn  # the answer to a quiz says nothing of who gives it
        return self._learn(visit, turn)

    async def _consent(
        self, visit: Visit, turn: UserTurn, request: Request, offered: str, exchanges: tuple[Exchange, ...]
    ) -> Said | None:
        """Take the turn after the question whether they may be remembered; None where it is about something else."""
        heard = offered == wording.CONSENT
        if request is Request.NOTHING and refuses(turn.text, turn.action):
            request = Request.NO
        if heard and visit.consent.given and request is not Request.YES:
            # They went on before any of the answer to their yes was heard, so it was none: what it kept goes again.
            return await self._forget(visit, turn)
        # A sign of the hand, or words that may be misread, are no consent: it is asked for again.
        plain = heard and not turn.action and not turn.doubtful
        before, visit.consent = visit.consent, visit.consent.reply(request, plain)
        if visit.consent == before:
            return (
                _say(wording.agreed(self._people.keep_days), act="backchannel") if heard and visit.person.id else None
            )
        if visit.consent.given:
            if await visit.keep(exchanges):
                return _say(wording.agreed(self._people.keep_days), act="backchannel")
            visit.consent = before
            return _say(wording.NOT_KEPT, "concerned", "error")
        if request is Request.NO:
            return _say(wording.KEPT_NOT, act="backchannel")
        return self._ask(visit) if request is Request.YES else None

    async def _forget(self, visit: Visit, turn: UserTurn) -> Said:
        try:
            erased = await visit.forget(turn.turn)
        except UserError:
            return _say(wording.NOT_ERASED, "concerned", "error")
        return _say(wording.FORGOTTEN if erased else wording.NOTHING_KEPT, act="backchannel")

    def _resume(self, visit: Visit, turn: UserTurn) -> tuple[Said, UserTurn | None]:
        """Answer again what the person asked last at an earlier visit."""
        asked = visit.person.last_asked
        return ([], replace(turn, text=asked, action="")) if asked else (_say(wording.NO_TALK), None)

    def _asked_to_remember(self, visit: Visit, exchanges: tuple[Exchange, ...]) -> Said:
        if visit.person.id:
            return _say(wording.KEPT_ALREADY)
        return self._ask(visit) if visit.may_ask else _say(wording.NOT_AGAIN, "concerned")

    def _learn(self, visit: Visit, turn: UserTurn) -> tuple[Said, UserTurn | None]:
        """Take what the person says of themselves; the brain gets what they say besides."""
        found = find_facts(turn.text, visit.id, turn.turn)
        if not found.facts and turn.alternative and turn.doubtful:
            found = find_facts(turn.alternative, visit.id, turn.turn)
            if found.rest:
                return [], turn
        name = next((fact for fact in found.facts if fact.kind == "name"), None)
        others = [fact for fact in found.facts if fact is not name]
        if name is not None and visit.recognised and visit.person.name not in ("", name.value):
            visit.other_name = name
            visit.learn(others)
            return _say(wording.rename(visit.person.name, name.value), "curious", "ask", wording.RENAME), None
        new_name = name is not None and visit.person.name != name.value
        visit.learn(found.facts)
        if found.facts and not found.rest:
            return _say(wording.acknowledged(found.facts)), None
        hello = _say(f"Nice to meet you, {name.value}.", act="greet") if name and new_name else []
        return hello, replace(turn, text=found.rest) if found.facts else turn

    # ------------------------------------------------------------ questions of the memory's own

    def _offer(self, visit: Visit, exchanges: tuple[Exchange, ...]) -> Said:
        """Ask whether the person may be remembered, once they said something worth it."""
        told = any(fact.kind != "question" for fact in visit.person.facts)
        return self._ask(visit) if told and visit.may_ask and visit.consent.may_ask else []

    def _ask(self, visit: Visit) -> Said:
        visit.consent = visit.consent.ask()
        before, question = wording.consent_question(visit.person, self._people.keep_days)
        return [*_say(before, act="ask"), *_say(question, "curious", "ask", wording.CONSENT)]

    async def _pick_up(self, visit: Visit) -> Said:
        """Return how to go on from the last visit: the answer to an open question, or an offer to go on."""
        for open_question in reversed(visit.person.questions):
            answer = await self._known(visit.person, UserTurn(0, open_question.value, 0.0, 0.0))
            if answer:
                visit.unlearn(open_question)
                return [*_say(wording.answered_now(open_question.value), act="greet"), *answer]
        if visit.person.last_asked:
            return _say(wording.last_time(visit.person.last_asked), "curious", "ask", wording.RESUME)
        return []

    # ------------------------------------------------------------ using what is known

    def _note(self, visit: Visit, turn: UserTurn, answer: Said) -> None:
        """Remember whether an answer was one: a question without is an open one."""
        acts = {phrase.act for phrase in answer}
        visit.topics = {number for number in visit.topics if number > turn.turn - MAX_EXCHANGES}
        if "answer" in acts and not any(phrase.source.startswith(QUIZ) for phrase in answer):
            visit.topics.add(turn.turn)
        if acts == {"fallback"} and len(turn.text.split()) >= MIN_QUESTION_WORDS:
            visit.learn([Fact("question", "question", turn.text[:200], visit.id, turn.turn)])

    async def _besides(self, visit: Visit, turn: UserTurn, answer: Said) -> Said:
        """Return what matters to this person besides, because of what they said of themselves: one thing, told once."""
        sources = {phrase.source for phrase in answer}
        if not answer or answer[-1].act != "answer":
            return []
        for fact in visit.person.preferences:
            if str(fact) in visit.spoken_of or not (text := looked_up(fact.key, fact.value, turn.text)):
                continue
            found = await self._known(visit.person, replace(turn, text=text, alternative="", in_domain=1.0))
            visit.spoken_of.add(str(fact))
            if found and found[0].source not in sources:
                return [*_say(wording.because(fact)), *found]
        return []

    async def _known(self, person: Person, turn: UserTurn) -> Said:
        """Return a sure answer from knowledge alone, or nothing."""
        if self._look_up is None:
            return []
        async with closed(self._look_up.respond(turn, Context(person=person))) as stream:
            found = [phrase async for phrase in stream]
        return found if found and all(phrase.act == "answer" and phrase.source for phrase in found) else []


def _say(text: str, feeling: str = "warm", act: str = "answer", offer: str = "") -> Said:
    return phrases_of(text, feeling, act, offers=(offer,) if offer else ())


def _without_ours(exchanges: tuple[Exchange, ...]) -> tuple[Exchange, ...]:
    """Return exchanges without the offers of this memory, which no brain knows."""
    return tuple(
        replace(one, offers=tuple(offer for offer in one.offers if not offer.startswith(wording.OURS)))
        for one in exchanges
    )


def _parting(phrase: Phrase, person: Person) -> str:
    return wording.farewell(phrase.text, person.name) if phrase.act == "farewell" else phrase.text
