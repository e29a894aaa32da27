"""The media process's side of a character: asks the render process for pictures and never waits for two at once."""

import contextlib
import logging
import zlib
from collections.abc import Awaitable
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from runtime.avatar.frames import FrameRing
from runtime.avatar.service import SERVICE, UNKNOWN_SESSION
from runtime.core.clock import now
from runtime.core.errors import UserError, WorkerDied
from runtime.core.messages import Face, FaceCue, FrameRequest
from runtime.core.workers import Caller

log = logging.getLogger(__name__)

SLOTS = 3
MAX_CUES = 64
RETRY_S = 1.0
T = TypeVar("T")


class Character:
    """One session's character. After its process died, pictures are None until it is back; cues are not lost."""

    def __init__(
        self,
        caller: Caller,
        session: str,
        pack: str = "ada",
        width: int = 512,
        height: int = 512,
        mirror: bool = False,
    ) -> None:
        self.trouble: UserError | None = None
        """Why there is no picture, if so."""
        self._caller = caller
        self._session = session
        self._pack, self._width, self._height = pack, width, height
        self._mirror = mirror
        self._ring: FrameRing | None = None
        self._cues: dict[int, FaceCue] = {}
        self._ready = False
        self._busy = False
        self._retry_at_s = 0.0

    async def open(self) -> None:
        """Make shared memory and open the character; while the render process starts again, leave it to `draw`.

        Raises:
            UserError: the size or the pack is no good, or no more characters can be drawn.
        """
        if self._ring is None:
            self._ring = FrameRing.create(self._width, self._height, SLOTS)
        try:
            await self._reopen(self._ring)
        except WorkerDied as error:
            self._failed(error)

    async def cue(self, cue: FaceCue) -> None:
        """Send the face of an utterance before it plays. Kept here until it is retired, to be sent again if need be."""
        for number in [n for n in self._cues if n < cue.retire_before]:
            del self._cues[number]
        while len(self._cues) >= MAX_CUES:
            del self._cues[next(iter(self._cues))]
        self._cues[cue.cue] = cue
        if self._ready:
            await self._try(self._caller.call(SERVICE, "cue", self._session, cue))

    async def see(self, time_s: float, face: Face) -> None:
        """Let a mirror take the person's face; while the render process is away it is dropped."""
        if self._ready:
            await self._try(self._caller.call(SERVICE, "see", self._session, time_s, face))

    async def draw(self, request: FrameRequest) -> NDArray[np.uint8] | None:
        """Return the picture for `request` as I420, (height * 3 // 2, width) uint8, a copy.

        None while another picture is being drawn, while the render process is away, and after `close`.
        """
        if self._busy or self._ring is None:
            return None
        self._busy = True
        try:
            if not self._ready and not await self._try_to_reopen():
                return None
            slot = await self._try(self._caller.call(SERVICE, "draw", self._session, request))
            if slot is None or self._ring is None:
                return None
            self.trouble = None
            return self._ring.copy(slot)
        finally:
            self._busy = False

    async def close(self) -> None:
        """End the character and give its memory back, whatever state the render process is in."""
        ring, self._ring = self._ring, None
        self._cues.clear()
        self._ready = False
        if ring is None:
            return
        try:
            with contextlib.suppress(UserError):
                await self._caller.call(SERVICE, "close_session", self._session)
        finally:
            ring.close()

    async def _try_to_reopen(self) -> bool:
        if self._ring is None or now() < self._retry_at_s:
            return False
        try:
            await self._reopen(self._ring)
        except UserError as error:
            self._failed(error)
        return self._ready

    async def _reopen(self, ring: FrameRing) -> None:
        # The seed follows from the session, so that a restarted process moves the same character on.
        seed = zlib.crc32(self._session.encode())
        arguments = (self._session, self._pack, self._width, self._height, ring.name, ring.slots, seed, self._mirror)
        await self._caller.call(SERVICE, "open", *arguments)
        sent: set[int] = set()
        while left := [cue for number, cue in self._cues.items() if number not in sent]:
            sent.add(left[0].cue)  # one at a time: more may come, and some may retire, meanwhile
            await self._caller.call(SERVICE, "cue", self._session, left[0])
        if self._ring is None:  # closed meanwhile
            await self._caller.call(SERVICE, "close_session", self._session)
            return
        self._ready, self.trouble = True, None

    async def _try(self, call: Awaitable[T]) -> T | None:
        try:
            return await call
        except UserError as error:
            self._failed(error)
            return None

    def _failed(self, error: UserError) -> None:
        """Note why, and open again before the next picture: at once after a restart, else a little later."""
        self._ready = False
        # Calls fail at once while the process is away, so each frame may ask; a lasting fault is tried less often.
        if not isinstance(error, WorkerDied) and not error.what.startswith(UNKNOWN_SESSION):
            self._retry_at_s = now() + RETRY_S
            if self.trouble is None or self.trouble.what != error.what:
                log.error("the character of session %s can't be drawn: %s", self._session, error)
        self.trouble = error
