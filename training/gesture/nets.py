"""The net of gestures: the shape of the hand now, and how it moved over the second, each by a part of its own."""

from typing import Any, Final

import torch
from torch import Tensor, nn

from runtime.perception.hand_features import LABELS, LANDMARKS, STEPS

TIPS: Final = (4, 8, 12, 16, 20)
PAIRS: Final = tuple(
    [(4, other) for other in (5, 6, 8, 9, 12, 13, 16, 17, 20)]
    + [(0, tip) for tip in TIPS]
    + [(root, root + 3) for root in (5, 9, 13, 17)]
    + [(root, root + 2) for root in (5, 9, 13, 17)]
    + [(8, 12), (12, 16), (16, 20), (0, 5), (0, 9), (0, 17), (5, 17)]
)
"""Landmarks whose distance tells much: the thumb's tip from the others, tips from wrist and roots, the palm's sides."""


def build(config: dict[str, Any]) -> "Gestures":
    """Return the net of a configuration: `shape` and `motion` are its widths, `points` the landmarks it follows."""
    return Gestures(int(config["shape"]), int(config["motion"]), list(config["points"]))


def spans(shape: Tensor) -> Tensor:
    """Return the distances of PAIRS in shapes (..., 42), in palms, shape (..., pairs)."""
    points = shape.reshape(*shape.shape[:-1], LANDMARKS, 2)
    first = torch.tensor([a for a, _ in PAIRS], device=shape.device)
    second = torch.tensor([b for _, b in PAIRS], device=shape.device)
    apart = points.index_select(-2, first) - points.index_select(-2, second)
    distance: Tensor = (apart.square().sum(-1) + 1e-6).sqrt()
    return distance


class Gestures(nn.Module):
    """The last step's shape by a perceptron, the way of some landmarks by two convolutions, one head for both."""

    def __init__(self, shape: int, motion: int, points: list[int]) -> None:
        super().__init__()
        self.shape = nn.Sequential(
            nn.Linear(2 * LANDMARKS + len(PAIRS), shape), nn.SiLU(), nn.Linear(shape, shape), nn.SiLU()
        )
        self.motion = nn.Sequential(
            nn.Conv1d(3 + 2 * len(points), motion, 3, padding=1),
            nn.SiLU(),
            nn.Conv1d(motion, motion, 3, stride=2, padding=1),
            nn.SiLU(),
            nn.Flatten(),
            nn.Linear(motion * STEPS // 2, shape),
            nn.SiLU(),
        )
        self.head = nn.Sequential(nn.Linear(2 * shape, shape), nn.SiLU(), nn.Linear(shape, len(LABELS)))
        followed = [3 + 2 * point + axis for point in points for axis in (0, 1)]
        self.register_buffer("followed", torch.tensor([0, 1, 2, *followed]), persistent=False)

    def forward(self, window: Tensor) -> Tensor:
        """Return logits (n, 14) of windows (n, 16, 45)."""
        last = window[:, -1, 3:]
        still = self.shape(torch.cat([last, spans(last)], -1))
        moving = self.motion(window.index_select(-1, self.get_buffer("followed")).transpose(1, 2))
        logits: Tensor = self.head(torch.cat([still, moving], -1))
        return logits


class Chances(nn.Module):
    """A net of logits that answers chances, as the exported file does."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, window: Tensor) -> Tensor:
        """Return the chance of each label, (n, 14), rows that sum to 1, of windows (n, 16, 45)."""
        return torch.softmax(self.net(window), -1)
