"""A kinematic hand: joint angles and bone lengths in, 21 landmarks in space out, seen by a camera from any side.

Lengths are in palms (wrist to the root of the middle finger). In the frame of the hand x points to the thumb's side, y
along the middle finger, z out of the palm. Proportions and joint ranges follow anthropometric tables (A. Buryanov and
V. Kotiuk, "Proportions of hand segments", Int. J. Morphol. 28, 2010), widened by the spread between people.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

ROOTS: Final = np.array([[0.27, 0.98, 0.0], [0.05, 1.0, 0.03], [-0.16, 0.93, 0.02], [-0.35, 0.82, -0.02]])
"""Where index, middle, ring and little finger begin."""
BONES: Final = np.array([[0.46, 0.27, 0.21], [0.51, 0.31, 0.22], [0.47, 0.29, 0.22], [0.37, 0.21, 0.19]])
THUMB_ROOT: Final = np.array([0.25, 0.2, 0.08])
THUMB_BONES: Final = np.array([0.42, 0.36, 0.28])
_REACH_ROUNDS: Final = 12


@dataclass
class Pose:
    """The joints of n hands. Angles in radians; `goal` is where the thumb's tip goes, NaN where it is straight."""

    flex: Array
    """(n, 4, 3): how far each finger bends at its three joints, index first."""
    spread: Array
    """(n, 4): how far each finger leans towards the thumb."""
    thumb: Array
    """(n, 3, 2): for each bone of the thumb its angle from y towards x, and its rise towards z."""
    goal: Array
    """(n, 3)"""
    touch: NDArray[np.bool_]
    """(n,): the thumb's tip goes to the index finger's instead."""


def landmarks(pose: Pose, rng: np.random.Generator) -> Array:
    """Return the landmarks (n, 21, 3) of hands in a pose, each with bones of its own."""
    count = len(pose.spread)
    build = rng.normal(1, 0.06, (count, 1, 1))  # long or short fingers for the palm
    bones = BONES * build * rng.normal(1, 0.04, (count, 4, 3))
    breadth = np.stack([rng.normal(1, 0.1, (count, 1)), rng.normal(1, 0.04, (count, 1)), np.ones((count, 1))], -1)
    roots = ROOTS * breadth + rng.normal(0, 0.02, (count, 4, 3))
    points = np.zeros((count, 21, 3))
    for finger in range(4):
        chain = _finger(roots[:, finger], bones[:, finger], pose.flex[:, finger], pose.spread[:, finger])
        points[:, 5 + 4 * finger : 9 + 4 * finger] = chain
    thumb_bones = THUMB_BONES * build[:, 0] * rng.normal(1, 0.05, (count, 3))
    base = THUMB_ROOT * breadth[:, 0] + rng.normal(0, 0.02, (count, 3))
    goal = np.where(pose.touch[:, None], points[:, 8], pose.goal)
    points[:, 1:5] = _thumb(base, thumb_bones, pose.thumb, goal)
    return points


def _finger(root: Array, bones: Array, flex: Array, spread: Array) -> Array:
    bend = np.cumsum(flex, 1)
    lean = spread * np.clip(1 - flex[:, 0] / 1.6, 0, 1)  # a bent finger can't lean
    ahead = np.stack([np.sin(lean), np.cos(lean), np.zeros_like(lean)], -1)
    chain = [root]
    for bone in range(3):
        step = np.cos(bend[:, bone, None]) * ahead
        step[:, 2] += np.sin(bend[:, bone])
        chain.append(chain[-1] + bones[:, bone, None] * step)
    return np.stack(chain, 1)


def _thumb(base: Array, bones: Array, angles: Array, goal: Array) -> Array:
    """Return the thumb's four landmarks: straight by its angles, then drawn to its goal where it has one (FABRIK)."""
    side, rise = angles[..., 0], angles[..., 1]
    steps = np.stack([np.sin(side) * np.cos(rise), np.cos(side) * np.cos(rise), np.sin(rise)], -1)
    chain = [base]
    for bone in range(3):
        chain.append(chain[-1] + bones[:, bone, None] * steps[:, bone])
    straight = np.stack(chain, 1)
    free = np.isnan(goal)
    drawn, aim = straight.copy(), np.where(free, straight[:, 3], goal)
    for _ in range(_REACH_ROUNDS):
        drawn[:, 3] = aim
        for joint in (2, 1, 0):
            drawn[:, joint] = _at_length(drawn[:, joint + 1], drawn[:, joint], bones[:, joint])
        drawn[:, 0] = base
        for joint in (1, 2, 3):
            drawn[:, joint] = _at_length(drawn[:, joint - 1], drawn[:, joint], bones[:, joint - 1])
    return np.where(free[:, :1, None], straight, drawn)


def _at_length(fixed: Array, loose: Array, length: Array) -> Array:
    way = loose - fixed
    at: Array = fixed + way * (length / np.maximum(np.linalg.norm(way, axis=-1), 1e-9))[:, None]
    return at


def turned(points: Array, spin: Array, pitch: Array, roll: Array, upright: NDArray[np.bool_]) -> Array:
    """Return hands (n, 21, 3) turned in front of the camera: x right, y up, z towards it.

    Args:
        points: hands in their own frame.
        spin: turn about the axis that points up, shape (n,), radians.
        pitch: tilt of that axis towards the camera.
        roll: turn in the picture, clockwise.
        upright: what points up: the fingers, or (False) the thumb's side.
    """
    thumb_up = np.stack([-points[..., 1], points[..., 0], points[..., 2]], -1)
    start = np.where(upright[:, None, None], points, thumb_up)
    x, y, z = start[..., 0], start[..., 1], start[..., 2]
    cos, sin = np.cos(spin)[:, None], np.sin(spin)[:, None]
    x, z = cos * x + sin * z, -sin * x + cos * z
    cos, sin = np.cos(pitch)[:, None], np.sin(pitch)[:, None]
    y, z = cos * y - sin * z, sin * y + cos * z
    cos, sin = np.cos(roll)[:, None], np.sin(roll)[:, None]
    return np.stack([cos * x + sin * y, -sin * x + cos * y, z], -1)


def pictured(points: Array, distance: Array) -> NDArray[np.float32]:
    """Return pictures (n, 21, 2) of hands (n, 21, 3) by a pinhole camera `distance` (n,) palms away, y downwards."""
    from_middle = points - points[:, (0, 5, 9, 13, 17)].mean(1, keepdims=True)
    nearer = distance[:, None] / np.maximum(distance[:, None] - from_middle[..., 2], 0.5)
    flat: NDArray[np.float32] = (from_middle[..., :2] * nearer[..., None] * [1, -1]).astype(np.float32)
    return flat
