"""Denials, made: GoEmotions has so few that a net takes "I am not happy" for happy."""

from typing import Final

import numpy as np

from training.text_tone.data import Texts
from training.text_tone.labels import LABELS

PLEASANT: Final = (
    "happy good glad helpful pleased great satisfied nice impressed kind amused fair excited fun delighted right "
    "comfortable amazing thankful funny thrilled okay grateful lovely"
).split()
UNPLEASANT: Final = "sad angry upset afraid scared worried mad disappointed annoyed nervous disgusted lonely".split()
PLEASANT_FRAMES: Final = (
    "i am not {}", "i'm not {}", "i am not {} about this", "i am really not {} with it", "that is not {}",
    "this isn't {}", "not {} at all", "that was not very {}", "you are not {}", "you're not being {}",
    "it's not {} and i want to go", "we are not {} here",
)  # fmt: skip
UNPLEASANT_FRAMES: Final = (
    "i am not {}", "i'm not {}", "i am not {} about this", "i'm not {} at all", "don't be {}", "nobody is {} here",
)  # fmt: skip
HELD_OUT: Final = 4
"""One in so many words is for the test alone, with all that is said with it."""
COPIES: Final = 3


def denials(test: bool) -> Texts:
    """Return denials with the words of the test, or with the others, each a few times.

    What isn't pleasant disappoints or annoys; what isn't unpleasant is neutral.
    """
    names = list(LABELS)
    texts: list[str] = []
    rows = []
    for words, frames, labels in (
        (PLEASANT, PLEASANT_FRAMES, ("disappointment", "annoyance", "disapproval")),
        (UNPLEASANT, UNPLEASANT_FRAMES, ("neutral",)),
    ):
        row = np.zeros(len(LABELS), np.float32)
        row[[names.index(label) for label in labels]] = 1 / len(labels)
        said = [word for number, word in enumerate(words) if (number % HELD_OUT == 0) is test]
        made = [frame.format(word) for word in said for frame in frames] * (1 if test else COPIES)
        texts += made
        rows += [row] * len(made)
    return Texts(texts, np.array(rows))
