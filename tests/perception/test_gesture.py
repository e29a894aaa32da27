"""Signs of the hand on a simulated clock: when one counts, how often, and what the reader keeps of a hand."""

import json
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from runtime.core.errors import UserError
from runtime.core.messages import Hand, Sight
from runtime.perception.gesture import (
    COOL_DOWN_S,
    FORGET_S,
    MOVED_COOL_DOWN_S,
    MOVEMENTS,
    NONE,
    RELEASE_S,
    GestureGuess,
    GestureReader,
    Hands,
    Signs,
)
from runtime.perception.hand_features import LABELS, STEPS, window

PALM = LABELS.index("open_palm")
HAND = np.random.default_rng(0).uniform(0, 100, (21, 2)).astype(np.float32)


class Session:
    """Answers each window by the same chance of an open palm, and keeps the windows."""

    def __init__(self, chance: float = 0.9, metadata: dict[str, str] | None = None) -> None:
        self.windows: list[NDArray[np.float32]] = []
        self._chance = chance
        self._metadata = metadata or {"labels": json.dumps(LABELS), "threshold": "0.5"}

    def get_modelmeta(self) -> Any:
        return SimpleNamespace(custom_metadata_map=self._metadata)

    def run(self, _: None, feeds: dict[str, NDArray[np.float32]]) -> list[NDArray[np.float32]]:
        self.windows.append(feeds["window"][0])
        chances = np.full((1, len(LABELS)), (1 - self._chance) / (len(LABELS) - 1), np.float32)
        chances[0, PALM] = self._chance
        return [chances]


def guess(time_s: float, name: str) -> GestureGuess:
    return GestureGuess(time_s, name, 0.9, {name: 0.9})


def signs(names: str, rate_hz: float = 10.0, policy: Signs | None = None) -> list[tuple[Any, str]]:
    """The signs given for a word an instant ("_" is none), with their times."""
    policy, found = policy or Signs(), []
    for number, name in enumerate(names.split()):
        sign = policy.step(guess(number / rate_hz, NONE if name == "_" else name))
        if sign is not None:
            found.append((pytest.approx(sign.time_s), sign.name))
    return found


def test_a_sign_counts_when_it_was_held_and_once_as_long_as_it_lasts() -> None:
    assert signs("_ fist fist fist fist fist") == [(0.3, "fist")]
    assert signs("_ fist " + "fist " * 300) == [(0.3, "fist")]
    assert signs("_ _ " + "fist " * 10, rate_hz=30) == [(8 / 30, "fist")]
    assert signs("_ wave wave wave") == [(0.2, "wave")]


def test_a_flash_of_a_sign_is_none() -> None:
    assert signs("_ fist _ ok _ fist _ point") == []
    assert signs("fist ok " * 100) == []


def test_a_sign_that_flickers_counts_once_and_one_shown_anew_twice() -> None:
    assert signs("fist fist fist _ fist fist fist _ ok fist fist _ fist fist") == [(0.2, "fist")]
    gone = int(RELEASE_S * 10) + 1
    shown = signs("fist fist fist " + "_ " * gone + "fist fist fist")
    assert shown == [(0.2, "fist"), ((5 + gone) / 10, "fist")]


def test_another_sign_waits_for_the_cool_down() -> None:
    shown = signs("thumb_up thumb_up thumb_up " + "open_palm " * 10)
    assert [name for _, name in shown] == ["thumb_up", "open_palm"]
    assert shown[1][0].expected == pytest.approx(0.2 + COOL_DOWN_S, abs=0.11)  # one sighting later at most


def test_the_way_back_of_a_swipe_is_no_swipe() -> None:
    assert signs("swipe_left swipe_left _ swipe_right swipe_right swipe_right _ _ _ _") == [(0.1, "swipe_left")]
    later = int(10 * MOVED_COOL_DOWN_S)
    assert len(signs("swipe_left swipe_left " + "_ " * later + "swipe_right swipe_right")) == 2


def test_a_hand_that_was_away_has_to_hold_its_sign_anew() -> None:
    policy = Signs()
    assert policy.step(guess(0.0, "fist")) is None
    assert policy.step(guess(0.01 + FORGET_S, "fist")) is None
    assert policy.step(guess(0.11 + FORGET_S, "fist")) is None
    assert policy.step(guess(0.21 + FORGET_S, "fist")) is not None


