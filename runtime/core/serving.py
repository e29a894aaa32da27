"""What runs in a worker process: its services, each on a thread of its own, until its parent ends or lets it go."""

import contextlib
import ctypes
import logging
import os
import queue
import signal
import threading
import traceback
from collections.abc import Mapping
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

from runtime.core.errors import UserError
from runtime.core.masking import mask_logs

if TYPE_CHECKING:
    from runtime.core.workers import ServiceSpec

log = logging.getLogger(__name__)


def serve(connection: Connection, specs: "Mapping[str, ServiceSpec]") -> None:
    """Run the services until the parent closes the pipe (the worker's main function)."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # sent to the whole process group: the parent decides
    _die_with_parent()
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.WARNING)
    mask_logs()
    send_lock, withdrawn = threading.Lock(), set[int]()
    lanes: dict[str, queue.SimpleQueue[Any]] = {name: queue.SimpleQueue() for name in specs}
    threads = [
        threading.Thread(target=_lane, args=(spec, lanes[name], connection, send_lock, withdrawn), name=name)
        for name, spec in specs.items()
    ]
    for thread in threads:
        thread.start()
    with contextlib.suppress(EOFError, OSError):
        while (message := connection.recv()) is not None:
            number, service, method, args = message
            if not method:
                withdrawn.add(number)
            else:
                lanes[service].put((number, method, args))
    for lane in lanes.values():
        lane.put(None)
    for thread in threads:
        thread.join(1.5)
    os._exit(0)  # a C library may still hold a thread of its own


def _lane(
    spec: "ServiceSpec",
    calls: "queue.SimpleQueue[Any]",
    connection: Connection,
    lock: threading.Lock,
    withdrawn: set[int],
) -> None:
    """Answer one service's calls in order."""
    service: Any = None
    while (call := calls.get()) is not None:
        number, method, args = call
        if number in withdrawn:
            withdrawn.discard(number)
            continue
        try:
            if service is None:
                service = spec.make()
            answer = (number, True, getattr(service, method)(*args))
        except UserError as error:
            answer = (number, False, (error.what, error.remedy))
        except Exception as error:
            log.error("%s.%s failed:\n%s", spec.target, method, traceback.format_exc())
            answer = (number, False, (f"{spec.target} {method} failed: {error!r}", ""))
        withdrawn.discard(number)  # too late
        try:
            with lock:
                connection.send(answer)
        except OSError:
            break
    if service is not None:
        service.close()


def _die_with_parent() -> None:
    """Ask Linux to end this process when its parent ends, however that happens."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
