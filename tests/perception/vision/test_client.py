"""The session's eyes: on simulated time with a stand-in for the vision process, and with the real one."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from runtime.core.clock import now, run_simulated, sleep_until
from runtime.core.errors import UserError, WorkerDied
from runtime.core.messages import CameraImage, Gesture, Sight
from runtime.core.streams import Latest
from runtime.core.workers import ServiceSpec, WorkerProcess
from runtime.perception.vision.client import FROZEN_S, Eyes
from runtime.perception.vision.pace import FACES_HZ, HANDS_HZ, Look
from runtime.perception.vision.service import SERVICE, UNKNOWN_SESSION, Seen
from tests.perception.vision.pictures import Picture, clip, needs_mediapipe, on_wall


class Process:
    """A vision process that answers from numbers, as slowly as it is told to, and can be away."""

    def __init__(self, takes_s: float = 0.005, late_s: float = 0.0) -> None:
        self.takes_s = takes_s
        self.late_s = late_s
        self.away = False
        self.known: set[str] = set()
        self.calls: list[str] = []
        self.sizes: list[tuple[int, int]] = []
        self.under_way = self.most_under_way = 0

    async def call(self, service: str, method: str, *args: Any) -> Any:
        assert service == SERVICE
        await asyncio.sleep(0)
        self.calls.append(method)
        if self.away:
            self.known.clear()
            raise WorkerDied("The vision process is starting again.")
        if method == "open":
            self.known.add(args[0])
        elif method == "look":
            return await self._look(*args)
        elif method == "close_session":
            self.known.discard(args[0])
        return None

    async def _look(self, session: str, width: int, height: int, time_s: float, look: Look) -> Seen:
        if session not in self.known:
            raise UserError(f"{UNKNOWN_SESSION} {session!r}.", "Open them again.")
        self.sizes.append((width, height))
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        await asyncio.sleep(self.takes_s + self.late_s)
        self.under_way -= 1
        sight = Sight(time_s, width, height, () if look.faces else None, () if look.hands else None)
        costs = (self.takes_s if look.faces else None, 0.0 if look.hands else None)
        return Seen(sight, (Gesture("wave", 1.0, time_s),), *costs)


def noisy(seed: int, width: int = 64, height: int = 48) -> Picture:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


async def film(
    images: Latest[CameraImage], length_s: float, rate_hz: float, make: Callable[[int], Picture] = noisy
) -> None:
    """Put pictures as a camera does."""
    start_s = now()
    for index in range(round(length_s * rate_hz)):
        await sleep_until(start_s + index / rate_hz)
        images.put(CameraImage(make(index), now()))


@contextlib.asynccontextmanager
async def looking(caller: Any, emit: Callable[[Any], None]) -> AsyncIterator[tuple[Eyes, Latest[CameraImage]]]:
    images: Latest[CameraImage] = Latest()
    eyes = Eyes(caller, "a", images, emit)
    task = asyncio.create_task(eyes.run())
    try:
        yield eyes, images
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def is_frozen(eyes: Eyes) -> bool:
    return eyes.frozen


def trouble_of(eyes: Eyes) -> UserError | None:
    return eyes.trouble


def left_in_memory() -> list[str]:
    maps = Path("/proc/self/maps")
    return [line for line in maps.read_text().splitlines() if "/dev/shm/psm_" in line] if maps.exists() else []


@pytest.fixture(autouse=True)
def no_memory_is_left() -> Iterator[None]:
    yield
    assert left_in_memory() == []


def test_pictures_are_looked_at_at_the_two_rates_and_all_is_told_in_order() -> None:
    told: list[Any] = []
    process = Process()

    async def main() -> None:
        async with looking(process, told.append) as (eyes, images):
            await film(images, 10, 30)
            assert eyes.seeing
        assert "close_session" in process.calls

    run_simulated(main())
    sights = [message for message in told if isinstance(message, Sight)]
    assert told[1::2] == [Gesture("wave", 1.0, sight.time_s) for sight in sights]
    assert [sight.time_s for sight in sights] == sorted({sight.time_s for sight in sights})
    assert sum(sight.faces is not None for sight in sights) / 10 == pytest.approx(FACES_HZ, rel=0.06)
    assert sum(sight.hands is not None for sight in sights) / 10 == pytest.approx(HANDS_HZ, rel=0.06)
    assert process.calls.count("open") == 1


def test_a_slow_process_gets_one_picture_at_a_time_and_the_newest() -> None:
    told: list[Any] = []
    process = Process(takes_s=0.25)

    async def main() -> None:
        async with looking(process, lambda message: told.append((now(), message))) as (eyes, images):
            await film(images, 10, 30)
            assert eyes.pace.level < 0.5

    run_simulated(main())
    sights = [(time_s, message) for time_s, message in told if isinstance(message, Sight)]
    assert process.most_under_way == 1
    assert 10 < len(sights) < 40
    assert max(time_s - sight.time_s for time_s, sight in sights) < 0.3


def test_pictures_of_any_size_go_over_small() -> None:
    process = Process()

    async def main() -> None:
        shapes = [(1, 1), (8, 8), (4000, 2), (1920, 1080), (720, 1280)]
        async with looking(process, lambda _: None) as (_, images):
            await film(images, 2, 5, lambda index: noisy(index, *shapes[index % len(shapes)]))

    run_simulated(main())
    assert set(process.sizes) == {(1, 1), (8, 8), (640, 1), (640, 360), (360, 640)}


def test_a_picture_that_is_none_is_trouble_and_no_end() -> None:
    process, told = Process(), list[Any]()

    async def main() -> None:
        async with looking(process, told.append) as (eyes, images):
            images.put(CameraImage(np.zeros((3, 3), np.uint8), now()))
            await asyncio.sleep(0.1)
            assert "A picture has shape" in str(trouble_of(eyes))
            assert told == []
            await film(images, 3, 10)
            assert trouble_of(eyes) is None

    run_simulated(main())
    assert told


def test_a_frozen_camera_is_not_looked_at_until_it_moves() -> None:
    process, told = Process(), list[Any]()

    async def main() -> None:
        async with looking(process, lambda message: told.append((now(), message))) as (eyes, images):
            await film(images, 10, 15, lambda _: noisy(1))
            assert is_frozen(eyes)
            assert not eyes.seeing
            assert max(time_s for time_s, _ in told) < FROZEN_S + 0.2
            moving_s = now()
            await film(images, 1, 15)
            assert not is_frozen(eyes)
            assert [time_s for time_s, _ in told if time_s >= moving_s]

    run_simulated(main())


def test_a_vanishing_camera_says_nothing_and_comes_back() -> None:
    process, told = Process(), list[Any]()

    async def main() -> None:
        async with looking(process, told.append) as (eyes, images):
            await film(images, 1, 15)
            await asyncio.sleep(0.1)
            count = len(told)
            assert count
            await asyncio.sleep(60)
            assert len(told) == count
            await film(images, 1, 15)
            assert not is_frozen(eyes)
            assert len(told) > count

    run_simulated(main())


def test_shut_eyes_see_nothing_and_forget() -> None:
    process, told = Process(), list[Any]()

    async def main() -> None:
        async with looking(process, told.append) as (eyes, images):
            await film(images, 1, 15)
            await eyes.shut()
            count, looks = len(told), process.calls.count("look")
            assert process.calls[-1] == "forget"
            await film(images, 2, 15)
            assert (len(told), process.calls.count("look"), eyes.seeing) == (count, looks, False)
            eyes.reopen()
            await film(images, 1, 15)
            assert len(told) > count

    run_simulated(main())


def test_what_was_under_way_when_the_eyes_were_shut_is_not_told() -> None:
    process, told = Process(takes_s=0.5), list[Any]()

    async def main() -> None:
        async with looking(process, told.append) as (eyes, images):
            images.put(CameraImage(noisy(1), now()))
            await asyncio.sleep(0.1)
            assert process.under_way == 1
            await eyes.shut()
            await asyncio.sleep(1)

    run_simulated(main())
    assert told == []


def test_while_the_process_is_away_nothing_is_seen_and_then_it_is_opened_again() -> None:
    process, told = Process(), list[Any]()

    async def main() -> None:
        async with looking(process, told.append) as (eyes, images):
            await film(images, 1, 15)
            process.away = True
            count = len(told)
            await film(images, 2, 15)
            assert len(told) == count
            assert isinstance(trouble_of(eyes), WorkerDied)
            process.away = False
            await film(images, 0.5, 15)
            assert trouble_of(eyes) is None
            assert len(told) > count

    run_simulated(main())
    assert process.calls.count("open") > 1


def test_late_answers_slow_the_eyes() -> None:
    async def main() -> None:
        async with looking(Process(late_s=0.1), lambda _: None) as (eyes, images):
            await film(images, 5, 15)
            assert eyes.pace.level < 0.3

    run_simulated(main())


@needs_mediapipe
async def test_a_killed_process_comes_back_and_sees_again() -> None:
    pictures = [on_wall(picture) for picture in clip("d20", 12, 2)]
    process = WorkerProcess("vision", {SERVICE: ServiceSpec("runtime.perception.vision.service:VisionService")})
    told: list[Any] = []
    await process.start()
    try:
        async with looking(process, told.append) as (eyes, images):
            camera = asyncio.create_task(film(images, 60, 15, lambda index: pictures[index % len(pictures)]))
            await faces_seen(told, 3)
            assert process.pid is not None
            os.kill(process.pid, signal.SIGKILL)
            async with asyncio.timeout(20):
                while process.restarts == 0:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
            told.clear()
            await faces_seen(told, 3)
            assert eyes.seeing
            camera.cancel()
    finally:
        await process.close()


async def faces_seen(told: list[Any], count: int) -> None:
    """Wait until so many sights with a face were told."""
    async with asyncio.timeout(20):
        while sum(bool(sight.faces) for sight in told if isinstance(sight, Sight)) < count:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
