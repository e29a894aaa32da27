"""Runs the server until it is told to stop."""

import asyncio
import contextlib
import errno
import logging
import signal
import socket
import ssl
from collections.abc import Iterator

import uvicorn

from runtime.core.errors import UserError
from runtime.core.settings import Settings
from runtime.server.access import new_token
from runtime.server.app import create_app
from runtime.server.protocols import Engine

log = logging.getLogger(__name__)

BACKLOG = 64
REQUESTS_END_WITHIN_S = 1
ENGINE_ENDS_WITHIN_S = 2.5
KEEP_ALIVE_S = 15
MAX_HEADER_BYTES = 16 * 1024
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class _Server(uvicorn.Server):
    """uvicorn without its signal handling, which would end the process before the engine is closed."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to `serve`."""
        yield


async def serve(engine: Engine, settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM, then end all conversations and the engine, within 5 s.

    Health answers at once; the engine starts meanwhile, and the address is printed when it is ready. Beyond this
    machine a token is needed: without one in the settings, one is made and printed as part of the address.

    Raises:
        UserError: the port is taken, the address is not this machine's, the certificate is of no use, or the engine
            can't start.
    """
    if settings.beyond_loopback and settings.token is None:
        settings = settings.model_copy(update={"token": new_token()})
    logging.getLogger("aioice").setLevel(logging.WARNING)  # it tells of every candidate pair
    listener = _listen(settings.host, settings.port)
    try:
        server = _Server(_config(engine, settings))
    except (OSError, ssl.SSLError) as error:
        listener.close()
        raise UserError(f"The certificate or its key can't be used: {error}.", "Check --tls-cert, --tls-key.") from None
    loop = asyncio.get_running_loop()
    for number in STOP_SIGNALS:
        loop.add_signal_handler(number, _stop, server)
    starting = asyncio.create_task(_start(engine, server, address(settings, listener)), name="start engine")
    try:
        await server.serve(sockets=[listener])
    finally:
        starting.cancel()
        outcome = (await asyncio.gather(starting, return_exceptions=True))[0]
        try:
            async with asyncio.timeout(ENGINE_ENDS_WITHIN_S):
                await engine.close()
        except TimeoutError:
            log.warning("the engine took over %.1f s to close", ENGINE_ENDS_WITHIN_S)
        for number in STOP_SIGNALS:
            loop.remove_signal_handler(number)
    if isinstance(outcome, Exception):
        raise outcome


def address(settings: Settings, listener: socket.socket) -> str:
    """Return the address to open, with the token where one is needed."""
    scheme = "https" if settings.tls_cert else "http"
    host = settings.host
    if host in ("0.0.0.0", "::"):
        host = _own_address()
    if ":" in host:
        host = f"[{host}]"
    query = f"/?token={settings.token}" if settings.token else ""
    return f"{scheme}://{host}:{listener.getsockname()[1]}{query}"


async def _start(engine: Engine, server: uvicorn.Server, where: str) -> None:
    try:
        await engine.start()
    except BaseException:
        server.should_exit = True
        raise
    print(f"Ready. Open {where}", flush=True)
    if where.startswith("http:") and not where.startswith(("http://127.", "http://localhost", "http://[::1]")):
        print("Browsers give no microphone to a page without HTTPS: see docs/serve-beyond-this-machine.md", flush=True)


def _stop(server: uvicorn.Server) -> None:
    server.force_exit = server.should_exit  # asked twice: don't wait for requests under way
    server.should_exit = True


def _config(engine: Engine, settings: Settings) -> uvicorn.Config:
    config = uvicorn.Config(
        create_app(engine, settings),
        log_config=None,
        access_log=False,
        server_header=False,
        ws="none",
        lifespan="on",
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=REQUESTS_END_WITHIN_S,
        h11_max_incomplete_event_size=MAX_HEADER_BYTES,
        ssl_certfile=settings.tls_cert,
        ssl_keyfile=settings.tls_key,
        log_level="warning",
    )
    config.load()
    return config


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, _, _, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        return socket.create_server((where[0], port), family=family, backlog=BACKLOG)
    except socket.gaierror:
        raise UserError(f"{host!r} is not an address of this machine.", "Correct --host.") from None
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            what, remedy = f"Port {port} is taken by another program.", "Choose another with --port or PORT."
        elif error.errno == errno.EACCES:
            what, remedy = f"Port {port} is not yours to use.", "Choose one from 1024 on with --port or PORT."
        else:
            what, remedy = f"{host} port {port} can't be listened on: {error.strerror}.", "Check --host and --port."
        raise UserError(what, remedy) from None


def _own_address() -> str:
    """The address by which other machines reach this one, as far as it can tell; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # a documentation address: only a route is looked up
            return str(probe.getsockname()[0])
        except OSError:
            return socket.gethostname()
