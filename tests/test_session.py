"""A whole session on simulated time, with scripted rooms around it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from runtime.core.clock import now, run_simulated, sleep_until
from runtime.core.errors import UserError, WorkerDied
from runtime.core.messages import (
    EMOTIONS,
    Affect,
    AudioChunk,
    BotStartedSpeaking,
    BotStoppedSpeaking,
    CameraImage,
    EmotionReading,
    EndOfTurn,
    FaceCue,
    FrameRequest,
    Gesture,
    Interrupted,
    Mood,
    Perception,
    PersonLeft,
    Phrase,
    Presence,
    PresenceChanged,
    Reaction,
    SessionEvent,
    Sight,
    SpeechStarted,
    SpeechStopped,
    TimedPhoneme,
    TimedWord,
    Transcript,
    Trouble,
    TurnReport,
    UserTurn,
    Utterance,
)
from runtime.persona.memory import Context
from runtime.persona.people.people import People
from runtime.persona.persona import find_persona, load_persona
from runtime.session import FORGET_AFTER_S, Parts, Session
from runtime.voice.synthesizer import VoiceStyle

WORD_S = 0.3
RATE_HZ = 16_000


class ScriptedVoice:
    """Speaks each word in 0.3 s; `failures` calls fail as if the process had died."""

    def __init__(self) -> None:
        self.spoken: list[str] = []
        self.failures = 0

    async def synthesise(self, text: str, style: VoiceStyle, affect: Affect) -> Utterance:
        await asyncio.sleep(0.02)
        if self.failures:
            self.failures -= 1
            raise WorkerDied("The speech process is starting again.")
        self.spoken.append(text)
        words, at = [], 0
        for number, word in enumerate(text.split()):
            first = text.index(word, at)
            at = first + len(word)
            words.append(TimedWord(word, number * WORD_S, (number + 1) * WORD_S, (first, at)))
        duration_s = len(words) * WORD_S
        audio = np.full(int(duration_s * RATE_HZ), 0.5, np.float32)
        return Utterance(text, audio, RATE_HZ, (TimedPhoneme("a", 0.0, duration_s),), tuple(words), affect)


class ScriptedCharacter:
    """Notes what it is asked to draw."""

    def __init__(self) -> None:
        self.cues: list[FaceCue] = []
        self.asked: list[FrameRequest] = []

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    async def cue(self, cue: FaceCue) -> None:
        self.cues.append(cue)

    async def draw(self, request: FrameRequest) -> NDArray[np.uint8]:
        self.asked.append(request)
        return np.zeros((6, 4), np.uint8)


class ScriptedListener:
    """Emits what the test tells it to."""

    def __init__(self, emit: Callable[[SessionEvent | EndOfTurn], None]) -> None:
        self.emit = emit
        self.dropped = 0

    async def feed(self, chunk: AudioChunk) -> None: ...

    def drop_turn(self) -> None:
        self.dropped += 1

    async def close(self) -> None: ...


class ScriptedBrain:
    """Answers with two phrases; fails on "fail"."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.contexts: list[Context] = []

    async def greet(self) -> AsyncIterator[Phrase]:
        yield Phrase("hello there")

    async def respond(self, turn: UserTurn, context: Context) -> AsyncIterator[Phrase]:
        self.asked.append(turn.text)
        self.contexts.append(context)
        if turn.text == "fail":
            raise UserError("The brain failed.", "Ask something else.")
        yield Phrase("one two three")
        yield Phrase("four five six")


class ScriptedEyes:
    """Emits what the test tells it to."""

    def __init__(self, emit: Callable[[Any], None]) -> None:
        self.emit = emit
        self.state = "open"
        self.forgotten = 0

    async def run(self) -> None:
        await asyncio.Event().wait()

    async def shut(self) -> None:
        self.state = "shut"

    def reopen(self) -> None:
        self.state = "open"

    async def forget(self) -> None:
        self.forgotten += 1


class ScriptedFeelings:
    """Hears one emotion in every voice; notes how long the speech was."""

    def __init__(self) -> None:
        self.lengths_s: list[float] = []
        self.texts: list[str] = []

    async def voice(self, samples: NDArray[np.float32], time_s: float) -> EmotionReading | None:
        self.lengths_s.append(len(samples) / RATE_HZ)
        return felt("angry", time_s, "voice")

    async def text(self, text: str, time_s: float) -> EmotionReading | None:
        self.texts.append(text)
        return None


def felt(label: str, time_s: float, source: str = "face") -> EmotionReading:
    chances = {name: 0.9 if name == label else 0.1 / 7 for name in EMOTIONS}
    return EmotionReading(source, time_s, chances, None, None, 1.0)


@dataclass
class Scene:
    """A session with scripted rooms, and all that it said."""

    voice: ScriptedVoice = field(default_factory=ScriptedVoice)
    character: ScriptedCharacter = field(default_factory=ScriptedCharacter)
    brain: ScriptedBrain = field(default_factory=ScriptedBrain)
    feelings: ScriptedFeelings = field(default_factory=ScriptedFeelings)
    events: list[SessionEvent] = field(default_factory=list)
    people: People | None = None

    async def start(self) -> "Scene":
        persona = load_persona(find_persona("concierge"))

        def make_listener(session: str, emit: Callable[[SessionEvent | EndOfTurn], None]) -> Any:
            self.listener = ScriptedListener(emit)
            return self.listener

        def make_eyes(session: str, images: Any, emit: Callable[[Any], None]) -> ScriptedEyes:
            self.eyes = ScriptedEyes(emit)
            return self.eyes

        parts: Any = Parts(
            persona=lambda: persona,
            brain=self.brain,
            voice=self.voice,  # type: ignore[arg-type]
            style=VoiceStyle(),
            make_character=lambda session: self.character,  # type: ignore[arg-type, return-value]
            make_listener=make_listener,
            make_eyes=make_eyes,
            feelings=self.feelings,
            people=self.people,
        )
        self.session = Session(parts)
        await self.session.start()
        self._tasks = [asyncio.create_task(self._follow()), asyncio.create_task(self._play())]
        await asyncio.sleep(0)
        return self

    async def end(self) -> None:
        await self.session.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _follow(self) -> None:
        async for event in self.session.events():
            self.events.append(event)

    async def _play(self) -> None:
        start_s, count = now(), 0
        while True:
            await sleep_until(start_s + count * 0.02)
            self.session.read_audio(960)
            self.session.hear(AudioChunk(np.zeros(320, np.float32), now() - 0.02))
            if count % 2 == 0:
                await self.session.draw_frame(count * 0.02)
            count += 1

    def say(self, text: str) -> None:
        """The visitor has said something."""
        self.listener.emit(EndOfTurn(text, now() - 0.1, now()))

    def show(self, sign: str) -> None:
        """The visitor has made a sign."""
        self.eyes.emit(Gesture(sign, 0.9, now()))

    async def until_silent(self) -> None:
        await asyncio.sleep(0.1)
        while self.session.answering:  # noqa: ASYNC110 - simulated time costs nothing
            await asyncio.sleep(0.05)

    def of(self, kind: type) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]


def played(test: Callable[[Scene], Any]) -> None:
    """Run a scene on simulated time; nothing may be left behind."""

    async def main() -> None:
        before = asyncio.all_tasks()
        scene = await Scene().start()
        await test(scene)
        await scene.end()
        await asyncio.sleep(0.1)
        assert asyncio.all_tasks() == before

    run_simulated(main())


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
