"""What the gesture model sees of a hand: the last second of its 21 landmarks, free of place, size and frame rate.

Shared by runtime and training, so that both compute the same numbers. Landmarks are numbered as mediapipe does: 0
wrist, 1–4 thumb, 5–8 index, 9–12 middle, 13–16 ring, 17–20 little finger, each from its root to its tip. They are given
in picture coordinates with equal units on both axes (pixels), y downwards, in a picture seen as in a mirror: so "left"
and "clockwise" are those of the person who looks into the camera.
"""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

LABELS: Final = (
    "none",
    "open_palm",
    "fist",
    "point",
    "thumb_up",
    "thumb_down",
    "victory",
    "ok",
    "pinch",
    "wave",
    "swipe_left",
    "swipe_right",
    "circle_clockwise",
    "circle_counterclockwise",
)
RAISED_FINGERS: Final = {"fist": 0, "point": 1, "thumb_up": 1, "thumb_down": 1, "victory": 2, "ok": 3, "open_palm": 5}
"""How many fingers (the thumb is one) a gesture holds up; a pinch, a movement and none imply no number."""

LANDMARKS: Final = 21
STEPS: Final = 16
STEP_S: Final = 1 / 15
FEATURES: Final = 3 + 2 * LANDMARKS
"""Of a step: 1 where the hand was seen, its palm's shift since then (x, y), its shape (x, y of each landmark)."""

_PALM: Final = (0, 5, 9, 13, 17)
_REACH_S: Final = 1.5 * STEP_S
"""A step farther than this from any sighting counts as not seen."""
_FARTHEST: Final = 6.0
"""Limit of all lengths, in palms."""


def palm_size(hands: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the size of the palms of `hands` (..., 21, 2), shape (...): the widest distance between its five corners.

    It shrinks least when the hand turns away, and never falls to zero.
    """
    corners = hands[..., _PALM, :]
    apart = corners[..., :, None, :] - corners[..., None, :, :]
    size: NDArray[np.float32] = np.sqrt((apart**2).sum(-1).max((-1, -2)))
    return np.maximum(size, 1e-6)


def palm_centre(hands: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the middle of the palms of `hands` (..., 21, 2), shape (..., 2)."""
    centre: NDArray[np.float32] = hands[..., _PALM, :].mean(-2)
    return centre


def window(times_s: ArrayLike, hands: ArrayLike) -> NDArray[np.float32]:
    """Return the second that ends with the last sighting, on a fixed grid of 15 steps a second.

    Args:
        times_s: when the hand was seen, shape (n,), rising, n > 0. What lies over a second back isn't looked at.
        hands: its landmarks then, shape (n, 21, 2).

    Returns:
        Shape (16, 45), the newest step last. Lengths are in palms, at most ±6. Steps at which the hand wasn't seen are
        zero throughout.
    """
    times = np.asarray(times_s, np.float64)
    seen = np.asarray(hands, np.float32)
    grid = times[-1] - np.arange(STEPS - 1, -1, -1) * STEP_S
    after = np.clip(np.searchsorted(times, grid), 0, len(times) - 1)
    before = np.maximum(after - 1, 0)
    nearest = np.minimum(np.abs(times[after] - grid), np.abs(times[before] - grid))
    span = np.maximum(times[after] - times[before], 1e-9)
    share = np.clip((grid - times[before]) / span, 0, 1).astype(np.float32)[:, None, None]
    at = seen[before] * (1 - share) + seen[after] * share

    valid = nearest <= _REACH_S
    size, centre = palm_size(at), palm_centre(at)
    features = np.empty((STEPS, FEATURES), np.float32)
    features[:, 0] = 1
    features[:, 1:3] = (centre - centre[-1]) / np.median(size[valid])
    features[:, 3:] = ((at - centre[:, None]) / size[:, None, None]).reshape(STEPS, -1)
    features[~valid] = 0
    return np.clip(features, -_FARTHEST, _FARTHEST, out=features)


def mirrored(hands: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return `hands` (..., 2) as the other side of a mirror shows them: x changes its sign."""
    return hands * np.array([-1, 1], np.float32)
