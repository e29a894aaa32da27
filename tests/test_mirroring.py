"""A mirror session on simulated time, with scripted rooms around it."""

import asyncio
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from runtime.core.clock import now, run_simulated
from runtime.core.errors import UserError
from runtime.core.messages import AudioChunk, CameraImage, Face, FrameRequest, Perception, Sight
from runtime.mirroring import MirrorSession


class ScriptedCharacter:
    def __init__(self) -> None:
        self.faces: list[float] = []
        self.drawn = 0

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    async def see(self, time_s: float, face: Face) -> None:
        self.faces.append(time_s)

    async def draw(self, request: FrameRequest) -> NDArray[np.uint8]:
        self.drawn += 1
        return np.zeros((6, 4), np.uint8)


class ScriptedEyes:
    """Sees a face in every picture, 20 ms after it was handed over."""

    def __init__(self, images: Any, emit: Callable[[Any], None]) -> None:
        self.images, self.emit, self.state = images, emit, "open"

    async def run(self) -> None:
        while True:
            image = await self.images.get()
            await asyncio.sleep(0.02)
            face = Face(np.zeros((478, 3), np.float32), np.zeros(52, np.float32), (0.0, 0.0, 0.0), (0.0, 0.0), 0.5)
            self.emit(Sight(image.time_s, 4, 4, (face,)))

    async def shut(self) -> None:
        self.state = "shut"

    def reopen(self) -> None:
        self.state = "open"

    async def forget(self) -> None: ...


def played(test: Callable[[MirrorSession, ScriptedCharacter, ScriptedEyes], Any]) -> None:
    async def main() -> None:
        character, eyes = ScriptedCharacter(), []

        def make_eyes(session: str, images: Any, emit: Callable[[Any], None]) -> ScriptedEyes:
            eyes.append(ScriptedEyes(images, emit))
            return eyes[0]

        before = asyncio.all_tasks()
        session = MirrorSession(lambda session: character, make_eyes)  # type: ignore[arg-type, return-value]
        await session.start()
        await test(session, character, eyes[0])
        await session.close()
        await asyncio.sleep(0.1)
        assert asyncio.all_tasks() == before

    run_simulated(main())


def picture() -> CameraImage:
    return CameraImage(np.zeros((4, 4, 3), np.uint8), now())


def test_a_face_reaches_the_character_and_the_delay_is_known() -> None:
    async def scene(session: MirrorSession, character: ScriptedCharacter, eyes: ScriptedEyes) -> None:
        assert await session.draw_frame(0.0) is not None
        assert session.delay_s is None
        session.see(picture())
        await asyncio.sleep(0.05)
        await session.draw_frame(0.04)
        assert len(character.faces) == 1
        assert session.delay_s == pytest.approx(0.05)
        assert not session.read_audio(960).any()

    played(scene)


def test_a_camera_that_is_switched_off_is_not_looked_at_and_mood_is_never_read() -> None:
    async def scene(session: MirrorSession, character: ScriptedCharacter, eyes: ScriptedEyes) -> None:
        assert session.perceive(camera=False, emotion=True) == Perception(False, False, False)
        await asyncio.sleep(0)
        assert eyes.state == "shut"
        session.see(picture())
        await asyncio.sleep(0.1)
        assert character.faces == []
        session.perceive(camera=True)
        assert eyes.state == "open"

    played(scene)


def test_it_says_what_is_seen_only_where_asked_and_answers_nothing() -> None:
    async def scene(session: MirrorSession, character: ScriptedCharacter, eyes: ScriptedEyes) -> None:
        told: list[Any] = []

        async def follow() -> None:
            async for event in session.events():
                told.append(event)  # noqa: PERF401 - the events never end

        following = asyncio.create_task(follow())
        for show in (False, True):
            session.perceive(show=show)
            session.see(picture())
            session.hear(AudioChunk(np.zeros(160, np.float32), now()))
            session.greet()
            await asyncio.sleep(0.1)
        with pytest.raises(UserError, match="mirror"):
            await session.ask("hello")
        assert [type(event) for event in told] == [Sight]
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)

    played(scene)
