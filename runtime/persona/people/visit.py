"""What is known of the person in one visit, and what of it is kept."""

import asyncio
import re
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from runtime.persona.memory import Exchange
from runtime.persona.people.consent import Consent, State
from runtime.persona.people.facts import find_facts
from runtime.persona.people.people import People
from runtime.persona.people.person import Fact, Person, any_token, with_facts

_SMALL_TALK: Final = re.compile(
    r"^(?:hi|hello|hey|thanks|thank you|great|nice|cool|good(?:bye)?|bye|ok(?:ay)?|yes|no|"
    r"how are you|who are you|are you)\b"
)
"""Not what one would go on with at the next visit."""


@dataclass
class Visit:
    """One person's stay. `token` is what their client kept; None where it can't keep any, and nothing is asked then."""

    people: People
    hand_over: Callable[[str], None]
    """Gives the client the token to keep; "" has it throw away the one it has."""
    fits: Callable[[str], bool] = any_token
    """Whether a new token will do."""
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    token: str | None = None
    person: Person = field(default_factory=Person)
    consent: Consent = field(default_factory=Consent)
    recognised: bool = False
    saved: int = 0
    """The number of the last turn that is kept, or that is not to be."""
    since: int = 0
    """Turns up to this one are forgotten."""
    spoken_of: set[str] = field(default_factory=set)
    """Facts that an answer has used already."""
    other_name: Fact | None = None
    topics: set[int] = field(default_factory=set)
    """Turns of late that one could go on with at the next visit: those that the inner brain had an answer to."""
    _looked_up: bool = False
    _keeping: asyncio.Task[None] | None = None

    async def recognise(self) -> None:
        """Find out once whose token it is; and let what is being kept be kept first."""
        if self._keeping is not None:
            await asyncio.wait([self._keeping])
        if self._looked_up or not self.token:
            return
        self._looked_up = True
        known = await self.people.recognise(self.token)
        if known is not None:
            self.recognised, self.consent = True, Consent(State.GIVEN)
            facts = with_facts(known.facts, self.person.facts)
            self.person = replace(known, facts=facts, last_asked=find_facts(known.last_asked).rest)

    @property
    def may_ask(self) -> bool:
        """Whether the person can be remembered at all, and is not yet."""
        return self.token is not None and self.people.remembers and not self.person.id

    def learn(self, facts: Sequence[Fact]) -> None:
        """Take what the person said of themselves; who agreed has it kept."""
        self.person = replace(self.person, facts=with_facts(self.person.facts, tuple(facts)))
        if self.person.id and facts:
            self.people.add(self.person.id, facts)

    def unlearn(self, fact: Fact) -> None:
        """A fact holds no longer."""
        self.person = replace(self.person, facts=tuple(one for one in self.person.facts if one != fact))
        if self.person.id:
            self.people.drop(self.person.id, fact)

    def save(self, exchanges: Sequence[Exchange]) -> None:
        """Keep the exchanges that ended since the last time, if the person agreed."""
        if self.person.id and (new := self._topics(exchanges)):
            self.people.add(self.person.id, (), self.id, new)

    async def keep(self, exchanges: Sequence[Exchange]) -> bool:
        """Keep what was said so far, now that the person agreed; return whether that could be done."""
        self._keeping = self.people.run(self._keep(self._topics(exchanges)))
        await asyncio.wait([self._keeping])
        return bool(self.person.id)

    async def _keep(self, exchanges: Sequence[Exchange]) -> None:
        person, self.token = await self.people.remember(self.person.facts, self.id, exchanges, self.fits)
        self.person, self._looked_up = replace(self.person, id=person), True
        self.hand_over(self.token)

    async def forget(self, turn: int) -> bool:
        """Erase all that is known of the person up to a turn; return whether any of it was kept.

        Raises:
            UserError: it can't be erased now; then nothing has changed.
        """
        forgetting = self.people.run(self._forget(turn))
        await asyncio.wait([forgetting])  # an interrupted answer does not end it
        return bool(forgetting.result())

    async def _forget(self, turn: int) -> bool:
        erased: bool = bool(self.person.id) and await self.people.forget(self.person.id)
        self.person, self.recognised, self.consent = Person(), False, self.consent.withdraw()
        self.since = self.saved = turn
        self.hand_over("")
        return erased

    def disown(self, name: Fact | None = None) -> None:
        """The person is not who they were taken for: nothing of this visit is kept, and they are not asked."""
        if self.person.id:
            self.people.drop_visit(self.person.id, self.id)
        self.person = Person(facts=(name,) if name else ())
        self.recognised, self.token, self.consent = False, None, self.consent.withdraw()

    def _topics(self, exchanges: Sequence[Exchange]) -> list[Exchange]:
        """Return the exchanges that are not kept yet; the source stays with those that one could go on with."""
        new = [one for one in exchanges if one.turn > self.saved and one.asked]
        self.saved = max([self.saved, *(one.turn for one in exchanges)])
        idle = [one.turn not in self.topics or bool(_SMALL_TALK.match(one.asked.lower())) for one in new]
        return [replace(one, source="") if off else one for one, off in zip(new, idle, strict=True)]
