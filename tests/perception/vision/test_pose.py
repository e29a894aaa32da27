"""Where a face is turned and looks: by the canonical face seen through a made-up camera, and by real pictures."""

import math

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from runtime.core.messages import LANDMARKS_FACE
from runtime.perception.vision import pose
from runtime.perception.vision.finders import MeshFaces
from runtime.perception.vision.pose import Pose, read_pose
from tests.perception.vision.pictures import Picture, clip, needs_mediapipe, turned

WIDTH, HEIGHT = 640, 480
FOCAL_PX = WIDTH / 2 / math.tan(math.radians(pose.FIELD_OF_VIEW_DEG) / 2)


def rotation(yaw: float, pitch: float, roll: float) -> NDArray[np.float64]:
    """Return the turn of a head in the camera's axes, written out from the signs in `FaceState`."""
    a, b, c = np.radians([yaw, -pitch, roll])
    about_y = np.array([[math.cos(a), 0, -math.sin(a)], [0, 1, 0], [math.sin(a), 0, math.cos(a)]])
    about_x = np.array([[1, 0, 0], [0, math.cos(b), -math.sin(b)], [0, math.sin(b), math.cos(b)]])
    about_z = np.array([[math.cos(c), -math.sin(c), 0], [math.sin(c), math.cos(c), 0], [0, 0, 1]])
    return np.asarray(about_y @ about_x @ about_z)


def seen(turn: NDArray[np.float64], place_cm: tuple[float, float, float], eyes: tuple[float, float] = (0, 0)) -> Pose:
    """Return what is read of a head at a place whose eyes look so many degrees aside and up, from straight ahead."""
    place = np.array(place_cm)
    landmarks = np.zeros((LANDMARKS_FACE, 3), np.float32)

    def project(points: NDArray[np.float64]) -> NDArray[np.float64]:
        there = points @ turn.T + place
        return np.asarray(FOCAL_PX * there[:, :2] / there[:, 2:] + (WIDTH / 2, HEIGHT / 2), np.float64)

    landmarks[list(pose._POINTS), :2] = project(pose._MODEL_CM)
    aside, up = np.radians(eyes)
    for corners, iris, ring in pose._EYES:
        middle = np.mean([pose._MODEL_CM[pose._POINTS.index(corner)] for corner in corners], axis=0)
        sight = np.array([math.sin(aside) * math.cos(up), -math.sin(up), -math.cos(aside) * math.cos(up)])
        centre = middle + (0, -pose._EYE_RISE_CM, pose._EYE_DEPTH_CM) + sight * pose._EYE_RADIUS_CM
        half = pose.IRIS_CM / 2
        points = centre + np.array([(0, 0, 0), (half, 0, 0), (0, -half, 0), (-half, 0, 0), (0, half, 0)])
        landmarks[[iris, *ring], :2] = project(points)
    found = read_pose(landmarks, WIDTH, HEIGHT)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "angles", [(0, 0, 0), (25, 0, 0), (-25, 0, 0), (0, 20, 0), (0, -20, 0), (0, 0, 15), (20, -10, 8)]
)
def test_a_head_straight_ahead_is_read_with_the_right_signs(angles: tuple[float, float, float]) -> None:
    found = seen(rotation(*angles), (0, 0, 60))
    np.testing.assert_allclose(found.head, angles, atol=0.6)


def test_positive_yaw_is_the_subjects_left_and_positive_roll_leans_to_the_viewers_right() -> None:
    nose = rotation(20, 0, 0) @ (0.0, 0.0, -1.0)
    assert nose[0] > 0  # to the right of the picture, which is the subject's left
    assert (rotation(0, 20, 0) @ (0.0, 0.0, -1.0))[1] < 0  # up in the picture
    assert (rotation(0, 0, 20) @ (0.0, -1.0, 0.0))[0] > 0  # the crown goes to the right


@pytest.mark.parametrize("place", [(0, 0, 40), (0, 0, 150), (20, 0, 60), (-15, 10, 70)])
def test_the_distance_is_read_from_the_irises(place: tuple[float, float, float]) -> None:
    assert seen(np.eye(3), place).distance_m == pytest.approx(place[2] / 100, rel=0.08)


def test_somebody_aside_who_turns_to_the_camera_is_turned_to_it() -> None:
    place = (25.0, 0.0, 60.0)
    to_camera = -math.degrees(math.atan2(place[0], place[2]))
    facing = seen(rotation(to_camera, 0, 0), place)
    assert abs(facing.head[0]) < 2
    assert seen(np.eye(3), place).head[0] == pytest.approx(-to_camera, abs=2)


@pytest.mark.parametrize(
    ("head", "eyes"), [((0, 0), (0, 0)), ((15, 0), (-15, 0)), ((-12, 0), (12, 0)), ((0, 10), (0, -10))]
)
def test_eyes_that_make_up_for_the_heads_turn_look_into_the_camera(
    head: tuple[float, float], eyes: tuple[float, float]
) -> None:
    gaze = seen(rotation(*head, 0), (0, 0, 60), eyes).gaze
    assert math.hypot(*gaze) < 0.12


@pytest.mark.parametrize(
    ("eyes", "wanted"), [((15, 0), (0.5, 0)), ((-15, 0), (-0.5, 0)), ((0, 12), (0, 0.4)), ((60, 0), (1, 0))]
)
def test_a_look_aside_has_the_sign_of_the_viewers_side(eyes: tuple[float, float], wanted: tuple[float, float]) -> None:
    np.testing.assert_allclose(seen(np.eye(3), (0, 0, 60), eyes).gaze, wanted, atol=0.08)


def test_a_shape_that_is_no_face_is_none() -> None:
    assert read_pose(np.zeros((LANDMARKS_FACE, 3), np.float32), WIDTH, HEIGHT) is None
    assert read_pose(np.full((LANDMARKS_FACE, 3), 1e-3, np.float32), WIDTH, HEIGHT) is None


def read(picture: Picture) -> Pose:
    finder = MeshFaces()
    for step in range(3):  # the tracker settles
        found = finder.find(picture, step / 10)
    finder.close()
    assert len(found) == 1
    height, width = picture.shape[:2]
    result = read_pose(found[0].landmarks, width, height)
    assert result is not None
    return result


@needs_mediapipe
def test_a_real_face_that_is_mirrored_or_leans_is_read_so() -> None:
    picture = clip("d20", 1)[0]
    plain, flipped = read(picture), read(np.ascontiguousarray(picture[:, ::-1]))
    assert plain.head[0] < -3
    assert flipped.head[0] == pytest.approx(-plain.head[0], abs=2.5)
    assert flipped.head[2] == pytest.approx(-plain.head[2], abs=2)
    for degrees in (-15.0, 15.0):
        assert read(turned(picture, degrees)).head[2] - plain.head[2] == pytest.approx(degrees, abs=2.5)


@needs_mediapipe
def test_a_face_that_is_half_as_large_is_twice_as_far() -> None:
    picture = clip("d13", 1)[0]
    small = cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    wall = np.full_like(picture, 128)
    wall[120 : 120 + small.shape[0], 120 : 120 + small.shape[1]] = small
    assert read(wall).distance_m == pytest.approx(2 * read(picture).distance_m, rel=0.15)
