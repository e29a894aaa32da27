"""Speech to text by an OpenAI-compatible service. There are no partial texts: the turn is sent when it may be over."""

import io
import wave
from collections.abc import Sequence
from typing import Final

import httpx
import numpy as np
from numpy.typing import NDArray

from runtime.core.errors import UserError
from runtime.perception.buffered import RATE_HZ, BufferedRecogniser

TIMEOUT: Final = httpx.Timeout(15.0, connect=3.0)
MAX_ANSWER_CHARS: Final = 4_000
_PROMPT_CHARS: Final = 600


class OpenAiRecogniser(BufferedRecogniser):
    """Sends a turn's sound as WAV to `url`/audio/transcriptions (OpenAI, Create transcription)."""

    name = "openai"

    def __init__(self, url: str, key: str = "", model: str = "whisper-1") -> None:
        super().__init__()
        base = url.rstrip("/")
        self._address = f"{base if base.endswith('/v1') else f'{base}/v1'}/audio/transcriptions"
        self._key = key
        self._model = model
        self._prompt = ""
        self._client: httpx.Client | None = None

    def load(self, phrases: Sequence[str]) -> None:
        """Make the client; the service is asked for the first time with the first turn.

        Raises:
            UserError: the address is none.
        """
        if not self._address.startswith(("http://", "https://")):
            raise UserError(f"{self._address} is no address of a service.", "Set openai_asr_url to http(s)://HOST/v1.")
        self._prompt = ", ".join(phrases)[:_PROMPT_CHARS]
        self._client = httpx.Client(timeout=TIMEOUT)

    def read(self, sound: NDArray[np.float32]) -> str:
        """See `BufferedRecogniser.read`."""
        if self._client is None:
            raise UserError("The recogniser was not loaded.")
        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        data = {"model": self._model, "response_format": "json", "prompt": self._prompt}
        files = {"file": ("turn.wav", _wav(sound), "audio/wav")}
        try:
            response = self._client.post(self._address, headers=headers, data=data, files=files)
            response.raise_for_status()
            text = response.json()["text"]
        except httpx.HTTPStatusError as error:
            status = error.response.status_code
            remedy = "Check openai_asr_key." if status in (401, 403) else "Check the service's log."
            raise UserError(f"The speech service answered {status}.", remedy) from None
        except httpx.HTTPError as error:
            raise UserError(f"The speech service can't be reached: {error}.", "Check openai_asr_url.") from None
        except (ValueError, KeyError, TypeError):
            raise UserError("The speech service answered with no text.", "Is it OpenAI-compatible?") from None
        return str(text).strip()[:MAX_ANSWER_CHARS]

    def close(self) -> None:
        """Close the connection."""
        super().close()
        if self._client is not None:
            self._client.close()


def _wav(sound: NDArray[np.float32]) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes((np.clip(sound, -1, 1) * 32_767).astype("<i2").tobytes())
    return out.getvalue()
