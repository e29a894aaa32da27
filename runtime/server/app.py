"""The HTTP side: signalling as SmallWebRTC does it, the page, health, readiness and metrics."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from importlib import resources
from pathlib import Path
from typing import Annotated, Final, Literal

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import AliasChoices, BaseModel, Field, ValidationError

import runtime
from runtime.core.clock import now
from runtime.core.errors import BusyError, UserError
from runtime.core.settings import Settings
from runtime.delivery.patches import apply_patches
from runtime.delivery.peer import parse_offer, to_ice_server
from runtime.delivery.rtvi import PICTURES
from runtime.server.access import COOKIE, Access, Knock, Refusal
from runtime.server.connection import Connection, Connections
from runtime.server.metrics import Metrics
from runtime.server.protocols import Engine

log = logging.getLogger(__name__)

MAX_BODY_BYTES = 64 * 1024
BODY_WITHIN_S = 10.0
MAX_CANDIDATES = 64
STARTING_RETRY_S = 2
COOKIE_AGE_S = 30 * 24 * 3600
SECURITY_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
        "font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    ),
    "Permissions-Policy": "camera=(self), microphone=(self), display-capture=(), geolocation=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-cache",  # kept, but asked for again each time: a new version shows at once
}


class Offer(BaseModel):
    """The body of POST /api/offer."""

    sdp: Annotated[str, Field(min_length=1, max_length=MAX_BODY_BYTES)]
    type: Literal["offer"]
    pc_id: Annotated[str, Field(max_length=100)] | None = None
    restart_pc: bool | None = None


class Candidate(BaseModel):
    """One ICE candidate, named as Python does or as JavaScript does."""

    candidate: Annotated[str, Field(max_length=1_000)]
    sdp_mid: Annotated[str, Field(max_length=100)] | None = Field(
        None, validation_alias=AliasChoices("sdp_mid", "sdpMid")
    )
    sdp_mline_index: Annotated[int, Field(ge=0, le=100)] | None = Field(
        None, validation_alias=AliasChoices("sdp_mline_index", "sdpMLineIndex")
    )


class Candidates(BaseModel):
    """The body of PATCH /api/offer."""

    pc_id: Annotated[str, Field(max_length=100)]
    candidates: Annotated[list[Candidate], Field(max_length=MAX_CANDIDATES)]


class Server:
    """What the routes share. `token` of the settings, where given, guards signalling and metrics."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self.engine = engine
        self.settings = settings
        self.access = Access(settings.token, loopback=not settings.beyond_loopback)
        self.connections = Connections()
        self.metrics = Metrics(
            lambda: engine.sessions, lambda: (connection.peer.clock.stats for connection in self.connections)
        )

    async def offer(self, offer: Offer) -> dict[str, str]:
        """Answer an offer: in the conversation it names, else in a new one.

        Raises:
            UserError: the offer is wrong; BusyError: no more conversations are taken, or the models are still loading.
        """
        connection = self.connections.find(offer.pc_id)
        if connection is None:
            return await self._begin(offer)
        sdp = await connection.peer.answer(offer.sdp, restart=bool(offer.restart_pc))
        self.metrics.offers.labels("renewed").inc()
        return {"sdp": sdp, "type": "answer", "pc_id": connection.id}

    async def candidates(self, body: Candidates) -> bool:
        """Hand over ICE candidates; return False where there is no such conversation."""
        connection = self.connections.find(body.pc_id)
        if connection is None:
            return False
        for candidate in body.candidates:
            await connection.peer.add_candidate(candidate.candidate, candidate.sdp_mid, candidate.sdp_mline_index)
        return True

    async def close(self) -> None:
        """End every conversation."""
        await self.connections.close()

    def about(self) -> dict[str, object]:
        """What clients are told of this server."""
        status = self.engine.status()
        return {"name": status.get("persona", ""), "mode": status.get("mode", "talk"), "version": runtime.__version__}

    async def _begin(self, offer: Offer) -> dict[str, str]:
        if not self.engine.ready:
            raise BusyError("The character is still getting ready.", STARTING_RETRY_S)
        parse_offer(offer.sdp)
        session = await self.engine.open_session()
        connection = Connection(session, self.metrics, self.about(), self.connections.end)
        connection.open(self.settings.ice_servers)
        self.connections.add(connection)
        try:
            sdp = await connection.peer.answer(offer.sdp)
        except BaseException:
            self.connections.end(connection)
            raise
        self.metrics.offers.labels("taken").inc()
        return {"sdp": sdp, "type": "answer", "pc_id": connection.id}


def create_app(engine: Engine, settings: Settings, web: Path | None = None) -> FastAPI:
    """Return the application; `web` is the folder of the page.

    The `Server` is its `state.server`; it closes all conversations when the application shuts down.
    """
    apply_patches()
    server = Server(engine, settings)

    @asynccontextmanager
    async def live(_: FastAPI) -> AsyncIterator[None]:
        yield
        await server.close()

    app = FastAPI(title="Avatar runtime", docs_url=None, redoc_url=None, openapi_url=None, lifespan=live)
    app.state.server = server
    _add_errors(app, server)
    _add_gate(app, server)
    _add_signalling(app, server)
    _add_state(app, server)
    app.mount("/", StaticFiles(directory=web or str(resources.files("runtime") / "web"), html=True), name="web")
    return app


