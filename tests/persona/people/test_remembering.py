"""Talks with a character that remembers: over visits, with a real database, and with what is interrupted."""

import asyncio
import gc
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from runtime.core.errors import UserError
from runtime.core.messages import Affect, Interrupted, Mood, Phrase, PlayoutMark, UserTurn
from runtime.persona.grounded import GroundedBrain
from runtime.persona.memory import Context, Memory
from runtime.persona.people import wording
from runtime.persona.people.people import People
from runtime.persona.people.person import MAX_FACTS, Person
from runtime.persona.people.remembering import Remembering
from runtime.persona.people.store import MAX_EXCHANGES, Store
from runtime.persona.persona import find_persona, load_persona
from runtime.persona.tutoring import Tutoring

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


@pytest.fixture
async def people(tmp_path: Path) -> AsyncIterator[People]:
    async with People(None, tmp_path, 30) as opened:
        yield opened


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
    from runtime.persona.people.database import database_url

    store = Store(database_url(None, tmp_path))
    store.open()
    try:
        return [store.export(one.id) for one in store.people()]
    finally:
        store.close()


async def test_a_returning_visitor_is_greeted_by_name_and_finds_the_topic_again(people: People) -> None:
    token = await met(people, "Where are the lockers?", "I'm Anna")
    talk = Talk(people, token)
    greeting = await talk.greeting()
    assert greeting == (
        "Welcome back, Anna. I'm Ada, an AI. "
        'Last time you asked me "Where are the lockers?". Shall we go on from there?'
    )
    assert await talk.say("yes please") == "Lockers are in the cloakroom."
    assert talk.brain.asked == ["Where are the lockers?"]
    assert talk.person.name == "Anna"
    assert await talk.say("goodbye") == "Goodbye, Anna, and come again."
    talk.leave()
    await people.settle()
    again = Talk(people, token)
    assert "Where are the lockers?" in await again.greeting()  # and not "goodbye"
    assert await again.say("", action="no") == wording.ANYTHING_ELSE


async def test_a_turn_that_the_memory_did_not_see_is_no_topic(people: People) -> None:
    token = await met(people, "I'm Anna")
    talk = Talk(people, token)
    await talk.greeting()
    emergency = UserTurn(7, "i have chest pain", 0.0, 0.0)  # answered by a brain around the memory
    talk.memory.asked(emergency)
    talk.memory.told(7, Phrase("Call for help now.", source="help:heart"))
    talk.memory.heard(PlayoutMark(7, "Call for help now.", 0.0, finished=True))
    talk.leave()
    await people.settle()
    assert "chest pain" not in await Talk(people, token).greeting()


async def test_the_topic_is_named_without_the_name_that_came_with_it(people: People) -> None:
    token = await met(people, "I'm Anna, where are the lockers?")
    assert 'you asked me "where are the lockers?"' in await Talk(people, token).greeting()


async def test_nothing_is_kept_before_a_yes(people: People, tmp_path: Path) -> None:
    talk = Talk(people, "")
    await talk.greeting()
    answer = await talk.say("I'm Anna, where are the lockers?")
    assert answer.startswith("Nice to meet you, Anna. Lockers are")
    assert answer.endswith("May I remember you? Say yes or no.")
    await people.settle()
    assert kept(tmp_path) == []
    assert await talk.say("no, thanks") == wording.KEPT_NOT
    assert "remember" not in await talk.say("I am vegetarian")
    talk.leave()
    await people.settle()
    assert kept(tmp_path) == []
    assert talk.tokens == []


@pytest.mark.parametrize(
    "reply", ["yes but not my name", "where are the toilets", "", "hm", "yes where are the toilets"]
)
async def test_only_a_plain_yes_is_consent(people: People, tmp_path: Path, reply: str) -> None:
    talk = Talk(people, "")
    await talk.say("I'm Anna")
    await talk.say(reply)
    await talk.say("yes")
    await people.settle()
    assert kept(tmp_path) == []


