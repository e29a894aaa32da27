"""The render service and its client: in one process with a plain renderer, and in a process that is killed."""

import asyncio
import os
import signal
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from runtime.avatar.client import Character
from runtime.avatar.frames import FrameRing
from runtime.avatar.service import MAX_SESSIONS, CharacterService, UnknownSession
from runtime.core.blendshapes import INDEX
from runtime.core.errors import UserError, WorkerDied
from runtime.core.messages import Affect, FaceCue, FaceState, FrameRequest, Manner
from runtime.core.workers import InlineWorker, ServiceSpec, WorkerProcess
from tests.avatar.speech import WELCOME, WELCOME_S

SIZE = 64


class Grey:
    """A renderer whose picture is as bright as the jaw is open."""

    opened = 0

    def __init__(self, width: int, height: int) -> None:
        self._size = (height, width)

    def load(self) -> None:
        Grey.opened += 1

    def draw(self, state: FaceState) -> NDArray[np.uint8]:
        pixels = np.full((*self._size, 4), 255, np.uint8)
        pixels[..., :3] = int(255 * state.weights[INDEX["jawOpen"]])
        return pixels

    def close(self) -> None:
        Grey.opened -= 1


class GreyService(CharacterService):
    """The service with that renderer."""

    def __init__(self) -> None:
        super().__init__(width=SIZE, height=SIZE)

    def _open_renderer(self, pack: str, width: int, height: int) -> Any:
        if pack == "missing":
            raise UserError("There is no character pack.")
        return Grey(width, height)


class Switch:
    """A caller that can be cut off, and that counts."""

    def __init__(self, worker: InlineWorker) -> None:
        self.worker = worker
        self.dead = False
        self.calls: list[str] = []
        self.delay_s = 0.0

    async def call(self, service: str, method: str, *args: Any) -> Any:
        self.calls.append(method)
        if self.dead:
            raise WorkerDied("The render process is starting again.")
        await asyncio.sleep(self.delay_s)
        return await self.worker.call(service, method, *args)


def fresh() -> GreyService:
    Grey.opened = 0
    service = GreyService()
    service.load()
    return service


def cue(number: int = 0) -> FaceCue:
    return FaceCue(number, WELCOME, WELCOME_S, Affect("happy", 0.5))


def at(time_s: float, number: int = 0) -> FrameRequest:
    return FrameRequest(time_s, number, time_s, Manner.IDLE)


