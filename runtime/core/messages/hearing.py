"""What is heard of a person, and the turn that they say."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class AudioChunk:
    """Sound from a microphone: `samples` (n,) mono float32 at 16 kHz, n at most 1,600 (100 ms)."""

    samples: NDArray[np.float32]
    start_s: float


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """Voice activity began; `time_s` is the estimated true onset, `seen_s` when it was decided."""

    time_s: float
    seen_s: float


@dataclass(frozen=True, slots=True)
class SpeechStopped:
    """Voice activity ended; `time_s` is the estimated true end, `seen_s` when it was decided."""

    time_s: float
    seen_s: float


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was understood so far in the user's present turn.

    `in_domain` is 0..1: how surely this is speech the recogniser can know (1 where it can't tell).
    `alternative` is the open-vocabulary reading where `text` comes from a narrow model.
    """

    text: str
    final: bool
    confidence: float = 1.0
    in_domain: float = 1.0
    alternative: str = ""


@dataclass(frozen=True, slots=True)
class EndOfTurn:
    """The user's spoken turn is over. `speech_end_s` is the estimated end of speech, `committed_s` the decision's time.

    `in_domain` and `alternative` as in `Transcript`.
    """

    text: str
    speech_end_s: float
    committed_s: float
    in_domain: float = 1.0
    alternative: str = ""


DOUBTFUL_DOMAIN: Final = 0.35


@dataclass(frozen=True, slots=True)
class UserTurn:
    """A committed turn of the user. `speech_end_s` is the estimated end of their speech.

    Where they made a sign instead of speaking, `action` is what it means to the persona: yes, no, next, ...
    """

    turn: int
    text: str
    speech_end_s: float
    committed_s: float
    spoken: bool = True
    in_domain: float = 1.0
    alternative: str = ""
    action: str = ""

    @property
    def doubtful(self) -> bool:
        """Whether a narrow recogniser may have misread it: then `alternative` is the likelier reading."""
        return self.spoken and self.in_domain < DOUBTFUL_DOMAIN
