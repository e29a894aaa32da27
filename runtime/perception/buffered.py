"""Recognisers that read a turn's sound as a whole: they keep it, and start to read when speech has probably ended."""

import logging
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from runtime.core.errors import UserError
from runtime.core.messages import Transcript
from runtime.perception.recogniser import MAX_STREAMS, MAX_TURN_S

log = logging.getLogger(__name__)

RATE_HZ: Final = 16_000
LATER_SOUND_S: Final = 0.45
"""A reading begun at the pause still counts if no more sound than this (the silence after speech) came since."""
PARTIAL_SHARE: Final = 0.5
"""Partial texts take at most this share of the sound's time, whatever one reading costs."""


@dataclass
class _Stream:
    sound: list[NDArray[np.float32]] = field(default_factory=list)
    samples: int = 0
    text: str = ""
    reading: "Future[str] | None" = None
    read_samples: int = 0
    paused: bool = False


class BufferedRecogniser(ABC):
    """Keeps each stream's sound, at most 30 s, and reads it on `readers` background threads.

    `partial_every_s` is how much more sound lets a partial text be read while the person still speaks; 0 for none.
    From a pause until its reading is done the text is empty: an older one would pass for all that was said.
    """

    name = ""
    partial_every_s = 0.0
    readers = 1

    def __init__(self) -> None:
        self._streams: dict[str, _Stream] = {}
        self._reader = ThreadPoolExecutor(self.readers, thread_name_prefix="reader")
        self._reading_s = 0.0
        self.phrases: tuple[str, ...] = ()
        """What visitors are likely to say, for those that can make use of it."""

    def take_phrases(self, phrases: Sequence[str]) -> None:
        """See `Recogniser.take_phrases`."""
        self.phrases = tuple(phrases)

    @abstractmethod
    def load(self, phrases: Sequence[str]) -> None:
        """See `Recogniser.load`."""

    @abstractmethod
    def read(self, sound: NDArray[np.float32]) -> str:
        """Return the text of (n,) mono float32 at 16 kHz. Runs on a reader's thread; raises UserError."""

    def feed(self, stream: str, samples: NDArray[np.float32]) -> Transcript:
        """See `Recogniser.feed`."""
        if stream not in self._streams and len(self._streams) >= MAX_STREAMS:
            raise UserError(f"{MAX_STREAMS} people are speaking at once.", "Lower max_sessions.")
        state = self._streams.setdefault(stream, _Stream())
        room = int(MAX_TURN_S * RATE_HZ) - state.samples
        if room > 0:
            state.sound.append(samples[:room].copy())
            state.samples += len(state.sound[-1])
        self._take_partial(state)
        if state.reading is None and self._partial_is_due(state):
            self._begin(state, paused=False)
        return Transcript(state.text, False)

    def pause(self, stream: str) -> None:
        """Begin to read: speech has probably ended."""
        state = self._streams.get(stream)
        if state is not None and (state.samples > state.read_samples or not state.paused):
            self._begin(state, paused=True)
            state.text = ""

    def finish(self, stream: str) -> Transcript:
        """See `Recogniser.finish`."""
        state = self._streams.pop(stream, None)
        if state is None or not state.samples:
            return Transcript("", True)
        if state.reading is None or not state.paused or self._later_s(state) > LATER_SOUND_S:
            self._begin(state, paused=True)
        assert state.reading is not None
        return Transcript(state.reading.result(), True)

    def drop(self, stream: str) -> None:
        """See `Recogniser.drop`."""
        state = self._streams.pop(stream, None)
        if state is not None and state.reading is not None:
            state.reading.cancel()

    def close(self) -> None:
        """End the reader; what it reads now is given up."""
        self._reader.shutdown(wait=False, cancel_futures=True)

    # ------------------------------------------------------------ inside

    def _begin(self, state: _Stream, paused: bool) -> None:
        if state.reading is not None:
            state.reading.cancel()
        state.read_samples, state.paused = state.samples, paused
        state.reading = self._reader.submit(self._timed, np.concatenate(state.sound))

    def _timed(self, sound: NDArray[np.float32]) -> str:
        begun_s = time.monotonic()
        try:
            return self.read(sound)
        finally:
            self._reading_s = time.monotonic() - begun_s

    def _partial_is_due(self, state: _Stream) -> bool:
        """Whether enough sound came since the last reading, and no other stream's reading would have to wait."""
        if not self.partial_every_s:
            return False
        busy = any(other.reading is not None and not other.reading.done() for other in self._streams.values())
        streams = len(self._streams)
        return not busy and self._later_s(state) >= max(self.partial_every_s, streams * self._reading_s / PARTIAL_SHARE)

    @staticmethod
    def _later_s(state: _Stream) -> float:
        """Return how much sound came since the last reading was begun, in seconds."""
        return (state.samples - state.read_samples) / RATE_HZ

    def _take_partial(self, state: _Stream) -> None:
        """Take the text of a reading that has ended; keep the reading while it may be that of the whole turn."""
        if state.reading is None or not state.reading.done() or state.reading.cancelled():
            return
        if state.reading.exception() is not None:
            log.debug("a partial reading failed: %s", state.reading.exception())
        else:
            state.text = state.reading.result()
        if not state.paused or self._later_s(state) > LATER_SOUND_S:
            state.reading = None
