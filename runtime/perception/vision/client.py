"""The media process's side of seeing: hands the newest pictures over and gives what is seen to the session."""

import contextlib
import logging
from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from runtime.core.clock import now
from runtime.core.errors import UserError, WorkerDied
from runtime.core.messages import CameraImage
from runtime.core.streams import Latest
from runtime.core.workers import Caller
from runtime.perception.vision.pace import Pace
from runtime.perception.vision.picture import SharedPicture
from runtime.perception.vision.service import SERVICE, UNKNOWN_SESSION, Seen

log = logging.getLogger(__name__)

RETRY_S: Final = 1.0
FROZEN_S: Final = 3.0
"""A camera that gives the very same picture for so long is stuck: what it shows is not looked at."""
_SAMPLE_ROWS: Final = 16
"""A real camera's noise changes some pixel in every 16th row of any two pictures."""


class Eyes:
    """One session's eyes. While the vision process starts again, and while they are shut, nothing is seen."""

    def __init__(
        self,
        caller: Caller,
        session: str,
        images: Latest[CameraImage],
        emit: Callable[[Any], None],
        pace: Pace | None = None,
    ) -> None:
        """Take pictures from `images`; `emit` gets each `Sight`, then the watcher's messages that follow from it."""
        self.pace = pace or Pace()
        self.trouble: UserError | None = None
        """Why nothing is seen, if so."""
        self.frozen = False
        """Whether the camera gives the same picture again and again."""
        self.looks = 0
        self._caller = caller
        self._session = session
        self._images = images
        self._emit = emit
        self._open = True
        self._picture: SharedPicture | None = None
        self._ready = False
        self._retry_at_s = 0.0
        self._sample: NDArray[np.uint8] | None = None
        self._changed_s = 0.0

    @property
    def seeing(self) -> bool:
        """Whether pictures are looked at now, if any come."""
        return self._open and self._ready and not self.frozen

    async def run(self) -> None:
        """Look at pictures until cancelled."""
        try:
            while True:
                await self._see(await self._images.get())
        finally:
            await self.close()

    async def shut(self) -> None:
        """Look at nothing from now on, and forget the person: the camera was switched off."""
        self._open = False
        await self.forget()

    def reopen(self) -> None:
        """Look again."""
        self._open = True

    async def forget(self) -> None:
        """Forget who was seen, and their picture."""
        self._sample = None
        if self._ready:
            with contextlib.suppress(UserError):  # a process that starts again has forgotten already
                await self._caller.call(SERVICE, "forget", self._session)

    async def close(self) -> None:
        """End the eyes and wipe the last picture, whatever state the vision process is in."""
        picture, self._picture = self._picture, None
        ready, self._ready = self._ready, False
        self._sample = None
        if picture is None:
            return
        picture.close()
        if ready:
            with contextlib.suppress(UserError):
                await self._caller.call(SERVICE, "close_session", self._session)

    async def _see(self, image: CameraImage) -> None:
        if not self._open or (not self._ready and not await self._try_to_open()):
            return
        look = self.pace.due(now())
        if not (look.faces or look.hands):
            return
        try:
            width, height = self._hand_over(image)
            if self.frozen:
                return
            asked_s = now()
            seen: Seen = await self._caller.call(SERVICE, "look", self._session, width, height, image.time_s, look)
        except UserError as error:
            self._failed(error)
            return
        self.looks += 1
        self.trouble = None
        self.pace.took(seen.faces_s, seen.hands_s)
        self.pace.lateness(now(), now() - asked_s - (seen.faces_s or 0.0) - (seen.hands_s or 0.0))
        if self._open:  # not shut meanwhile
            for message in (seen.sight, *seen.messages):
                self._emit(message)

    def _hand_over(self, image: CameraImage) -> tuple[int, int]:
        """Put a picture into the shared memory and return its width and height there; note whether it is a new one."""
        assert self._picture is not None
        held = self._picture.put(image.rgb)
        sample = held[::_SAMPLE_ROWS].copy()
        if self._sample is None or not np.array_equal(sample, self._sample):
            self._sample, self._changed_s = sample, now()
        frozen = now() - self._changed_s > FROZEN_S
        if frozen != self.frozen:
            log.warning("the camera of session %s %s", self._session, "is frozen" if frozen else "moves again")
        self.frozen = frozen
        return held.shape[1], held.shape[0]

    async def _try_to_open(self) -> bool:
        if now() < self._retry_at_s:
            return False
        try:
            if self._picture is None:
                self._picture = SharedPicture.create()
            await self._caller.call(SERVICE, "open", self._session, self._picture.name)
            self._ready, self.trouble = True, None
        except UserError as error:
            self._failed(error)
        return self._ready

    def _failed(self, error: UserError) -> None:
        """Note why, and open again with the next picture: at once after a restart, else a little later."""
        self._ready = False
        # Calls fail at once while the process is away, so each picture may ask; a lasting fault is tried less often.
        if not isinstance(error, WorkerDied) and not error.what.startswith(UNKNOWN_SESSION):
            self._retry_at_s = now() + RETRY_S
            if self.trouble is None or self.trouble.what != error.what:
                log.error("session %s sees nothing: %s", self._session, error)
        self.trouble = error
