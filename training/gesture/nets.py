"""The nets: a transformer over every step as the teacher; a small net for shape and motion apart as the student."""

from typing import Any, Final

import torch
from torch import Tensor, nn

from runtime.perception.hand_features import FEATURES, LABELS, LANDMARKS, STEPS

TIPS: Final = (4, 8, 12, 16, 20)
PAIRS: Final = tuple(
    [(4, other) for other in (5, 6, 8, 9, 12, 13, 16, 17, 20)]
    + [(0, tip) for tip in TIPS]
    + [(root, root + 3) for root in (5, 9, 13, 17)]
    + [(root, root + 2) for root in (5, 9, 13, 17)]
    + [(8, 12), (12, 16), (16, 20), (0, 5), (0, 9), (0, 17), (5, 17)]
)
"""Landmarks whose distance tells much: the thumb's tip from the others, tips from wrist and roots, the palm's sides."""
MOVING: Final = (0, 4, 8, 9, 17)
"""Landmarks whose way over the second the student follows: wrist, thumb tip, index tip, two roots."""


def build(config: dict[str, Any]) -> "Student":
    """Return the student of a configuration: `shape` and `motion` are the widths of its two parts."""
    return Student(int(config["shape"]), int(config["motion"]))


def spans(shape: Tensor) -> Tensor:
    """Return the distances of PAIRS in shapes (..., 42), in palms, shape (..., pairs)."""
    points = shape.reshape(*shape.shape[:-1], LANDMARKS, 2)
    first = torch.tensor([a for a, _ in PAIRS], device=shape.device)
    second = torch.tensor([b for _, b in PAIRS], device=shape.device)
    apart = points.index_select(-2, first) - points.index_select(-2, second)
    distance: Tensor = (apart.square().sum(-1) + 1e-6).sqrt()
    return distance


class Student(nn.Module):
    """Shape of the last step by a perceptron, motion over all steps by two convolutions, one head for both."""

    def __init__(self, shape: int = 96, motion: int = 32) -> None:
        super().__init__()
        self.shape = nn.Sequential(
            nn.Linear(2 * LANDMARKS + len(PAIRS), shape), nn.SiLU(), nn.Linear(shape, shape), nn.SiLU()
        )
        self.motion = nn.Sequential(
            nn.Conv1d(3 + 2 * len(MOVING), motion, 3, padding=1),
            nn.SiLU(),
            nn.Conv1d(motion, motion, 3, stride=2, padding=1),
            nn.SiLU(),
            nn.Flatten(),
            nn.Linear(motion * STEPS // 2, shape),
            nn.SiLU(),
        )
        self.head = nn.Sequential(nn.Linear(2 * shape, shape), nn.SiLU(), nn.Linear(shape, len(LABELS)))
        wanted = [3 + 2 * point + axis for point in MOVING for axis in (0, 1)]
        self.register_buffer("moving", torch.tensor([0, 1, 2, *wanted]), persistent=False)

    def forward(self, window: Tensor) -> Tensor:
        """Return logits (n, 14) of windows (n, 16, 45)."""
        last = window[:, -1, 3:]
        still = self.shape(torch.cat([last, spans(last)], -1))
        moving = self.motion(window.index_select(-1, self.get_buffer("moving")).transpose(1, 2))
        logits: Tensor = self.head(torch.cat([still, moving], -1))
        return logits


class Teacher(nn.Module):
    """A transformer over the sixteen steps, read at the last one."""

    def __init__(self, width: int = 96, layers: int = 2, heads: int = 4, dropout: float = 0.1) -> None:
        super().__init__()
        self.enter = nn.Sequential(nn.Linear(FEATURES + len(PAIRS), 2 * width), nn.SiLU(), nn.Linear(2 * width, width))
        self.place = nn.Parameter(torch.randn(STEPS, width) * 0.02)
        layer = nn.TransformerEncoderLayer(width, heads, 2 * width, dropout, "gelu", batch_first=True, norm_first=True)
        self.layers = nn.TransformerEncoder(layer, layers, enable_nested_tensor=False)
        self.head = nn.Sequential(nn.LayerNorm(2 * width), nn.Linear(2 * width, len(LABELS)))

    def forward(self, window: Tensor) -> Tensor:
        """Return logits (n, 14) of windows (n, 16, 45)."""
        steps = self.enter(torch.cat([window, spans(window[..., 3:])], -1)) + self.place
        seen = self.layers(steps, src_key_padding_mask=window[..., 0] < 0.5)
        logits: Tensor = self.head(torch.cat([seen[:, -1], steps[:, -1]], -1))
        return logits


class Chances(nn.Module):
    """A net of logits that answers chances, as the exported file does."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, window: Tensor) -> Tensor:
        """Return the chance of each label, (n, 14), rows that sum to 1, of windows (n, 16, 45)."""
        return torch.softmax(self.net(window), -1)
