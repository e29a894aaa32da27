"""Signs and short replies, on the concierge."""

from datetime import datetime

import pytest

from runtime.core.messages import Phrase, UserTurn
from runtime.persona.choosing import Choosing
from runtime.persona.grounded import GroundedBrain
from runtime.persona.memory import Context, Exchange
from runtime.persona.persona import Persona, find_persona, load_persona

PERSONA = load_persona(find_persona("concierge"))
BRAIN = Choosing(GroundedBrain(PERSONA), PERSONA)
OFFER = Exchange(1, "where can i leave it", "Do you mean A, or B?", offers=("toilets", "hours"))


async def answer(action: str = "", text: str = "", *exchanges: Exchange) -> list[Phrase]:
    turn = UserTurn(3, text, 0.0, 0.0, not action, action=action)
    return [phrase async for phrase in BRAIN.respond(turn, Context(exchanges))]


@pytest.mark.parametrize(
    ("action", "text", "source"),
    [
        ("yes", "", "toilets"),
        ("choose", "", "toilets"),
        ("next", "", "hours"),
        ("back", "", "toilets"),
        ("", "Yes, please.", "toilets"),
        ("", "the second one", "hours"),
    ],
)
async def test_a_sign_or_a_short_reply_takes_what_was_offered(action: str, text: str, source: str) -> None:
    assert {phrase.source for phrase in await answer(action, text, OFFER)} == {source}


async def test_a_no_to_an_offer_asks_again_and_one_to_an_answer_is_regretted() -> None:
    assert (await answer("no", "", OFFER))[0].act == "repair"
    told = Exchange(1, "where are the toilets", "Behind the stairs.", source="toilets")
    assert (await answer("no", "", told))[0].text in PERSONA.disapproval[0]
    assert (await answer("yes", "", told))[0].act == "backchannel"


async def test_next_and_back_go_through_a_topic() -> None:
    topic = [entry.id for entry in PERSONA.knowledge if entry.topic == "hours" and entry.answer]
    seen, exchange = [topic[0]], Exchange(1, "hours", "We are open.", source=topic[0])
    for _ in topic:
        told = await answer("next", "", exchange)
        seen.append(told[0].source)
        exchange = Exchange(1, "", told[0].text, source=told[0].source)
    assert seen == [*topic, topic[0]]
    back = await answer("back", "", Exchange(1, "hours", "We are open.", source=topic[0]))
    assert back[0].source == topic[-1]


async def test_a_wave_greets_at_first_and_takes_leave_later() -> None:
    assert (await answer("greet"))[0].act == "greet"
    later = await answer("greet", "", Exchange(1, "where are the toilets", "Behind the stairs."))
    assert later[0].act == "farewell"


async def test_again_repeats_and_words_without_an_offer_are_the_brains_own() -> None:
    told = Exchange(1, "where are the toilets", "Behind the stairs.")
    assert (await answer("again", "", told))[0].text == "Behind the stairs."
    assert (await answer("", "where are the toilets", told))[-1].source == "toilets"
    assert (await answer("", "where are the toilets", OFFER))[-1].source == "toilets"


async def test_a_sign_that_means_nothing_here_says_nothing() -> None:
    assert await answer("choose") == []


async def test_what_is_chosen_is_said_at_the_time_of_the_clock() -> None:
    knowledge = [{"id": "time", "questions": ["what time is it"], "answer": "It is {time}."}]
    lines = {"greeting": ["Hi."], "fallbacks": ["No."], "not_heard": ["What?"], "closing": ["Bye."]}
    persona = Persona.model_validate({"name": "Bo", "knowledge": knowledge, **lines})
    brain = Choosing(GroundedBrain(persona), persona, lambda: datetime(2026, 11, 19, 18, 30))
    turn = UserTurn(2, "", 0.0, 0.0, False, action="yes")
    told = [phrase async for phrase in brain.respond(turn, Context((Exchange(1, "", "Which?", offers=("time",)),)))]
    assert [phrase.text for phrase in told] == ["It is 6:30 pm."]
