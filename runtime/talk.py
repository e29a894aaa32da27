"""A talk without a browser: a recorded or typing person, and the file of what they would have seen and heard."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from runtime.capture.file import Recording
from runtime.core.clock import now, sleep_until
from runtime.core.errors import UserError
from runtime.core.lanes import Lane
from runtime.core.messages import (
    AudioChunk,
    BotText,
    CameraImage,
    Gesture,
    Interrupted,
    MicroExpression,
    Mood,
    PersonLeft,
    PresenceChanged,
    SessionEvent,
    Trouble,
    TurnReport,
    UserTurn,
)
from runtime.delivery.file import Recorder
from runtime.delivery.noticed import noticed
from runtime.delivery.source import FPS, FRAME_SAMPLES, RATE_HZ
from runtime.session import MICROPHONE_RATE_HZ, Session
from runtime.voice.recorded import pieces

log = logging.getLogger(__name__)

STEP_S = FRAME_SAMPLES / RATE_HZ
QUIET_S = 1.2
"""The talk ends when nothing has been said for so long after the person's last sound."""
ANSWER_WAIT_S = 6.0
LONGEST_S = 1_800.0
HEARD_HZ = 16_000
MAX_NOTICED = 10_000
CHUNK = 320
_ROOM_NOISE = 2e-4


@dataclass
class TurnLine:
    """One turn in the report: texts, the time of every mark in seconds of the talk, stages in seconds."""

    turn: int
    question: str = ""
    answer: str = ""
    interrupted: str = ""
    marks_s: dict[str, float] = field(default_factory=dict)
    stages_s: dict[str, float] = field(default_factory=dict)


