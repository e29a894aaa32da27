"""The student: a perceptron over half a second of blendshapes."""

from typing import Any, Final

import torch
from torch import Tensor, nn

from runtime.core.blendshapes import BLENDSHAPES
from training.face_emotion.face_api import LABELS

READ: Final = tuple(place for place, name in enumerate(BLENDSHAPES) if not name.startswith("eyeLook"))
"""All shapes but those of the gaze, which says where somebody looks and not how they feel."""


def build(config: dict[str, Any]) -> "Student":
    """Return the student of a configuration: `width` of the hidden layer."""
    return Student(int(config["width"]))


class Student(nn.Module):
    """The mean over the window through one hidden layer; fed with its changes too, it did worse on clips left out."""

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        size = len(READ)
        self.register_buffer("mean", torch.zeros(size))
        self.register_buffer("spread", torch.ones(size))
        self.register_buffer("read", torch.tensor(READ), persistent=False)
        self.register_buffer("temperature", torch.ones(()))
        self.layers = nn.Sequential(
            nn.Linear(size, width), nn.SiLU(), nn.Dropout(0.2), nn.Linear(width, len(LABELS) + 2)
        )

    def features(self, window: Tensor) -> Tensor:
        """Return the mean (n, 44) of each shape of READ over windows (n, 6, 52)."""
        return window.index_select(-1, self.get_buffer("read")).mean(1)

    def scores(self, window: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits (n, 7) before the temperature, and valence and arousal (n, 2), of windows (n, 6, 52)."""
        found = self.layers((self.features(window) - self.get_buffer("mean")) / self.get_buffer("spread"))
        return found[:, : len(LABELS)], torch.tanh(found[:, len(LABELS) :])

    def forward(self, window: Tensor) -> tuple[Tensor, Tensor]:
        """Return chances (n, 7) of LABELS, and valence and arousal (n, 2) in -1..1, of windows (n, 6, 52)."""
        logits, places = self.scores(window)
        return torch.softmax(logits / self.get_buffer("temperature"), -1), places
