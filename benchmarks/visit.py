"""Visits to a character with its real processes: somebody is seen, signs to it and asks, as by a camera and a page."""

import asyncio
import itertools
import multiprocessing
import os
import signal
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import psutil

from benchmarks.hands import FPS, Picture
from runtime.core.clock import now, sleep_until
from runtime.core.device import PROFILES
from runtime.core.messages import CameraImage, Gesture, SessionEvent, Sight
from runtime.core.settings import load_settings
from runtime.engine import Engine
from runtime.mirroring import MirrorSession
from runtime.session import Session
from runtime.visit import REACTIONS

Samples = defaultdict[str, list[float]]

TALK: Final = ("what are your opening hours", "where is the cafe", "how much is a ticket", "tell me about the garden")
VISIBLE_S: Final = 0.08
"""A movement of the face is seen about so long after it began: a third of it has been done."""
BETWEEN_S: Final = 2.0
"""Between two signs the person alone is seen for so long."""
QUESTIONS: Final = 12
RATE_HZ: Final = 48_000
BLOCK_S: Final = 0.02
LOUD: Final = 300
"""A sample above this is the character's voice."""
ANSWER_S: Final = 3.0
DEATHS: Final = 3
GONE_S: Final = 20.0


@dataclass
class Visit:
    """An open session with a camera before it and a display and a speaker behind it, as long as `end` isn't called."""

    engine: Engine
    session: Session
    events: list[tuple[float, SessionEvent]] = field(default_factory=list)
    reactions_ms: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """By sign: from its being complete until the answer to it was to be seen."""
    loud_s: list[float] = field(default_factory=list)
    """When a block of sound was given out that holds the character's voice."""
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    @classmethod
    async def begin(cls, engine: Engine) -> "Visit":
        """Open a session and let it be seen and heard."""
        await engine.until_seeing()
        session = await engine.open_session()
        assert isinstance(session, Session)
        session.perceive(show=True)
        visit = cls(engine, session)
        visit.tasks = [asyncio.create_task(work) for work in (visit._follow(), visit._draw(), visit._hear())]
        return visit

    async def end(self) -> None:
        """Close the session."""
        await _end(self.tasks)
        await self.session.close()

    async def answer_s(self, question: str) -> float:
        """Ask and return the time until the answer was to be heard; `ANSWER_S` where it was not.

        What is being said is stopped first.
        """
        self.session.interrupt("text")
        await asyncio.sleep(0.3)
        asked_s = now()
        await self.session.ask(question)
        while now() < asked_s + ANSWER_S:
            if self.loud_s and self.loud_s[-1] > asked_s:
                return next(loud_s for loud_s in self.loud_s if loud_s > asked_s) - asked_s
            await asyncio.sleep(BLOCK_S)
        return ANSWER_S

    def rates(self, since_s: float) -> tuple[float, float]:
        """Return how often a second faces and hands were looked for since a time."""
        sights = [event for told_s, event in self.events if told_s >= since_s and isinstance(event, Sight)]
        took_s = now() - since_s
        return sum(s.faces is not None for s in sights) / took_s, sum(s.hands is not None for s in sights) / took_s

    async def _follow(self) -> None:
        async for event in self.session.events():
            self.events.append((now(), event))

    async def _hear(self) -> None:
        """Be a speaker."""
        start_s = now()
        for block in itertools.count():
            await sleep_until(start_s + block * BLOCK_S)
            if np.abs(self.session.read_audio(round(BLOCK_S * RATE_HZ))).max() > LOUD:
                self.loud_s.append(now())

    async def _draw(self) -> None:
        """Be a display, and note when the answer to each sign was to be seen."""
        start_s, known, awaited = now(), 0, list[tuple[Gesture, float]]()
        for frame in itertools.count():
            await sleep_until(start_s + frame / FPS)
            new = self.events[known:]
            known += len(new)
            awaited += [(event, told_s) for told_s, event in new if isinstance(event, Gesture) and self._answers(event)]
            begun_s = now()
            if await self.session.draw_frame(frame / FPS) is None:
                continue
            for sign, told_s in awaited:
                if begun_s >= told_s + VISIBLE_S:
                    self.reactions_ms[sign.name].append((now() - sign.time_s) * 1_000)
            awaited = [entry for entry in awaited if begun_s < entry[1] + VISIBLE_S]

    def _answers(self, sign: Gesture) -> bool:
        return self.engine.persona.action(sign.name) in REACTIONS


async def sign(wall: list[Picture], signs: list[list[Picture]], samples: Samples) -> dict[str, Any]:
    """Let somebody be seen while the character speaks, and show it signs, each a video; return the times by sign."""
    async with Engine(load_settings({}, environment={}), PROFILES["edge"]) as engine:
        visit = await Visit.begin(engine)
        begun_s, cpu_s = now(), _senses_s(engine)
        for turn, pictures in enumerate(signs):
            await visit.session.ask(TALK[turn % len(TALK)])
            await show(visit.session, wall, BETWEEN_S)
            await show(visit.session, pictures, len(pictures) / FPS)
        samples["cpu_cores"].append((_senses_s(engine) - cpu_s) / (now() - begun_s))
        faces, hands = visit.rates(begun_s)
        samples["faces_per_s"].append(faces)
        samples["hands_per_s"].append(hands)
        samples["reaction_ms"] += itertools.chain.from_iterable(visit.reactions_ms.values())
        await visit.end()
        return {name: [round(ms) for ms in times] for name, times in sorted(visit.reactions_ms.items())}


