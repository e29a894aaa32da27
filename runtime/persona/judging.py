"""Whether an answer to a quiz is right, as it was heard: in a sentence, with a number in digits, a letter off. Pure."""

from collections.abc import Sequence
from typing import Final

from rapidfuzz import fuzz

from runtime.persona.knowledge.folder import Quiz
from runtime.persona.persona import normal

ALIKE: Final = 86.0
"""Likeness, of 100, from which on an answer counts as one that is accepted."""
_NOT: Final = frozenset(("not", "never", "isn't"))
_NUMBERS: Final = {
    str(number): word
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen twenty".split()
    )
}
_NUMBER_WORDS: Final = frozenset(
    (*_NUMBERS.values(), *"thirty forty fifty sixty seventy eighty ninety hundred".split())
)


def is_right(words: str, quiz: Quiz) -> bool:
    """Whether an answer, normalised, is one of those that a question accepts, or holds one and doesn't deny it."""
    said = [_NUMBERS.get(word, word) for word in words.split()]
    for accepted in quiz.accept:
        wanted = [_NUMBERS.get(word, word) for word in normal(accepted).split()]
        if any(_stands_for_itself(said, wanted, place) for place in range(len(said))):
            return True
        exact = (_NOT | _NUMBER_WORDS) & {*said, *wanted}
        if not exact and fuzz.ratio(" ".join(said), " ".join(wanted)) >= ALIKE:
            return True
    return False


def _stands_for_itself(said: Sequence[str], wanted: Sequence[str], place: int) -> bool:
    """Whether wanted words stand at a place, not denied just before, and not as a part of another number."""
    end = place + len(wanted)
    if list(said[place:end]) != list(wanted) or _NOT & set(said[max(0, place - 2) : place]):
        return False
    before, after = said[max(0, place - 1) : place], said[end : end + 1]
    is_part = (wanted[0] in _NUMBER_WORDS and _NUMBER_WORDS & set(before)) or (
        wanted[-1] in _NUMBER_WORDS and _NUMBER_WORDS & set(after)
    )
    return not is_part
