"""A model behind an OpenAI-compatible service (llama.cpp, Ollama, vLLM, ...): Chat Completions, streamed.

Server-sent events are read as the HTML standard describes them, as far as this service uses them: lines of `data:`.
Sizes are bounded here, times by who reads the stream; closing it closes the connection, at which these servers stop.
"""

import contextlib
import json
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from typing import Any, Final

import httpx

from runtime.core.clock import outside_work
from runtime.core.errors import UserError
from runtime.persona.language.model import MAX_ANSWER_CHARS, TEMPERATURE, Message, ModelFailed, Refused

log = logging.getLogger(__name__)

TIMEOUT: Final = httpx.Timeout(30.0, connect=2.0)
"""Of each step; whoever reads a stream is less patient."""
ASK_TIMEOUT_S: Final = 5.0
MAX_LINE_BYTES: Final = 64 * 1024
MAX_BYTES: Final = 2 * 1024 * 1024
MAX_LIST_BYTES: Final = 1024 * 1024
_PLAIN: Final = {"Accept-Encoding": "identity"}


class OpenAiModel:
    """Asks `url`/chat/completions. Without a model's name it takes the first that the service lists."""

    name = "openai"

    def __init__(self, url: str, key: str = "", model: str = "", max_tokens: int = 200) -> None:
        base = url.rstrip("/")
        self._base = base if base.endswith("/v1") else f"{base}/v1"
        self._key = key
        self._model = model
        self._max_tokens = max_tokens
        self._client: httpx.AsyncClient | None = None

    @property
    def ready(self) -> bool:
        """See `LanguageModel.ready`."""
        return self._client is not None

    async def start(self) -> None:
        """Make the client; the service need not be there yet.

        Raises:
            UserError: address or key can't be one.
        """
        if not self._base.startswith(("http://", "https://")):
            raise UserError(f"{self._base} is no address of a service.", "Set llm_url to http(s)://HOST/v1.")
        if not self._key.isascii() or not self._key.isprintable():
            raise UserError("The language model's key holds signs that no key has.", "Check llm_key.")
        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        self._client = httpx.AsyncClient(timeout=TIMEOUT, headers={**headers, **_PLAIN})

    async def prepare(self, system: str) -> None:
        """Have the service load its model and read the system message: those that keep what they read then know it."""
        try:
            async with contextlib.aclosing(self._stream(_warm_up(system), 1)) as stream:
                async for _ in stream:
                    break
        except ModelFailed as error:
            log.warning("the language model does not answer yet: %s", error)

    def stream(self, messages: Sequence[Message]) -> AsyncGenerator[str, None]:
        """See `LanguageModel.stream`."""
        return self._stream(messages, self._max_tokens)

    async def close(self) -> None:
        """Close every connection."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _stream(self, messages: Sequence[Message], max_tokens: int) -> AsyncGenerator[str, None]:
        if self._client is None:
            raise ModelFailed("the service's client has not started")
        try:
            asked = {
                "model": self._model or await self._first_model(self._client),
                "messages": list(messages),
                "stream": True,
                "max_tokens": max_tokens,
                "temperature": TEMPERATURE,
            }
            request = self._client.build_request("POST", f"{self._base}/chat/completions", json=asked)
            with _outside():
                response = await self._client.send(request, stream=True)
            try:
                _check(response)
                async with contextlib.aclosing(_events(response)) as events:
                    async for text in _texts(events):
                        yield text
            finally:
                await response.aclose()
        except httpx.TimeoutException:
            raise ModelFailed("the service took too long") from None
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            raise ModelFailed(f"the service can't be reached, or broke off ({type(error).__name__})") from None

    async def _first_model(self, client: httpx.AsyncClient) -> str:
        with _outside():
            response = await client.get(f"{self._base}/models", timeout=ASK_TIMEOUT_S)
        try:
            name = response.json()["data"][0]["id"] if len(response.content) <= MAX_LIST_BYTES else None
        except (ValueError, KeyError, IndexError, TypeError):
            name = None
        if not isinstance(name, str):
            raise ModelFailed("the service lists no model; set llm_model")
        self._model = name
        log.info("the language model is %s", name[:200])
        return name


def _warm_up(system: str) -> list[Message]:
    return [{"role": "system", "content": system}, {"role": "user", "content": "Hello."}]


def _check(response: httpx.Response) -> None:
    status, kind = response.status_code, response.headers.get("content-type", "")
    if status != 200:
        hints = {401: "; check llm_key", 403: "; check llm_key", 404: "; check llm_url and llm_model"}
        raise ModelFailed(f"the service answered {status}{hints.get(status, '')}")
    if not kind.startswith("text/event-stream"):
        raise ModelFailed("the service sent no event stream")


async def _events(response: httpx.Response) -> AsyncGenerator[Any, None]:
    """Yield the parsed events of a response until [DONE].

    Raises:
        ModelFailed: they are no events of this kind, or too much, or end without an end.
    """
    held, size = b"", 0
    pieces = aiter(response.aiter_raw())
    while True:
        with _outside():
            piece = await anext(pieces, None)
        if piece is None:
            raise ModelFailed("the service broke off")
        size += len(piece)
        *lines, held = (held + piece).split(b"\n")
        if size > MAX_BYTES or max(map(len, (held, *lines))) > MAX_LINE_BYTES:
            raise ModelFailed("the service sent too much")
        for line in lines:
            name, _, value = line.strip().partition(b":")
            if name != b"data":
                continue
            if value.strip() == b"[DONE]":
                return
            try:
                yield json.loads(value)
            except (ValueError, RecursionError):
                raise ModelFailed("the service sent what is no JSON") from None


async def _texts(events: AsyncIterator[Any]) -> AsyncIterator[str]:
    """Yield the text of each event until the first choice is finished."""
    chars = 0
    async for event in events:
        if not isinstance(event, dict) or "error" in event:
            raise ModelFailed("the service reported an error")
        choices = event.get("choices")
        if not isinstance(choices, list):
            raise ModelFailed("the service sent an event without choices")
        if not choices:
            continue  # the count of tokens comes so
        delta, finished = _choice(choices[0])
        if delta.get("refusal") or finished == "content_filter":
            raise Refused("the service refused")
        text = delta.get("content")
        if isinstance(text, str) and text:
            yield text
            chars += len(text)
        if finished == "length" or chars > MAX_ANSWER_CHARS:
            raise ModelFailed("it wrote more than is said")
        if finished:
            return
    raise ModelFailed("the service ended without an end")


def _choice(choice: Any) -> tuple[dict[str, Any], str]:
    delta = choice.get("delta") if isinstance(choice, dict) else None
    if not isinstance(delta, dict):
        raise ModelFailed("the service sent a choice without text")
    return delta, str(choice.get("finish_reason") or "")


@contextlib.contextmanager
def _outside() -> Iterator[None]:
    """Simulated time stands still while the service works."""
    outside_work(+1)
    try:
        yield
    finally:
        outside_work(-1)
