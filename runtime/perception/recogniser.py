"""What a speech recogniser is to the rest."""

from collections.abc import Sequence
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from runtime.core.messages import Transcript

MAX_STREAMS: Final = 16
MAX_TURN_S: Final = 30.0
"""A stream takes no more sound than this; what comes after is dropped."""


class Recogniser(Protocol):
    """Speech to text. It lives in the speech process and is used by one thread; streams are told apart by name.

    Sound is (n,) mono float32 at 16 kHz, fed in order, any n up to 30 s in all.
    """

    name: str

    def load(self, phrases: Sequence[str]) -> None:
        """Load and warm up; `phrases` are what visitors are likely to say.

        Raises:
            UserError: what it needs is missing.
        """

    def take_phrases(self, phrases: Sequence[str]) -> None:
        """Prefer these phrases to those of before, soon, and return at once; turns under way end as they began."""

    def feed(self, stream: str, samples: NDArray[np.float32]) -> Transcript:
        """Take more sound of a stream, beginning it if it is new, and return what is understood so far."""

    def pause(self, stream: str) -> None:
        """Be told that speech has probably ended: the final text is likely to be asked for soon."""

    def finish(self, stream: str) -> Transcript:
        """End the stream and return its final text."""

    def drop(self, stream: str) -> None:
        """Forget the stream."""

    def close(self) -> None:
        """Give everything back."""