async def test_a_question_that_was_cut_off_is_asked_again_before_a_yes_counts(people: People, tmp_path: Path) -> None:
    talk = Talk(people, "")
    heard = await talk.say("I'm Anna", cut_at=2)
    assert "May I" not in heard
    assert "May I remember you?" in await talk.say("yes")
    await people.settle()
    assert kept(tmp_path) == []
    assert await talk.say("yes") == wording.agreed(30)
    assert len(kept(tmp_path)) == 1


async def test_a_yes_that_goes_on_is_taken_back(people: People, tmp_path: Path) -> None:
    talk = Talk(people, "")
    await talk.say("I'm Anna")
    await talk.go_on("yes", "but not my name")
    await people.settle()
    assert kept(tmp_path) == []
    assert talk.tokens[-1] == ""


@pytest.mark.parametrize(("text", "action", "in_domain"), [("", "yes", 1.0), ("yes", "", 0.1)])
async def test_a_sign_or_a_yes_that_may_be_misread_is_no_consent_yet(
    people: People, tmp_path: Path, text: str, action: str, in_domain: float
) -> None:
    talk = Talk(people, "")
    await talk.say("I'm Anna")
    assert "May I remember you?" in await talk.say(text, action=action, in_domain=in_domain)
    assert kept(tmp_path) == []
    assert await talk.say("yes") == wording.agreed(30)
    assert len(kept(tmp_path)) == 1


async def test_a_sign_may_refuse(people: People) -> None:
    talk = Talk(people, "")
    await talk.say("I'm Anna")
    assert await talk.say("", action="no") == wording.KEPT_NOT


async def test_what_was_said_is_kept_as_it_was_heard_once_there_is_consent(people: People, tmp_path: Path) -> None:
    talk = Talk(people, "")
    await talk.greeting()
    await talk.say("where are the toilets", cut_at=0)
    await talk.say("my name is anna")
    await talk.say("yes")
    await talk.say("where are the lockers", cut_at=1)
    talk.leave()
    await people.settle()
    (person,) = kept(tmp_path)
    said = [(one["asked"], one["heard"], one["cut"]) for one in person["exchanges"]]
    assert said[0] == ("where are the toilets", "", True)
    assert said[2][:1] == ("yes",)
    assert said[3] == ("where are the lockers", "Lockers are in the cloakroom.", True)
    assert [(one["value"], one["turn"]) for one in person["facts"]] == [("Anna", 3)]


async def test_forget_me_erases_and_says_so(people: People, tmp_path: Path) -> None:
    token = await met(people, "I'm Anna")
    talk = Talk(people, token)
    await talk.greeting()
    await talk.say("I am vegan")
    assert await talk.say("please forget me") == wording.FORGOTTEN
    assert kept(tmp_path) == []
    assert talk.tokens == [""]
    assert "I know nothing about you" in await talk.say("what do you know about me")
    await talk.say("where can i eat")
    assert talk.person.facts == ()
    assert [one.asked for one in talk.brain.contexts[-1].exchanges] == ["what do you know about me"]
    talk.leave()
    await people.settle()
    assert kept(tmp_path) == []
    assert (await Talk(people, token).greeting()).startswith("Hello")


