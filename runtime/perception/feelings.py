"""What voices and words sound like: a service for a worker process, and the media process's side of it."""

import logging
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from runtime.core.device import PROFILES, Profile
from runtime.core.errors import UserError
from runtime.core.messages import EmotionReading
from runtime.core.models import ModelRegistry
from runtime.core.workers import Caller
from runtime.perception.readings import voice_reading
from runtime.perception.text_tone import TextTone, load_text_tone
from runtime.perception.voice_emotion import MODEL_NAME as VOICE_MODEL
from runtime.perception.voice_emotion import VoiceEmotion

log = logging.getLogger(__name__)

SERVICE: Final = "feelings"
RATE_HZ: Final = 16_000
MAX_SPEECH_S: Final = 10
MAX_TEXT_CHARS: Final = 2_000


class FeelingService:
    """Reads voices and words. A worker service; what has no model here is not read, which `load` says once."""

    def __init__(self, profile: Profile | None = None) -> None:
        self._registry = ModelRegistry(profile or PROFILES["edge"])
        self._voice: VoiceEmotion | None = None
        self._text: TextTone | None = None

    def load(self) -> None:
        """Load both models and use them once; without one the other still works."""
        try:
            self._voice = VoiceEmotion(self._registry.load(VOICE_MODEL))
            self.voice(np.random.default_rng(0).normal(0, 0.1, 2 * RATE_HZ).astype(np.float32), 0.0)
        except UserError as error:
            log.warning("the tone of voices is not read: %s", error)
        try:
            self._text = load_text_tone(self._registry)
            self.text("good morning", 0.0)
        except UserError as error:
            log.warning("the tone of words is not read: %s", error)

    def voice(self, samples: NDArray[np.float32], time_s: float) -> EmotionReading | None:
        """Return what (n,) samples of speech at 16 kHz, spoken until `time_s`, sound like; None where unknown."""
        heard = self._voice.read(samples[-MAX_SPEECH_S * RATE_HZ :]) if self._voice is not None else None
        return None if heard is None else voice_reading(heard, time_s, len(samples) / RATE_HZ)

    def text(self, text: str, time_s: float) -> EmotionReading | None:
        """Return how words said at `time_s` sound; None where that is unknown."""
        return self._text.read(text[:MAX_TEXT_CHARS], time_s) if self._text is not None else None

    def close(self) -> None:
        """Give the models back."""
        self._voice = self._text = None
        self._registry.close()


class Feelings:
    """The service as a session sees it."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def voice(self, samples: NDArray[np.float32], time_s: float) -> EmotionReading | None:
        """See `FeelingService.voice`. Raises UserError while the process is away."""
        return await self._call("voice", samples, time_s)

    async def text(self, text: str, time_s: float) -> EmotionReading | None:
        """See `FeelingService.text`. Raises UserError while the process is away."""
        return await self._call("text", text, time_s)

    async def _call(self, method: str, *args: Any) -> EmotionReading | None:
        reading: EmotionReading | None = await self._caller.call(SERVICE, method, *args)
        return reading
