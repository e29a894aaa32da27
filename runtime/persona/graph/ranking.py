"""Which conditions fit symptoms best: naive Bayes over signs that are likely, as in Miller's Internist and QMR. Pure.

Each symptom that is told counts for the conditions it is a sign of; one that is denied counts against those where it is
likely. A sign that nobody spoke of counts little, for people don't tell all.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from runtime.persona.graph.model import EMERGENCY, Condition, Urgency

UNRELATED: Final = 0.03
"""How likely a symptom is beside a condition that it is no sign of."""
COMMON: Final = {1: 0.05, 2: 0.4, 3: 1.0}
"""How often a condition comes, by its `common`, relative to the most common ones."""
UNSPOKEN: Final = 0.05
UNSPOKEN_LEADING: Final = 0.3
"""Of a sign that nobody spoke of, so much counts as denied; the second where it is there always."""
LEADING: Final = 0.85
"""A sign at least so likely is a leading one."""
FITTING: Final = 0.5
"""At least one of the symptoms has to be so likely with a condition that is told of, if there is any such condition."""
LEAST_EXPLAINED: Final = 0.5
"""A condition is told of only where it explains at least so much of the symptoms."""
CLOSE: Final = 3.0
"""Conditions whose log odds are so much below the best's are not told of."""
PRESSING: Final = 1.0
"""An emergency whose log odds come so near to the best's is told first, where two symptoms point to it."""


@dataclass(frozen=True)
class Candidate:
    """A condition, its log odds, and the symptoms told that it explains."""

    condition: Condition
    score: float
    explains: tuple[str, ...]


def rank(conditions: Sequence[Condition], present: Sequence[str], absent: Sequence[str] = ()) -> list[Candidate]:
    """Return the conditions that fit, best first; `present` and `absent` are symptom ids. Empty without symptoms."""
    if not present:
        return []
    found = []
    for condition in conditions:
        signs = dict(condition.signs)
        explains = tuple(one for one in present if one in signs)
        if len(explains) < max(1, LEAST_EXPLAINED * len(present)):
            continue
        score = math.log(COMMON[condition.common])
        score += sum(math.log(signs.get(one, UNRELATED)) for one in present)
        score += sum(math.log(1 - signs[one]) for one in absent if one in signs)
        score += sum(
            (UNSPOKEN_LEADING if likely >= LEADING else UNSPOKEN) * math.log(1 - likely)
            for sign, likely in signs.items()
            if sign not in (*present, *absent)
        )
        found.append(Candidate(condition, score, explains))
    fitting = [one for one in found if max(dict(one.condition.signs)[sign] for sign in one.explains) >= FITTING]
    found = fitting or found
    return sorted(found, key=lambda candidate: (-candidate.score, candidate.condition.id))


def told_of(ranked: Sequence[Candidate], most: int) -> list[Candidate]:
    """Return the candidates worth telling of, at most `most`, emergencies first; one that is unlikely isn't told of."""
    if not ranked:
        return []
    near = [candidate for candidate in ranked if ranked[0].score - candidate.score <= CLOSE]
    pressing = [candidate for candidate in near if is_pressing(candidate, ranked)]
    others = [candidate for candidate in near if candidate.condition.urgency.id != EMERGENCY]
    return [*pressing, *others][:most]


def most_urgent(told: Sequence[Candidate]) -> Urgency:
    """Return the most pressing urgency of what is told of, to be on the safe side; `told` is not empty."""
    return max((candidate.condition.urgency for candidate in told), key=lambda urgency: urgency.rank)


def is_pressing(candidate: Candidate, ranked: Sequence[Candidate]) -> bool:
    """Whether a candidate is an emergency that has to be told first."""
    return candidate.condition.urgency.id == EMERGENCY and (
        candidate is ranked[0] or (ranked[0].score - candidate.score <= PRESSING and len(candidate.explains) > 1)
    )


def alarming_signs(ranked: Sequence[Candidate], known: Sequence[str], most: int = 2) -> tuple[str, ...]:
    """Return signs that nobody spoke of and that would make it an emergency: a stiff neck to headache and fever."""
    for candidate in ranked:
        emergency = candidate.condition.urgency.id == EMERGENCY and len(candidate.explains) > 1
        if emergency and not is_pressing(candidate, ranked):
            ordered = sorted(candidate.condition.signs, key=lambda sign: -sign[1])
            return tuple(sign for sign, likely in ordered if likely >= LEADING and sign not in known)[:most]
    return ()
