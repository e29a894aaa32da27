"""A session on simulated time, with scripted rooms around it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runtime.core.clock import now, run_simulated, sleep_until
from runtime.core.errors import UserError, WorkerDied
from runtime.core.messages import (
    EMOTIONS,
    Affect,
    AudioChunk,
    EmotionReading,
    EndOfTurn,
    FaceCue,
    FrameRequest,
    Gesture,
    Phrase,
    SessionEvent,
    TimedPhoneme,
    TimedWord,
    UserTurn,
    Utterance,
)
from runtime.parts import Parts
from runtime.persona.memory import Context
from runtime.persona.people.people import People
from runtime.persona.persona import find_persona, load_persona
from runtime.session import Session
from runtime.voice.synthesizer import VoiceStyle

WORD_S = 0.3
RATE_HZ = 16_000


class ScriptedVoice:
    """Speaks each word in 0.3 s; `failures` calls fail as if the process had died."""

    def __init__(self) -> None:
        self.spoken: list[str] = []
        self.styles: list[VoiceStyle] = []
        self.failures = 0

    async def synthesise(self, text: str, style: VoiceStyle, affect: Affect) -> Utterance:
        await asyncio.sleep(0.02)
        if self.failures:
            self.failures -= 1
            raise WorkerDied("The speech process is starting again.")
        self.spoken.append(text)
        self.styles.append(style)
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
        self.broken = False

    async def feed(self, chunk: AudioChunk) -> None:
        if self.broken:
            raise ZeroDivisionError

    def drop_turn(self) -> None:
        self.dropped += 1

    async def close(self) -> None: ...


class ScriptedBrain:
    """Answers with two phrases; fails on "fail" and "crash"."""

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
        if turn.text == "crash":
            raise ZeroDivisionError
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
    changed: Callable[[Parts], Parts] = lambda parts: parts

    async def start(self, reading: bool = True) -> "Scene":
        """Begin; without `reading` the test itself reads what is said and shown."""
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
        self.session = Session(self.changed(parts))
        self._tasks = [asyncio.create_task(self._follow(self.session.events()))]
        await self.session.start()
        if reading:
            self._tasks.append(asyncio.create_task(self._play()))
        await asyncio.sleep(0)
        return self

    async def end(self) -> None:
        await self.session.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _follow(self, events: AsyncIterator[SessionEvent]) -> None:
        async for event in events:
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
