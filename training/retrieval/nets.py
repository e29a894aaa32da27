"""The student: words hashed into a table, two small attention layers over them, one vector for the sentence."""

from typing import Any

import torch
from torch import Tensor, nn


def sums(table: nn.Embedding, ids: Tensor, training: bool) -> Tensor:
    """Return the sums (b, w, width) of the table's rows `ids` (b, w, 1 + pieces), of which 0 is nothing.

    In training it is done on the words that are there alone: most places are padding, and gradients of the table cost.
    """
    if not training:
        plain: Tensor = table(ids).sum(dim=2)
        return plain
    there = ids[:, :, 0] > 0
    found: Tensor = nn.functional.embedding_bag(ids[there], table.weight, mode="sum", padding_idx=0)
    return found.new_zeros(*ids.shape[:2], found.shape[1]).masked_scatter(there[:, :, None], found)


class Mixing(nn.Module):
    """One layer of self-attention and a small net on each word (Vaswani et al. 2017), normalised before each part."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.before, self.between = nn.LayerNorm(width), nn.LayerNorm(width)
        self.queries, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.net = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))
        self.drop = nn.Dropout(0.1)

    def forward(self, words: Tensor, absent: Tensor) -> Tensor:
        """Return (b, w, width); `absent` (b, 1, 1, w) is very negative where there is no word, else 0."""
        batch, count, width = words.shape
        split = self.queries(self.before(words)).reshape(batch, count, 3, self.heads, width // self.heads)
        asked, keys, values = split.permute(2, 0, 3, 1, 4).unbind(0)
        near = asked @ keys.transpose(-1, -2) * (width // self.heads) ** -0.5 + absent
        mixed = (near.softmax(dim=-1) @ values).transpose(1, 2).reshape(batch, count, width)
        words = words + self.drop(self.out(mixed))
        out: Tensor = words + self.drop(self.net(self.between(words)))
        return out


class SentenceNet(nn.Module):
    """Row numbers (b, w, 1 + pieces) int64 of hashed words, 0 is nothing, to (b, size) vectors of length 1."""

    def __init__(self, rows: int, width: int, heads: int, layers: int, max_words: int, size: int) -> None:
        super().__init__()
        self.table = nn.Embedding(rows, width, padding_idx=0)
        nn.init.normal_(self.table.weight, std=0.5)
        with torch.no_grad():
            self.table.weight[0] = 0
        self.place = nn.Parameter(torch.randn(max_words, width) * 0.02)
        self.weigh = nn.Linear(width, 1)
        self.layers = nn.ModuleList(Mixing(width, heads) for _ in range(layers))
        self.norm = nn.LayerNorm(2 * width)
        self.project = nn.Linear(2 * width, size)

    def forward(self, ids: Tensor) -> Tensor:
        """Return the sentences' vectors."""
        there = (ids[:, :, 0] > 0).to(self.place.dtype)
        there = torch.cat([torch.ones_like(there[:, :1]), there[:, 1:]], dim=1)  # without words there is one of nothing
        pieces = (ids > 0).to(self.place.dtype).sum(-1, keepdim=True).clamp(min=1)
        plain = sums(self.table, ids, self.training) / pieces.sqrt()
        words = plain + self.place[: ids.shape[1]]
        absent = ((1 - there) * -1e4)[:, None, None, :]
        for layer in self.layers:
            words = layer(words, absent)
        shares = (self.weigh(words)[:, :, 0] + (1 - there) * -1e4).softmax(dim=-1)[:, :, None]
        mean = (plain * there[:, :, None]).sum(1) / there.sum(1, keepdim=True).clamp(min=1)
        vector = self.project(self.norm(torch.cat([(words * shares).sum(1), mean], dim=-1)))
        unit: Tensor = vector / vector.norm(dim=-1, keepdim=True).clamp(min=1e-6)
        return unit


def build(config: dict[str, Any]) -> nn.Module:
    """Return the untrained student of a configuration: rows, width, heads, layers, max_words, size."""
    return SentenceNet(**{key: int(config[key]) for key in ("rows", "width", "heads", "layers", "max_words", "size")})
