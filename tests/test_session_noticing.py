"""What a session does with what it notices: signs, presence, moods, on simulated time."""

import asyncio

import numpy as np
import pytest

from runtime.core.clock import now
from runtime.core.messages import (
    Affect,
    CameraImage,
    Interrupted,
    Mood,
    Perception,
    PersonLeft,
    Presence,
    PresenceChanged,
    Reaction,
    Sight,
    SpeechStarted,
    SpeechStopped,
    Transcript,
    UserTurn,
)
from runtime.visit import FORGET_AFTER_S
from tests.scene import Scene, felt, played


def test_an_open_palm_stops_the_character_at_once_and_its_face_shows_it() -> None:
    async def scene(s: Scene) -> None:
        s.say("first")
        await asyncio.sleep(0.5)
        s.show("open_palm")
        assert not s.session.answering
        await asyncio.sleep(0.1)
        assert [event.cause for event in s.of(Interrupted)] == ["gesture"]
        react = s.character.asked[-1].react
        assert react is not None
        assert react.reaction is Reaction.HALT
        assert s.character.asked[-1].media_time_s - react.media_time_s < 0.2

    played(scene)


def test_signs_are_turns_when_it_is_silent_and_a_nod_is_enough_while_it_speaks() -> None:
    async def scene(s: Scene) -> None:
        s.say("first")
        await asyncio.sleep(0.5)
        s.show("thumb_up")
        await asyncio.sleep(0.1)
        assert s.session.answering
        assert s.of(Interrupted) == []
        await s.until_silent()
        s.show("thumb_up")
        s.show("fist")  # means nothing
        await s.until_silent()
        assert [turn.action for turn in s.of(UserTurn)] == ["", "yes"]
        s.show("swipe_left")
        await asyncio.sleep(0.5)
        s.show("swipe_left")
        await s.until_silent()
        assert [turn.action for turn in s.of(UserTurn)] == ["", "yes", "next", "next"]
        assert len(s.of(Interrupted)) == 1

    played(scene)


def test_who_looks_this_way_is_greeted_once_and_who_left_is_forgotten() -> None:
    async def scene(s: Scene) -> None:
        s.eyes.emit(PresenceChanged(Presence.HERE, now()))
        await asyncio.sleep(0.1)
        assert s.voice.spoken == []
        s.eyes.emit(PresenceChanged(Presence.LOOKING, now()))
        await s.until_silent()
        s.say("where is the lift")
        await s.until_silent()
        s.eyes.emit(PresenceChanged(Presence.AWAY, now()))
        await asyncio.sleep(FORGET_AFTER_S - 1)
        s.eyes.emit(PresenceChanged(Presence.LOOKING, now()))  # back in time
        await asyncio.sleep(FORGET_AFTER_S)
        assert s.session.memory.context().exchanges
        s.eyes.emit(PresenceChanged(Presence.AWAY, now()))
        await asyncio.sleep(FORGET_AFTER_S + 0.1)
        assert s.session.memory.context().exchanges == ()
        assert len(s.of(PersonLeft)) == s.eyes.forgotten == 1
        assert s.voice.spoken.count("hello there") == 1
        s.eyes.emit(PresenceChanged(Presence.LOOKING, now()))
        await s.until_silent()
        assert s.voice.spoken.count("hello there") == 2

    played(scene)


def test_a_talk_that_goes_on_out_of_sight_is_not_forgotten() -> None:
    async def scene(s: Scene) -> None:
        s.say("first")
        await s.until_silent()
        s.eyes.emit(PresenceChanged(Presence.AWAY, now()))
        for _ in range(4):
            await asyncio.sleep(FORGET_AFTER_S - 3)
            s.say("more")
        await s.until_silent()
        assert s.of(PersonLeft) == []
        await asyncio.sleep(2 * FORGET_AFTER_S + 1)
        assert len(s.of(PersonLeft)) == 1

    played(scene)


def test_a_mood_reaches_the_brain_the_face_and_the_client() -> None:
    async def scene(s: Scene) -> None:
        for _ in range(20):
            s.eyes.emit(felt("sad", now()))
            await asyncio.sleep(0.1)
        s.say("first")
        await s.until_silent()
        assert s.brain.contexts[-1].mood.label == "sad"
        assert s.of(Mood)[-1].label == "sad"
        assert any(request.feeling.label == "concerned" for request in s.character.asked)

    played(scene)


def test_the_voice_is_read_while_somebody_speaks_and_their_words_too() -> None:
    async def scene(s: Scene) -> None:
        await asyncio.sleep(2.0)
        assert s.feelings.lengths_s == []
        s.listener.emit(SpeechStarted(now(), now()))
        await asyncio.sleep(3.55)
        s.listener.emit(Transcript("this is a", False))
        s.listener.emit(SpeechStopped(now(), now()))
        await asyncio.sleep(1.0)
        assert s.feelings.lengths_s == pytest.approx([1.0, 2.0, 2.0, 2.0], abs=0.05)
        assert s.feelings.texts == ["this is a"]
        assert s.of(Mood)[-1].label == "angry"

    played(scene)


def test_what_may_not_be_noticed_is_dropped() -> None:
    async def scene(s: Scene) -> None:
        assert s.session.perceive(camera=False, emotion=False) == Perception(False, False, False)
        await asyncio.sleep(0)
        assert s.eyes.state == "shut"
        s.session.see(CameraImage(np.zeros((4, 4, 3), np.uint8), now()))
        assert s.session.camera.received == 0
        s.listener.emit(SpeechStarted(now(), now()))
        for _ in range(20):
            s.eyes.emit(felt("happy", now()))
            s.show("open_palm")
            s.eyes.emit(PresenceChanged(Presence.LOOKING, now()))
            await asyncio.sleep(0.1)
        assert s.feelings.lengths_s == []
        assert s.events[1:] == []
        assert s.character.asked[-1].feeling == Affect()
        assert s.session.perceive(camera=True) == Perception(True, False, False)
        assert s.eyes.state == "open"
        s.eyes.emit(felt("happy", now()))
        s.eyes.emit(Sight(now(), 4, 4))
        s.session.perceive(show=True)
        s.eyes.emit(Sight(now(), 4, 4))
        await asyncio.sleep(0.1)
        assert [type(event) for event in s.events[1:]] == [Sight]

    played(scene)
