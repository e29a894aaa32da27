"""What the face models read: face mesh landmarks without place and size, and half a second of blendshapes.

The runtime and the training import this same code, so that a model meets in use what it was trained on.
"""

from collections import deque
from typing import Final

import numpy as np
from numpy.typing import NDArray

from runtime.core.blendshapes import BLENDSHAPES

LANDMARKS: Final = 478
"""Face mesh with iris: 468 points of the face, 5 of each iris."""
USED: Final[tuple[int, ...]] = (
    0, 1, 4, 5, 6, 7, 8, 10, 13, 14, 17, 21, 33, 37, 39, 40, 46, 52, 53, 54, 55, 58, 61, 63, 65, 66, 67, 70, 78, 80,
    81, 82, 84, 87, 88, 91, 93, 95, 103, 105, 107, 109, 127, 132, 133, 136, 144, 145, 146, 148, 149, 150, 152, 153,
    154, 155, 157, 158, 159, 160, 161, 162, 163, 168, 172, 173, 176, 178, 181, 185, 191, 195, 197, 234, 246, 249, 251,
    263, 267, 269, 270, 276, 282, 283, 284, 285, 288, 291, 293, 295, 296, 297, 300, 308, 310, 311, 312, 314, 317, 318,
    321, 323, 324, 332, 334, 336, 338, 356, 361, 362, 365, 373, 374, 375, 377, 378, 379, 380, 381, 382, 384, 385, 386,
    387, 388, 389, 390, 397, 398, 400, 402, 405, 409, 415, 454, 466, 468, 469, 470, 471, 472, 473, 474, 475, 476, 477,
)  # fmt: skip
"""The 146 landmarks that MediaPipe's own blendshape net reads: brows, eyes, irises, lips, nose and outline."""
WINDOW_S: Final = 0.5
WINDOW_STEPS: Final = 6
"""Points in time of a window, evenly spaced, the last one now."""
OLDEST_S: Final = 1.0
"""After a longer gap between two frames a window begins anew."""


def normalise(landmarks: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return the landmarks of USED without the face's place and size in the picture; its turn stays.

    The same as MediaPipe's blendshape graph does to x and y: less their mean, over their mean distance from it.

    Args:
        landmarks: (..., 478, 3), x right, y down, z away from the viewer, all in one unit: face mesh's normalised
            coordinates times the picture's width, height and width.

    Returns:
        (..., 146, 3) float32.
    """
    points = np.asarray(landmarks, np.float32)[..., USED, :]
    points = points - points.mean(-2, keepdims=True)
    size = np.linalg.norm(points[..., :2], axis=-1).mean(-1)[..., None, None]
    return np.asarray(points / np.maximum(size, 1e-6), np.float32)


class BlendshapeWindow:
    """The last half second of blendshapes, at whatever rate they come.

    `add` frames as they come; `features` gives them at six even points in time, interpolated linearly. Before half a
    second has passed, the first frame stands for what came before it.
    """

    def __init__(self) -> None:
        self._frames: deque[tuple[float, NDArray[np.float32]]] = deque()

    def add(self, time_s: float, weights: NDArray[np.floating]) -> None:
        """Take one frame: `weights` (52,) in 0..1. A frame not newer than the last one is dropped."""
        if self._frames and time_s <= self._frames[-1][0]:
            return
        if self._frames and time_s - self._frames[-1][0] > OLDEST_S:
            self._frames.clear()  # the face was away; what it did before says nothing of now
        self._frames.append((time_s, np.asarray(weights, np.float32)))
        while len(self._frames) > 2 and self._frames[1][0] <= time_s - WINDOW_S:
            self._frames.popleft()

    def features(self) -> NDArray[np.float32] | None:
        """Return (6, 52) float32, oldest first, ending at the newest frame; None before the first."""
        if not self._frames:
            return None
        times = np.array([time_s for time_s, _ in self._frames])
        frames = np.stack([weights for _, weights in self._frames])
        return np.asarray(windows(times, frames, times[-1:])[0])


def windows(
    times_s: NDArray[np.floating], frames: NDArray[np.floating], ends_s: NDArray[np.floating]
) -> NDArray[np.float32]:
    """Return (m, 6, 52) float32: for each of `ends_s` (m,), six points in time up to it, interpolated linearly.

    Args:
        times_s: (n,) rising.
        frames: (n, 52) blendshapes at those times; before the first and after the last they are held.
        ends_s: (m,) the newest point in time of each window.
    """
    wanted = np.asarray(ends_s, np.float64)[:, None] + np.linspace(-WINDOW_S, 0.0, WINDOW_STEPS)
    right = np.clip(np.searchsorted(times_s, wanted), 1, max(len(times_s) - 1, 1))
    left = right - 1
    if len(times_s) == 1:
        right = left
    span = np.maximum(np.asarray(times_s)[right] - np.asarray(times_s)[left], 1e-9)
    share = np.clip((wanted - np.asarray(times_s)[left]) / span, 0.0, 1.0)[..., None]
    mixed = frames[left] * (1 - share) + frames[right] * share
    return np.asarray(mixed, np.float32).reshape(len(wanted), WINDOW_STEPS, len(BLENDSHAPES))
