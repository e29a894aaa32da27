"""Windows to learn from: still hands of the model and of the recordings, set in motion before a camera."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from runtime.perception.hand_features import FEATURES, LABELS, STEPS, palm_centre, palm_size, window
from training.gesture import motions
from training.gesture.motions import Motion
from training.gesture.recordings import Paths, path_labels
from training.gesture.shapes import Sets, Shapes, labels_set

Rng = np.random.Generator

MIX: Final = {"hold": 0.5, "wave": 0.1, "swipe": 0.13, "circle": 0.12, "other": 0.1, "path": 0.05}
"""Share of each motion."""
FAVOURED: Final = {"wave": "open_palm", "swipe": "open_palm", "circle": "point"}
FAVOUR: Final = 0.6
CHANGES: Final = 0.25
"""Share of held hands that took another shape before."""
PALM_PX: Final = (60.0, 130.0)
"""Size of the palms that carry a recorded fingertip: the recorder didn't note it."""
RATE_HZ: Final = (15.0, 30.0)


def _swapped(name: str) -> str:
    for one, other in (("_left", "_right"), ("_clockwise", "_counterclockwise")):
        if name.endswith(one):
            return name.removesuffix(one) + other
        if name.endswith(other):
            return name.removesuffix(other) + one
    return name


MIRRORED: Final = [LABELS.index(_swapped(name)) for name in LABELS]
"""The label that each becomes in a mirror."""
MIRROR: Final = torch.tensor([1.0] + [-1.0, 1.0] * (FEATURES // 2))
"""What a window is multiplied by to be mirrored: x is at every odd place."""


@dataclass
class Windows:
    """Windows (n, 16, 45) and the labels right for each (n, 14)."""

    values: NDArray[np.float32]
    allowed: Sets

    def __len__(self) -> int:
        return len(self.values)


class Items(Dataset[tuple[Tensor, ...]]):
    """Windows as tensors, half of them mirrored with left and right swapped in their labels, slightly jittered.

    `taught` are a teacher's logits for each window (n, 14), given along where there are any.
    """

    def __init__(self, windows: Windows, taught: Tensor | None = None, jitter: float = 0.01) -> None:
        self._values = torch.from_numpy(windows.values.astype(np.float16))
        self._labels = [torch.from_numpy(windows.allowed)] + ([] if taught is None else [taught])
        self._jitter = jitter

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, index: int) -> tuple[Tensor, ...]:
        """Return a window (16, 45), the labels right for it (14,) bool, and the teacher's logits (14,) if any."""
        return tuple(part[0] for part in self.__getitems__([index]))

    def __getitems__(self, indices: Sequence[int]) -> Any:
        """Return the same for a whole batch."""
        at = torch.as_tensor(indices)
        values, labels = self._values[at].float(), [part[at] for part in self._labels]
        flip = torch.rand(len(at)) < 0.5
        values[flip] = values[flip] * MIRROR
        for part in labels:
            part[flip] = part[flip][:, MIRRORED]
        noise = torch.randn_like(values) * self._jitter * torch.rand(len(at), 1, 1)
        noise[..., 0] = 0
        return values + noise * values[..., :1], *labels


def generated(count: int, shapes: Shapes, recorded: Paths | None, pointing: Shapes, rng: Rng) -> Windows:
    """Return `count` windows of shapes in motion, in the proportions of MIX.

    Args:
        count: how many.
        shapes: the hands to choose from, by chance.
        recorded: paths of fingertips, carried by one of the `pointing` hands; none where there are none.
        pointing: see there.
        rng: chance.
    """
    names, shares = list(MIX), np.array(list(MIX.values()))
    favoured = {name: np.nonzero(shapes.allowed[:, LABELS.index(name)])[0] for name in set(FAVOURED.values())}
    values, allowed = np.empty((count, STEPS, FEATURES), np.float32), np.empty((count, len(LABELS)), bool)
    for number, name in enumerate(rng.choice(names, count, p=shares / shares.sum())):
        if name == "path" and recorded is not None and len(pointing):
            row = int(rng.integers(len(recorded.px)))
            shape = int(rng.integers(len(pointing)))
            motion = on_path(recorded, row, rng)
            hands, right = carried(pointing, shape, motion, rng)
        else:
            kind = "hold" if name == "path" else name
            choice = favoured.get(FAVOURED.get(kind, ""), np.zeros(0, np.int64))
            favour = len(choice) > 0 and rng.uniform() < FAVOUR
            shape = int(rng.choice(choice)) if favour else int(rng.integers(len(shapes)))
            motion = motions.KINDS[kind](rng)
            hands, right = carried(shapes, shape, motion, rng, changes=kind == "hold" and rng.uniform() < CHANGES)
        values[number], allowed[number] = window(motion.times_s, hands), right
    return Windows(values, allowed)


def on_path(recorded: Paths, row: int, rng: Rng) -> Motion:
    """Return the motion of a hand that a recorded fingertip belongs to; palm size and frame rate are drawn."""
    palm_px = rng.uniform(*PALM_PX)
    path, kind = recorded.px[row], int(recorded.kind[row])
    labels = path_labels(kind, path[motions.longest_run(path)] / palm_px)
    return motions.tip_path(path, palm_px, rng.uniform(*RATE_HZ), labels)


def carried(
    shapes: Shapes, number: int, motion: Motion, rng: Rng, changes: bool = False, unrest: float = 0.03
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return a hand at each sighting of a motion (n, 21, 2), and the labels right for it at the end (14,).

    Args:
        shapes: the hands to choose from.
        number: which of them moves.
        motion: how.
        rng: chance, for the tracker's jitter.
        changes: the hand had another shape and takes this one at some moment.
        unrest: most of the jitter from sighting to sighting, in palms.
    """
    times = motion.times_s
    hand = _unit(shapes.points[number])
    right = _labels(motion.labels, shapes.allowed[number])
    at = np.broadcast_to(hand, (len(times), *hand.shape))
    if changes:
        before = int(rng.integers(len(shapes)))
        began, lasts = rng.uniform(-1.0, 0.1), rng.uniform(0.1, 0.35)
        share = np.clip((times - began) / lasts, 0, 1)
        share = share * share * (3 - 2 * share)
        at = hand + (1 - share)[:, None, None] * (_unit(shapes.points[before]) - hand)
        if share[-1] < 0.97:
            right = right | shapes.allowed[before] | labels_set(("none",), 1)[0]
    down = hand[0] - hand[9]
    pivot = motion.pivot * down / max(float(np.linalg.norm(down)), 1e-6)
    cos, sin = np.cos(motion.turn), np.sin(motion.turn)
    turn = np.stack([np.stack([cos, sin], -1), np.stack([-sin, cos], -1)], 1)  # for points as rows
    moved = ((at - pivot) @ turn + pivot) * motion.size[:, None, None] + motion.shift[:, None]
    moved = moved + rng.normal(0, unrest * rng.uniform(), moved.shape)
    return moved.astype(np.float32), right


def _unit(hand: NDArray[np.float32]) -> NDArray[np.float64]:
    unit: NDArray[np.float64] = ((hand - palm_centre(hand)) / palm_size(hand)).astype(np.float64)
    return unit


def _labels(names: tuple[str, ...], shape: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the labels of a motion; the shape's stand in for "still", and a hand that is nothing may stay nothing."""
    right: NDArray[np.bool_] = labels_set(tuple(name for name in names if name != "still"), 1)[0]
    if "still" in names:
        right = right | shape
    elif shape[0]:
        right[0] = True
    return right
