"""The same question to people in different moods: other words, another voice, another face."""

import pytest

from runtime.core.messages import Affect, Mood, Phrase, UserTurn
from runtime.persona.grounded import GroundedBrain
from runtime.persona.manner import Mannered, expression
from runtime.persona.memory import Context, Exchange
from runtime.persona.persona import find_persona, load_persona
from runtime.voice.synthesizer import VoiceStyle, styled

QUESTION = "what are your opening hours"
PERSONA = load_persona(find_persona("concierge"))


async def answer(mood: Mood, text: str = QUESTION, heard: str = "") -> list[Phrase]:
    brain = Mannered(GroundedBrain(PERSONA), PERSONA)
    context = Context((Exchange(1, "hello", heard),) if heard else (), mood)
    return [phrase async for phrase in brain.respond(UserTurn(2, text, 0.0, 0.0), context)]


def mood(label: str, confidence: float = 0.8) -> Mood:
    return Mood(label, confidence)


def said(phrases: list[Phrase]) -> str:
    return " ".join(phrase.text for phrase in phrases)


async def test_an_angry_person_hears_less_and_a_sad_one_all_of_it() -> None:
    plain, angry, sad = [await answer(mood(label)) for label in ("neutral", "angry", "sad")]
    told = [phrase.text for phrase in angry if phrase.text not in PERSONA.openings.angry]
    assert told == [plain[0].text]
    assert len(plain) > 1
    assert [phrase.text for phrase in sad if phrase.text not in PERSONA.openings.sad] == [p.text for p in plain]
    assert angry[0].text in PERSONA.openings.angry
    assert sad[0].text in PERSONA.openings.sad


async def test_the_voice_is_calmer_to_anger_slower_to_sadness_and_brighter_to_joy() -> None:
    styles = {
        label: styled(VoiceStyle(), (await answer(mood(label)))[-1].affect)
        for label in ("neutral", "angry", "sad", "happy")
    }
    assert styles["angry"].volume < styles["neutral"].volume
    assert styles["angry"].rate < styles["neutral"].rate
    assert styles["sad"].pitch < styles["neutral"].pitch
    assert styles["happy"].pitch > styles["neutral"].pitch


async def test_an_opening_is_not_said_again_at_once() -> None:
    first = PERSONA.openings.angry[0]
    assert (await answer(mood("angry"), heard=first))[0].text not in PERSONA.openings.angry


@pytest.mark.parametrize("unsure", [Mood(), mood("angry", 0.3), mood("unknown", 0.9), mood("neutral")])
async def test_an_unsure_mood_changes_nothing(unsure: Mood) -> None:
    assert await answer(unsure) == await answer(Mood())
    assert expression(unsure) == Affect()


async def test_greetings_and_farewells_stay_as_they_are() -> None:
    assert said(await answer(mood("angry"), "goodbye")) == said(await answer(Mood(), "goodbye"))


def test_the_face_answers_with_care_and_never_mirrors_anger_or_fear() -> None:
    assert expression(mood("happy")).label == "happy"
    assert expression(mood("sad")).label == "concerned"
    for label in ("angry", "afraid", "disgusted", "sad", "surprised", "bored", "neutral"):
        assert expression(mood(label)).label not in ("angry", "sad")
