"""The nets: figures of a voice to the chances of emotions. Many for the teacher, one for the student."""

from typing import Any, Final

import torch
from torch import Tensor, nn

from runtime.perception.voice_emotion import LABELS
from runtime.perception.voice_features import FEATURES

FARTHEST: Final = 4.0
"""Deviations from the mean beyond which a figure says no more: sounds unlike any learnt from stay within bounds."""
SMALLEST_DEVIATION: Final = 1e-3


class VoiceNet(nn.Module):
    """One hidden layer from features (n, 265), as `voice_features` makes them, to logits (n, 7)."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, hidden: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(FEATURES))
        self.register_buffer("deviation", torch.ones(FEATURES))
        self.layers = nn.Sequential(
            nn.Dropout(0.6 * dropout),
            nn.Linear(FEATURES, hidden),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(hidden, len(LABELS)),
        )

    def fit_scale(self, features: Tensor) -> "VoiceNet":
        """Take mean and deviation of each figure from features (n, 265) to learn from."""
        self.mean.copy_(features.mean(dim=0))
        self.deviation.copy_(features.std(dim=0).clamp(min=SMALLEST_DEVIATION))
        return self

    def forward(self, features: Tensor) -> Tensor:
        """Return logits (n, 7)."""
        scaled = ((features - self.mean) / self.deviation).clamp(-FARTHEST, FARTHEST)
        logits: Tensor = self.layers(scaled)
        return logits


class Ensemble(nn.Module):
    """Several nets that began apart; what they say together is the mean of their chances (Lakshminarayanan, 2017)."""

    def __init__(self, members: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.members = nn.ModuleList(VoiceNet(hidden, dropout) for _ in range(members))

    def fit_scale(self, features: Tensor) -> "Ensemble":
        """Give every member the scale of features (n, 265)."""
        for member in self.members:
            assert isinstance(member, VoiceNet)
            member.fit_scale(features)
        return self

    def each(self, features: Tensor) -> Tensor:
        """Return the logits of each member, (members, n, 7)."""
        return torch.stack([member(features) for member in self.members])

    def forward(self, features: Tensor) -> Tensor:
        """Return the log of the mean chances, (n, 7), which serve as logits."""
        return self.each(features).log_softmax(dim=-1).logsumexp(dim=0)


class Calibrated(nn.Module):
    """What is exported: features (n, 265) to chances (n, 7) at a temperature (Guo et al., 2017), and arousal (n,).

    The arousal is the mean of the classes' arousal by their chances.
    """

    levels: Tensor

    def __init__(self, net: nn.Module, temperature: float, arousal: tuple[float, ...]) -> None:
        super().__init__()
        self.net, self.temperature = net, temperature
        self.register_buffer("levels", torch.tensor(arousal))

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Return chances and arousal."""
        chances = torch.softmax(self.net(features) / self.temperature, dim=-1)
        return chances, chances @ self.levels


def build(config: dict[str, Any]) -> VoiceNet:
    """Return the student's net for a configuration with `hidden` and, for training, `dropout`."""
    return VoiceNet(config["hidden"], config.get("dropout", 0.0))
