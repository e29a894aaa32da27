"""Who is the partner among several faces."""

import numpy as np

from runtime.core.messages import Face
from runtime.perception.vision.partner import HOLD_S, TAKE_OVER_S, PartnerChooser
from tests.perception.vision.pictures import face


def first(chooser: PartnerChooser, faces: list[Face], time_s: float) -> Face:
    chosen = chooser.choose(faces, time_s)
    assert chosen
    assert len(chosen) == len(faces)
    return chosen[0]


def test_the_nearest_who_looks_this_way_is_chosen() -> None:
    near_but_away, near, far = face(100, distance_m=0.4, yaw=50), face(300, distance_m=0.6), face(500, distance_m=1.2)
    assert first(PartnerChooser(), [far, near_but_away, near], 0.0) is near
    assert first(PartnerChooser(), [far, near_but_away], 0.0) is far
    assert first(PartnerChooser(), [near_but_away], 0.0) is near_but_away  # nobody looks here: the nearest will do


def test_the_partner_is_kept_whatever_the_order_and_small_differences() -> None:
    chooser, chance = PartnerChooser(), np.random.default_rng(3)
    first(chooser, [face(200, distance_m=0.6)], 0.0)
    for step in range(1, 200):
        partner = face(200 + 8 * np.sin(step), distance_m=0.6 + chance.normal(0, 0.03))
        other = face(450, distance_m=0.6 + chance.normal(0, 0.03))
        faces = [partner, other] if chance.random() < 0.5 else [other, partner]
        assert first(chooser, faces, step / 12) is partner


def test_a_partner_who_walks_through_the_picture_is_followed() -> None:
    chooser = PartnerChooser()
    for step in range(40):
        partner, other = face(80 + 12 * step, distance_m=0.7), face(320, 100, distance_m=0.65)
        assert first(chooser, [other, partner] if step else [partner], step / 12) is partner


def test_another_takes_over_only_after_a_while() -> None:
    chooser = PartnerChooser()
    first(chooser, [face(150, distance_m=1.0)], 0.0)
    partner, nearer = face(150, distance_m=1.0), face(450, distance_m=0.5)
    assert first(chooser, [partner, nearer], 1.0) is partner
    assert first(chooser, [partner, nearer], 1.0 + TAKE_OVER_S / 2) is partner
    assert first(chooser, [partner], 1.1 + TAKE_OVER_S / 2) is partner  # gone again: the count begins anew
    assert first(chooser, [partner, nearer], 1.2 + TAKE_OVER_S / 2) is partner
    assert first(chooser, [partner, nearer], 1.1 + 1.5 * TAKE_OVER_S) is partner
    assert first(chooser, [partner, nearer], 1.3 + 1.5 * TAKE_OVER_S) is nearer
    assert first(chooser, [partner, nearer], 1.4 + 1.5 * TAKE_OVER_S) is nearer


def test_a_partner_who_turns_away_hands_over_to_one_who_looks_here() -> None:
    chooser = PartnerChooser()
    first(chooser, [face(150, distance_m=0.5)], 0.0)
    away, other = face(150, distance_m=0.5, yaw=60), face(450, distance_m=1.5)
    assert first(chooser, [away, other], 1.0) is away
    assert first(chooser, [away, other], 1.1 + TAKE_OVER_S) is other


def test_for_a_moment_without_the_partner_nothing_is_said() -> None:
    chooser = PartnerChooser()
    first(chooser, [face(150)], 0.0)
    other = face(500)
    assert chooser.choose([other], HOLD_S / 2) is None
    partner = face(150)
    assert first(chooser, [other, partner], HOLD_S * 0.9) is partner
    assert first(chooser, [other], 2 * HOLD_S) is other


def test_an_empty_picture_is_empty_and_a_new_person_is_taken_at_once() -> None:
    chooser = PartnerChooser()
    assert chooser.choose([], 0.0) == ()
    first(chooser, [face(150)], 0.1)
    assert chooser.choose([], 0.2) == ()
    assert chooser.choose([], 5.0) == ()
    new = face(500)
    assert first(chooser, [new], 5.1) is new


def test_after_forgetting_anyone_is_new_and_time_may_go_back() -> None:
    chooser = PartnerChooser()
    first(chooser, [face(150)], 10.0)
    chooser.forget()
    other = face(500)
    assert first(chooser, [other], 10.1) is other
    again = face(100)
    assert first(chooser, [again], 0.0) is again  # a camera that was plugged in anew