def test_a_clock_set_back_starts_anew_and_blocks_nothing() -> None:
    policy = Signs()
    assert signs("ok ok ok", policy=policy) == [(0.2, "ok")]
    assert [policy.step(guess(time_s, "fist")) is None for time_s in (-50.0, -49.9, -49.8)] == [True, True, False]


@given(st.lists(st.tuples(st.floats(0.01, 0.3), st.sampled_from(["none", "fist", "ok", "wave", "swipe_left"]))))
def test_signs_keep_their_distance_whatever_is_seen(steps: list[tuple[float, str]]) -> None:
    policy, now, given_signs = Signs(), 0.0, []
    for step_s, name in steps:
        now += step_s
        if (sign := policy.step(guess(now, name))) is not None:
            given_signs.append(sign)
    for one, other in pairwise(given_signs):
        wait_s = MOVED_COOL_DOWN_S if one.name in MOVEMENTS else COOL_DOWN_S
        assert other.time_s - one.time_s >= wait_s
        assert other.name != NONE


def test_the_reader_feeds_the_last_second_as_the_training_does() -> None:
    session = Session()
    reader = GestureReader(session, mirrored=True)
    times = np.arange(40) / 12
    for time_s in times:
        found = reader.feed(float(time_s), HAND + time_s)
    assert (found.name, found.time_s) == ("open_palm", times[-1])
    assert found.probability == pytest.approx(0.9)
    last = times[-15:]
    assert session.windows[-1] == pytest.approx(window(last, HAND + last[:, None, None].astype(np.float32)))


def test_a_plain_picture_is_turned_to_what_a_mirror_shows() -> None:
    plain, mirror = Session(), Session()
    GestureReader(plain).feed(0.0, HAND)
    GestureReader(mirror, mirrored=True).feed(0.0, HAND * [-1, 1])
    assert plain.windows[0] == pytest.approx(mirror.windows[0])


@pytest.mark.parametrize("later_s", [FORGET_S + 0.1, 0.0, -1.0])
def test_the_reader_forgets_a_hand_that_was_away_and_one_from_the_future(later_s: float) -> None:
    session = Session()
    reader = GestureReader(session)
    for time_s in np.arange(1, 16) / 15:
        reader.feed(float(time_s), HAND)
    assert session.windows[-1][:, 0].sum() == STEPS
    reader.feed(1.0 + later_s, HAND)
    assert session.windows[-1][:, 0].sum() <= 2


def test_an_unlikely_gesture_is_none() -> None:
    found = GestureReader(Session(chance=0.4)).feed(0.0, HAND)
    assert found.name == NONE
    assert found.probabilities["open_palm"] == pytest.approx(0.4)


@pytest.mark.parametrize("hand", [np.zeros((20, 2)), np.zeros((21, 3)), np.full((21, 2), np.nan), np.zeros(42)])
def test_what_is_no_hand_is_refused(hand: NDArray[np.float64]) -> None:
    with pytest.raises(UserError, match="21 finite points"):
        GestureReader(Session()).feed(0.0, hand)


@pytest.mark.parametrize("metadata", [{"labels": "[]"}, {"labels": "?", "threshold": "0.5"}])
def test_a_model_without_its_metadata_is_refused(metadata: dict[str, str]) -> None:
    with pytest.raises(UserError, match="lacks its metadata"):
        GestureReader(Session(metadata=metadata))


def test_two_hands_are_read_apart_and_sign_once() -> None:
    session = Session()
    hands = Hands(session, mirrored=True)
    left, right, ghost = Hand(HAND, False, 0.8), Hand(HAND * 2, True, 0.9), Hand(HAND**2, True, 0.6)
    assert hands.see(Sight(0.0, 640, 480)) is None
    assert hands.see(Sight(0.0, 640, 480, hands=(left, ghost, right))) is None
    assert len(session.windows) == 2
    assert all(np.allclose(shown, window([0.0], HAND[None]), atol=1e-5) for shown in session.windows)
    assert hands.see(Sight(0.1, 640, 480, hands=(left, right))) is None
    sign = hands.see(Sight(0.2, 640, 480, hands=(left,)))
    assert sign is not None
    assert (sign.name, sign.time_s) == ("open_palm", 0.2)
    assert hands.see(Sight(0.3, 640, 480, hands=(right,))) is None
    assert hands.see(Sight(0.2 + COOL_DOWN_S, 640, 480, hands=())) is None
