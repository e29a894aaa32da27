"""Memory that two processes see: one creates and removes it, the other attaches to it by name."""

import contextlib
import re
import threading
from collections.abc import Iterator
from multiprocessing import resource_tracker
from multiprocessing.shared_memory import SharedMemory
from typing import Any, Final

from runtime.core.errors import UserError

_NAME: Final = re.compile(r"/?[A-Za-z0-9_.-]{1,64}")
_attaching = threading.Lock()


def create(size: int) -> SharedMemory:
    """Make `size` bytes or a little more, which this process owns: `close` and `unlink` them at the end.

    Raises:
        UserError: there is not so much left.
    """
    try:
        return SharedMemory(create=True, size=size)
    except OSError as error:
        raise UserError(f"No shared memory for {size} bytes of pictures: {error}.", "Free some /dev/shm.") from error


def attach(name: str, size: int) -> SharedMemory:
    """Open memory of at least `size` bytes that another process owns: only `close` it at the end.

    Raises:
        UserError: there is no such memory, or it is smaller.
    """
    if not _NAME.fullmatch(name):
        raise UserError(f"{name[:80]!r} names no shared memory.")
    try:
        with _attaching, _untracked():
            memory = SharedMemory(name=name)
    except (OSError, ValueError) as error:
        raise UserError(f"The shared memory {name!r} can't be opened: {error}.") from error
    if memory.size < size:
        memory.close()
        raise UserError(f"The shared memory {name!r} has {memory.size} bytes; {size} are needed.")
    return memory


@contextlib.contextmanager
def _untracked() -> Iterator[None]:
    """Keep the resource tracker from claiming memory that another process owns (`track=False` since Python 3.13).

    Before 3.13 attaching registers too, so the tracker would unlink it a second time, or warn of a leak.
    """

    def ignore(name: Any, rtype: Any) -> None:
        if rtype != "shared_memory":
            register(name, rtype)

    register = resource_tracker.register
    resource_tracker.register = ignore
    try:
        yield
    finally:
        resource_tracker.register = register
