"""Talks with a character that remembers, for the tests: what is said is heard to its end unless it is cut."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from runtime.core.messages import Affect, Interrupted, Mood, Phrase, PlayoutMark, UserTurn
from runtime.persona.memory import Context, Memory
from runtime.persona.people import wording
from runtime.persona.people.database import database_url
from runtime.persona.people.people import People
from runtime.persona.people.person import Person
from runtime.persona.people.remembering import Remembering
from runtime.persona.people.store import Store

KNOWN = {
    "where are the lockers": ("lockers", "Lockers are in the cloakroom."),
    "where can i eat": ("cafe", "The cafe is on the ground floor."),
    "do you have vegetarian food": ("vegetarian", "Yes, the soup is always vegan."),
    "where are the toilets": ("toilets", "The toilets are behind the stairs."),
}


class Brain:
    """Knows a little, and notes what it is asked."""

    def __init__(self) -> None:
        self.known = dict(KNOWN)
        self.asked: list[str] = []
        self.contexts: list[Context] = []
        self.closed = 0

    async def greet(self) -> AsyncIterator[Phrase]:
        yield Phrase("Hello, I'm Ada, an AI.", act="greet")
        yield Phrase("How may I help you?", act="greet")

    async def respond(self, turn: UserTurn, context: Context) -> AsyncIterator[Phrase]:
        self.asked.append(turn.text)
        self.contexts.append(context)
        try:
            if turn.text == "goodbye":
                yield Phrase("Goodbye, and come again.", act="farewell", source="goodbye")
                return
            source, text = self.known.get(turn.text.lower().rstrip("?"), ("", "I don't know that."))
            yield Phrase(text, Affect(), "answer" if source else "fallback", source)
        finally:
            self.closed += 1


class Talk:
    """One visit, from a greeting on; what the character says is heard to its end unless it is cut."""

    def __init__(self, people: People, token: str | None, brain: Any = None) -> None:
        self.tokens: list[str] = []
        self.brain = brain or Brain()
        self.memory = Memory()
        self.mood = Mood()
        self.mind = Remembering(self.brain, people, self.tokens.append, self.brain)
        self.mind.meet(token)
        self._turn = 1

    async def greeting(self) -> str:
        return self._hear([phrase async for phrase in self.mind.greet()])

    async def say(self, text: str, cut_at: int | None = None, action: str = "", in_domain: float = 1.0) -> str:
        """Say something; with `cut_at`, the answer is interrupted after so many phrases."""
        phrases = [phrase async for phrase in self._begin(text, action, in_domain)]
        if cut_at is None:
            return self._hear(phrases)
        self._hear(phrases[:cut_at])
        heard = " ".join(phrase.text for phrase in phrases[:cut_at])
        self.memory.interrupted(Interrupted(self._turn, "speech", heard, 0.0))
        return heard

    async def go_on(self, text: str, more: str) -> str:
        """Say something, and go on before any of the answer is heard: both parts are one turn."""
        stream = self._begin(text)
        async for _ in stream:
            break
        await stream.aclose()  # type: ignore[attr-defined]
        self.memory.withdraw()
        return await self.say(f"{text} {more}")

    @property
    def person(self) -> Person:
        """Whom the brain last took the person for."""
        person = self.brain.contexts[-1].person
        assert isinstance(person, Person)
        return person

    def leave(self) -> None:
        self.mind.leave(self.memory.context().exchanges)

    def _begin(self, text: str, action: str = "", in_domain: float = 1.0) -> AsyncIterator[Phrase]:
        self._turn += 1
        turn = UserTurn(self._turn, text, 0.0, 0.0, True, in_domain, action=action)
        context = self.memory.context(self.mood)
        self.memory.asked(turn)
        return self.mind.respond(turn, context)

    def _hear(self, phrases: list[Phrase]) -> str:
        for phrase in phrases:
            self.memory.told(self._turn, phrase)
        heard = " ".join(phrase.text for phrase in phrases)
        self.memory.heard(PlayoutMark(self._turn, heard, 0.0, finished=True))
        return heard


async def met(people: People, *sentences: str) -> str:
    """Have somebody say sentences, agree to be remembered, and leave; return their token."""
    talk = Talk(people, "")
    await talk.greeting()
    for sentence in sentences:
        await talk.say(sentence)
    assert await talk.say("yes") == wording.agreed(30)
    talk.leave()
    await people.settle()
    return talk.tokens[-1]


def kept(tmp_path: Path) -> list[dict[str, Any]]:
    store = Store(database_url(None, tmp_path))
    store.open()
    try:
        return [store.export(one.id) for one in store.people()]
    finally:
        store.close()
