"""The student: a perceptron from normalised landmarks to blendshapes."""

from typing import Any

import torch
from torch import Tensor, nn

from runtime.core.blendshapes import BLENDSHAPES
from runtime.perception.face_features import USED


def build(config: dict[str, Any]) -> "Student":
    """Return the student of a configuration: `width` of both hidden layers."""
    return Student(int(config["width"]))


class Student(nn.Module):
    """Two hidden layers over the 146 landmarks, each coordinate brought to mean 0 and spread 1 first."""

    def __init__(self, width: int = 512) -> None:
        super().__init__()
        size = 3 * len(USED)
        self.register_buffer("mean", torch.zeros(size))
        self.register_buffer("spread", torch.ones(size))
        self.layers = nn.Sequential(
            nn.Linear(size, width), nn.SiLU(), nn.Linear(width, width), nn.SiLU(), nn.Linear(width, len(BLENDSHAPES))
        )

    def logits(self, landmarks: Tensor) -> Tensor:
        """Return (n, 52) logits of landmarks (n, 146, 3) as `face_features.normalise` gives them."""
        found: Tensor = self.layers((landmarks.flatten(1) - self.get_buffer("mean")) / self.get_buffer("spread"))
        return found

    def forward(self, landmarks: Tensor) -> Tensor:
        """Return (n, 52) weights in 0..1 of landmarks (n, 146, 3) as `face_features.normalise` gives them."""
        return torch.sigmoid(self.logits(landmarks))
