"""What a report says of visits whose figures are known."""

import json
from dataclasses import replace

import numpy as np
import pytest

from runtime.experiments.outcomes import OUTCOMES, OutcomeName, Visit
from runtime.experiments.report import Arm, Measured, make_report
from runtime.experiments.sequential import MIN_EACH
from tests.experiments.files import experiment


def visits(done: dict[str, float], count: int = 2_000, seed: int = 0) -> list[Visit]:
    """Return visits of variants in turn, each done with its chance."""
    random = np.random.default_rng(seed)
    names = list(done)
    return [
        Visit(names[i % len(names)], turns=2, done=bool(random.random() < done[names[i % len(names)]]))
        for i in range(count)
    ]


def measured(arm: Arm, outcome: OutcomeName) -> Measured:
    (found,) = [one for one in arm.measured if one.outcome == outcome]
    return found


def test_every_outcome_is_counted_as_it_happened() -> None:
    first = [Visit("a", turns=1, done=True, waited_s=0.5), Visit("a", turns=2, again=2, thumbs_down=1, waited_s=1.5)]
    second = [
        Visit("b", turns=3, done=True, interrupted=4, thumbs_up=2),
        Visit("b", done=True, waited_s=3.0),
        Visit("b"),
    ]
    back = [Visit("b", came_back=True, done=True)] * 4
    report = make_report(experiment(), [*first, *second, *back, Visit("gone")])
    assert (report.visits, report.came_back, report.unknown) == (5, 4, 1)
    a, b = report.arms
    assert [(arm.visits, arm.turns) for arm in (a, b)] == [(2, 3), (3, 3)]

    def values(arm: Arm) -> dict[str, float]:
        return {one.outcome: round(one.value.value, 3) for one in arm.measured if one.value}

    assert values(a) == {
        "done": 0.5,
        "asked_again": 0.5,
        "interrupted": 0,
        "thumb_up": 0,
        "thumb_down": 0.5,
        "latency": 1.0,
    }
    assert values(b) == {
        "done": 0.667,
        "asked_again": 0,
        "interrupted": 0.333,
        "thumb_up": 0.333,
        "thumb_down": 0,
        "latency": 3.0,
    }
    assert measured(b, "latency").visits == 1
    difference = measured(b, "latency").difference
    assert difference is not None
    assert difference.value == pytest.approx(2.0)
    assert all(one.difference is None for one in a.measured)
    assert b.verdict == f"too early: both need {MIN_EACH} visits"


@pytest.mark.parametrize(
    ("primary", "effect", "first", "second", "verdict"),
    [
        ("done", 0.1, 0.5, 0.7, "better"),
        ("done", 0.1, 0.7, 0.5, "worse"),
        ("done", 0.2, 0.6, 0.6, "no difference that would matter"),
        ("done", 0.02, 0.6, 0.6, "undecided"),
    ],
)
def test_a_verdict_is_in_words(primary: OutcomeName, effect: float, first: float, second: float, verdict: str) -> None:
    asked = experiment().model_copy(update={"primary": primary, "minimum_effect": effect})
    report = make_report(asked, visits({"a": first, "b": second}))
    assert verdict in report.arms[1].verdict
    assert report.arms[0].verdict == ""


def test_less_is_better_where_it_is() -> None:
    random = np.random.default_rng(0)
    slow = [Visit("ab"[i % 2], waited_s=float(random.normal(0.8 - 0.2 * (i % 2), 0.1))) for i in range(400)]
    again = [Visit("ab"[i % 2], again=int(random.random() < 0.2 + 0.4 * (i % 2))) for i in range(400)]
    faster = experiment().model_copy(update={"primary": "latency"})
    assert "better" in make_report(faster, slow).arms[1].verdict
    oftener = experiment().model_copy(update={"primary": "asked_again"})
    assert "worse" in make_report(oftener, again).arms[1].verdict


def test_several_variants_share_the_chance_of_being_wrong() -> None:
    three = visits({"a": 0.5, "b": 0.5, "c": 0.7})
    report = make_report(experiment(1, 1, 1), three)
    assert "better" in report.arms[2].verdict
    two = [visit for visit in three if visit.variant != "b"]
    alone = make_report(experiment(1, 1), [replace(one, variant="b" if one.variant == "c" else "a") for one in two])
    wide, narrow = report.arms[2].test, alone.arms[1].test
    assert wide is not None
    assert narrow is not None
    assert wide.p == narrow.p
    assert wide.low is not None
    assert narrow.low is not None
    assert wide.low < narrow.low


def test_an_uneven_split_is_warned_of() -> None:
    assert make_report(experiment(), visits({"a": 0.5, "b": 0.5})).even
    assert make_report(experiment(3, 1), visits({"a": 0.5, "b": 0.5})).even is False


def test_a_report_of_nothing_is_one_too_and_all_are_json() -> None:
    report = make_report(experiment(), [])
    assert report.visits == 0
    assert json.loads(json.dumps(report.as_dict()))["arms"][1]["test"]["p"] == 1.0
    assert len(report.arms[0].measured) == len(OUTCOMES)
