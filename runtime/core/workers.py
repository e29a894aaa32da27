"""Services in worker processes, called from the event loop, restarted when their process dies.

The process that carries media must not hold the GIL for anything else, so heavy work lives in a few worker
processes. Each holds one or more services, and each service has one thread of its own there. A caller sees
`await caller.call(service, method, *args)` and nothing of where the service lives.
"""

import asyncio
import contextlib
import importlib
import logging
import multiprocessing
import queue
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from multiprocessing.reduction import ForkingPickler
from typing import Any, Protocol

from runtime.core.clock import outside_work
from runtime.core.errors import UserError, WorkerDied
from runtime.core.serving import serve

log = logging.getLogger(__name__)

TIMEOUT_S = 120.0
RESTART_PAUSE_S = (0.0, 0.2, 0.5, 1.0, 2.0, 5.0)
STABLE_AFTER_S = 30.0
MAX_PENDING = 2_000


class Service(Protocol):
    """An object that lives in a worker process, on one thread of its own.

    Its constructor is cheap; `load` does the work and warms up. Every other public method can be called; arguments
    and results must pickle.
    """

    def load(self) -> None:
        """Load models and warm them up."""

    def close(self) -> None:
        """Give everything back."""


class Caller(Protocol):
    """What a room needs to talk to a service, wherever it lives."""

    async def call(self, service: str, method: str, *args: Any) -> Any:
        """Call `method` of the service named `service` and return its result, or raise what it raised.

        Raises:
            WorkerDied: the process ended before it answered, or is starting again.
            UserError: the service raised one, or failed; the cause is in the log.
        """


@dataclass(frozen=True)
class ServiceSpec:
    """Where a service is found (`package.module:Class`) and the options its constructor takes; they must pickle."""

    target: str
    options: Mapping[str, Any] = field(default_factory=dict)

    def make(self) -> Any:
        """Import the class and construct the service."""
        module, _, name = self.target.partition(":")
        return getattr(importlib.import_module(module), name)(**self.options)


class InlineWorker:
    """Services inside this process, called directly: for tests."""

    def __init__(self, services: Mapping[str, Any]) -> None:
        self._services = services

    async def call(self, service: str, method: str, *args: Any) -> Any:
        """Call the method here and now."""
        await asyncio.sleep(0)
        return getattr(self._services[service], method)(*args)