async def load(wall: list[Picture], samples: Samples) -> dict[str, Any]:
    """Ask with the machine idle and with all of its cores busy, there also with the camera off; return all of it."""
    cores = psutil.cpu_count() or 1
    details: dict[str, dict[str, Any]] = {}
    async with Engine(load_settings({}, environment={}), PROFILES["edge"]) as engine:
        visit = await Visit.begin(engine)
        camera = asyncio.create_task(show(visit.session, wall, 600))
        for state, processes, seen in (("idle", 0, True), ("busy", cores, True), ("busy_unseen", cores, False)):
            visit.session.perceive(camera=seen)
            with _busy(processes):
                details[state] = await _answers(visit)
        busy, unseen = details["busy"], details["busy_unseen"]
        samples["busy_answer_ms"] += busy["answers_ms"]
        samples["busy_seeing_ms"].append(float(np.median(busy["answers_ms"]) - np.median(unseen["answers_ms"])))
        samples["busy_underruns"].append(busy["underruns"])
        samples["busy_faces_per_s"].append(busy["faces_per_s"])
        visit.session.perceive(camera=True)
        for _ in range(DEATHS):
            samples["seeing_again_s"].append(await _kill(visit))
        await _end([camera])
        await visit.end()
    return details


async def _answers(visit: Visit) -> dict[str, Any]:
    """Ask some questions; return how soon each was answered, and how often was looked and the voice broke off."""
    await asyncio.sleep(2.0)  # until the pace of looking has settled
    begun_s, underruns = now(), visit.session._speaker.playout.underruns
    answers_ms = [1_000 * await visit.answer_s(TALK[i % len(TALK)]) for i in range(QUESTIONS)]
    faces, hands = visit.rates(begun_s)
    underruns = visit.session._speaker.playout.underruns - underruns
    return {"answers_ms": answers_ms, "faces_per_s": faces, "hands_per_s": hands, "underruns": underruns}


async def mirror(video: list[Picture], samples: Samples) -> None:
    """Let a face move the character."""
    async with Engine(load_settings({"mode": "mirror"}, environment={}), PROFILES["edge"]) as engine:
        await engine.until_seeing()
        session = await engine.open_session()
        assert isinstance(session, MirrorSession)

        async def draw() -> None:
            start_s = now()
            for frame in itertools.count():
                await sleep_until(start_s + frame / FPS)
                if await session.draw_frame(frame / FPS) is not None and session.delay_s is not None:
                    samples["mirror_ms"].append(session.delay_s * 1_000)

        task = asyncio.create_task(draw())
        await show(session, video, 2.0, 30)
        samples["mirror_ms"].clear()  # the first pictures open the eyes
        await show(session, video, 10.0, 30)
        await _end([task])
        await session.close()


async def show(session: Session | MirrorSession, pictures: list[Picture], seconds: float, fps: int = FPS) -> None:
    """Be a camera for a while; the pictures are shown again and again, each a little different, as by a real one."""
    random, start_s = np.random.default_rng(0), now()
    for frame in range(round(seconds * fps)):
        await sleep_until(start_s + frame / fps)
        picture = pictures[frame % len(pictures)].copy()
        picture[::16, random.integers(picture.shape[1])] ^= 1
        session.see(CameraImage(picture, now()))


async def _kill(visit: Visit) -> float:
    """End the process that sees, and return the seconds until a face was seen again; the talk goes on meanwhile."""
    os.kill(_senses(visit.engine).pid, signal.SIGKILL)
    killed_s = now()
    await asyncio.sleep(0.2)  # what had been seen before is told
    since = len(visit.events)
    answered_s = await visit.answer_s(TALK[0])
    assert answered_s < ANSWER_S, "the talk goes on without eyes"
    while now() < killed_s + GONE_S:
        for told_s, event in visit.events[since:]:
            if isinstance(event, Sight) and event.faces:
                return told_s - killed_s
        await asyncio.sleep(0.02)
    return GONE_S


@contextmanager
def _busy(processes: int) -> Iterator[None]:
    """Keep so many cores busy."""
    context = multiprocessing.get_context("spawn")
    spinning = [context.Process(target=_spin, daemon=True) for _ in range(processes)]
    for process in spinning:
        process.start()
    try:
        yield
    finally:
        for process in spinning:
            process.terminate()
            process.join()


def _spin() -> None:
    """Be busy for five minutes at the most."""
    end_s = time.monotonic() + 300
    while time.monotonic() < end_s:
        pass


def _senses(engine: Engine) -> psutil.Process:
    workers = engine.status()["workers"]
    assert isinstance(workers, dict)
    return psutil.Process(workers["senses"]["pid"])


def _senses_s(engine: Engine) -> float:
    """Return the processor time that the process that sees has taken so far."""
    times = _senses(engine).cpu_times()
    return float(times.user + times.system)


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
