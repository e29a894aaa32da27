"""What the camera tells of a person."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class CameraImage:
    """One camera picture: `rgb` (height, width, 3) uint8."""

    rgb: NDArray[np.uint8]
    time_s: float


LANDMARKS_FACE: Final = 478


LANDMARKS_HAND: Final = 21


@dataclass(frozen=True, slots=True)
class Face:
    """One face in a camera picture.

    `landmarks` (478, 3) float32: mediapipe's face mesh with iris, x right and y down in pixels of the picture, z away
    from the viewer in the same unit. `weights` (52,) float32 ARKit blendshapes, 0..1. `head` is yaw, pitch and roll in
    degrees, with the signs of `FaceState`. `gaze` x, y in -1..1, (0, 0) into the camera. `distance_m` is an estimate
    from the size of the irises.
    """

    landmarks: NDArray[np.float32]
    weights: NDArray[np.float32]
    head: tuple[float, float, float]
    gaze: tuple[float, float]
    distance_m: float


@dataclass(frozen=True, slots=True)
class Hand:
    """One hand in a camera picture: `landmarks` (21, 2) float32 in pixels of the picture; `score` 0..1."""

    landmarks: NDArray[np.float32]
    right: bool
    score: float


@dataclass(frozen=True, slots=True)
class Sight:
    """What is seen in one camera picture of `width` x `height` pixels, taken at `time_s`.

    `faces` and `hands` are None where they were not looked for in this picture; the partner's face is the first.
    """

    time_s: float
    width: int
    height: int
    faces: tuple[Face, ...] | None = None
    hands: tuple[Hand, ...] | None = None


@dataclass(frozen=True, slots=True)
class Gesture:
    """A sign of the hand that is complete at `time_s`, such as open_palm or swipe_left (their own left)."""

    name: str
    confidence: float
    time_s: float


class Presence(StrEnum):
    """Whether somebody is there, and whether they look this way."""

    AWAY = "away"
    HERE = "here"
    LOOKING = "looking"


@dataclass(frozen=True, slots=True)
class PresenceChanged:
    """`presence` holds since `time_s`."""

    presence: Presence
    time_s: float
