"""What the character says: as text, then as sound with its times."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from runtime.core.messages.feeling import Affect


@dataclass(frozen=True, slots=True)
class Phrase:
    """A speakable piece of an answer, cut where a voice can start: one clause or sentence, at most 240 characters.

    `act` says what the phrase does: answer, greet, ask, repair, fallback, farewell, backchannel, error. `source` is
    the entry of knowledge that it comes from, `offers` are the entries that it asks the person to choose from.
    """

    text: str
    affect: Affect = field(default_factory=Affect)
    act: str = "answer"
    source: str = ""
    offers: tuple[str, ...] = ()


MOUTH_RATE_HZ: Final = 50
"""Curves of a mouth that come without phonemes: so many a second."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """What is said with a voice that is there already, such as a recording: `audio` (n,) mono float32 at `rate_hz`."""

    text: str
    audio: NDArray[np.float32]
    rate_hz: int
    affect: Affect = field(default_factory=Affect)


@dataclass(frozen=True, slots=True)
class TimedPhoneme:
    """An IPA phoneme as espeak-ng writes it (`ɑː`, `tʃ`, `b`; `_` is a pause), stressed 0, 1 (primary) or 2."""

    symbol: str
    start_s: float
    end_s: float
    stress: int = 0


@dataclass(frozen=True, slots=True)
class TimedWord:
    """A word of an utterance; `chars` are its first and one-past-last character in the utterance's text."""

    text: str
    start_s: float
    end_s: float
    chars: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Utterance:
    """A phrase made sound. `audio` (n,) mono float32 at `rate_hz`; phonemes and words in order, offsets in seconds.

    A voice that knows no phonemes has none; its `mouth` is (k, 52) ARKit weights, `MOUTH_RATE_HZ` a second.
    """

    text: str
    audio: NDArray[np.float32]
    rate_hz: int
    phonemes: tuple[TimedPhoneme, ...]
    words: tuple[TimedWord, ...]
    affect: Affect = field(default_factory=Affect)
    mouth: NDArray[np.float32] | None = None

    @property
    def duration_s(self) -> float:
        """Length of the audio in seconds."""
        return len(self.audio) / self.rate_hz
