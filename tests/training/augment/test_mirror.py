"""A mirrored picture has left and right swapped in labels, values and landmarks, and nothing else."""

import numpy as np
import pytest

from training.augment import mirror
from training.augment.face_mesh import FACE_MESH_PARTNERS
from training.augment.landmarks import Draw, LandmarkChange


@pytest.mark.parametrize(
    ("label", "mirrored"),
    [
        ("swipe left", "swipe right"),
        ("swipe_right", "swipe_left"),
        ("Left", "Right"),
        ("eyeBlinkLeft", "eyeBlinkRight"),
        ("mouthRight", "mouthLeft"),
        ("clockwise", "counter-clockwise"),
        ("circle_counterclockwise", "circle_clockwise"),
        ("Anti-clockwise", "Clockwise"),
        ("brow_l", "brow_r"),
        ("lid_ul", "lid_ur"),
        ("wave", "wave"),
        ("jawOpen", "jawOpen"),
        ("bright", "bright"),
        ("leftover", "leftover"),
        ("doll", "doll"),
    ],
)
def test_labels(label: str, mirrored: str) -> None:
    assert mirror.mirrored_label(label) == mirrored


def test_values_change_their_sides() -> None:
    names = ["jawOpen", "eyeBlinkLeft", "mouthSmileRight", "eyeBlinkRight", "mouthSmileLeft"]
    assert mirror.mirror_values(np.arange(5.0), names).tolist() == [0, 3, 4, 1, 2]
    labels = ["swipe left", "circle_counterclockwise", "swipe_right", "circle clockwise"]
    assert mirror.partners(labels).tolist() == [2, 3, 0, 1]
    with pytest.raises(ValueError, match="no opposite side for eyeBlinkLeft"):
        mirror.partners(["jawOpen", "eyeBlinkLeft"])


def test_landmarks_of_a_face_change_places_and_those_of_a_hand_keep_theirs() -> None:
    points = np.array([[0.2, 0.5, 1.0], [0.7, 0.4, 2.0], [0.5, 0.9, 3.0]])
    face = mirror.mirror_points(points, 1.0, np.array([1, 0, 2]))
    assert face == pytest.approx(np.array([[0.3, 0.4, 2.0], [0.8, 0.5, 1.0], [0.5, 0.9, 3.0]]))
    hand = mirror.mirror_points(points, 1.0)
    assert hand == pytest.approx(np.array([[0.8, 0.5, 1.0], [0.3, 0.4, 2.0], [0.5, 0.9, 3.0]]))
    assert points[0, 0] == 0.2


def test_the_mesh_of_a_face_mirrored_twice_is_itself() -> None:
    assert FACE_MESH_PARTNERS.shape == (478,)
    assert (FACE_MESH_PARTNERS[FACE_MESH_PARTNERS] == np.arange(478)).all()
    pairs = {33: 263, 133: 362, 61: 291, 468: 473, 159: 386, 105: 334}  # eye corners, mouth, iris, lid, brow
    assert {left: int(FACE_MESH_PARTNERS[left]) for left in pairs} == pairs
    for middle in (1, 4, 13, 14, 152, 10):  # nose, lips, chin, forehead
        assert FACE_MESH_PARTNERS[middle] == middle


def test_a_change_of_landmarks_mirrors_them() -> None:
    change = LandmarkChange(partner=np.array([1, 0, 2]), about="origin")
    points = np.array([[1.0, 0.0], [-2.0, 1.0], [0.0, 3.0]])
    found = change.apply(points, Draw(mirrored=True), np.random.default_rng(0))
    assert found == pytest.approx(np.array([[2.0, 1.0], [-1.0, 0.0], [0.0, 3.0]]))
