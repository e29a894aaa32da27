"""Endpointing: when the user's turn is over. Pure: driven by audio time alone, reads no clock.

A turn is committed after a silence whose length depends on how finished the text looks: short after a complete known
question, long where the text breaks off, and never later than a ceiling. Where a model says how likely the turn is
over, that counts instead of the text's last words: likely enough ends the turn soon, and hardly likely waits longer.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

COMPLETE_S: Final = 0.10
LIKELY_S: Final = 0.25
DEFAULT_S: Final = 0.50
BROKEN_OFF_S: Final = 1.20
NO_WORDS_S: Final = 0.90
SOONEST_S: Final = 0.10
"""A model ends a turn no sooner."""
UNSURE_S: Final = 0.40
"""The wait where a model can't tell."""
DOUBTFUL_S: Final = 1.00
"""The wait where a model hardly believes that the turn is over."""
LIKELY_CHANCE: Final = 0.6
HARDLY_CHANCE: Final = 0.05
"""A model's chance from which on a turn is over, and under which it is doubtful.
Chosen so that fewer turns are cut off than without a model: of 200 made-up visitors' questions, as the embedded
recogniser understands them, 12.5 % against 19 %, waiting 0.47 s against 0.59 s; of 240 users' turns of dialogues, word
for word, 26.7 % against 27.1 %, waiting 0.12 s against 0.52 s."""
CEILING_S: Final = 20.0
"""A turn this long is committed where it stands."""

_GREETING: Final = re.compile(r"^(?:hello|hi|hey|excuse me|good (?:morning|afternoon|evening))\b\W*", re.IGNORECASE)
_OPEN_ENDINGS: Final = frozenset(
    """
    a an the and or but so because if when while with without of to for from in on at by about into my your
    his her its our their this that these those some any what where who which how why is are am was were do
    does did can could would should will shall may might must i you we they he she it um uh er like please
    tell me between than as very really not there and
    """.split()
)
_FINISHED_WITH: Final = frozenset(["it", "that", "this", "there", "one", "you", "me", "in", "on"])
"""Words that may end a sentence all the same when enough stands before them."""
_FINISHED: Final = re.compile(r"(\b(are|thank|see) you|\w (is|was) (it|that|this)|\b(help|hear|see) me|\w please)$")
"""Endings of short texts that are whole although their last word is an open ending."""


@dataclass(frozen=True)
class EndpointEvent:
    """The state of the turn at `time_s`: is the user `speaking`, since when silent, and what was understood.

    `chance` (0..1) is a model's, that the turn is over now; None where no model is asked.
    """

    time_s: float
    speaking: bool
    speech_start_s: float
    speech_end_s: float
    text: str
    chance: float | None = None


@dataclass
class Endpointer:
    """Decides when to commit.

    `is_known_question(text)` says whether a text is a complete known question, `is_likely_question(text)` whether it is
    so close to one that only a word or two were misheard.
    """

    is_known_question: Callable[[str], bool]
    is_likely_question: Callable[[str], bool] = lambda text: False

    def is_complete(self, text: str) -> bool:
        """Return whether a text is a complete known question, after a greeting or not; a greeting alone isn't."""
        asked = _GREETING.sub("", text)
        return bool(asked) and (self.is_known_question(text) or self.is_known_question(asked))

    def wait_s(self, text: str, chance: float | None = None) -> float:
        """Return the silence in seconds after which a turn with this text is over."""
        words = re.findall(r"[\w']+", text.lower())
        if not words:
            return NO_WORDS_S
        if self.is_complete(text):
            return COMPLETE_S
        if chance is not None and chance >= LIKELY_CHANCE:
            return SOONEST_S
        if self.is_likely_question(text):
            return LIKELY_S
        if chance is not None:
            return DOUBTFUL_S if chance < HARDLY_CHANCE else UNSURE_S
        last = words[-1]
        finished = (last in _FINISHED_WITH and len(words) >= 4) or _FINISHED.search(" ".join(words))
        return BROKEN_OFF_S if last in _OPEN_ENDINGS and not finished else DEFAULT_S

    def step(self, event: EndpointEvent) -> bool:
        """Return whether the turn is over now."""
        if event.time_s - event.speech_start_s >= CEILING_S:
            return True
        return not event.speaking and event.time_s - event.speech_end_s >= self.wait_s(event.text, event.chance)
