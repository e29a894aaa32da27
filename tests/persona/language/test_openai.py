"""The OpenAI-compatible model against servers that play a script, over real connections."""

import asyncio
import contextlib
import json
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from runtime.core.clock import now, run_simulated
from runtime.core.errors import UserError
from runtime.core.messages import UserTurn
from runtime.persona.grounded import GroundedBrain
from runtime.persona.language.brain import LanguageBrain
from runtime.persona.language.model import MAX_ANSWER_CHARS, ModelFailed, Patience, Refused
from runtime.persona.language.openai import MAX_LINE_BYTES, OpenAiModel
from runtime.persona.language.passages import PersonaSearch
from runtime.persona.memory import Context
from runtime.persona.persona import find_persona, load_persona

ASKED = [{"role": "system", "content": "You are Ada."}, {"role": "user", "content": "hello"}]
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
PAGE = HEAD.replace(b"text/event-stream", b"text/html")
PATIENCE_S = 10.0
"""Nothing takes that long here; a test that waits so long has failed."""

Play = Callable[[asyncio.StreamWriter], Awaitable[None]]


class Server:
    """Answers every request as `play` does, and keeps what was asked."""

    def __init__(self, play: Play) -> None:
        self._play = play
        self.requests: list[tuple[str, dict[str, str], Any]] = []
        self.asked = asyncio.Event()
        self.gone = asyncio.Event()
        self.connections = set[asyncio.Task[None]]()

    def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections.add(asyncio.create_task(self.handle(reader, writer)))

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in head[1:] if ": " in line)
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        self.requests.append((head[0], headers, json.loads(body) if body else None))
        self.asked.set()
        playing = asyncio.create_task(self._run(writer))
        with contextlib.suppress(ConnectionError):
            await reader.read()  # until the client closes the connection
        self.gone.set()
        playing.cancel()
        await asyncio.gather(playing, return_exceptions=True)
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    async def _run(self, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            await self._play(writer)
            await writer.drain()
            writer.close()


@contextlib.asynccontextmanager
async def served(play: Play, model: str = "tiny", **options: Any) -> AsyncIterator[tuple[Server, OpenAiModel]]:
    server = Server(play)
    listening = await asyncio.start_server(server.connected, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    asked = OpenAiModel(url, model=model, **options)
    await asked.start()
    try:
        yield server, asked
    finally:
        await asked.close()
        listening.close()
        await asyncio.gather(*server.connections)


def event(text: str = "", finish: str | None = None, **delta: Any) -> bytes:
    choice = {"index": 0, "delta": {"content": text, **delta}, "finish_reason": finish}
    return b"data: " + json.dumps({"choices": [choice]}).encode() + b"\n\n"


def says(*pieces: bytes) -> Play:
    async def play(writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()

    return play


async def silence(writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD)
    await writer.drain()
    await asyncio.Event().wait()


async def text_of(model: OpenAiModel) -> str:
    return "".join([text async for text in model.stream(ASKED)])


async def test_the_text_comes_as_it_is_written() -> None:
    whole = HEAD + b": a comment\r\n" + event(role="assistant") + event("Hé") + event("llo.") + event(finish="stop")
    pieces = [whole[n : n + 7] for n in range(0, len(whole), 7)]  # cut within lines and letters
    async with served(says(*pieces, b"data: [DONE]\r\n\r\n"), key="secret", max_tokens=77) as (server, model):
        assert await text_of(model) == "Héllo."
        line, headers, body = server.requests[0]
    assert line == "POST /v1/chat/completions HTTP/1.1"
    assert headers["authorization"] == "bearer secret"
    assert headers["accept-encoding"] == "identity"
    assert body == {"model": "tiny", "messages": ASKED, "stream": True, "max_tokens": 77, "temperature": 0.3}


async def test_a_base_address_with_its_version_is_taken_as_it_is() -> None:
    async with served(says(HEAD + event("Yes.", "stop"))) as (server, model):
        versioned = OpenAiModel(f"{model._base}/", model="tiny")
        await versioned.start()
        assert await text_of(versioned) == "Yes."
        assert server.requests[0][0] == "POST /v1/chat/completions HTTP/1.1"
        await versioned.close()


async def test_the_first_model_of_the_service_is_taken_where_none_is_named() -> None:
    answers = iter(
        [
            PAGE.replace(b"text/html", b"application/json") + b'{"object": "list", "data": [{"id": "first"}]}',
            HEAD + event("Yes.", "stop"),
            HEAD + event("Yes.", "stop"),
        ]
    )

    async def play(writer: asyncio.StreamWriter) -> None:
        writer.write(next(answers))

    async with served(play, model="") as (server, model):
        assert await text_of(model) == "Yes."
        assert await text_of(model) == "Yes."
        assert [line.split()[1] for line, _, _ in server.requests] == [
            "/v1/models",
            "/v1/chat/completions",
            "/v1/chat/completions",
        ]
        assert server.requests[1][2]["model"] == "first"


def status(code: int) -> bytes:
    return f"HTTP/1.1 {code} X\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{{}}".encode()


BROKEN = [
    pytest.param(status(500), "500", id="error"),
    pytest.param(status(401), "llm_key", id="key"),
    pytest.param(status(404), "llm_model", id="not found"),
    pytest.param(PAGE + b"<html>", "no event stream", id="page"),
    pytest.param(b"\x00\xff garbage \r\n\r\n", "broke off", id="no http"),
    pytest.param(HEAD + event("We are "), "broke off", id="cut"),
    pytest.param(HEAD + event("We are ") + b"data: [DONE]\n\n", "without an end", id="no end"),
    pytest.param(HEAD + b"data: {nonsense\n\n", "no JSON", id="no json"),
    pytest.param(HEAD + b"data: " + b"[" * 50_000 + b"\n\n", "no JSON", id="deep"),
    pytest.param(HEAD + b'data: {"choices": 3}\n\n', "without choices", id="no choices"),
    pytest.param(HEAD + b'data: {"choices": [7]}\n\n', "without text", id="no choice"),
    pytest.param(HEAD + b'data: {"error": {"message": "overloaded"}}\n\n', "an error", id="error event"),
    pytest.param(HEAD + b"data: " + b"x" * (MAX_LINE_BYTES + 10), "too much", id="long line"),
    pytest.param(HEAD + event("a" * (MAX_ANSWER_CHARS + 1)), "more than is said", id="long text"),
    pytest.param(HEAD + event("We are", "length"), "more than is said", id="length"),
]  # fmt: skip


@pytest.mark.parametrize(("answer", "reason"), BROKEN)
async def test_a_broken_answer_is_explained(answer: bytes, reason: str) -> None:
    async with served(says(answer)) as (_, model), asyncio.timeout(PATIENCE_S):
        with pytest.raises(ModelFailed, match=reason):
            await text_of(model)


@pytest.mark.parametrize("refusal", [event(refusal="I can't."), event("", "content_filter")])
async def test_a_refusal_of_the_service_is_one(refusal: bytes) -> None:
    async with served(says(HEAD + refusal)) as (_, model):
        with pytest.raises(Refused):
            await text_of(model)


async def test_a_service_that_is_not_there_is_explained() -> None:
    model = OpenAiModel("http://127.0.0.1:9", model="tiny")
    with pytest.raises(ModelFailed, match="not started"):
        await text_of(model)
    await model.start()
    with pytest.raises(ModelFailed, match="can't be reached"):
        await text_of(model)
    await model.prepare("You are Ada.")  # says so in the log, and goes on
    await model.close()


@pytest.mark.parametrize(("url", "key"), [("model.local", ""), ("http://127.0.0.1", "schlüssel"), ("http://x", "a\nb")])
async def test_an_address_or_key_that_is_none_is_refused(url: str, key: str) -> None:
    with pytest.raises(UserError):
        await OpenAiModel(url, key).start()


async def endless(writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD)
    for number in range(1_000_000):
        writer.write(event(f"Word {number}. "))
        await writer.drain()
        await asyncio.sleep(0.001)


@pytest.mark.parametrize("play", [endless, silence], ids=["while it writes", "while it is silent"])
async def test_closing_the_stream_closes_the_connection(play: Play) -> None:
    async with served(play) as (server, model), asyncio.timeout(PATIENCE_S):
        stream = model.stream(ASKED)
        reading = asyncio.create_task(anext(stream))
        await server.asked.wait()
        if play is silence:
            reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        await stream.aclose()
        await server.gone.wait()


def test_a_service_takes_no_simulated_time(tiny_server: str) -> None:
    async def talk() -> tuple[str, float]:
        model = OpenAiModel(tiny_server, model="tiny")
        await model.start()
        text = await text_of(model)
        await model.close()
        return text, now()

    assert run_simulated(talk()) == ("Hello.", 0.0)


@pytest.fixture
def tiny_server() -> Iterator[str]:
    """A server in a thread that takes a while."""

    class Slow(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.wfile.write(HEAD)
            for piece in (event("Hel"), event("lo."), event(finish="stop")):
                time.sleep(0.05)
                self.wfile.write(piece)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = HTTPServer(("127.0.0.1", 0), Slow)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


# ------------------------------------------------------------ the whole brain over a connection

PERSONA = load_persona(find_persona("concierge"))
TURN = UserTurn(1, "what are your opening hours", 0.0, 0.0)
KNOWN = [phrase.text for phrase in GroundedBrain(PERSONA).answer(TURN, Context())]


def brain(model: OpenAiModel) -> LanguageBrain:
    return LanguageBrain(PERSONA, model, GroundedBrain(PERSONA), PersonaSearch(PERSONA), Patience(first_token_s=0.3))


@pytest.mark.parametrize("play", [silence, *(says(broken.values[0]) for broken in BROKEN)])  # type: ignore[arg-type]
async def test_whatever_the_service_does_the_visitor_hears_an_answer(play: Play) -> None:
    async with served(play) as (server, model), asyncio.timeout(PATIENCE_S):
        heard = [phrase.text async for phrase in brain(model).respond(TURN, Context())]
        assert heard == KNOWN
        await server.gone.wait()


async def test_an_endless_answer_is_cut_and_its_connection_closed() -> None:
    async with served(endless) as (server, model), asyncio.timeout(PATIENCE_S):
        heard = [phrase.text async for phrase in brain(model).respond(TURN, Context())]
        assert heard[:2] == ["Word 0.", "Word 1."]
        assert sum(map(len, heard)) <= MAX_ANSWER_CHARS
        await server.gone.wait()


async def test_leaving_the_answer_closes_the_connection() -> None:
    async with served(endless) as (server, model), asyncio.timeout(PATIENCE_S):
        phrases = brain(model).respond(TURN, Context())
        assert (await anext(aiter(phrases))).text == "Word 0."
        await phrases.aclose()  # type: ignore[attr-defined]
        await server.gone.wait()