class WorkerProcess:
    """One worker process and its supervisor: starts it, carries calls to it, starts it again when it dies.

    A process that leaves a call, `load` included, unanswered for `timeout_s` hangs, and is ended.
    """

    def __init__(self, name: str, services: Mapping[str, ServiceSpec], timeout_s: float = TIMEOUT_S) -> None:
        self.name = name
        self.restarts = 0
        self._specs = dict(services)
        self._timeout_s = timeout_s
        self._process: SpawnProcess | None = None
        self._connection: Connection | None = None
        self._outbox: queue.SimpleQueue[memoryview | None] = queue.SimpleQueue()
        self._pending: dict[int, asyncio.Future[Any]] = {}
        self._next_id = 0
        self._loaded: asyncio.Event = asyncio.Event()
        self._supervisor: asyncio.Task[None] | None = None
        self._died: asyncio.Event = asyncio.Event()

    @property
    def ready(self) -> bool:
        """Whether calls are answered now."""
        return self._loaded.is_set()

    @property
    def pid(self) -> int | None:
        """The process's number, or None while there is none."""
        return self._process.pid if self._process else None

    async def start(self) -> None:
        """Start the process and wait until every service has loaded.

        Raises:
            UserError: a service could not be loaded.
        """
        await self._launch()
        self._supervisor = asyncio.create_task(self._supervise(), name=f"supervise {self.name}")

    def start_next_with(self, service: str, spec: ServiceSpec) -> None:
        """Make a service from another spec when the process starts again; the one that runs stays as it is."""
        self._specs[service] = spec

    async def call(self, service: str, method: str, *args: Any) -> Any:
        """See `Caller.call`."""
        if not self._loaded.is_set():
            raise WorkerDied(f"The {self.name} process is starting again.")
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._request(service, method, args)
        except TimeoutError:
            log.error("the %s process hangs in %s.%s, or in a call before it", self.name, service, method)
            if self._process:
                self._process.kill()
            raise WorkerDied(f"The {self.name} process did not answer within {self._timeout_s:g} s.") from None

    async def close(self) -> None:
        """End the process; it gets 2 s to close its services."""
        self._loaded.clear()
        if self._supervisor:
            self._supervisor.cancel()
            await asyncio.gather(self._supervisor, return_exceptions=True)
        self._send(None)
        await self._end(2.0)

    async def _request(self, service: str, method: str, args: tuple[Any, ...]) -> Any:
        if len(self._pending) >= MAX_PENDING:
            raise UserError(
                f"The {self.name} process has {MAX_PENDING} unanswered calls.", "The machine is overloaded."
            )
        self._next_id += 1
        number = self._next_id
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._pending[number] = future
        outside_work(+1)
        try:
            self._send((number, service, method, args))
            return await future
        except asyncio.CancelledError:
            self._send((number, "", "", ()))  # an empty method withdraws the call
            raise
        finally:
            self._pending.pop(number, None)
            outside_work(-1)

    async def _launch(self) -> None:
        await self._end()
        self._died.clear()
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=serve, args=(theirs, self._specs), name=f"avatar-{self.name}", daemon=True)
        process.start()
        theirs.close()
        self._process, self._connection, self._outbox = process, ours, queue.SimpleQueue()
        loop = asyncio.get_running_loop()
        threading.Thread(target=_read, args=(ours, loop, self._answered, self._ended), daemon=True).start()
        threading.Thread(target=_write, args=(ours, self._outbox), daemon=True).start()
        try:
            async with asyncio.timeout(self._timeout_s):
                await asyncio.gather(*(self._request(name, "load", ()) for name in self._specs))
        except BaseException as error:
            await self._end()
            if isinstance(error, TimeoutError):
                raise UserError(f"The {self.name} process did not load within {self._timeout_s:.0f} s.") from None
            raise
        self._loaded.set()

    def _send(self, message: Any) -> None:
        """Hand a message to the thread that writes: a process that does not read must not stop the event loop."""
        self._outbox.put(ForkingPickler.dumps(message))

    async def _end(self, grace_s: float = 0.0) -> None:
        """End the process, which gets `grace_s` to end by itself, and the threads that speak with it."""
        process, connection, self._process, self._connection = self._process, self._connection, None, None
        self._outbox.put(None)
        if process:
            if grace_s:
                await asyncio.to_thread(process.join, grace_s)
            process.kill()
            await asyncio.to_thread(process.join, 2.0)
            process.close()
        if connection:
            connection.close()
        self._fail_pending()

    async def _supervise(self) -> None:
        """Start the process again each time it dies, with longer pauses if it keeps dying."""
        loop, tries = asyncio.get_running_loop(), 0
        while True:
            started = loop.time()
            await self._died.wait()
            tries = 0 if loop.time() - started > STABLE_AFTER_S else tries + 1
            self.restarts += 1
            log.warning("the %s process ended; starting it again", self.name)
            await asyncio.sleep(RESTART_PAUSE_S[min(tries, len(RESTART_PAUSE_S) - 1)])
            try:
                await self._launch()
            except (UserError, OSError) as error:  # it died while loading, could not load, or there is no memory for it
                log.error("the %s process could not be started again: %s", self.name, error)
                self._died.set()

    def _answered(self, message: tuple[int, bool, Any]) -> None:
        number, good, value = message
        future = self._pending.get(number)
        if future is None or future.done():
            return
        if good:
            future.set_result(value)
        else:
            future.set_exception(UserError(*value))

    def _ended(self, connection: Connection) -> None:
        if connection is self._connection:
            self._loaded.clear()
            self._fail_pending()
            self._died.set()

    def _fail_pending(self) -> None:
        for future in self._pending.values():
            if not future.done():
                future.set_exception(WorkerDied(f"The {self.name} process ended before it answered."))


def _read(
    connection: Connection,
    loop: asyncio.AbstractEventLoop,
    answered: Callable[[tuple[int, bool, Any]], None],
    ended: Callable[[Connection], None],
) -> None:
    """Carry answers from the pipe into the loop until the pipe closes (a thread of the media process)."""
    with contextlib.suppress(RuntimeError):  # the loop closed first
        try:
            while True:
                loop.call_soon_threadsafe(answered, connection.recv())
        except (EOFError, OSError, TypeError):  # TypeError: closed by close() while waiting
            loop.call_soon_threadsafe(ended, connection)


def _write(connection: Connection, outbox: "queue.SimpleQueue[memoryview | None]") -> None:
    """Carry pickled messages into the pipe until None comes (a thread of the media process)."""
    with contextlib.suppress(OSError):  # it died, which the reading thread tells of
        while (message := outbox.get()) is not None:
            connection.send_bytes(message)
