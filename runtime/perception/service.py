"""Hearing in the speech process: one recogniser for all sessions."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runtime.core.errors import UserError
from runtime.core.messages import Transcript
from runtime.perception.backends import open_recogniser
from runtime.perception.recogniser import Recogniser


class HearingService:
    """Recognises speech with the chosen backend. `options` go to that backend."""

    def __init__(self, backend: str, phrases: Sequence[str], options: Mapping[str, Any] | None = None) -> None:
        self._backend = backend
        self._phrases = tuple(phrases)
        self._options = dict(options or {})
        self._recogniser: Recogniser | None = None

    def load(self) -> None:
        """Open and warm up the recogniser."""
        self._recogniser = open_recogniser(self._backend, self._phrases, self._options)

    def name(self) -> str:
        """Return the name of the backend in use."""
        return self._open().name

    def take_phrases(self, phrases: Sequence[str]) -> None:
        """See `Recogniser.take_phrases`."""
        self._open().take_phrases(phrases)

    def feed(self, stream: str, samples: NDArray[np.float32]) -> Transcript:
        """See `Recogniser.feed`."""
        return self._open().feed(stream, samples)

    def pause(self, stream: str) -> None:
        """See `Recogniser.pause`."""
        self._open().pause(stream)

    def finish(self, stream: str) -> Transcript:
        """See `Recogniser.finish`."""
        return self._open().finish(stream)

    def drop(self, stream: str) -> None:
        """See `Recogniser.drop`."""
        self._open().drop(stream)

    def close(self) -> None:
        """Give the recogniser back."""
        if self._recogniser is not None:
            self._recogniser.close()

    def _open(self) -> Recogniser:
        if self._recogniser is None:
            raise UserError("The recogniser was not loaded.")
        return self._recogniser
