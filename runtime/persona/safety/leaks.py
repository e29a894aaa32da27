"""Whether a text tells instructions: runs of words that stand in them, and nowhere in what anyone may hear. Pure."""

import re
from collections.abc import Iterable
from typing import Final

from runtime.persona.safety.fold import fold

RUN: Final = 6
"""So many words of the instructions in a row are taken from them."""
LEAD: Final = 3
"""So many at the end of a text may be the beginning of such a run."""


class Leaks:
    """Compares text with `instructions`; what is in `public` too, such as the persona's answers, is no secret."""

    def __init__(self, instructions: str, public: Iterable[str] = ()) -> None:
        told = _words(instructions)
        open_runs = {run for text in public for run in _runs(_words(text), RUN)}
        open_leads = {run for text in public for run in _runs(_words(text), LEAD)}
        self._secret = _runs(told, RUN) - open_runs
        self._leads = _runs(told, LEAD) - open_leads if self._secret else set()

    def found_in(self, text: str) -> bool:
        """Whether at least 6 words in a row are from the instructions."""
        return not self._secret.isdisjoint(_runs(_words(text), RUN))

    def may_begin_in(self, text: str) -> bool:
        """Whether the last 3 words of a text stand in the instructions, so that a run may begin there."""
        return tuple(_words(text)[-LEAD:]) in self._leads


def _words(text: str) -> list[str]:
    return [word for piece in text.split() for word in re.findall(r"[\w']+", fold(piece))]


def _runs(words: list[str], length: int) -> set[tuple[str, ...]]:
    return {tuple(words[i : i + length]) for i in range(len(words) - length + 1)}
