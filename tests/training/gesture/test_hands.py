"""Hands of the kinematic model and their movements: bodies stay whole, and labels say what is to be seen."""

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from runtime.perception.hand_features import LABELS, palm_size
from training.gesture import motions
from training.gesture.hand_model import Pose, landmarks, pictured, turned
from training.gesture.shapes import KINDS, Kind, modelled, of_kind

FINGERS = [(5, 6, 7, 8), (9, 10, 11, 12), (13, 14, 15, 16), (17, 18, 19, 20)]


def pose(count: int, flex_deg: float, touch: bool = False) -> Pose:
    flex = np.full((count, 4, 3), np.radians(flex_deg))
    if touch:
        flex[:, 0] = np.radians([55, 60, 30])
    goal, thumb = np.full((count, 3), np.nan), np.radians(np.full((count, 3, 2), 30.0))
    return Pose(flex, np.zeros((count, 4)), thumb, goal, np.full(count, touch))


def bones(hands: NDArray[np.float64]) -> NDArray[np.float64]:
    """The lengths of all bones of fingers and thumb, (n, 15)."""
    pairs = [pair for chain in [(1, 2, 3, 4), *FINGERS] for pair in pairwise(chain)]
    return np.stack([np.linalg.norm(hands[:, b] - hands[:, a], axis=-1) for a, b in pairs], 1)


def only(name: str) -> list[Kind]:
    return [kind for kind in KINDS if kind.labels == (name,)]


def test_bones_keep_their_length_whatever_the_joints_do() -> None:
    straight, curled, touching = (
        landmarks(pose(20, flex_deg, touch), np.random.default_rng(1))
        for flex_deg, touch in ((0, False), (70, False), (20, True))
    )
    assert bones(curled) == pytest.approx(bones(straight))
    assert bones(touching) == pytest.approx(bones(straight), abs=1e-6)


def test_fingers_bend_into_the_palm_and_the_thumb_reaches_the_index_finger() -> None:
    straight = landmarks(pose(20, 0), np.random.default_rng(1))
    curled = landmarks(pose(20, 70), np.random.default_rng(1))
    for chain in FINGERS:
        assert (straight[:, chain[-1], 1] > straight[:, chain[0], 1]).all()
        assert (np.diff(curled[:, chain, 2], axis=1)[:, 0] > 0).all()
        assert (curled[:, chain[-1], 1] < curled[:, chain[1], 1]).all()
    touching = landmarks(pose(200, 20, touch=True), np.random.default_rng(1))
    gap = np.linalg.norm(touching[:, 4] - touching[:, 8], axis=-1)
    assert (gap < 0.06).mean() > 0.8  # short thumbs can't; such hands are dropped later


def test_a_turn_is_a_turn_and_a_far_camera_sees_no_perspective() -> None:
    rng = np.random.default_rng(2)
    hands = landmarks(pose(10, 30), rng)
    spin, pitch, roll = rng.uniform(-3, 3, (3, 10))
    seen = turned(hands, spin, pitch, roll, np.arange(10) % 2 == 0)
    inner = np.linalg.norm(hands[:, :, None] - hands[:, None], axis=-1)
    assert np.linalg.norm(seen[:, :, None] - seen[:, None], axis=-1) == pytest.approx(inner)
    assert np.linalg.det(np.stack([seen[:, k] - seen[:, 0] for k in (4, 8, 20)], 1)) == pytest.approx(
        np.linalg.det(np.stack([hands[:, k] - hands[:, 0] for k in (4, 8, 20)], 1))
    )  # no mirror
    flat = pictured(seen, np.full(10, 1e6))
    assert np.linalg.norm(flat[:, 8] - flat[:, 0], axis=-1) == pytest.approx(
        np.linalg.norm((seen[:, 8] - seen[:, 0])[:, :2], axis=-1), abs=1e-4
    )


