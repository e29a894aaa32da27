"""The net: words hashed into a table, seen with their neighbours, to the chances of 28 labels."""

from typing import Any

import torch
from torch import Tensor, nn

from training.text_tone.labels import LABELS, class_shares, feelings


class ToneNet(nn.Module):
    """Row numbers (b, w, 1 + pieces) int64 of hashed words, 0 is nothing, to emotions, valence and arousal."""

    shares: Tensor
    feelings: Tensor
    temperature: Tensor

    def __init__(self, rows: int, width: int, hidden: int) -> None:
        super().__init__()
        self.table = nn.Embedding(rows, width, padding_idx=0)
        nn.init.normal_(self.table.weight, std=0.3)
        with torch.no_grad():
            self.table.weight[0] = 0
        self.neighbours = nn.Conv1d(width, hidden, 3, padding=1)
        self.weigh = nn.Linear(hidden, 1)
        self.drop = nn.Dropout(0.3)
        self.label = nn.Linear(2 * hidden + width, len(LABELS))
        self.register_buffer("shares", torch.from_numpy(class_shares()))
        self.register_buffer("feelings", torch.from_numpy(feelings()))
        self.register_buffer("temperature", torch.ones(()))

    def logits(self, ids: Tensor) -> Tensor:
        """Return (b, 28) unscaled log chances of the labels."""
        there = (ids[:, :, 0] > 0).to(self.table.weight.dtype)[:, :, None]
        pieces = (ids > 0).to(there.dtype).sum(-1, keepdim=True).clamp(min=1)
        words = self.drop(self.table(ids).sum(dim=2) / pieces.sqrt())
        seen = nn.functional.gelu(self.neighbours(words.transpose(1, 2))).transpose(1, 2)
        shares = (self.weigh(seen) + (1 - there) * -1e4).softmax(dim=1)
        count = there.sum(1).clamp(min=1)
        strongest = (seen + (1 - there) * -1e4).amax(1).clamp(min=-1)  # GELU never falls below that
        parts = [(seen * shares).sum(1), strongest, (words * there).sum(1) / count.sqrt()]
        found: Tensor = self.label(self.drop(torch.cat(parts, dim=-1)))
        return found

    def forward(self, ids: Tensor) -> tuple[Tensor, Tensor]:
        """Return (b, 7) chances of the classes, which sum to 1, and (b, 2) valence and arousal, -1..1."""
        chances = (self.logits(ids) / self.temperature).softmax(dim=-1)
        return chances @ self.shares, chances @ self.feelings


def build(config: dict[str, Any]) -> nn.Module:
    """Return the untrained net of a configuration: rows, width, hidden."""
    return ToneNet(*(int(config[key]) for key in ("rows", "width", "hidden")))
