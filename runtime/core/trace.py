"""Marks of a turn and the stages between them."""

from collections.abc import Mapping
from typing import Final

STAGES: Final[tuple[tuple[str, str, str], ...]] = (
    ("endpoint", "speech_end", "committed"),
    ("brain", "committed", "first_phrase"),
    ("voice", "first_phrase", "first_audio"),
    ("playout", "first_audio", "first_out"),
)
"""Name of each stage of an answer's latency, the mark at which it begins and the one at which it ends."""


class TurnTrace:
    """The times of one turn's marks, in seconds on the session's clock; the first time of a mark counts."""

    def __init__(self, turn: int, question: str) -> None:
        self.turn = turn
        self.question = question
        self.marks: dict[str, float] = {}

    def mark(self, name: str, time_s: float) -> bool:
        """Note a mark; return whether it was the first of its name."""
        if name in self.marks:
            return False
        self.marks[name] = time_s
        return True

    def stages(self) -> dict[str, float]:
        """Return each stage's duration in seconds, of those whose both marks are there."""
        return stages(self.marks)


def stages(marks: Mapping[str, float]) -> dict[str, float]:
    """Return the duration in seconds of each stage whose both marks are in `marks`, never below 0."""
    return {name: max(0.0, marks[end] - marks[begin]) for name, begin, end in STAGES if begin in marks and end in marks}