async def test_a_character_opens_speaks_and_closes() -> None:
    service = fresh()
    caller = Switch(InlineWorker({"character": service}))
    character = Character(caller, "one", "ada", SIZE, SIZE)
    await character.open()
    await character.cue(cue())
    pictures = [await character.draw(at(t / 25)) for t in range(50)]
    brightness = np.array([p[:SIZE].mean() for p in pictures if p is not None])
    assert len(brightness) == 50
    assert pictures[0] is not None
    assert pictures[0].shape == (SIZE * 3 // 2, SIZE)
    assert pictures[0].dtype == np.uint8
    assert brightness[5] > brightness[0] + 20
    assert brightness[13] < brightness[5] - 20
    await character.close()
    assert await character.draw(at(9.0)) is None
    with pytest.raises(UnknownSession):
        service.draw("one", at(9.0))
    service.close()
    assert Grey.opened == 0


async def test_one_picture_at_a_time_and_the_newer_request_is_dropped() -> None:
    service = fresh()
    caller = Switch(InlineWorker({"character": service}))
    character = Character(caller, "one", "ada", SIZE, SIZE)
    await character.open()
    caller.delay_s = 0.02
    first, second = await asyncio.gather(character.draw(at(0.1, -1)), character.draw(at(0.14, -1)))
    assert first is not None
    assert second is None
    assert caller.calls.count("draw") == 1
    drawing = asyncio.create_task(character.draw(at(0.2, -1)))
    await asyncio.sleep(0)
    drawing.cancel()
    await asyncio.gather(drawing, return_exceptions=True)
    assert await character.draw(at(0.3, -1)) is not None
    await character.close()
    service.close()


async def test_after_the_process_died_it_opens_again_with_its_cues() -> None:
    first = fresh()
    caller = Switch(InlineWorker({"character": first}))
    character = Character(caller, "one", "ada", SIZE, SIZE)
    await character.open()
    await character.cue(cue(0))
    assert await character.draw(at(0.0)) is not None
    caller.dead = True
    assert await character.draw(at(0.04)) is None
    assert isinstance(character.trouble, WorkerDied)
    await character.cue(cue(1))
    first.close()
    second = fresh()
    caller.worker, caller.dead = InlineWorker({"character": second}), False
    spoken = await character.draw(FrameRequest(0.2, 1, 0.2, Manner.IDLE))
    assert spoken is not None
    later = await character.draw(FrameRequest(0.24, 1, 0.24, Manner.IDLE))
    assert later is not None
    assert later[:SIZE].mean() > spoken[:SIZE].mean() + 10
    assert not character.trouble
    await character.close()
    second.close()


async def test_a_conversation_can_begin_while_the_process_is_away() -> None:
    caller = Switch(InlineWorker({"character": fresh()}))
    caller.dead = True
    character = Character(caller, "one", "ada", SIZE, SIZE)
    await character.open()
    assert await character.draw(at(0.0, -1)) is None
    caller.dead = False
    assert await character.draw(at(0.04, -1)) is not None
    await character.close()


async def test_a_service_that_has_forgotten_the_session_is_asked_to_open_it_again() -> None:
    service = fresh()
    character = Character(Switch(InlineWorker({"character": service})), "one", "ada", SIZE, SIZE)
    await character.open()
    service.close_session("one")
    assert await character.draw(at(0.0, -1)) is None
    assert await character.draw(at(0.04, -1)) is not None
    await character.close()
    service.close()


async def test_closing_while_it_opens_leaves_nothing_open() -> None:
    service = fresh()
    caller = Switch(InlineWorker({"character": service}))
    caller.delay_s = 0.02
    character = Character(caller, "one", "ada", SIZE, SIZE)
    opening = asyncio.create_task(character.open())
    await asyncio.sleep(0.01)
    caller.delay_s = 0.0
    await character.close()
    await asyncio.gather(opening, return_exceptions=True)
    assert not service._open
    service.close()


async def test_a_lasting_fault_is_told_and_not_tried_each_frame() -> None:
    service = fresh()
    caller = Switch(InlineWorker({"character": service}))
    character = Character(caller, "one", "missing", SIZE, SIZE)
    with pytest.raises(UserError, match="no character pack"):
        await character.open()
    for frame in range(20):
        assert await character.draw(at(frame / 25, -1)) is None
    assert caller.calls.count("open") == 2
    assert character.trouble is not None
    await character.close()
    service.close()


def test_the_service_bounds_sessions_and_shares_renderers() -> None:
    service = fresh()
    ring = FrameRing.create(SIZE, SIZE, 2)
    try:
        for i in range(MAX_SESSIONS):
            service.open(f"s{i}", "ada", SIZE, SIZE, ring.name, 2, i)
        service.open("s0", "ada", SIZE, SIZE, ring.name, 2, 0)
        assert Grey.opened == 1
        with pytest.raises(UserError, match="already draws"):
            service.open("more", "ada", SIZE, SIZE, ring.name, 2, 0)
        service.close_session("s0")
        with pytest.raises(UserError, match="even sides"):
            service.open("odd", "ada", 65, 65, ring.name, 2, 0)
        with pytest.raises(KeyError):
            service.cue("nobody", cue())
        service.open("large", "other", SIZE, SIZE, ring.name, 2, 0)
        assert Grey.opened == 2
        service.close_session("large")
        assert Grey.opened == 1
        assert [service.draw("s1", at(t / 25, -1)) for t in range(4)] == [0, 1, 0, 1]
    finally:
        service.close()
        ring.close()
    assert Grey.opened == 0


async def test_a_killed_render_process_costs_pictures_for_a_moment_only() -> None:
    worker = WorkerProcess("render", {"character": ServiceSpec(f"{__name__}:GreyService")})
    await worker.start()
    character = Character(worker, "one", "ada", SIZE, SIZE)
    try:
        await character.open()
        await character.cue(cue())
        assert await character.draw(at(0.0)) is not None
        assert worker.pid is not None
        os.kill(worker.pid, signal.SIGKILL)
        assert await character.draw(at(0.04)) is None
        async with asyncio.timeout(20.0):
            while (picture := await character.draw(at(0.3))) is None:  # noqa: ASYNC110 - as a session asks each frame
                await asyncio.sleep(0.02)
        assert picture.shape == (SIZE * 3 // 2, SIZE)
    finally:
        await character.close()
        await worker.close()


async def test_ada_opens_and_closes_her_mouth_in_time() -> None:
    pytest.importorskip("thorvg_python", reason="the vector renderer's library is not installed")
    service = CharacterService(width=256, height=256)
    service.load()
    character = Character(InlineWorker({"character": service}), "one", "ada", 256, 256)
    await character.open()
    await character.cue(FaceCue(0, WELCOME, WELCOME_S, Affect("neutral", 0.0)))
    mouths = []
    for frame in range(16):
        picture = await character.draw(at(frame / 25))
        assert picture is not None
        mouths.append(picture[140:165, 105:152].astype(np.float64))
    await character.close()
    service.close()
    # Open lips show bright teeth and a dark cavity in the open e; the closing m shows lip and skin.
    opened, closed = (np.mean([np.ptp(mouths[frame]) for frame in frames]) for frames in ((4, 5, 6), (12, 13)))
    assert opened > closed + 40
