"""Pictures handed from the render process to the media process through shared memory, as I420.

The media process makes the ring and unlinks it; the render process attaches to it by name. Only slot numbers travel
through the pipe.
"""

import contextlib
import math
from multiprocessing.shared_memory import SharedMemory

import numpy as np
from numpy.typing import NDArray

from runtime.core import shared_memory
from runtime.core.errors import UserError

MIN_SIDE_PX = 64
MAX_SIDE_PX = 2_048
MIN_SLOTS = 2
MAX_SLOTS = 8


def check_size(width: int, height: int) -> None:
    """Check that a picture of `width` x `height` pixels can be drawn and held as I420.

    Raises:
        UserError: a side is odd, or not in `MIN_SIDE_PX`..`MAX_SIDE_PX`.
    """
    for side in (width, height):
        if side % 2 or not MIN_SIDE_PX <= side <= MAX_SIDE_PX:
            raise UserError(
                f"A picture of {width}x{height} can't be drawn.",
                f"Choose even sides from {MIN_SIDE_PX} to {MAX_SIDE_PX} pixels.",
            )


class FrameRing:
    """A few I420 pictures of one size in shared memory: (height * 3 // 2, width) uint8 each."""

    def __init__(self, memory: SharedMemory, width: int, height: int, slots: int, owner: bool) -> None:
        """Wrap `memory`; use `create` or `attach`."""
        self.width, self.height, self.slots = width, height, slots
        self.name = memory.name
        self._memory: SharedMemory | None = memory
        self._owner = owner
        shape = (slots, height * 3 // 2, width)
        # `frombuffer` holds on to the memory, `ndarray(buffer=)` would not: a view kept too long must not crash.
        assert memory.buf is not None
        flat = np.frombuffer(memory.buf, np.uint8, count=math.prod(shape))
        self._pictures: NDArray[np.uint8] | None = flat.reshape(shape)

    @classmethod
    def create(cls, width: int, height: int, slots: int) -> "FrameRing":
        """Make a ring that this process owns.

        Raises:
            UserError: the size or number of slots is out of bounds, or there is no shared memory left.
        """
        memory = shared_memory.create(_checked_bytes(width, height, slots))
        return cls(memory, width, height, slots, owner=True)

    @classmethod
    def attach(cls, name: str, width: int, height: int, slots: int) -> "FrameRing":
        """Open a ring that another process owns.

        Raises:
            UserError: there is no such ring, or it is smaller than `slots` pictures of this size.
        """
        memory = shared_memory.attach(name, _checked_bytes(width, height, slots))
        return cls(memory, width, height, slots, owner=False)

    def view(self, slot: int) -> NDArray[np.uint8]:
        """Return the picture (height * 3 // 2, width) in `slot` itself, to write into; keep it only briefly.

        Raises:
            IndexError: there is no such slot, or the ring is closed.
        """
        if self._pictures is None or not 0 <= slot < self.slots:
            raise IndexError(f"slot {slot} of {self.slots if self._pictures is not None else 0}")
        picture: NDArray[np.uint8] = self._pictures[slot]
        return picture

    def copy(self, slot: int) -> NDArray[np.uint8]:
        """Return a copy of the picture in `slot`; errors as `view`."""
        return np.array(self.view(slot))

    def close(self) -> None:
        """Give the memory back; the owner also removes it. More than once is harmless."""
        memory, self._memory, self._pictures = self._memory, None, None
        if memory is None:
            return
        memory.close()
        if self._owner:
            with contextlib.suppress(FileNotFoundError):
                memory.unlink()


def _checked_bytes(width: int, height: int, slots: int) -> int:
    check_size(width, height)
    if not MIN_SLOTS <= slots <= MAX_SLOTS:
        raise UserError(f"A ring of {slots} pictures can't be made.", f"Choose {MIN_SLOTS} to {MAX_SLOTS}.")
    return slots * width * height * 3 // 2
