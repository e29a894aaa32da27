"""The newest camera picture, handed from the media process to the vision process through shared memory."""

import contextlib
from multiprocessing.shared_memory import SharedMemory
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from runtime.core import shared_memory
from runtime.core.errors import UserError

LONG_SIDE_PX: Final = 640
SHORT_SIDE_PX: Final = 480
"""A picture is made to fit this, upright or on its side: MediaPipe shrinks it to 256 or less at once."""
MAX_BYTES: Final = LONG_SIDE_PX * SHORT_SIDE_PX * 3


class SharedPicture:
    """Room for one picture of at most 640x480 (or 480x640) pixels. What it holds is wiped when its owner closes it."""

    def __init__(self, memory: SharedMemory, owner: bool) -> None:
        """Wrap `memory`; use `create` or `attach`."""
        self.name = memory.name
        self._memory: SharedMemory | None = memory
        self._owner = owner
        assert memory.buf is not None
        self._bytes: NDArray[np.uint8] | None = np.frombuffer(memory.buf, np.uint8, count=MAX_BYTES)

    @classmethod
    def create(cls) -> "SharedPicture":
        """Make memory that this process owns. Raises UserError where there is none left."""
        return cls(shared_memory.create(MAX_BYTES), owner=True)

    @classmethod
    def attach(cls, name: str) -> "SharedPicture":
        """Open another process's memory by its name. Raises UserError where there is none."""
        return cls(shared_memory.attach(name, MAX_BYTES), owner=False)

    def put(self, rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Hold a picture (height, width, 3), made smaller where need be, and return it as it is held.

        Raises:
            UserError: this is no RGB picture.
        """
        if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != np.uint8 or not rgb.size:
            raise UserError(f"A picture has shape (height, width, 3) and type uint8; got {rgb.shape}, {rgb.dtype}.")
        height, width = rgb.shape[:2]
        scale = min(1.0, LONG_SIDE_PX / max(width, height), SHORT_SIDE_PX / min(width, height))
        held = self.view(max(1, round(width * scale)), max(1, round(height * scale)))
        if held.shape == rgb.shape:
            held[:] = rgb
        else:
            # Down to a half, bilinear takes in every pixel too, and is seven times as fast.
            method = cv2.INTER_LINEAR if scale >= 0.5 else cv2.INTER_AREA
            cv2.resize(np.ascontiguousarray(rgb), held.shape[1::-1], dst=held, interpolation=method)
        return held

    def view(self, width: int, height: int) -> NDArray[np.uint8]:
        """Return what is held, as a picture of `width` x `height`, (height, width, 3); keep it only briefly.

        Raises:
            UserError: it does not fit, or the memory is closed.
        """
        size = width * height * 3
        if self._bytes is None or not (width > 0 and height > 0 and size <= MAX_BYTES):
            raise UserError(f"No picture of {width}x{height} is held.")
        return self._bytes[:size].reshape(height, width, 3)

    def close(self) -> None:
        """Give the memory back; its owner wipes and removes it. More than once is harmless."""
        memory, self._memory = self._memory, None
        held, self._bytes = self._bytes, None
        if memory is None:
            return
        if self._owner and held is not None:
            held[:] = 0
        del held
        with contextlib.suppress(BufferError):  # a view is still in use: the memory goes when that does
            memory.close()
        if self._owner:
            with contextlib.suppress(FileNotFoundError):
                memory.unlink()
