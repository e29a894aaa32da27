"""When what was found is told, asked about, or not known."""

import pytest

from runtime.persona.deciding import Thresholds, Verdict, decide
from runtime.persona.retrieval import NOTHING, Match

AT = Thresholds(sure=0.6, possible=0.5, close=0.05, doubt=0.5)


@pytest.mark.parametrize(
    ("matches", "verdict"),
    [
        ([], Verdict("fallback")),
        ([(3, 0.49), (1, 0.2)], Verdict("fallback")),
        ([(3, 0.61)], Verdict("tell", (3,))),
        ([(3, 0.61), (1, 0.55)], Verdict("tell", (3,))),
        ([(3, 0.61), (1, 0.57)], Verdict("ask", (3, 1))),
        ([(3, 0.59), (1, 0.51)], Verdict("ask", (3, 1))),
        ([(3, 0.59), (1, 0.49)], Verdict("ask", (3,))),
        ([(NOTHING, 0.9), (1, 0.8)], Verdict("fallback")),
        ([(3, 0.9), (NOTHING, 0.88)], Verdict("ask", (3,))),
        ([(3, 0.9), (NOTHING, 0.8)], Verdict("tell", (3,))),
    ],
)
def test_what_is_sure_is_told_and_what_is_close_asked_about(matches: list[tuple[int, float]], verdict: Verdict) -> None:
    assert decide([Match(entry, score) for entry, score in matches], AT) == verdict
