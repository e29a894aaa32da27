"""The quiz: answers as a recogniser hears them, hints, the score, what is asked in between, and what cuts it short."""

from collections.abc import AsyncIterator

import pytest

from runtime.core.messages import Phrase, PlayoutMark, UserTurn
from runtime.persona.judging import is_right
from runtime.persona.knowledge.folder import Quiz
from runtime.persona.memory import Context, Memory
from runtime.persona.persona import Persona
from runtime.persona.tutoring import COMMANDS, Standing, Tutoring, quiz_phrases, read_standing

QUIZ = (
    Quiz(
        id="count",
        ask="How many planets are there?",
        accept=("eight",),
        hint="Not nine.",
        explain="Eight planets.",
    ),
    Quiz(
        id="largest",
        ask="Which one is the largest?",
        accept=("Jupiter",),
        hint="A god.",
        explain="It is Jupiter.",
    ),
    Quiz(
        id="tides",
        ask="What makes the tides?",
        accept=("the moon", "moon"),
        hint="Up there.",
        explain="The moon.",
    ),
)
PERSONA = Persona.model_validate(
    {
        "name": "Bo",
        "greeting": ["Hello, I'm Bo, an AI."],
        "fallbacks": ["I don't know."],
        "not_heard": ["Pardon?"],
        "closing": ["Bye."],
        "knowledge": [
            {"id": "rain", "questions": ["tell me about rain", "rain"], "answer": "Rain is water."},
            {"id": "goodbye", "questions": ["goodbye"], "act": "farewell"},
        ],
        "quiz": [question.model_dump() for question in QUIZ],
    }
)


class Inner:
    """Knows about rain, takes leave, asks back, and otherwise admits that it does not know."""

    async def greet(self) -> AsyncIterator[Phrase]:
        yield Phrase("Hello.", act="greet")

    async def respond(self, turn: UserTurn, context: Context) -> AsyncIterator[Phrase]:
        if "rain" in turn.text:
            yield Phrase("Rain is water.", source="rain")
        elif turn.text == "goodbye":
            yield Phrase("Bye.", act="farewell", source="goodbye")
        elif turn.text == "which one":
            yield Phrase("This or that?", act="ask", offers=("rain", "snow"))
        elif not turn.text:
            yield Phrase("Pardon?", act="repair")
        else:
            yield Phrase("I don't know.", act="fallback")


class Talk:
    """A conversation in which every answer is heard, or its first `heard` phrases."""

    def __init__(self) -> None:
        self.memory = Memory()
        self.brain = Tutoring(Inner(), PERSONA)
        self.number = 1

    async def say(self, text: str, heard: int = 99, alternative: str = "", in_domain: float = 1.0) -> str:
        self.number += 1
        turn = UserTurn(self.number, text, 0.0, 0.0, True, in_domain, alternative)
        context = self.memory.context()
        self.memory.asked(turn)
        said: list[str] = []
        async for phrase in self.brain.respond(turn, context):
            if len(said) == heard:
                break
            said.append(phrase.text)
            self.memory.told(turn.turn, phrase)
            self.memory.heard(PlayoutMark(turn.turn, " ".join(said), 0.0, False))
        return " ".join(said)

    def standing(self) -> Standing:
        return read_standing(self.memory.context().exchanges[-1].source)


@pytest.mark.parametrize(
    ("said", "accepted", "right"),
    [
        ("there are 8 i think", "eight", True),
        ("eight planets", "eight", True),
        ("not eight", "eight", False),
        ("it is not the eight", "eight", False),
        ("no eight", "eight", True),
        ("not nine but eight", "eight", True),
        ("i don't know maybe eight", "eight", True),
        ("twenty eight", "eight", False),
        ("eight hundred", "eight", False),
        ("nine", "eight", False),
        ("nineteen sixty eight", "nineteen sixty nine", False),
        ("it was in nineteen sixty nine", "nineteen sixty nine", True),
        ("1968", "1969", False),
        ("jupiters", "jupiter", True),
        ("mars jupiter and mars", "mars and jupiter", False),
        ("it's the milky way", "the Milky Way", True),
        ("", "eight", False),
    ],
)
def test_answers_are_judged(said: str, accepted: str, right: bool) -> None:
    assert is_right(said, Quiz(id="q", ask="?", accept=(accepted,), hint="h", explain="e")) is right


async def test_a_whole_quiz_with_its_score_and_once_more() -> None:
    talk = Talk()
    assert await talk.say("quiz me") == "Good, let's begin. How many planets are there?"
    assert await talk.say("eight") == "Right. Eight planets. Which one is the largest?"
    assert await talk.say("mars") == "Not quite. A god."
    assert await talk.say("saturn") == "Not this time. It is Jupiter. What makes the tides?"
    end = await talk.say("it is the moon")
    assert "That was the last question. You have 2 of 3 right." in end
    assert await talk.say("how did I do?") == "You have 2 of 3 right."
    assert await talk.say("the moon") == "I don't know."
    assert await talk.say("start again") == "Good, let's begin. How many planets are there?"
    assert talk.standing() == Standing(waits=True)


