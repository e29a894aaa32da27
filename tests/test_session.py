"""A whole conversation on simulated time: turns, interruptions, failures."""

import asyncio

import pytest

from runtime.core.clock import now
from runtime.core.errors import UserError
from runtime.core.messages import (
    BotStartedSpeaking,
    BotStoppedSpeaking,
    Interrupted,
    SpeechStarted,
    SpeechStopped,
    Transcript,
    Trouble,
    TurnReport,
)
from tests.scene import Scene, played


def test_a_turn_is_answered_and_its_marks_are_in_order() -> None:
    async def scene(s: Scene) -> None:
        s.say("where is the lift")
        await s.until_silent()
        report = s.of(TurnReport)[-1]
        assert report.question == "where is the lift"
        assert report.answer == "one two three four five six"
        order = ["speech_end", "committed", "first_phrase", "first_audio", "first_out", "first_lip", "last_audio"]
        assert [report.marks[name] for name in order] == sorted(report.marks[name] for name in order)
        assert len(s.of(BotStartedSpeaking)) == len(s.of(BotStoppedSpeaking)) == 1
        assert s.session.memory.context().exchanges[-1].heard == "one two three four five six"
        assert any(request.cue == 1 for request in s.character.asked)

    played(scene)


def test_it_greets_once() -> None:
    async def scene(s: Scene) -> None:
        s.session.greet()
        s.session.greet()
        await s.until_silent()
        s.session.greet()
        await s.until_silent()
        assert s.voice.spoken == ["hello there"]

    played(scene)


def test_a_typed_question_interrupts_and_only_heard_words_are_remembered() -> None:
    async def scene(s: Scene) -> None:
        s.say("first")
        await asyncio.sleep(0.75)
        await s.session.ask("second")
        await s.until_silent()
        (cut,) = s.of(Interrupted)
        assert cut.cause == "text"
        assert cut.heard == "one two"
        exchanges = s.session.memory.context().exchanges
        assert [(e.asked, e.heard, e.cut) for e in exchanges] == [
            ("first", "one two", True),
            ("second", "one two three four five six", False),
        ]

    played(scene)


def test_all_later_work_of_an_interrupted_turn_ends() -> None:
    async def scene(s: Scene) -> None:
        s.say("first")
        await asyncio.sleep(0.3)
        s.session.interrupt("click")
        spoken = len(s.voice.spoken)
        await asyncio.sleep(3.0)
        assert len(s.voice.spoken) == spoken
        assert not s.session.answering
        assert not s.session.read_audio(960).any()

    played(scene)


def test_speech_pauses_and_a_word_stops() -> None:
    async def scene(s: Scene) -> None:
        s.say("first")
        await asyncio.sleep(0.5)
        s.listener.emit(SpeechStarted(now() - 0.06, now()))
        await asyncio.sleep(0.22)
        assert not s.session.read_audio(960)[500:].any()
        s.listener.emit(Transcript("where", False))
        assert not s.session.answering
        await asyncio.sleep(0.1)
        assert [event.cause for event in s.of(Interrupted)] == ["speech"]

    played(scene)


def test_a_cough_resumes_and_nothing_is_lost() -> None:
    async def scene(s: Scene) -> None:
        s.say("first")
        await asyncio.sleep(0.5)
        s.listener.emit(SpeechStarted(now() - 0.06, now()))
        await asyncio.sleep(0.25)
        s.listener.emit(SpeechStopped(now() - 0.06, now()))
        await s.until_silent()
        assert s.of(Interrupted) == []
        assert s.of(TurnReport)[-1].answer == "one two three four five six"
        assert s.listener.dropped == 1

    played(scene)


def test_who_goes_on_before_the_answer_is_heard_is_answered_once_for_all_of_it() -> None:
    async def scene(s: Scene) -> None:
        s.say("where is")
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        s.listener.emit(SpeechStarted(now(), now()))
        await asyncio.sleep(0.5)
        s.say("the lift")
        await s.until_silent()
        assert s.brain.asked[-1] == "where is the lift"
        assert [e.asked for e in s.session.memory.context().exchanges] == ["where is the lift"]

    played(scene)


def test_a_failing_brain_is_told_and_the_talk_goes_on() -> None:
    async def scene(s: Scene) -> None:
        s.say("fail")
        await s.until_silent()
        assert "The brain failed" in s.of(Trouble)[0].what
        s.say("again")
        await s.until_silent()
        assert s.of(TurnReport)[-1].answer == "one two three four five six"

    played(scene)


def test_a_brain_that_breaks_down_is_told_and_the_talk_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    async def scene(s: Scene) -> None:
        s.say("crash")
        await s.until_silent()
        assert "went wrong" in s.of(Trouble)[0].what
        assert "ZeroDivisionError" in caplog.text
        s.say("again")
        await s.until_silent()
        assert s.of(TurnReport)[-1].answer == "one two three four five six"

    played(scene)


def test_hearing_that_breaks_down_is_told(caplog: pytest.LogCaptureFixture) -> None:
    async def scene(s: Scene) -> None:
        s.listener.broken = True
        await asyncio.sleep(0.1)
        assert s.of(Trouble) == [Trouble("perception", "I can't hear you any more.", "Please start again.", fatal=True)]
        assert "ZeroDivisionError" in caplog.text

    played(scene)


def test_a_voice_that_is_away_for_a_while_is_waited_for() -> None:
    async def scene(s: Scene) -> None:
        s.voice.failures = 3
        s.say("first")
        await s.until_silent()
        assert s.of(TurnReport)[-1].answer == "one two three four five six"
        assert s.of(Trouble) == []

    played(scene)


def test_a_question_too_long_or_empty_is_refused() -> None:
    async def scene(s: Scene) -> None:
        for text in ("x" * 1_001, "  "):
            with pytest.raises(UserError, match="1 to 1000 characters"):
                await s.session.ask(text)

    played(scene)


def test_closing_in_mid_answer_leaves_nothing() -> None:
    async def scene(s: Scene) -> None:
        s.say("first")
        await asyncio.sleep(0.5)

    played(scene)