@dataclass
class TalkReport:
    """What happened in a talk."""

    duration_s: float = 0.0
    frames: int = 0
    frames_repeated: int = 0
    frame_lateness_ms: dict[str, float] = field(default_factory=dict)
    camera_pictures: int = 0
    noticed: list[dict[str, Any]] = field(default_factory=list)
    """Signs, moods, short expressions and presence, each with its time in seconds of the talk."""
    troubles: list[str] = field(default_factory=list)
    turns: list[TurnLine] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Return the report for JSON."""
        fps = self.frames / self.duration_s if self.duration_s else 0.0
        return {**asdict(self), "frames_per_s": round(fps, 3)}


class Talk:
    """Runs one talk with a session; time is the event loop's, real or simulated."""

    def __init__(self, session: Session, recorder: Recorder | None) -> None:
        self.report = TalkReport()
        self._session = session
        self._recorder = recorder
        self._lines: dict[int, TurnLine] = {}
        self._begun_s = 0.0
        self._busy_s = 0.0
        self._lateness_ms: list[float] = []
        self._writing = Lane("recorder", limit=500)

    async def with_recording(self, recording: Recording) -> TalkReport:
        """Let the recorded person talk, and go on until the last answer has been heard."""
        chunks = iter(recording.iter_chunks())
        return await self._run([], chunks, recording)

    async def with_texts(self, texts: Sequence[str]) -> TalkReport:
        """Let a person type, each text after the answer to the one before."""
        return await self._run(list(texts))

    async def with_voice(self, recording: Recording) -> TalkReport:
        """Let the character say a recording, in place of its greeting and with its mouth, until it has been heard."""
        spoken = pieces(f"({recording.path.name})", recording.audio, MICROPHONE_RATE_HZ)
        return await self._run([], begin=lambda: self._session.recite(spoken))

    # ------------------------------------------------------------ inside

    async def _run(
        self,
        texts: list[str],
        chunks: Any = None,
        images_of: Recording | None = None,
        begin: Callable[[], None] | None = None,
    ) -> TalkReport:
        self._begun_s = self._busy_s = now()
        events = self._session.events()
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._follow(events)), group.create_task(self._play())]
                (begin or self._session.greet)()
                if chunks is not None and images_of is not None:
                    await self._until_quiet()  # a visitor lets the greeting end
                    tasks.append(group.create_task(self._see(images_of)))
                    await self._speak(chunks)
                for text in texts:
                    await self._until_quiet()
                    await self._session.ask(text)
                    self._busy_s = now()
                await self._until_quiet()
                for task in tasks:
                    task.cancel()
        except ExceptionGroup as group_of_one:
            raise group_of_one.exceptions[0] from None
        finally:
            self._writing.close()
        return self._finish()

    async def _speak(self, chunks: Any) -> None:
        """Feed the recording at the pace of its own time, then silence so that the turn can end."""
        start_s = now()
        for chunk in chunks:
            await sleep_until(start_s + chunk.start_s + len(chunk.samples) / HEARD_HZ)  # a microphone has it then
            self._session.hear(AudioChunk(chunk.samples, start_s + chunk.start_s))
            self._busy_s = now()
        silence = asyncio.create_task(self._silence())
        try:
            await self._until_quiet(ANSWER_WAIT_S)
        finally:
            silence.cancel()

    async def _silence(self) -> None:
        random = np.random.default_rng(0)
        start_s, sent = now(), 0
        while True:
            noise = (random.standard_normal(CHUNK) * _ROOM_NOISE).astype(np.float32)
            await sleep_until(start_s + (sent + 1) * CHUNK / HEARD_HZ)
            self._session.hear(AudioChunk(noise, start_s + sent * CHUNK / HEARD_HZ))
            sent += 1

    async def _see(self, recording: Recording) -> None:
        """Show the recording's pictures at their times."""
        lane = Lane("camera", limit=4)
        start_s, images = now(), recording.iter_images()
        try:
            while (image := await lane.run(next, images, None)) is not None:
                await sleep_until(start_s + image.time_s)
                self._session.see(CameraImage(image.rgb, start_s + image.time_s))
                self.report.camera_pictures += 1
        finally:
            lane.close()

    async def _until_quiet(self, wait_s: float = QUIET_S) -> None:
        """Wait until no answer has been under way for a while."""
        while now() - self._begun_s < LONGEST_S:
            if self._session.answering:
                self._busy_s, wait_s = now(), QUIET_S
            elif now() - self._busy_s >= wait_s:
                return
            await asyncio.sleep(STEP_S)

    async def _play(self) -> None:
        """Read the sound and the pictures in step with the clock, and record them."""
        sent, drawn = 0, 0
        while True:
            await sleep_until(self._begun_s + sent * STEP_S)
            if sent * FRAME_SAMPLES * FPS >= drawn * RATE_HZ:  # the picture belongs to the next sample read
                await self._draw(drawn / FPS)
                drawn += 1
            samples = self._session.read_audio(FRAME_SAMPLES)
            sent += 1
            if self._recorder is not None:
                await self._writing.run(self._recorder.add_audio, samples)

    async def _draw(self, media_time_s: float) -> None:
        due_s = now()
        frame = await self._session.draw_frame(media_time_s)
        self.report.frames += frame is not None
        self.report.frames_repeated += frame is None
        self._lateness_ms.append((now() - due_s) * 1_000)
        if frame is not None and self._recorder is not None:
            await self._writing.run(self._recorder.add_frame, frame, media_time_s)

    async def _follow(self, events: Any) -> None:
        async for event in events:
            self._note(event)

    def _note(self, event: SessionEvent) -> None:
        match event:
            case UserTurn(turn, text):
                self._line(turn).question = text
                log.info("visitor: %s", text)
            case BotText(turn, text):
                log.info("character: %s", text)
            case Interrupted(turn, cause):
                self._line(turn).interrupted = cause
            case TurnReport():
                line = self._line(event.turn)
                line.answer = event.answer
                line.marks_s = {name: round(at - self._begun_s, 4) for name, at in event.marks.items()}
                line.stages_s = {name: round(seconds, 4) for name, seconds in event.stages.items()}
            case Gesture() | Mood() | MicroExpression() | PresenceChanged() | PersonLeft():
                self._noticed(event)
            case Trouble():
                self.report.troubles.append(f"{event.room}: {event.what} {event.remedy}".strip())
            case _:
                pass

    def _noticed(self, event: Gesture | Mood | MicroExpression | PresenceChanged | PersonLeft) -> None:
        line = {"time_s": round(now() - self._begun_s, 3), **noticed(event)}
        if len(self.report.noticed) < MAX_NOTICED:
            self.report.noticed.append(line)
        log.info("noticed: %s", ", ".join(str(value) for name, value in line.items() if name != "time_s"))

    def _line(self, turn: int) -> TurnLine:
        return self._lines.setdefault(turn, TurnLine(turn))

    def _finish(self) -> TalkReport:
        report = self.report
        report.duration_s = round(now() - self._begun_s, 3)
        report.turns = [self._lines[turn] for turn in sorted(self._lines)]
        if self._lateness_ms:
            p50, p95 = (float(np.percentile(self._lateness_ms, q)) for q in (50, 95))
            report.frame_lateness_ms = {"p50": round(p50, 2), "p95": round(p95, 2), "max": max(self._lateness_ms)}
        return report


def check_output(path: Path | None) -> None:
    """Check that a file can be written at `path` before anything is begun.

    Raises:
        UserError: its folder is not there.
    """
    if path is not None and not path.parent.is_dir():
        raise UserError(f"There is no folder {path.parent} to write {path.name} in.", "Make it, or choose another.")
