"""What a session notices of the person besides their words: signs, mood and presence, as far as it may."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from runtime.core.background import Background
from runtime.core.clock import now
from runtime.core.errors import UserError
from runtime.core.messages import (
    CameraImage,
    EmotionReading,
    Gesture,
    MicroExpression,
    Mood,
    Perception,
    PresenceChanged,
    SessionEvent,
    Sight,
)
from runtime.core.streams import Latest
from runtime.perception.mood import UNKNOWN, MoodTracker

log = logging.getLogger(__name__)

VOICE_WINDOW_S: Final = 2.0
VOICE_EVERY_S: Final = 1.0
"""So much more speech makes another reading of the voice worth while."""
RATE_HZ: Final = 16_000


class Eyes(Protocol):
    """What looks at the camera of one session; see `runtime.perception.vision.client.Eyes`."""

    async def run(self) -> None:
        """Look at pictures until cancelled."""

    async def shut(self) -> None:
        """Look at nothing from now on."""

    def reopen(self) -> None:
        """Look again."""

    async def forget(self) -> None:
        """Forget who was seen."""


class Feelings(Protocol):
    """Reads voices and words; see `runtime.perception.feelings.Feelings`."""

    async def voice(self, samples: NDArray[np.float32], time_s: float) -> EmotionReading | None:
        """Return what (n,) samples of speech at 16 kHz sound like, or None."""

    async def text(self, text: str, time_s: float) -> EmotionReading | None:
        """Return how words sound, or None."""


EyesMaker = Callable[[str, Latest[CameraImage], Callable[[Any], None]], Eyes]


class Noticing:
    """The senses of one session. `publish` gets what its client is told, `act` the signs and changes of presence."""

    def __init__(
        self,
        publish: Callable[[SessionEvent], None],
        act: Callable[[Gesture | PresenceChanged], None],
        feelings: Feelings | None = None,
        allowed: Perception | None = None,
    ) -> None:
        """Whatever the client wishes, no more is noticed than `allowed`, which is the operator's word."""
        self._allowed = allowed or Perception(show=True)
        self.perception = replace(self._allowed, show=False)
        self._publish = publish
        self._act = act
        self._feelings = feelings
        self._eyes: Eyes | None = None
        self._feels = MoodTracker()
        self._told = UNKNOWN
        self._speech: deque[NDArray[np.float32]] = deque()
        self._speech_s = self._unread_s = 0.0
        self._background = Background("noticing")
        self._reading: dict[str, asyncio.Task[None]] = {}

    def open(self, eyes: Eyes | None) -> None:
        """Begin to look, with eyes whose `emit` is `seen`."""
        self._eyes = eyes
        if eyes is not None:
            self._background.run(eyes.run())

    async def close(self) -> None:
        """End looking and reading."""
        await self._background.close()

    def mood(self) -> Mood:
        """Return how the person seems now, unknown where that may not be read; a new label is told to the client."""
        if not self.perception.emotion:
            return Mood()
        mood = self._feels.at(now())
        if mood.label != self._told:
            self._told = mood.label
            self._publish(mood)
        return mood

    def allow(self, camera: bool | None, emotion: bool | None, show: bool | None) -> Perception:
        """Change what may be noticed, where not None; return what holds now. What was noticed before is forgotten."""
        wanted = {"camera": camera, "emotion": emotion, "show": show}
        before = self.perception
        chosen = {name: on and getattr(self._allowed, name) for name, on in wanted.items() if on is not None}
        self.perception = replace(before, **chosen)
        if self._eyes is not None and before.camera != self.perception.camera:
            if self.perception.camera:
                self._eyes.reopen()
            else:
                self._background.run(self._eyes.shut())
        if before.emotion and not self.perception.emotion:
            self._forget_feelings()
        return self.perception

    def forget(self) -> None:
        """Forget the person."""
        self._forget_feelings()
        if self._eyes is not None:
            self._background.run(self._eyes.forget())

    def seen(self, message: Any) -> None:
        """Take what the eyes tell; what may not be noticed is dropped."""
        if not self.perception.camera:
            return
        match message:
            case Sight():
                if self.perception.show:
                    self._publish(message)
            case EmotionReading():
                self._feel(message)
            case MicroExpression():
                if self.perception.emotion:
                    self._publish(message)
            case Gesture() | PresenceChanged():
                self._publish(message)
                self._act(message)

    def heard(self, samples: NDArray[np.float32], speaking: bool) -> None:
        """Take the next sound (n,) at 16 kHz; `speaking` is whether it is the person's speech."""
        if self._feelings is None or not self.perception.emotion:
            return
        length_s = len(samples) / RATE_HZ
        if speaking:
            self._speech.append(samples)
            self._speech_s += length_s
            self._unread_s += length_s
            while self._speech_s - len(self._speech[0]) / RATE_HZ >= VOICE_WINDOW_S:
                self._speech_s -= len(self._speech.popleft()) / RATE_HZ
        if self._unread_s >= (VOICE_EVERY_S if speaking else 0.5 * VOICE_EVERY_S):
            self._unread_s = 0.0
            self._read("voice", self._feelings.voice(np.concatenate(self._speech), now()))
        if not speaking and self._speech:
            self._speech.clear()
            self._speech_s = self._unread_s = 0.0

    def understood(self, text: str) -> None:
        """Take what the person said, as far as it is understood."""
        if self._feelings is not None and self.perception.emotion and text:
            self._read("text", self._feelings.text(text, now()))

    # ------------------------------------------------------------ inside

    def _feel(self, reading: EmotionReading) -> None:
        if self.perception.emotion:
            self._feels.feed(reading)
            self.mood()

    def _forget_feelings(self) -> None:
        self._feels.forget()
        self._told = UNKNOWN
        self._speech.clear()
        self._speech_s = self._unread_s = 0.0

    def _read(self, source: str, reading: Any) -> None:
        """Await a reading in the background; one of a source at a time, as the next one says more."""
        if source in self._reading and not self._reading[source].done():
            reading.close()
            return

        async def take() -> None:
            try:
                found = await reading
            except UserError as error:
                log.debug("no reading of the %s: %s", source, error)
                return
            if found is not None:
                self._feel(found)

        self._reading[source] = self._background.run(take())