def _add_errors(app: FastAPI, server: Server) -> None:
    @app.exception_handler(UserError)
    async def user_error(_: Request, error: UserError) -> Response:
        if isinstance(error, BusyError):
            server.metrics.offers.labels("busy").inc()
            headers = {"Retry-After": str(error.retry_after_s)}
            return JSONResponse({"error": error.what, "remedy": error.remedy}, 503, headers)
        server.metrics.offers.labels("refused").inc()
        return JSONResponse({"error": error.what, "remedy": error.remedy}, 400)

    @app.exception_handler(ValidationError)
    async def wrong_body(_: Request, error: ValidationError) -> Response:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the body"
        return _refuse(Refusal(422, f"{place}: {first['msg']}.", "Send JSON as SmallWebRTC clients do."))


def _add_gate(app: FastAPI, server: Server) -> None:
    access = server.access

    @app.middleware("http")
    async def gate(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        knock = Knock(
            method=request.method,
            path=request.url.path,
            headers=request.headers,
            cookies=request.cookies,
            token=request.query_params.get("token", ""),
            address=request.client.host if request.client else "",
        )
        refusal = access.judge(knock, now())
        if refusal is not None:
            response: Response = _refuse(refusal)
        elif request.method == "OPTIONS" and knock.path.startswith("/api/"):
            response = Response(status_code=204)
        elif knock.path == "/" and knock.token and access.token is not None and access.authorised(knock):
            secure = request.url.scheme == "https"
            response = RedirectResponse("/", 303)  # so that the token is not kept in the browser's history
            response.set_cookie(
                COOKIE, access.token, max_age=COOKIE_AGE_S, httponly=True, samesite="strict", secure=secure
            )
        else:
            response = await call_next(request)
        for name, value in SECURITY_HEADERS.items():
            response.headers.setdefault(name, value)
        origin = request.headers.get("origin")
        if origin and knock.path.startswith("/api/") and access.allows_origin(knock):
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Allow-Methods"] = "GET, POST, PATCH"
            response.headers["Access-Control-Allow-Headers"] = "authorization, content-type"
            response.headers["Vary"] = "Origin"
        return response


def _add_signalling(app: FastAPI, server: Server) -> None:
    @app.post("/api/offer")
    async def offer(request: Request) -> Response:
        body = await _read_body(request)
        return body if isinstance(body, Response) else JSONResponse(await server.offer(Offer.model_validate_json(body)))

    @app.patch("/api/offer")
    async def candidates(request: Request) -> Response:
        body = await _read_body(request)
        if isinstance(body, Response):
            return body
        if not await server.candidates(Candidates.model_validate_json(body)):
            return _refuse(Refusal(404, "There is no conversation of that pc_id.", "Send an offer to begin one."))
        return JSONResponse({"status": "success"})

    @app.get("/api/session")
    async def session(request: Request) -> dict[str, object]:
        knock = Knock("GET", "/api/session", request.headers, request.cookies, "", "")
        authorised = server.access.authorised(knock)
        # Their passwords are for those who have the token.
        servers = [to_ice_server(address) for address in (server.settings.ice_servers if authorised else ())]
        return {
            **server.about(),
            "ready": server.engine.ready,
            "needs_token": server.access.token is not None,
            "authorised": authorised,
            "ice_servers": [
                {"urls": ice.urls, **({"username": ice.username, "credential": ice.credential} if ice.username else {})}
                for ice in servers
            ],
            "limits": {"text_chars": 1_000, "message_bytes": MAX_BODY_BYTES},
        }


def _add_state(app: FastAPI, server: Server) -> None:
    @app.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/ready")
    async def ready() -> Response:
        ready = server.engine.ready
        headers = None if ready else {"Retry-After": str(STARTING_RETRY_S)}
        return JSONResponse({**server.engine.status(), "ready": ready}, 200 if ready else 503, headers)

    @app.get("/avatar/preview.png")
    async def preview() -> Response:
        picture = server.engine.preview()
        if picture is None:
            return _refuse(Refusal(404, "The character has no picture.", "Start a conversation to see it."))
        return Response(picture, media_type="image/png")

    @app.get(f"/{PICTURES}{{file:path}}")
    def picture(file: str) -> Response:
        found = server.engine.picture(file)
        if found is None:
            return _refuse(Refusal(404, "The character has no such picture.", "Ask for one that it has shown."))
        return Response(found[0], media_type=found[1])

    @app.get("/metrics")
    async def metrics() -> Response:
        return Response(server.metrics.render(), headers={"Content-Type": CONTENT_TYPE_LATEST})


def _refuse(refusal: Refusal) -> JSONResponse:
    headers = {"WWW-Authenticate": "Bearer"} if refusal.status == 401 else {}
    if refusal.status == 429:
        headers["Retry-After"] = "5"
    return JSONResponse({"error": refusal.what, "remedy": refusal.remedy}, refusal.status, headers)


async def _read_body(request: Request) -> bytes | Response:
    """Return a request's body, or a refusal once it turns out to be over 64 KiB, or to take over 10 s."""
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_WITHIN_S):
            async for chunk in request.stream():
                body += chunk
                if len(body) > MAX_BODY_BYTES:
                    return _refuse(Refusal(413, "The body has over 64 KiB.", "Send the offer or the candidates alone."))
    except TimeoutError:
        return _refuse(Refusal(408, f"The body did not come within {BODY_WITHIN_S:g} s.", "Send it at once."))
    return bytes(body)
