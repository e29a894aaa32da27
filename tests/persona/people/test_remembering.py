"""Talks with a character that remembers: over visits, with a real database, and with what is interrupted."""

import asyncio
import gc
from pathlib import Path

import pytest

from runtime.core.messages import Phrase, PlayoutMark, UserTurn
from runtime.persona.grounded import GroundedBrain
from runtime.persona.memory import Context, Memory
from runtime.persona.people import wording
from runtime.persona.people.people import People
from runtime.persona.people.person import MAX_FACTS
from runtime.persona.people.store import MAX_EXCHANGES
from runtime.persona.persona import find_persona, load_persona
from runtime.persona.tutoring import Tutoring
from tests.persona.people.talks import Brain, Talk, kept, met


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