async def test_an_erasure_that_fails_is_not_called_done(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    token = await met(people, "I'm Anna")
    talk = Talk(people, token)
    await talk.greeting()

    def lost(store: Store, person: str) -> bool:
        raise UserError("The database of people can't be used.")

    with monkeypatch.context() as broken:
        broken.setattr(Store, "forget", lost)
        assert await talk.say("forget me") == wording.NOT_ERASED
        assert "Anna" in await talk.say("what do you know about me")
    assert await talk.say("forget me") == wording.FORGOTTEN


async def test_what_is_known_is_told(people: People) -> None:
    talk = Talk(people, "")
    assert await talk.say("what do you know about me") == (
        "I know nothing about you but what we say here. I will forget it when you leave."
    )
    token = await met(people, "I'm Anna and I am vegetarian")
    told = await Talk(people, token).say("What do you know about me?")
    assert told.startswith("I know that your name is Anna, and you are vegetarian. You first came on ")
    assert told.endswith("I keep it for 30 days from your last visit, and what we said. Say forget me, and I erase it.")


async def test_a_spoken_name_is_no_proof(people: People) -> None:
    await met(people, "I'm Anna and I am vegetarian")
    stranger = Talk(people, "")
    await stranger.greeting()
    assert "vegetarian" not in await stranger.say("it's Anna again")
    assert "vegetarian" not in await stranger.say("what do you know about me")


async def test_somebody_else_at_the_same_browser_is_told_nothing(people: People, tmp_path: Path) -> None:
    token = await met(people, "I'm Anna and I am vegetarian")
    talk = Talk(people, token)
    await talk.greeting()
    await talk.say("where can i eat")
    assert await talk.say("I'm not Anna") == wording.GUEST
    assert "vegetarian" not in await talk.say("what do you know about me")
    assert "May I remember" not in await talk.say("I'm Ben")
    talk.leave()
    await people.settle()
    (person,) = kept(tmp_path)
    assert [one["value"] for one in person["facts"]] == ["Anna", "vegetarian"]
    assert not any(one["asked"] in ("where can i eat", "I'm Ben") for one in person["exchanges"])


@pytest.mark.parametrize(("reply", "name"), [("yes", "Hanna"), ("no", "Anna"), ("where can i eat", "Anna")])
async def test_another_name_is_asked_about(people: People, tmp_path: Path, reply: str, name: str) -> None:
    token = await met(people, "I'm Anna")
    talk = Talk(people, token)
    await talk.greeting()
    assert await talk.say("my name is hanna") == wording.rename("Anna", "Hanna")
    await talk.say(reply)
    talk.leave()
    await people.settle()
    assert kept(tmp_path)[0]["facts"][0]["value"] == name


async def test_a_preference_finds_what_matters_because_of_it_once(people: People) -> None:
    talk = Talk(people, "")
    await talk.say("I am vegetarian")
    assert await talk.say("where can i eat") == (
        "The cafe is on the ground floor. And since you are vegetarian: Yes, the soup is always vegan."
    )
    assert await talk.say("where can i eat") == "The cafe is on the ground floor."
    assert await talk.say("where are the toilets") == "The toilets are behind the stairs."


async def test_an_open_question_is_answered_at_the_next_visit_if_it_can_be(people: People) -> None:
    token = await met(people, "why is it blue here", "I'm Anna")
    same = Talk(people, token)
    assert "could not answer" not in await same.greeting()
    same.leave()
    later = Talk(people, token)
    later.brain.known["why is it blue here"] = ("blue", "The painter liked it.")
    assert (
        'Last time I could not answer "why is it blue here". Now I can. The painter liked it.' in await later.greeting()
    )
    later.leave()
    await people.settle()
    assert "Now I can" not in await Talk(people, token).greeting()


async def test_who_can_keep_no_token_or_is_upset_is_not_asked(people: People) -> None:
    talk = Talk(people, None)
    assert "May I remember" not in await talk.say("I'm Anna")
    assert await talk.say("remember me") == wording.NOT_AGAIN
    upset = Talk(people, "")
    upset.mood = Mood("angry", 0.8)
    assert "May I remember" not in await upset.say("I'm Anna")
    assert "May I remember" in await upset.say("remember me")


async def test_nobody_is_asked_where_nothing_is_kept(tmp_path: Path) -> None:
    async with People(None, tmp_path, 0) as people:
        talk = Talk(people, "")
        assert "May I remember" not in await talk.say("I'm Anna")
        assert await talk.say("remember me") == wording.NOT_AGAIN


async def test_the_next_person_at_a_kiosk_starts_anew(people: People, tmp_path: Path) -> None:
    token = await met(people, "I'm Anna")
    talk = Talk(people, token)
    await talk.greeting()
    talk.leave()
    talk.memory = Memory()
    assert (await talk.greeting()).startswith("Hello")
    assert "Anna" not in await talk.say("what do you know about me")
    await talk.say("I'm Ben")
    talk.leave()
    await people.settle()
    assert [one["value"] for one in kept(tmp_path)[0]["facts"]] == ["Anna"]


async def test_the_brain_sees_no_offers_of_the_memory_and_its_stream_is_closed(people: People) -> None:
    talk = Talk(people, "")
    await talk.say("I'm Anna")
    await talk.say("where are the lockers")
    assert [one.offers for one in talk.brain.contexts[-1].exchanges] == [()]
    stream = talk.mind.respond(UserTurn(9, "where are the toilets", 0.0, 0.0), Context())
    async for _ in stream:
        break
    await stream.aclose()  # type: ignore[attr-defined]
    assert talk.brain.closed == len(talk.brain.asked)


async def test_a_brain_without_memory_answers_the_same(people: People) -> None:
    persona = load_persona(find_persona("concierge"))
    brain = GroundedBrain(persona)
    talk = Talk(people, None, brain)
    await talk.greeting()
    for number, question in enumerate(["what are your opening hours", "where are the toilets", "qwertz uiop"], start=2):
        plain = [phrase.text async for phrase in brain.respond(UserTurn(number, question, 0.0, 0.0), Context())]
        assert await talk.say(question) == " ".join(plain)


async def test_a_thousand_turns_hold_memory_flat(people: People, tmp_path: Path) -> None:
    talk = Talk(people, "")
    await talk.greeting()
    await talk.say("I'm Anna")
    await talk.say("yes")
    texts = ["where are the lockers", "why is number {} so", "I like thing {}", "where can i eat", "I am vegan"]
    objects = []
    for number in range(1_000):
        await talk.say(texts[number % len(texts)].format(number))
        talk.brain.asked.clear()
        talk.brain.contexts.clear()
        await people.settle()
        if number in (499, 999):
            gc.collect()
            objects.append(len(gc.get_objects()))
    assert people.under_way == 0
    assert objects[1] - objects[0] < 200
    (person,) = kept(tmp_path)
    assert len(person["exchanges"]) == MAX_EXCHANGES
    assert len(person["facts"]) == MAX_FACTS


async def test_many_visits_at_once_do_not_mix(people: People, tmp_path: Path) -> None:
    names = ["Anna", "Ben", "Clara", "David", "Emma", "Felix"]
    tokens = await asyncio.gather(*(met(people, f"I'm {name}") for name in names))
    greetings = await asyncio.gather(*(Talk(people, token).greeting() for token in tokens))
    assert [greeting.split(".")[0] for greeting in greetings] == [f"Welcome back, {name}" for name in names]
    assert len({one["id"] for one in kept(tmp_path)}) == len(names)


async def test_answers_to_a_quiz_are_no_facts_and_no_topics(people: People, tmp_path: Path) -> None:
    talk = Talk(people, "", Tutoring(Brain(), load_persona(find_persona("tutor"))))
    await talk.say("Where are the lockers?")
    await talk.say("I'm Anna")
    await talk.say("yes")
    await talk.say("quiz me")
    assert (await talk.say("I like the sun")).startswith("Right.")
    assert (await talk.say("I love nine")).startswith("Not quite.")
    await talk.say("stop the quiz")
    talk.leave()
    await people.settle()
    assert "quiz:" not in str(kept(tmp_path))
    assert [fact["value"] for fact in kept(tmp_path)[0]["facts"]] == ["Anna"]
    assert "Where are the lockers?" in await Talk(people, talk.tokens[-1]).greeting()