def test_shapes_look_like_what_they_are_called() -> None:
    rng = np.random.default_rng(3)
    span = {name: _reach(of_kind(only(name)[0], 300, rng).points) for name in ("open_palm", "fist", "point", "victory")}
    assert (np.median(span["open_palm"], 0) > 1.3).all()
    assert (np.median(span["fist"], 0) < 1.1).all()
    assert np.median(span["point"], 0)[0] > 1.3 > np.median(span["point"], 0)[1:].max()
    assert np.median(span["victory"], 0)[:2].min() > 1.3 > np.median(span["victory"], 0)[2:].max()
    for name in ("ok", "pinch"):
        hands = of_kind(only(name)[0], 300, rng).points
        assert np.median(np.linalg.norm(hands[:, 4] - hands[:, 8], axis=-1) / palm_size(hands)) < 0.12


def test_thumbs_point_where_their_label_says() -> None:
    thumbs = next(kind for kind in KINDS if kind.view == "thumb")
    hands = of_kind(thumbs, 2000, np.random.default_rng(4))
    up, down = (hands.allowed[:, LABELS.index(name)] for name in ("thumb_up", "thumb_down"))
    rise = hands.points[:, 2, 1] - hands.points[:, 4, 1]  # y points down
    assert up.sum() > 200 < down.sum()
    assert (rise[up] > 0).mean() > 0.99
    assert (rise[down] < 0).mean() > 0.99


def test_every_hand_has_a_label_and_every_label_hands() -> None:
    hands = modelled(3000, np.random.default_rng(5))
    assert np.isfinite(hands.points).all()
    assert hands.allowed.any(1).all()
    sole = hands.allowed[hands.allowed.sum(1) == 1].sum(0)
    assert (sole[:9] > 30).all()
    assert not sole[9:].any()  # movements aren't shapes


@pytest.mark.parametrize("name", motions.KINDS)
def test_movements_do_what_they_are_called(name: str) -> None:
    rng, sure = np.random.default_rng(6), 0
    for _ in range(300):
        motion = motions.KINDS[name](rng)
        assert motion.times_s[-1] == 0
        assert (np.diff(motion.times_s) > 0).all()
        assert len(motion.shift) == len(motion.turn) == len(motion.size) == len(motion.times_s)
        if len(motion.labels) != 1:
            continue
        sure += 1
        label, way = motion.labels[0], motion.shift[-1] - motion.shift[0]
        if label.startswith("swipe"):
            assert (way[0] > 0) == (label == "swipe_right")
            assert abs(way[0]) > 1
        if label.startswith("circle"):
            assert (_area(motion.shift) > 0) == (label == "circle_clockwise")
        if label == "wave":
            assert np.abs(np.diff(np.sign(np.diff(motion.turn)))).sum() >= 2  # to and fro
    assert sure > 30 or name == "other"


def test_a_recorded_path_loses_the_part_before_a_jump() -> None:
    path = np.array([[0, 0], [5, 0], [400, 300], [405, 300], [410, 300]], float)
    motion = motions.tip_path(path, 100.0, 10.0, ("point",))
    assert motion.times_s == pytest.approx([-0.2, -0.1, 0])
    assert motion.shift == pytest.approx(np.array([[-0.1, 0], [-0.05, 0], [0, 0]]))


def _reach(hands: NDArray[np.float32]) -> NDArray[np.float32]:
    """How far each fingertip is from the wrist, in distances of the finger's root, (n, 4)."""
    from_wrist = np.linalg.norm(hands - hands[:, :1], axis=-1)
    return np.asarray(from_wrist[:, (8, 12, 16, 20)] / from_wrist[:, (5, 9, 13, 17)])


def _area(path: NDArray[np.float64]) -> float:
    """The area a path goes around, positive for clockwise as y points down."""
    x, y = (path - path.mean(0)).T
    return float((x * np.roll(y, -1) - np.roll(x, -1) * y)[:-1].sum())
