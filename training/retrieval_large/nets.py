"""The student: an encoder like its teacher's (BERT, Devlin et al. 2019), of fewer layers and fewer word pieces."""

from typing import Any

import torch
from torch import Tensor, nn

from runtime.core.word_pieces import PAD

EPSILON = 1e-12
"""Of the norms, as the teacher has it."""


class Layer(nn.Module):
    """Self-attention and a small net on each piece (Vaswani et al. 2017), normalised after each part."""

    def __init__(self, width: int, heads: int, inner: int) -> None:
        super().__init__()
        self.heads = heads
        self.asked, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.between, self.after = nn.LayerNorm(width, EPSILON), nn.LayerNorm(width, EPSILON)
        self.net = nn.Sequential(nn.Linear(width, inner), nn.GELU(), nn.Linear(inner, width))

    def forward(self, pieces: Tensor, absent: Tensor, there: Tensor | None) -> Tensor:
        """Return what became of the pieces, of the same shape: (b, n, width), or (t, width) of those `there`.

        `absent` (b, 1, 1, n) is very negative where there is no piece, else 0.
        """
        batch, count = absent.shape[0], absent.shape[-1]
        asked = self.asked(pieces) if there is None else spread(self.asked(pieces), there)
        queries, keys, values = asked.reshape(batch, count, 3, self.heads, -1).permute(2, 0, 3, 1, 4).unbind(0)
        near = queries @ keys.transpose(-1, -2) * queries.shape[-1] ** -0.5 + absent
        mixed = (near.softmax(dim=-1) @ values).transpose(1, 2).reshape(batch, count, -1)
        pieces = self.between(pieces + self.out(mixed if there is None else mixed[there]))
        out: Tensor = self.after(pieces + self.net(pieces))
        return out


def spread(pieces: Tensor, there: Tensor) -> Tensor:
    """Return (b, n, width) of the (t, width) pieces at the places that are `there` (b, n), zeros elsewhere."""
    return pieces.new_zeros(*there.shape, pieces.shape[-1]).masked_scatter(there[:, :, None], pieces)


class SentenceNet(nn.Module):
    """Numbers (b, n) int64 of word pieces, `PAD` at the ends, to (b, width) vectors of length 1."""

    def __init__(self, pieces: int, width: int, heads: int, inner: int, layers: int, max_pieces: int) -> None:
        super().__init__()
        self.table = nn.Embedding(pieces, width, padding_idx=PAD)
        self.place = nn.Parameter(torch.zeros(max_pieces, width))
        self.norm = nn.LayerNorm(width, EPSILON)
        self.layers = nn.ModuleList(Layer(width, heads, inner) for _ in range(layers))

    def forward(self, ids: Tensor) -> Tensor:
        """Return the sentences' vectors: the mean of their pieces', scaled.

        In training what is computed by piece leaves out the padding, which is most of a batch of unlike lengths.
        """
        there = ids != PAD
        absent = (~there).to(self.place.dtype)[:, None, None, :] * -1e4
        pieces = self.norm(self.table(ids) + self.place[: ids.shape[1]])
        if self.training:
            pieces = pieces[there]
        for layer in self.layers:
            pieces = layer(pieces, absent, there if self.training else None)
        pieces = spread(pieces, there) if self.training else pieces * there[:, :, None]
        total = pieces.sum(1)
        unit: Tensor = total / total.norm(dim=-1, keepdim=True).clamp(min=1e-6)
        return unit


def build(config: dict[str, Any]) -> nn.Module:
    """Return the untrained student of a configuration: pieces, width, heads, inner, layers, max_pieces."""
    return SentenceNet(
        **{key: int(config[key]) for key in ("pieces", "width", "heads", "inner", "layers", "max_pieces")}
    )
