"""The OpenAI-compatible recogniser against a real server."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import numpy as np
import pytest

from runtime.core.errors import UserError
from runtime.perception.backends import open_recogniser
from runtime.perception.openai import OpenAiRecogniser


class Service(BaseHTTPRequestHandler):
    requests: list[tuple[str, str, bytes]]
    status = 200
    body = json.dumps({"text": " where is the lift "}).encode()

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        type(self).requests.append((self.path, self.headers.get("Authorization", ""), content))
        self.send_response(type(self).status)
        self.send_header("Content-Length", str(len(type(self).body)))
        self.end_headers()
        self.wfile.write(type(self).body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture
def service() -> Iterator[tuple[str, type[Service]]]:
    handler = type("Handler", (Service,), {"requests": [], "status": 200, "body": Service.body})
    server = HTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", handler
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_turn_is_sent_at_the_pause_and_its_text_used(service: tuple[str, type[Service]]) -> None:
    url, handler = service
    recogniser = open_recogniser("openai", ["where is the lift"], {"openai_url": url, "openai_key": "secret"})
    recogniser.feed("a", np.zeros(16_000, np.float32))
    recogniser.pause("a")
    recogniser.feed("a", np.zeros(3_200, np.float32))
    assert recogniser.finish("a").text == "where is the lift"
    ((path, key, content),) = handler.requests
    assert path == "/v1/audio/transcriptions"
    assert key == "Bearer secret"
    assert b"RIFF" in content
    recogniser.close()


def test_speech_after_the_pause_is_sent_again(service: tuple[str, type[Service]]) -> None:
    url, handler = service
    recogniser = OpenAiRecogniser(f"{url}/v1")
    recogniser.load(())
    recogniser.feed("a", np.zeros(16_000, np.float32))
    recogniser.pause("a")
    until = time.monotonic() + 10
    while not handler.requests and time.monotonic() < until:
        time.sleep(0.01)
    recogniser.feed("a", np.zeros(16_000, np.float32))
    recogniser.finish("a")
    first, second = (len(content) for _, _, content in handler.requests)
    assert second - first == 2 * 16_000
    recogniser.close()


@pytest.mark.parametrize(
    ("status", "body", "reason"), [(401, b"{}", "401"), (500, b"", "500"), (200, b"[]", "no text")]
)
def test_a_refusal_is_explained(service: tuple[str, type[Service]], status: int, body: bytes, reason: str) -> None:
    url, handler = service
    handler.status, handler.body = status, body
    recogniser = OpenAiRecogniser(url)
    recogniser.load(())
    recogniser.feed("a", np.zeros(1_600, np.float32))
    with pytest.raises(UserError, match=reason):
        recogniser.finish("a")
    recogniser.close()


def test_an_unreachable_service_is_explained() -> None:
    recogniser = OpenAiRecogniser("http://127.0.0.1:9")
    recogniser.load(())
    recogniser.feed("a", np.zeros(1_600, np.float32))
    with pytest.raises(UserError, match="can't be reached"):
        recogniser.finish("a")
    recogniser.close()


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(UserError, match="no address"):
        OpenAiRecogniser("speech.local").load(())
