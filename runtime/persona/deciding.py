"""Whether what was found is told, asked about, or not known. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from runtime.persona.retrieval import NOTHING, Match


@dataclass(frozen=True)
class Thresholds:
    """Scores, 0..1.

    From `sure` on a match is told, unless another one is within `close` of it; from `possible` on it is asked about.
    `doubt` is the factor of the narrow reading of a doubtful turn: it can only say what the persona knows.
    """

    sure: float
    possible: float
    close: float
    doubt: float


BY_WORDS: Final = Thresholds(sure=0.56, possible=0.48, close=0.06, doubt=0.74)
BY_MODEL: Final = {
    "retrieval_large": Thresholds(sure=0.56, possible=0.54, close=0.04, doubt=0.53),
    "retrieval": Thresholds(sure=0.54, possible=0.50, close=0.04, doubt=0.53),
}
"""With the vectors of a model in the score. `python -m benchmarks thresholds` tells how others would do."""


@dataclass(frozen=True)
class Verdict:
    """What to do: tell the one entry, ask which of one or two is meant, or fall back to saying that none is known."""

    act: Literal["tell", "ask", "fallback"]
    entries: tuple[int, ...] = ()


def decide(matches: Sequence[Match], at: Thresholds) -> Verdict:
    """Judge matches, which come best first."""
    if not matches or matches[0].entry == NOTHING or matches[0].score < at.possible:
        return Verdict("fallback")
    best, *others = matches
    if best.score >= at.sure and all(best.score - other.score >= at.close for other in others[:1]):
        return Verdict("tell", (best.entry,))
    rivals = [other.entry for other in others[:1] if other.entry != NOTHING and other.score >= at.possible]
    return Verdict("ask", (best.entry, *rivals))
