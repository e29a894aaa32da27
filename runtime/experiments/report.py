"""What an experiment has shown so far."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from runtime.experiments import intervals
from runtime.experiments.experiment import Experiment, Variant
from runtime.experiments.intervals import Estimate
from runtime.experiments.outcomes import OUTCOMES, Outcome, Visit
from runtime.experiments.sequential import MIN_EACH, Sequential, compare

LEVEL: Final = 0.95
"""Of the intervals that hold for one look."""
UNEVEN_P: Final = 0.001
"""A split less likely than this is no chance: something loses visits of one variant."""
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Measured:
    """One outcome of one variant, over `visits`; `difference` is from the first variant, None for that itself."""

    outcome: str
    visits: int
    value: Estimate | None
    difference: Estimate | None = None


@dataclass(frozen=True)
class Arm:
    """One variant: how many visits it had, all its outcomes, and the test of the primary one."""

    variant: str
    weight: int
    visits: int
    turns: int
    measured: tuple[Measured, ...]
    test: Sequential | None = None
    verdict: str = ""


@dataclass(frozen=True)
class Report:
    """All variants. Visits of people who `came_back` are left out: they are not independent of their first ones."""

    experiment: str
    primary: str
    minimum_effect: float
    alpha: float
    visits: int
    came_back: int
    unknown: int
    """Visits of variants that the file no longer names."""
    split_p: float
    even: bool
    arms: tuple[Arm, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the report for JSON."""
        return asdict(self)


def make_report(experiment: Experiment, visits: Sequence[Visit]) -> Report:
    """Compare every variant with the first. Raises UserError where SciPy is missing."""
    names = [variant.name for variant in experiment.variants]
    known = [visit for visit in visits if visit.variant in names]
    first_time = [visit for visit in known if not visit.came_back]
    counts = [sum(visit.variant == name for visit in first_time) for name in names]
    split_p = intervals.split_p(counts, [variant.weight for variant in experiment.variants])
    return Report(
        experiment=experiment.name,
        primary=experiment.primary,
        minimum_effect=experiment.minimum_effect,
        alpha=experiment.alpha,
        visits=len(first_time),
        came_back=len(known) - len(first_time),
        unknown=len(visits) - len(known),
        split_p=split_p,
        even=split_p >= UNEVEN_P,
        arms=tuple(_arm(experiment, variant, first_time) for variant in experiment.variants),
    )


def _arm(experiment: Experiment, variant: Variant, visits: Sequence[Visit]) -> Arm:
    control = experiment.variants[0]
    mine = [visit for visit in visits if visit.variant == variant.name]
    is_control = variant is control
    others = None if is_control else [visit for visit in visits if visit.variant == control.name]
    test = None if is_control else _test(experiment, variant.name, visits)
    return Arm(
        variant=variant.name,
        weight=variant.weight,
        visits=len(mine),
        turns=sum(visit.turns for visit in mine),
        measured=tuple(_measured(outcome, mine, others) for outcome in OUTCOMES.values()),
        test=test,
        verdict=_verdict(experiment, test) if test is not None else "",
    )


def _measured(outcome: Outcome, mine: Sequence[Visit], control: Sequence[Visit] | None) -> Measured:
    values = _values(outcome, mine)
    one = intervals.share if outcome.is_share else intervals.mean
    two = intervals.share_difference if outcome.is_share else intervals.mean_difference
    difference = None if control is None else two(_values(outcome, control), values, LEVEL)
    return Measured(outcome.name, len(values), one(values, LEVEL), difference)


def _values(outcome: Outcome, visits: Sequence[Visit]) -> Floats:
    return np.array([value for visit in visits if (value := visit.value(outcome.name)) is not None], float)


def _test(experiment: Experiment, variant: str, visits: Sequence[Visit]) -> Sequential:
    """Test the primary outcome of a variant against the first; several variants share alpha."""
    outcome = OUTCOMES[experiment.primary]
    both = [visit for visit in visits if visit.variant in (experiment.variants[0].name, variant)]
    both = [visit for visit in both if visit.value(outcome.name) is not None]
    return compare(
        _values(outcome, both),
        np.array([visit.variant == variant for visit in both], bool),
        outcome.is_share,
        experiment.minimum_effect,
        experiment.alpha / (len(experiment.variants) - 1),
    )


def _verdict(experiment: Experiment, test: Sequential) -> str:
    """Say in words what the test says; it may be looked at whenever one likes."""
    outcome, least = OUTCOMES[experiment.primary], experiment.minimum_effect
    if test.low is None or test.high is None:
        return f"too early: both need {MIN_EACH} visits"
    if test.decided_after is not None:
        better = (test.low + test.high > 0) == outcome.more_is_better
        return f"decided after {test.decided_after} visits: {'better' if better else 'worse'}"
    if -least < test.low and test.high < least:
        return "decided: no difference that would matter"
    return "undecided: go on"
