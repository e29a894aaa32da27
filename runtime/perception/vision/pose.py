"""Where a face is turned and looks, and how far away it is, from its landmarks."""

import math
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

FIELD_OF_VIEW_DEG: Final = 63.0
"""Assumed for the long side of the picture; webcams and phones have 55 to 75."""
IRIS_CM: Final = 1.17
"""A human iris is 11.7 mm wide, give or take 0.5, at any age above one (Google, MediaPipe Iris, 2020)."""
GAZE_FULL_DEG: Final = 30.0
"""A gaze of 1 is so far off the camera."""

_LEVEL_DEG: Final = 3.0
"""The canonical face looks so far up when a head is held level: the median of people who look into the camera."""

# Points of the canonical face model (mediapipe/modules/face_geometry/data/canonical_face_model.obj, Apache-2.0), in cm,
# x to the subject's left, y up, z to the viewer. Taken are those that expressions leave alone: the corners of the eyes,
# the bridge and tip of the nose, the temples and the middle of the forehead.
_POINTS: Final = (33, 133, 362, 263, 168, 6, 197, 5, 4, 127, 356, 162, 389, 9, 151)
_CANONICAL_CM: Final = np.array(
    [
        (-4.4459, 2.6640, 3.1734), (-1.8564, 2.5852, 3.7579), (1.8564, 2.5852, 3.7579), (4.4459, 2.6640, 3.1734),
        (0.0, 3.2710, 5.2360), (0.0, 2.4733, 5.7886), (0.0, 1.7284, 6.3168), (0.0, 0.3657, 7.2429),
        (0.0, -0.4632, 7.5866), (-7.7431, 2.3650, -2.0052), (7.7431, 2.3650, -2.0052), (-7.5558, 4.1068, -0.9919),
        (7.5558, 4.1068, -0.9919), (0.0, 4.8860, 5.3853), (0.0, 6.5454, 5.0273),
    ]
)  # fmt: skip
_MODEL_CM: Final = ((_CANONICAL_CM - _CANONICAL_CM[:4].mean(0)) * (1, -1, -1)) @ cv2.Rodrigues(
    np.radians([-_LEVEL_DEG, 0.0, 0.0])
)[0]
"""The same, held level, from the middle between the eyes, in the camera's axes: x right, y down, z away. Unturned, it
faces the camera."""

# Of each eye: corners, iris centre, and the iris's right, top, left and bottom.
_EYES: Final = (((33, 133), 468, (469, 470, 471, 472)), ((362, 263), 473, (474, 475, 476, 477)))
_EYE_DEPTH_CM: Final = 0.6
"""The eyeball's centre lies so far behind the middle of the eye's corners."""
_EYE_RISE_CM: Final = 0.2
"""And so far above it."""
_EYE_RADIUS_CM: Final = 1.0
"""The iris lies so far before it."""


@dataclass(frozen=True, slots=True)
class Pose:
    """See `messages.Face`: `head` in degrees, seen from the camera wherever in its picture, `gaze`, `distance_m`."""

    head: tuple[float, float, float]
    gaze: tuple[float, float]
    distance_m: float


def read_pose(landmarks: NDArray[np.float32], width: int, height: int) -> Pose | None:
    """Return where a face (478, 3) of a picture of `width` x `height` pixels is turned; None if it makes no sense.

    The head's turn comes from solvePnP on the canonical face model (Terzakis and Lourakis 2020: SQPnP); the gaze from
    the irises' places on eyeballs that turn with it; the distance from the irises' width.
    """
    focal_px = max(width, height) / 2 / math.tan(math.radians(FIELD_OF_VIEW_DEG) / 2)
    camera = np.array([[focal_px, 0, width / 2], [0, focal_px, height / 2], [0, 0, 1]])
    seen = landmarks[list(_POINTS), :2].astype(np.float64)
    if np.ptp(seen, axis=0).max() < 1.0:
        return None
    good, turn, place = cv2.solvePnP(_MODEL_CM, seen, camera, None, flags=cv2.SOLVEPNP_SQPNP)
    if not good or not np.isfinite(turn).all() or not np.isfinite(place).all() or place[2, 0] <= 0:
        return None
    axes = np.asarray(cv2.Rodrigues(turn)[0], np.float64)
    to_camera = _unturn(np.asarray(place[:, 0], np.float64))
    head = _angles(to_camera @ axes)
    sight = to_camera @ _gaze(landmarks, axes, focal_px / float(place[2, 0]))
    aside, up = math.atan2(sight[0], -sight[2]), math.asin(min(max(-sight[1], -1.0), 1.0))
    gaze = tuple(min(max(math.degrees(angle) / GAZE_FULL_DEG, -1.0), 1.0) for angle in (aside, up))
    return Pose(head, (gaze[0], gaze[1]), _distance_m(landmarks, focal_px))


def _angles(axes: NDArray[np.float64]) -> tuple[float, float, float]:
    """Return yaw, pitch, roll in degrees of a rotation made of them in this order (signs as in `FaceState`)."""
    ahead = -axes[:, 2]
    yaw, pitch = math.atan2(ahead[0], -ahead[2]), math.asin(min(max(-ahead[1], -1.0), 1.0))
    flat = cv2.Rodrigues(np.array([0.0, -yaw, 0.0]))[0] @ cv2.Rodrigues(np.array([-pitch, 0.0, 0.0]))[0]
    rest = np.asarray(flat).T @ axes
    return math.degrees(yaw), math.degrees(pitch), math.degrees(math.atan2(rest[1, 0], rest[0, 0]))


def _unturn(place: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the smallest rotation after which a head at `place` lies straight ahead of the camera."""
    ray = place / np.linalg.norm(place)
    axis = np.cross(ray, (0.0, 0.0, 1.0))
    sine = np.linalg.norm(axis)
    if sine < 1e-9:
        return np.eye(3)
    return np.asarray(cv2.Rodrigues(axis / sine * math.atan2(sine, ray[2]))[0])


def _gaze(landmarks: NDArray[np.float32], axes: NDArray[np.float64], px_per_cm: float) -> NDArray[np.float64]:
    """Return the mean direction (3,) of both eyes in the camera's axes.

    An eye's centre lies behind the middle of its corners, as seen along the head's own depth; the iris lies on a sphere
    around it.
    """
    sights = []
    behind = axes @ (0.0, -_EYE_RISE_CM, _EYE_DEPTH_CM)
    for corners, iris, _ in _EYES:
        centre = landmarks[list(corners), :2].mean(0) + behind[:2] * px_per_cm
        aside = (landmarks[iris, :2] - centre) / (_EYE_RADIUS_CM * px_per_cm)
        aside = aside / max(1.0, float(np.linalg.norm(aside)) / 0.95)
        sights.append((aside[0], aside[1], -math.sqrt(1.0 - float(aside @ aside))))
    mean = np.mean(sights, axis=0)
    return np.asarray(mean / np.linalg.norm(mean))


def _distance_m(landmarks: NDArray[np.float32], focal_px: float) -> float:
    """Return the distance at which irises look as wide as these. A turned head narrows them: the wider way counts."""
    widths = []
    for _, _, (right, top, left, bottom) in _EYES:
        across, down = landmarks[right, :2] - landmarks[left, :2], landmarks[top, :2] - landmarks[bottom, :2]
        widths.append(max(float(np.linalg.norm(across)), float(np.linalg.norm(down))))
    return focal_px * IRIS_CM / 100 / max(float(np.mean(widths)), 0.1)
