"""The nets: log-mel in steps of 20 ms in, mouth shapes and the chance of closed lips out."""

from typing import Any, Final

import torch
from torch import Tensor, nn

from runtime.voice.lipsync import AHEAD_STEPS, BANDS, SHAPES

INPUTS: Final = 2 * BANDS
DELAY: Final = AHEAD_STEPS - 1
"""Step j of a net is the mouth of step j - DELAY."""
CLOSED: Final = {"jawOpen": 0.07, "mouthClose": 1.0, "mouthPress": 0.38, "mouthRollUpper": 0.16, "mouthRollLower": 0.22}
"""Lips closed for m, b and p, as the rules of the runtime's visemes have it."""
MEL_MIDDLE: Final = -6.0
MEL_SPREAD: Final = 5.0


class Mouth(nn.Module):
    """The last layer: open shapes, and a chance that the lips are closed, which takes them over.

    A net that only minimises its squared error never quite closes the lips where it is in doubt; a mouth does close.
    `firmness` and `bias` sharpen the chance outside of training.
    """

    closed: Tensor
    firmness: Tensor
    bias: Tensor

    def __init__(self, width: int) -> None:
        super().__init__()
        self.shapes = nn.Linear(width, len(SHAPES))
        self.closing = nn.Linear(width, 1)
        self.register_buffer("closed", torch.tensor([CLOSED.get(name, 0.0) for name in SHAPES]))
        self.register_buffer("firmness", torch.tensor(1.0))
        self.register_buffer("bias", torch.tensor(0.0))

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Return shapes (batch, steps, 12), and the logit of closed lips (batch, steps), of (batch, steps, width)."""
        logit = self.closing(features)
        chance = torch.sigmoid(logit if self.training else (logit + self.bias) * self.firmness)
        shapes = self.shapes(features)
        if not self.training:
            shapes = shapes.clamp(0.0, 1.0)
        return (1 - chance) * shapes + chance * self.closed, logit[..., 0]


class Student(nn.Module):
    """Causal: two layers of gated recurrent units whose state is an input and an output."""

    def __init__(self, width: int = 144, layers: int = 2, dropout: float = 0.1) -> None:
        super().__init__()
        self.enter = nn.Sequential(nn.Linear(INPUTS, width), nn.GELU())
        self.cells = nn.GRU(width, width, layers, batch_first=True, dropout=dropout if layers > 1 else 0.0)
        self.drop = nn.Dropout(dropout)
        self.mouth = Mouth(width)

    def forward(self, mel: Tensor) -> tuple[Tensor, Tensor]:
        """Return what `Mouth` gives for log-mel steps (batch, steps, 80)."""
        features, _ = self.cells(self.drop(self.enter(normalised(mel))))
        found: tuple[Tensor, Tensor] = self.mouth(self.drop(features))
        return found

    def step(self, mel: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Return shapes (1, steps, 12) in 0..1 and the next state, for steps (1, steps, 80) after `state`."""
        features, following = self.cells(self.enter(normalised(mel)), state)
        return self.mouth(features)[0].clamp(0.0, 1.0), following

    def no_state(self) -> Tensor:
        """Return the state (layers, 1, width) before the first step."""
        return torch.zeros(self.cells.num_layers, 1, self.cells.hidden_size)


class Teacher(nn.Module):
    """Not causal: convolutions over 100 ms, then two layers of recurrent units in both directions."""

    def __init__(self, width: int = 224, dropout: float = 0.25) -> None:
        super().__init__()
        self.enter = nn.Conv1d(INPUTS, width, 5, padding=2)
        self.drop = nn.Dropout(dropout)
        self.cells = nn.GRU(width, width, 2, batch_first=True, bidirectional=True, dropout=dropout)
        self.mouth = Mouth(2 * width)

    def forward(self, mel: Tensor) -> tuple[Tensor, Tensor]:
        """See `Student.forward`; the steps are those of the student."""
        entered = nn.functional.gelu(self.enter(normalised(mel).transpose(1, 2))).transpose(1, 2)
        features, _ = self.cells(self.drop(entered))
        found: tuple[Tensor, Tensor] = self.mouth(self.drop(features))
        return found


def normalised(mel: Tensor) -> Tensor:
    """Return log-mel values with about mean 0 and spread 1."""
    return (mel - MEL_MIDDLE) / MEL_SPREAD


def build(config: dict[str, Any]) -> Student:
    """Return an untrained student of `width` and `layers`."""
    return Student(int(config["width"]), int(config["layers"]))


def parameters(net: nn.Module) -> int:
    """Return how many numbers training sets."""
    return sum(values.numel() for values in net.parameters())
