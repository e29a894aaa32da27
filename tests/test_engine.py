"""The engine with its real processes and models: a spoken question, killed processes, the session cap."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from runtime.core.clock import now, sleep_until
from runtime.core.device import PROFILES
from runtime.core.errors import BusyError, UserError
from runtime.core.messages import AudioChunk, TurnReport
from runtime.core.settings import Settings
from runtime.engine import Engine
from runtime.persona import reloading
from runtime.session import Session
from tests.perception.sound import in_room, spoken
from tests.personas import BO

RATE_HZ = 16_000
PERSONA = (
    BO
    + """[[knowledge]]
id = "toilets"
questions = ["where are the toilets"]
answer = "The toilets are behind the stairs."
"""
)
MORE = """
[[knowledge]]
id = "garden"
questions = ["is there a garden"]
answer = "Yes, on the roof."
"""


class Visitor:
    """Talks to a session in real time and keeps what comes back."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.reports: list[TurnReport] = []
        self.loud_s = 0.0
        self.frames = 0
        self._speech = np.zeros(0, np.float32)
        self._tasks = [asyncio.create_task(self._live()), asyncio.create_task(self._follow())]

    def say(self, text: str) -> None:
        self._speech = in_room(0.1, spoken(text), 0.1)

    async def answer(self, count: int = 1, wait_s: float = 15.0) -> TurnReport:
        """Wait until `count` answers have been heard to their end."""
        async with asyncio.timeout(wait_s):
            while len(done := [r for r in self.reports if "last_audio" in r.marks and r.question]) < count:  # noqa: ASYNC110
                await asyncio.sleep(0.05)  # a report is no event of the visitor's own
        return done[-1]

    async def leave(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.session.close()

    async def _follow(self) -> None:
        async for event in self.session.events():
            if isinstance(event, TurnReport):
                self.reports.append(event)

    async def _live(self) -> None:
        start_s, step = now(), 0
        while True:
            await sleep_until(start_s + step * 0.02)
            piece, self._speech = self._speech[:320], self._speech[320:]
            chunk = np.zeros(320, np.float32)
            chunk[: len(piece)] = piece
            self.session.hear(AudioChunk(chunk, now() - 0.02))
            self.loud_s += 0.02 * bool(np.abs(self.session.read_audio(960).astype(np.int32)).max() > 500)
            if step % 2 == 0:
                self.frames += await self.session.draw_frame(step * 0.02) is not None
            step += 1


@pytest.fixture
async def engine() -> AsyncIterator[Engine]:
    engine = Engine(Settings.model_validate({"voice": "espeak"}), PROFILES["edge"])
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    await engine.start()
    yield engine
    await engine.close()
    left = [child for child in psutil.Process().children(recursive=True) if child.pid not in before]
    _, alive = await asyncio.to_thread(psutil.wait_procs, [c for c in left if not is_tracker(c)], 3.0)
    assert [(c.pid, c.status(), c.cmdline()) for c in alive if c.is_running()] == []
    assert ours() == []


def workers_of(engine: Engine) -> dict[str, Any]:
    workers = engine.status()["workers"]
    assert isinstance(workers, dict)
    return workers


def pid_of(engine: Engine, worker: str) -> int:
    return int(workers_of(engine)[worker]["pid"])


def is_tracker(process: psutil.Process) -> bool:
    """Whether a process is Python's own tracker of shared memory, which stays until the interpreter ends."""
    try:
        return "resource_tracker" in " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return False


def ours() -> list[str]:
    """Return the shared memory that this process still holds."""
    maps = Path("/proc/self/maps")
    return [line for line in maps.read_text().splitlines() if "/dev/shm/psm_" in line] if maps.exists() else []


async def conversation(engine: Engine) -> Session:
    session = await engine.open_session()
    assert isinstance(session, Session)
    return session


async def until_ready(engine: Engine) -> None:
    """Wait until all processes are there."""
    async with asyncio.timeout(20):
        while not all(worker["ready"] for worker in workers_of(engine).values()):  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def test_a_spoken_question_is_answered_aloud_with_a_moving_face(engine: Engine) -> None:
    visitor = Visitor(await conversation(engine))
    visitor.say("where are the toilets")
    report = await visitor.answer()
    assert report.question == "where are the toilets"
    assert "behind the stairs" in report.answer
    assert visitor.loud_s > 1.0
    assert visitor.frames > 25
    assert set(report.stages) == {"endpoint", "brain", "voice", "playout"}
    await visitor.leave()


async def test_killed_processes_come_back_and_the_talk_goes_on(engine: Engine) -> None:
    visitor = Visitor(await conversation(engine))
    await visitor.session.ask("what are your opening hours")
    await asyncio.sleep(0.5)
    os.kill(pid_of(engine, "render"), signal.SIGKILL)
    os.kill(pid_of(engine, "speech"), signal.SIGKILL)
    await visitor.answer(1)
    await until_ready(engine)
    frames = visitor.frames
    visitor.say("where are the toilets")
    assert "behind the stairs" in (await visitor.answer(2)).answer
    assert visitor.frames > frames + 25
    await visitor.leave()


async def test_sessions_are_capped_and_a_closed_one_makes_room(engine: Engine) -> None:
    sessions = [await engine.open_session() for _ in range(engine.max_sessions)]
    with pytest.raises(BusyError, match="places are taken"):
        await engine.open_session()
    await sessions[0].close()
    again = await engine.open_session()
    assert engine.sessions == engine.max_sessions
    for session in (*sessions[1:], again):
        await session.close()
    assert engine.sessions == 0


class Failing:
    """A session that fails to start, or to close."""

    def __init__(self, engine: Engine, start: bool) -> None:
        self.engine, self.fails_to_start, self.closed = engine, start, 0

    async def start(self) -> None:
        if self.fails_to_start:
            raise UserError("There is no shared memory left.")

    async def close(self) -> None:
        self.closed += 1
        self.engine._sessions.discard(self)
        if not self.fails_to_start:
            raise OSError("it can't be closed")


async def test_a_session_that_cannot_start_or_close_takes_nothing_else_with_it(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    engine = Engine(Settings.model_validate({"camera": False, "emotion": False}), PROFILES["edge"])
    engine.ready = True
    broken, stuck = Failing(engine, start=True), Failing(engine, start=False)
    opened = iter([broken, stuck])
    monkeypatch.setattr(engine, "_conversation", lambda: next(opened))
    with pytest.raises(UserError, match="no shared memory"):
        await engine.open_session()
    assert broken.closed == 1
    assert engine.sessions == 0
    await engine.open_session()
    await engine.close()
    assert stuck.closed == 1
    assert "did not close cleanly" in caplog.text


async def test_a_changed_file_is_heard_and_answered_in_the_talk_under_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reloading.watch, "__defaults__", (0.05,))
    file = tmp_path / "persona.toml"
    file.write_text(PERSONA)
    engine = Engine(Settings.model_validate({"voice": "espeak", "persona": str(file)}), PROFILES["edge"])
    async with engine:
        visitor = Visitor(await conversation(engine))
        visitor.say("where are the toilets")
        assert "behind the stairs" in (await visitor.answer(1)).answer
        file.write_text(PERSONA + MORE)
        async with asyncio.timeout(20):
            while len(engine.persona.knowledge) < 2:  # noqa: ASYNC110 - a change is told to nobody
                await asyncio.sleep(0.05)
        await asyncio.sleep(1.0)  # its model is made beside the talk; until then the old one listens
        visitor.say("is there a garden")
        report = await visitor.answer(2)
        assert report.question == "is there a garden"
        assert "roof" in report.answer
        os.kill(pid_of(engine, "speech"), signal.SIGKILL)
        async with asyncio.timeout(20):
            while not workers_of(engine)["speech"]["restarts"]:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        await until_ready(engine)
        visitor.say("is there a garden")  # the new process knows the phrase from its start
        assert "roof" in (await visitor.answer(3)).answer
        await visitor.leave()


def test_a_broken_persona_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "persona.toml"
    path.write_text('name = "Bo"\n')
    with pytest.raises(UserError, match="greeting"):
        Engine(Settings.model_validate({"persona": str(path)}), PROFILES["edge"])
