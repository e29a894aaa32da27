"""Barge-in: does the user's sound over the character's voice stop it? Pure: driven by audio time alone.

Speech of 200 ms pauses the character. A word that is no backchannel, or more speech, stops it for good; a cough or an
"mm-hm" that ends without such a word lets it go on.
"""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from runtime.core.messages import SessionEvent, SpeechStarted, SpeechStopped, Transcript

PAUSE_AFTER_S: Final = 0.20
STOP_AFTER_S: Final = 0.80
VERDICT_AFTER_S: Final = 0.60
"""So long after the sound ended a pause is judged a false alarm if no word was recognised."""
MIN_IN_DOMAIN: Final = 0.4

BACKCHANNELS: Final = frozenset(
    [
        "mm",
        "mhm",
        "hm",
        "hmm",
        "uh",
        "huh",
        "um",
        "ah",
        "oh",
        "yeah",
        "yes",
        "yep",
        "okay",
        "ok",
        "right",
        "sure",
        "aha",
        "wow",
        "nice",
        "good",
        "great",
        "cool",
        "i",
        "see",
    ]
)


class Decision(StrEnum):
    """What the character does."""

    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"


@dataclass
class BargeIn:
    """The policy of one answer: `step` takes what was perceived, `tick` the audio time; both may decide."""

    _started_s: float | None = field(default=None, init=False)
    _stopped_s: float | None = field(default=None, init=False)
    _paused: bool = field(default=False, init=False)

    def step(self, event: SessionEvent) -> Decision | None:
        """Take an event; return a decision, or None to go on as before."""
        if isinstance(event, SpeechStarted):
            if self._started_s is None:
                self._started_s = event.time_s
            self._stopped_s = None
            return self.tick(event.seen_s)
        if isinstance(event, SpeechStopped):
            self._stopped_s = event.time_s
            return None
        if isinstance(event, Transcript) and self._started_s is not None:
            trusted = event.in_domain >= MIN_IN_DOMAIN
            if event.text and trusted and not self.is_backchannel(event.text):
                return self._stop()
        return None

    def tick(self, time_s: float) -> Decision | None:
        """Let audio time pass; return a decision, or None."""
        if self._started_s is None:
            return None
        speaking = self._stopped_s is None
        lasted_s = (time_s if speaking else self._stopped_s or 0.0) - self._started_s
        if lasted_s >= STOP_AFTER_S:
            return self._stop()
        if lasted_s >= PAUSE_AFTER_S and not self._paused:
            self._paused = True
            return Decision.PAUSE
        if self._stopped_s is not None and time_s - self._stopped_s >= VERDICT_AFTER_S:
            paused = self._paused
            self._started_s, self._stopped_s, self._paused = None, None, False
            return Decision.RESUME if paused else None
        return None

    @staticmethod
    def is_backchannel(text: str) -> bool:
        """Whether a text says no more than "I am listening"; nothing at all counts as that."""
        words = re.findall(r"[a-z]+", text.lower())
        return len(words) <= 3 and all(word in BACKCHANNELS for word in words)

    def _stop(self) -> Decision:
        self._started_s, self._stopped_s, self._paused = None, None, False
        return Decision.STOP
