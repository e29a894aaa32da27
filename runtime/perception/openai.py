"""Speech to text by an OpenAI-compatible service.

There are no partial texts while a person speaks. The turn is sent whole at every pause that may be its end, so that
the text is there, or nearly, when the turn is over; an answer that more speech made stale is dropped.
"""

import io
import json
import wave
from collections.abc import Sequence
from typing import Final

import httpx
import numpy as np
from numpy.typing import NDArray

from runtime.core.errors import UserError
from runtime.perception.buffered import RATE_HZ, BufferedRecogniser

TIMEOUT: Final = httpx.Timeout(8.0, connect=3.0)
"""Of each step of a request. The recogniser serves all sessions: a longer wait would make the others deaf too."""
MAX_ANSWER_CHARS: Final = 4_000
MAX_ANSWER_BYTES: Final = 256 * 1024
_PROMPT_CHARS: Final = 600


class OpenAiRecogniser(BufferedRecogniser):
    """Sends a turn's sound as WAV to `url`/audio/transcriptions (OpenAI, Create transcription)."""

    name = "openai"
    readers = 4

    def __init__(self, url: str, key: str = "", model: str = "whisper-1") -> None:
        super().__init__()
        base = url.rstrip("/")
        self._address = f"{base if base.endswith('/v1') else f'{base}/v1'}/audio/transcriptions"
        self._key = key
        self._model = model
        self._client: httpx.Client | None = None

    def load(self, phrases: Sequence[str]) -> None:
        """Make the client; the service is asked for the first time with the first turn.

        Raises:
            UserError: the address is none.
        """
        if not self._address.startswith(("http://", "https://")):
            raise UserError(f"{self._address} is no address of a service.", "Set openai_asr_url to http(s)://HOST/v1.")
        if not self._key.isascii() or not self._key.isprintable():
            raise UserError("The speech service's key holds signs that no key has.", "Check openai_asr_key.")
        self.take_phrases(phrases)
        self._client = httpx.Client(timeout=TIMEOUT)

    def read(self, sound: NDArray[np.float32]) -> str:
        """See `BufferedRecogniser.read`."""
        if self._client is None:
            raise UserError("The recogniser was not loaded.")
        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        prompt = ", ".join(self.phrases)[:_PROMPT_CHARS]
        data = {"model": self._model, "response_format": "json", "prompt": prompt}
        files = {"file": ("turn.wav", _wav(sound), "audio/wav")}
        try:
            with self._client.stream("POST", self._address, headers=headers, data=data, files=files) as response:
                response.raise_for_status()
                return _text(_bounded(response))
        except httpx.HTTPStatusError as error:
            status = error.response.status_code
            remedy = "Check openai_asr_key." if status in (401, 403) else "Check the service's log."
            raise UserError(f"The speech service answered {status}.", remedy) from None
        except httpx.TimeoutException:
            raise UserError("The speech service took too long to answer.", "Check its load.") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise UserError(f"The speech service can't be reached: {error}.", "Check openai_asr_url.") from None

    def close(self) -> None:
        """Close the connection."""
        super().close()
        if self._client is not None:
            self._client.close()


def _bounded(response: httpx.Response) -> bytes:
    body = b""
    for piece in response.iter_bytes():
        body += piece
        if len(body) > MAX_ANSWER_BYTES:
            raise UserError(f"The speech service answered over {MAX_ANSWER_BYTES} bytes.", "Is it OpenAI-compatible?")
    return body


def _text(body: bytes) -> str:
    try:
        text = json.loads(body)["text"]
    except (ValueError, KeyError, TypeError):
        text = None
    if not isinstance(text, str):
        raise UserError("The speech service answered with no text.", "Is it OpenAI-compatible?")
    return " ".join(text.split())[:MAX_ANSWER_CHARS]


def _wav(sound: NDArray[np.float32]) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes((np.clip(sound, -1, 1) * 32_767).astype("<i2").tobytes())
    return out.getvalue()
