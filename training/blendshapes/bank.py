"""Faces to learn from that no camera saw: heads turned, identities swapped and reshaped, expressions added."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from runtime.perception.face_features import normalise
from training.augment.face_mesh import FACE_MESH_PARTNERS
from training.augment.mirror import mirror_points
from training.blendshapes.faces import Faces

# Points that the face's muscles hardly move, as (subject's right, subject's left) pairs and as (top, bottom).
_ACROSS: Final = np.array([(33, 263), (127, 356), (133, 362)])
_DOWN: Final = np.array([(10, 2), (151, 94), (9, 4)])
_CENTRE: Final = np.array([33, 263, 133, 362, 168, 6])
TURN_DEGREES: Final = 7.0
"""Standard deviation of the turn about each axis, on top of the turn that the head has."""
RESHAPED: Final = 0.03
"""Standard deviation of the stretch of the head along each of its axes."""
SWAPPED: Final = 0.8
SWAP: Final = 1.1
"""Share of the faces that get another identity, and how much of it at most."""
VARIED: Final = 0.6
VARY: Final = 0.6
"""Share of the faces that are made of further people yet, by the difference of two, and how much of it at most."""
ADDED: Final = 0.5
ADD: Final = 0.8
"""Share of the faces that get an expression of another frame on top, and how much of it at most."""
JITTER: Final = 0.002
"""Standard deviation of the noise on each landmark, in sizes of the head."""


def head_frame(points: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return faces in the head's own frame (n, 478, 3) and the heads' axes (n, 3, 3), rows being unit vectors.

    The axes point to the subject's left, down the face, and away from the viewer; 1 is about the width of the eyes.

    Args:
        points: (n, 478, 3), x right, y down, z away from the viewer, all in one unit.
    """
    across = (points[:, _ACROSS[:, 1]] - points[:, _ACROSS[:, 0]]).mean(-2)
    down = (points[:, _DOWN[:, 1]] - points[:, _DOWN[:, 0]]).mean(-2)
    width, height = (np.linalg.norm(side, axis=-1, keepdims=True) for side in (across, down))
    x = across / width
    y = down - (down * x).sum(-1, keepdims=True) * x
    y = y / np.linalg.norm(y, axis=-1, keepdims=True)
    axes = np.stack((x, y, np.cross(x, y)), -2)
    moved = points - points[:, _CENTRE].mean(-2, keepdims=True)
    return (moved @ axes.swapaxes(-1, -2)) / ((width + height) / 2)[..., None], axes


class Bank:
    """Draws faces from those of some clips."""

    def __init__(self, faces: Faces) -> None:
        self._heads, self._axes = head_frame(faces.mesh)
        names, self._own = np.unique(faces.clip, return_inverse=True)
        plain = faces.variant == 0
        self._neutral = np.stack([np.median(self._heads[plain & (faces.clip == name)], 0) for name in names])
        self._share = clip_shares(faces.clip)

    def draw(self, count: int, rng: np.random.Generator) -> NDArray[np.float32]:
        """Return `count` faces (count, 146, 3), normalised, half of them mirrored."""
        drawn = [self._draw(min(1024, count - start), rng) for start in range(0, count, 1024)]
        return np.concatenate(drawn)

    def _draw(self, count: int, rng: np.random.Generator) -> NDArray[np.float32]:
        def some(chance: float, most: float) -> NDArray[np.float32]:
            amount = rng.uniform(0, most, count) * (rng.random(count) < chance)
            return amount.astype(np.float32)[:, None, None]

        rows, added = (rng.choice(len(self._share), count, p=self._share) for _ in range(2))
        other = rng.integers(len(self._neutral), size=count)
        faces = self._heads[rows]
        faces = faces + some(SWAPPED, SWAP) * (self._neutral[other] - self._neutral[self._own[rows]])
        one, another = rng.integers(len(self._neutral), size=(2, count))
        faces = faces + some(VARIED, VARY) * (self._neutral[one] - self._neutral[another])
        faces = faces + some(ADDED, ADD) * (self._heads[added] - self._neutral[self._own[added]])
        faces = faces * rng.normal(1, RESHAPED, (count, 1, 3)).astype(np.float32)
        faces = faces + rng.normal(0, JITTER, faces.shape).astype(np.float32)
        faces = faces @ (self._axes[rows] @ turns(rng.normal(0, np.radians(TURN_DEGREES), (count, 3))))
        flip = rng.random(count) < 0.5
        faces[flip] = mirror_points(faces[flip], 0.0, FACE_MESH_PARTNERS)
        return normalise(faces)


def clip_shares(clip: NDArray[np.str_]) -> NDArray[np.float64]:
    """Return how likely each row (n,) is drawn: a clip counts by the root of its length."""
    _, own, counts = np.unique(clip, return_inverse=True, return_counts=True)
    share = 1 / np.sqrt(counts[own])
    return np.asarray(share / share.sum(), np.float64)


def turns(vectors: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return rotation matrices (n, 3, 3) of rotation vectors (n, 3) in radians, by Rodrigues' formula."""
    angle = np.maximum(np.linalg.norm(vectors, axis=1), 1e-9)[:, None, None]
    x, y, z = (vectors / angle[:, 0]).T
    zero = np.zeros_like(x)
    cross = np.stack([np.stack([zero, -z, y], -1), np.stack([z, zero, -x], -1), np.stack([-y, x, zero], -1)], 1)
    return np.asarray(np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross, np.float32)
