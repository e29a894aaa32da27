"""Recognisers that read a turn's sound as a whole: they keep it, and start to read when speech has probably ended."""

import logging
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


@dataclass
class _Stream:
    sound: list[NDArray[np.float32]] = field(default_factory=list)
    samples: int = 0
    text: str = ""
    reading: "Future[str] | None" = None
    read_samples: int = 0


class BufferedRecogniser(ABC):
    """Keeps each stream's sound, at most 30 s, and reads it on one background thread.

    `partial_every_s` is how much more sound lets a partial text be read while the person still speaks; 0 for none.
    """

    name = ""
    partial_every_s = 0.0

    def __init__(self) -> None:
        self._streams: dict[str, _Stream] = {}
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="reader")

    @abstractmethod
    def load(self, phrases: Sequence[str]) -> None:
        """See `Recogniser.load`."""

    @abstractmethod
    def read(self, sound: NDArray[np.float32]) -> str:
        """Return the text of (n,) mono float32 at 16 kHz. Runs on the reader's thread; raises UserError."""

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
        unread_s = (state.samples - state.read_samples) / RATE_HZ
        if self.partial_every_s and state.reading is None and unread_s >= self.partial_every_s:
            self._begin(state)
        return Transcript(state.text, False)

    def pause(self, stream: str) -> None:
        """Begin to read: speech has probably ended."""
        state = self._streams.get(stream)
        if state is not None and state.samples > state.read_samples:
            self._begin(state)

    def finish(self, stream: str) -> Transcript:
        """See `Recogniser.finish`."""
        state = self._streams.pop(stream, None)
        if state is None or not state.samples:
            return Transcript("", True)
        if state.reading is None or state.samples - state.read_samples > LATER_SOUND_S * RATE_HZ:
            self._begin(state)
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

    def _begin(self, state: _Stream) -> None:
        if state.reading is not None:
            state.reading.cancel()
        state.read_samples = state.samples
        state.reading = self._reader.submit(self.read, np.concatenate(state.sound))

    def _take_partial(self, state: _Stream) -> None:
        """Take the text of a reading that has ended, unless it was begun at a pause that may be the end."""
        if state.reading is None or not state.reading.done() or state.reading.cancelled():
            return
        if state.reading.exception() is not None:
            log.debug("a partial reading failed: %s", state.reading.exception())
        else:
            state.text = state.reading.result()
        if state.samples - state.read_samples > LATER_SOUND_S * RATE_HZ:
            state.reading = None
