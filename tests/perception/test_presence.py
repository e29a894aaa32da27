"""Presence, on simulated time and at several rates."""

from collections.abc import Callable

import numpy as np
import pytest

from runtime.core.blendshapes import weights
from runtime.core.messages import Face, Presence
from runtime.perception.presence import (
    CAME_S,
    LEFT_S,
    LOOKS_AWAY_S,
    LOOKS_S,
    LOST_S,
    PresenceWatch,
    turned_away,
)
from tests.perception.faces import face, times

HERE = face()
ASIDE = face(head=(40.0, 0.0, 0.0), gaze=(1.0, 0.0))
RATES = pytest.mark.parametrize("rate_hz", [5, 10, 15, 30])


def seen(shown: Callable[[float], Face | None], seconds: float, rate_hz: float) -> list[tuple[Presence, float]]:
    watch = PresenceWatch()
    changes = [watch.feed(time_s, shown(time_s)) for time_s in times(seconds, rate_hz)]
    return [(change.presence, change.time_s) for change in changes if change is not None]


@RATES
def test_somebody_comes_looks_away_looks_back_and_leaves(rate_hz: float) -> None:
    def shown(time_s: float) -> Face | None:
        if not 2 <= time_s < 14:
            return None
        return ASIDE if 6 <= time_s < 9 else HERE

    told = seen(shown, 20, rate_hz)
    assert [presence for presence, _ in told] == [
        Presence.LOOKING,
        Presence.HERE,
        Presence.LOOKING,
        Presence.HERE,
        Presence.AWAY,
    ]
    slack = 1.5 / rate_hz + 0.05
    expected = (2 + CAME_S, 6 + LOOKS_AWAY_S, 9 + LOOKS_S, 14 + LOST_S + LOOKS_AWAY_S, 14 + LEFT_S)
    for (_, time_s), wanted in zip(told, expected, strict=True):
        assert wanted - slack <= time_s <= wanted + slack


@RATES
def test_lost_pictures_blinks_and_glances_are_nothing(rate_hz: float) -> None:
    chance = np.random.default_rng(3)
    blink = face(weights({"eyeBlink": 0.9}), gaze=(0.0, -1.0))

    def shown(time_s: float) -> Face | None:
        if chance.random() < 0.05:
            return None
        if time_s % 4 < 0.25:
            return blink
        return ASIDE if time_s % 5 > 4.7 else HERE

    assert [presence for presence, _ in seen(shown, 120, rate_hz)] == [Presence.LOOKING]


@RATES
def test_a_face_that_flickers_up_for_moments_is_nobody(rate_hz: float) -> None:
    assert seen(lambda time_s: HERE if time_s % 3 < 0.3 else None, 60, rate_hz) == []


def test_one_who_passes_without_a_look_is_here_but_does_not_look() -> None:
    assert [presence for presence, _ in seen(lambda _: ASIDE, 10, 10)] == [Presence.HERE]


def test_a_photo_is_present_like_anybody() -> None:
    assert [presence for presence, _ in seen(lambda _: HERE, 300, 10)] == [Presence.LOOKING]


def test_a_long_gap_without_pictures_is_no_proof_of_anything() -> None:
    watch = PresenceWatch()
    for number in range(10):
        watch.feed(number / 10, HERE)
    assert watch.presence is Presence.LOOKING
    assert watch.feed(60.0, None) is None
    assert watch.feed(60.1, HERE) is None
    assert watch.feed(0.0, HERE) is None, "a clock set back harms nothing"


@pytest.mark.parametrize(
    ("head", "gaze", "looks"),
    [
        ((0, 0, 0), (0, 0), True),
        ((0, -15, 0), (0, -0.4), True),
        ((30, 0, 0), (0, 0), True),
        ((30, 0, 0), (0.9, 0), False),
        ((0, 0, 0), (1.0, 0.8), False),
        ((-50, 0, 0), (-1, 0), False),
        ((0, 45, 0), (0, 1), False),
    ],
)
def test_who_looks_here_is_told_by_head_and_eyes(
    head: tuple[float, float, float], gaze: tuple[float, float], looks: bool
) -> None:
    assert (turned_away(face(head=head, gaze=gaze)) < 1) is looks


def test_a_look_at_the_edge_does_not_flicker() -> None:
    chance = np.random.default_rng(1)

    def shown(_: float) -> Face:
        return face(head=(20 + float(chance.normal(0, 2.5)), 0, 0), gaze=(0.6, 0))

    assert len(seen(shown, 120, 15)) <= 3
