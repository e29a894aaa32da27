"""One visitor: a session, its peer, and the messages between them."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from runtime.capture.webrtc import drain, pump_camera, pump_microphone
from runtime.core.clock import now
from runtime.core.errors import UserError
from runtime.core.messages import SessionEvent
from runtime.delivery import rtvi
from runtime.delivery.peer import Peer, PeerHandlers
from runtime.delivery.rtvi_requests import (
    ClientMessage,
    ClientReady,
    DisconnectBot,
    Interrupt,
    Malformed,
    Perceive,
    Ping,
    SendText,
    TrackStatus,
    decode,
)
from runtime.server.allowance import Allowance
from runtime.server.metrics import Metrics, SessionMeter
from runtime.server.protocols import Session

log = logging.getLogger(__name__)

MESSAGES_PER_S = 20.0
MESSAGE_BURST = 60.0
FLOOD_MESSAGES = 1_000  # refused in one connection before it is ended
MAX_UNDER_WAY = 8  # requests of one client that are still being answered


class Connection:
    """Binds a session to a remote peer until either ends. `ended` is called once, then `close` must be."""

    def __init__(
        self, session: Session, metrics: Metrics, about: dict[str, object], ended: Callable[["Connection"], None]
    ) -> None:
        self.id = session.id
        self.session = session
        self._metrics = metrics
        self._meter = SessionMeter(metrics)
        self._about = about
        self._ended = ended
        self._encoder = rtvi.Encoder()
        self._allowance = Allowance(MESSAGES_PER_S, MESSAGE_BURST)
        self._refused = 0
        self._ready = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing: asyncio.Future[None] | None = None
        self.peer: Peer

    def open(self, ice_servers: Sequence[str]) -> None:
        """Begin to follow the session's events; the peer waits for its offer."""
        handlers = PeerHandlers(
            message=self.take_message,
            microphone=lambda track: pump_microphone(track, self.session.hear),
            camera=lambda track: pump_camera(track, self.session.see),
            other=drain,
            gone=self._peer_gone,
        )
        self.peer = Peer(self.session, handlers, ice_servers)
        self._run(self._tell(self.session.events()), "tell client")

    async def close(self) -> None:
        """Hang up and end the session; safe to call again."""
        if self._closing is not None:
            await asyncio.shield(self._closing)
            return
        self._closing = asyncio.get_running_loop().create_future()
        try:
            self._send(rtvi.peer_left())
            tasks = [task for task in self._tasks if task is not asyncio.current_task()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            results = await asyncio.gather(self.peer.close(), self.session.close(), return_exceptions=True)
            for error in results:
                if isinstance(error, BaseException):
                    log.error("session %s did not close cleanly", self.id, exc_info=error)
            self._metrics.left(self.peer.clock.stats, self.peer.dropped_messages)
        finally:
            self._closing.set_result(None)

    # ------------------------------------------------------------ to the client

    async def _tell(self, events: AsyncIterator[SessionEvent]) -> None:
        """Send the session's events until it closes."""
        async for event in events:
            self._meter.count(event)
            for message in self._encoder.encode(event, datetime.now(UTC)):
                self._send(message)
        self._ended(self)

    def _send(self, message: rtvi.Message) -> None:
        if self._ready or message.get("type") in ("bot-ready", "error-response", "server-response", "signalling"):
            self.peer.send(json.dumps(message, ensure_ascii=False, separators=(",", ":")))

    def _peer_gone(self, reason: str) -> None:
        log.info("session %s: %s", self.id, reason)
        self._ended(self)

    # ------------------------------------------------------------ from the client

    def take_message(self, message: str | bytes) -> None:
        """Take one message of the client's; whatever is wrong with it is answered, never raised."""
        if not self._allowance.take(now()):
            self._refused += 1
            if self._refused == 1:
                self._send(rtvi.error_response("", f"At most {MESSAGES_PER_S:.0f} messages a second are taken."))
            elif self._refused == FLOOD_MESSAGES:
                self._peer_gone("the client flooded the data channel")
            return
        request = decode(message)
        match request:
            case Ping() | TrackStatus():
                pass
            case ClientReady():
                self._ready = True
                self._send(rtvi.bot_ready(request.id, self._about))
                self.session.meet(request.token)
                self.session.greet()
            case SendText():
                self._run_bounded(self._ask(request), request.id)
            case Interrupt():
                self.session.interrupt(request.cause)
                if request.answer:
                    self._send(rtvi.server_response(request.id, "interrupt", {"done": True}))
            case Perceive():
                held = self.session.perceive(request.camera, request.emotion, request.show)
                self._send(rtvi.server_response(request.id, "perceive", asdict(held)))
            case DisconnectBot():
                self._peer_gone("the client ended the conversation")
            case ClientMessage():
                self._send(rtvi.error_response(request.id, f"There is no client-message {request.kind!r}."))
            case Malformed():
                self._send(rtvi.error_response(request.id, request.what))

    async def _ask(self, request: SendText) -> None:
        try:
            await self.session.ask(request.content)
        except UserError as error:
            self._send(rtvi.error_response(request.id, str(error)))

    def _run_bounded(self, work: Coroutine[Any, Any, None], request_id: str) -> None:
        if len(self._tasks) > MAX_UNDER_WAY:
            work.close()
            self._send(rtvi.error_response(request_id, "Too much is being answered at once. Wait a moment."))
            return
        self._run(work, "client request")

    def _run(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("session %s: %s failed", self.id, task.get_name(), exc_info=error)
            self._send(rtvi.error("Something went wrong on the server.", fatal=False))


class Connections:
    """All visitors of a server, by id."""

    def __init__(self) -> None:
        self._open: dict[str, Connection] = {}
        self._closing: set[asyncio.Task[None]] = set()

    def __iter__(self) -> Iterator["Connection"]:
        return iter(list(self._open.values()))

    def __len__(self) -> int:
        return len(self._open)

    def add(self, connection: Connection) -> None:
        """Keep a connection."""
        self._open[connection.id] = connection

    def find(self, connection_id: str | None) -> Connection | None:
        """Return the open connection of that id, or None."""
        return self._open.get(connection_id) if connection_id else None

    def end(self, connection: Connection) -> None:
        """Forget a connection and close it in the background."""
        if self._open.pop(connection.id, None) is not None:
            task = asyncio.get_running_loop().create_task(connection.close(), name=f"close {connection.id}")
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    async def close(self) -> None:
        """End all of them, and wait until they are closed."""
        for connection in list(self._open.values()):
            self.end(connection)
        await asyncio.gather(*self._closing, return_exceptions=True)
