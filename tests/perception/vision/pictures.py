"""Real pictures for these tests, where the shared data lie beside the repository, and faces made up from numbers."""

import math
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from runtime.core.messages import LANDMARKS_FACE, Face
from runtime.perception.vision.library import why_blind

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
TASK = DATA / "weights" / "face_landmarker_v2_with_blendshapes.task"

needs_mediapipe = pytest.mark.skipif(why_blind() is not None, reason=str(why_blind()))

Picture = NDArray[np.uint8]


def needed(path: Path) -> Path:
    """Return a path of the shared data, or skip the test."""
    if not path.exists():
        pytest.skip(f"there is no {path}")
    return path


@lru_cache(maxsize=8)
def clip(name: str, count: int, step: int = 1) -> tuple[Picture, ...]:
    """Return every `step`-th of the first pictures of a face video, RGB, 480 pixels high."""
    capture = cv2.VideoCapture(str(needed(DATA / "face" / "clips" / f"{name}.mp4")))
    pictures = []
    for index in range(count * step):
        good, bgr = capture.read()
        assert good
        if index % step == 0:
            scale = 480 / bgr.shape[0]
            small = cv2.resize(bgr, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            pictures.append(np.ascontiguousarray(small[..., ::-1]))
    capture.release()
    return tuple(np.asarray(picture, np.uint8) for picture in pictures)


def hand_picture(name: str) -> Picture:
    """Return a picture of the hands data, RGB, 640x480."""
    bgr = cv2.imread(str(needed(DATA / "gesture" / "hands" / f"{name}.jpg")))
    assert bgr is not None
    return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)


def on_wall(picture: Picture, width: int = 640, height: int = 480, share: float = 1.0) -> Picture:
    """Return the picture in the middle of a grey one, its height `share` of the whole."""
    wall = np.full((height, width, 3), 128, np.uint8)
    scale = share * height / picture.shape[0]
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)[:height, :width]
    top, left = (height - small.shape[0]) // 2, (width - small.shape[1]) // 2
    wall[top : top + small.shape[0], left : left + small.shape[1]] = small
    return wall


def turned(picture: Picture, degrees: float) -> Picture:
    """Return the picture turned clockwise about its middle."""
    height, width = picture.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1.0)
    return np.asarray(cv2.warpAffine(picture, turn, (width, height), borderValue=(128, 128, 128)), np.uint8)


def face(x: float = 320, y: float = 240, distance_m: float = 0.6, yaw: float = 0.0, pitch: float = 0.0) -> Face:
    """Return a made-up face whose middle is at x, y; its size follows from its distance."""
    radius = 60 / distance_m
    angle = np.linspace(0, 2 * math.pi, LANDMARKS_FACE)
    points = np.stack((x + radius * np.cos(angle), y + radius * np.sin(angle), np.zeros_like(angle)), -1)
    return Face(points.astype(np.float32), np.zeros(52, np.float32), (yaw, pitch, 0.0), (0.0, 0.0), distance_m)