async def test_hints_skipping_repeating_and_the_score() -> None:
    talk = Talk()
    await talk.say("let's do a quiz")
    assert await talk.say("I don't know") == "Here is a hint. Not nine."
    assert await talk.say("what was the question") == "Here is the question. How many planets are there?"
    assert await talk.say("no idea") == "All right. Eight planets. Which one is the largest?"
    assert await talk.say("a hint please") == "Here is a hint. A god."
    assert await talk.say("jupiter") == "Exactly. It is Jupiter. What makes the tides?"
    assert await talk.say("my score") == "You have 1 of 2 right. Here is the question again. What makes the tides?"
    assert "You have 1 of 3 right." in await talk.say("skip this one")


async def test_a_question_in_between_is_answered_and_the_quiz_taken_up_again() -> None:
    talk = Talk()
    await talk.say("quiz me")
    assert await talk.say("tell me about rain") == "Rain is water. Now back to our quiz. How many planets are there?"
    assert (await talk.say("eight")).startswith("Right.")
    await talk.say("why is that so")
    assert await talk.say("rain") == "Rain is water. When you like, say: go on with the quiz."
    assert await talk.say("tell me about rain") == "Rain is water."
    assert await talk.say("go on") == "We go on where we stopped. Which one is the largest?"
    assert (await talk.say("jupiter")).startswith("Exactly.")


async def test_what_is_no_answer_is_not_followed_by_the_quiz() -> None:
    talk = Talk()
    await talk.say("quiz me")
    assert await talk.say("") == "Pardon?"
    assert await talk.say("which one") == "This or that?"
    assert await talk.say("goodbye") == "Bye."
    assert await talk.say("snow") == "I don't know. Now back to our quiz. How many planets are there?"


async def test_it_ends_when_told_and_goes_on_or_begins_anew() -> None:
    talk = Talk()
    assert await talk.say("go on") == "I don't know."
    await talk.say("quiz me")
    await talk.say("eight")
    assert await talk.say("stop the quiz") == "All right, we stop here. You have 1 of 1 right."
    assert await talk.say("jupiter") == "I don't know."
    assert await talk.say("quiz me") == "We go on where we stopped. Which one is the largest?"
    assert await talk.say("start again") == "Once more from the beginning. How many planets are there?"


async def test_a_question_that_was_cut_short_may_be_answered_and_one_not_heard_is_asked() -> None:
    talk = Talk()
    await talk.say("quiz me", heard=1)
    talk.memory.heard(PlayoutMark(talk.number, "Good, let's begin. How many planets", 0.0, False))
    assert (await talk.say("eight", heard=1)) == "Right."
    assert await talk.say("next question") == "Here is the question. Which one is the largest?"
    assert talk.standing() == Standing(1, 1, 1, waits=True)


async def test_an_answer_of_which_nothing_was_heard_counts_for_nothing() -> None:
    talk = Talk()
    await talk.say("quiz me")
    await talk.say("eight", heard=0)
    assert (await talk.say("eight")).startswith("Right.")
    assert talk.standing() == Standing(1, 1, 1, waits=True)


async def test_what_may_be_misheard_is_read_both_ways_and_not_called_wrong() -> None:
    talk = Talk()
    await talk.say("quiz me")
    assert await talk.say("nine", alternative="fine", in_domain=0.1) == "I may have misheard you. Not nine."
    assert (await talk.say("hate", alternative="eight", in_domain=0.1)).startswith("Right.")
    assert await talk.say("mars", alternative="jupiter", in_domain=0.9) == "Not quite. A god."


def test_sources_of_others_and_of_other_times_are_no_standing() -> None:
    assert read_standing(Standing(3, 2, 3, 1, 1, True).source) == Standing(3, 2, 3, 1, 1, True)
    for source in ("", "rain", "quiz:", "quiz:1:2", "quiz:-1:0:0:0:0:1", "quiz:1:1:1:0:0:2"):
        assert read_standing(source) == Standing()


async def test_a_question_that_is_no_longer_there_is_not_waited_for() -> None:
    talk = Talk()
    turn = UserTurn(2, "quiz me", 0.0, 0.0)
    talk.memory.asked(turn)
    talk.memory.told(2, Phrase("Which?", source=Standing(7, waits=True).source))
    assert await talk.say("eight") == "I don't know."


def test_a_recogniser_listens_for_answers_and_for_what_is_wanted() -> None:
    assert {"is it jupiter", "i think it is the moon", *COMMANDS} <= set(quiz_phrases(QUIZ))
    assert quiz_phrases(()) == ()
    assert PERSONA.is_known_question("Jupiter")
    assert PERSONA.is_known_question("the moon")
