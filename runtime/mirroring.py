"""A session in which the person's own face moves the character, for video calls: it neither listens nor speaks."""

import uuid
from collections.abc import AsyncIterator, Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runtime.avatar.client import Character
from runtime.core.background import Background
from runtime.core.clock import now
from runtime.core.errors import UserError
from runtime.core.messages import AudioChunk, CameraImage, FrameRequest, Manner, Perception, SessionEvent, Sight
from runtime.core.streams import Broadcast, Latest
from runtime.noticing import EyesMaker


class MirrorSession:
    """Takes the place of `Session` where the mode is mirror; the same calls hold. All run on its event loop."""

    def __init__(
        self,
        make_character: Callable[[str], Character],
        make_eyes: EyesMaker,
        on_close: Callable[["MirrorSession"], None] = lambda session: None,
    ) -> None:
        """`make_character` makes one that is a mirror; both makers take the session's id."""
        self.id = uuid.uuid4().hex
        self.camera: Latest[CameraImage] = Latest()
        self.delay_s: float | None = None
        """From the picture that the last drawn one shows to its drawing."""
        self._on_close = on_close
        self._events: Broadcast[SessionEvent] = Broadcast()
        self._character = make_character(self.id)
        self._eyes = make_eyes(self.id, self.camera, self._seen)
        self._perception = Perception(emotion=False)
        self._shown_s: float | None = None
        self._background = Background("the mirror")

    async def start(self) -> None:
        """Open the character and begin to look."""
        await self._character.open()
        self._background.run(self._eyes.run())

    async def close(self) -> None:
        """Give everything back."""
        self._on_close(self)
        await self._background.close()
        await self._character.close()
        self._events.close()

    # ------------------------------------------------------------ from the client

    def hear(self, chunk: AudioChunk) -> None:
        """Sound is not listened to."""

    def see(self, image: CameraImage) -> None:
        """Take a picture from the camera; only the newest is kept."""
        if self._perception.camera:
            self.camera.put(image)

    def meet(self, token: str | None) -> None:
        """See `Session.meet`; a mirror remembers nobody."""

    def perceive(self, camera: bool | None = None, emotion: bool | None = None, show: bool | None = None) -> Perception:
        """See `Session.perceive`; mood is never read here."""
        held = self._perception
        self._perception = Perception(
            held.camera if camera is None else camera, False, held.show if show is None else show
        )
        if self._perception.camera and not held.camera:
            self._eyes.reopen()
        elif held.camera and not self._perception.camera:
            self._background.run(self._eyes.shut())
        return self._perception

    async def ask(self, text: str) -> None:
        """Refuse: nobody answers here."""
        raise UserError("A mirror does not answer.", "Start the server without --mode mirror to talk.")

    def interrupt(self, cause: str) -> None:
        """There is nothing to interrupt."""

    def greet(self) -> None:
        """There is nobody to greet."""

    def events(self) -> AsyncIterator[SessionEvent]:
        """Subscribe to what the session tells its client."""
        return self._events.subscribe()

    # ------------------------------------------------------------ media source

    def read_audio(self, samples: int) -> NDArray[np.int16]:
        """Return silence."""
        return np.zeros(samples, np.int16)

    async def draw_frame(self, media_time_s: float) -> NDArray[np.uint8] | None:
        """See `MediaSource.draw_frame`."""
        shown_s = self._shown_s
        picture = await self._character.draw(FrameRequest(media_time_s, -1, 0.0, Manner.IDLE))
        if picture is not None and shown_s is not None:
            self.delay_s = now() - shown_s
        return picture

    # ------------------------------------------------------------ inside

    def _seen(self, message: Any) -> None:
        if not isinstance(message, Sight) or not self._perception.camera:
            return
        if message.faces:
            self._background.run(self._show(message))
        if self._perception.show:
            self._events.publish(message)

    async def _show(self, sight: Sight) -> None:
        assert sight.faces
        await self._character.see(sight.time_s, sight.faces[0])
        self._shown_s = sight.time_s
