"""Teacher and student of one kind: causal convolutions over hashed words, a small net over the voice, joined."""

from typing import Any

import torch
from torch import Tensor, nn

from runtime.perception.prosody import FEATURES, FRAMES
from training.retrieval.nets import sums

PAUSE_FLOOR_S = 0.05
REACH = 3
"""Words that one convolution sees; with spreads of 1, 2, 4 the last sees 15."""


class Causal(nn.Module):
    """A gated convolution over a word and the words before it, never after (Dauphin et al. 2017)."""

    def __init__(self, width: int, spread: int, dropout: float) -> None:
        super().__init__()
        self.spread = spread
        self.norm = nn.LayerNorm(width)
        self.mix = nn.Linear(REACH * width, 2 * width)  # of shifted words: on a CPU twice as fast as a convolution
        self.drop = nn.Dropout(dropout)

    def forward(self, words: Tensor) -> Tensor:
        """Return (b, w, width)."""
        count = words.shape[1]
        before = nn.functional.pad(self.norm(words), (0, 0, (REACH - 1) * self.spread, 0))
        seen = torch.cat([before[:, step * self.spread : step * self.spread + count] for step in range(REACH)], dim=-1)
        mixed: Tensor = self.drop(nn.functional.glu(self.mix(seen), dim=-1))
        return words + mixed


class EndpointNet(nn.Module):
    """Words, voice and pause to the chance that the turn is over.

    Inputs: `words` (b, w, 1 + pieces) int64 row numbers, 0 is nothing; `voice` (b, 75, 3); `pause` (b, 1) in seconds.
    """

    def __init__(self, rows: int, width: int, hidden: int, layers: int, voice: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.table = nn.Embedding(rows, width, padding_idx=0)
        self.start = nn.Parameter(torch.randn(width) * 0.1)
        self.drop = nn.Dropout(dropout)
        self.widen = nn.Linear(width, hidden)
        self.read = nn.ModuleList(Causal(hidden, 2**layer, dropout) for layer in range(layers))
        self.text_end = nn.Sequential(nn.Linear(hidden, hidden), nn.GELU(), nn.Linear(hidden, 1))
        self.listen = nn.Sequential(
            nn.Conv1d(FEATURES, voice, 5, stride=2), nn.GELU(), nn.Conv1d(voice, voice, 5, stride=2), nn.GELU()
        )
        frames = ((FRAMES - 5) // 2 + 1 - 5) // 2 + 1
        self.hear = nn.Linear(voice * frames, 32)
        self.join = nn.Sequential(nn.Linear(hidden + 32 + 3, 64), nn.GELU(), nn.Dropout(dropout), nn.Linear(64, 1))

    def states(self, words: Tensor) -> Tensor:
        """Return (b, 1 + w, hidden): the state before any word, and after each."""
        pieces = (words > 0).to(self.start.dtype).sum(-1, keepdim=True).clamp(min=1)
        inside = sums(self.table, words, self.training) / pieces.sqrt()
        begin = self.start.expand(words.shape[0], 1, -1)
        found: Tensor = self.widen(self.drop(torch.cat([begin, inside], dim=1)))
        for layer in self.read:
            found = layer(found)
        return found

    def facts(self, words: Tensor, voice: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return what no pause changes.

        Words and voice together (b, hidden + 32), and logits that a sentence ends here (b,) and after each word
        (b, 1 + w).
        """
        states = self.states(words)
        count = (words[:, :, 0] > 0).to(torch.int64).sum(1)
        last = states.gather(1, count[:, None, None].expand(-1, 1, states.shape[2]))[:, 0]
        every = self.text_end(self.drop(states))[:, :, 0]
        text = every.gather(1, count[:, None])[:, 0]
        heard = nn.functional.gelu(self.hear(self.listen(voice.transpose(1, 2)).flatten(1)))
        return torch.cat([last, heard], dim=-1), text, every

    def over(self, known: Tensor, text: Tensor, pause: Tensor) -> Tensor:
        """Return logits (b,) that the turn is over, from `facts` and the pause (b, 1) in seconds."""
        silence = torch.cat([pause, (pause + PAUSE_FLOOR_S).log(), text[:, None] / 4], dim=-1)
        logits: Tensor = self.join(self.drop(torch.cat([known, silence], dim=-1)))[:, 0]
        return logits

    def forward(self, words: Tensor, voice: Tensor, pause: Tensor) -> tuple[Tensor, Tensor]:
        """Return the chances, (b,) each, 0..1: that the turn is over, and by text alone that a sentence ends here."""
        known, text, _ = self.facts(words, voice)
        return self.over(known, text, pause).sigmoid(), text.sigmoid()


def build(config: dict[str, Any]) -> nn.Module:
    """Return the untrained net of a configuration: rows, width, hidden, layers, voice, dropout."""
    sizes = {key: int(config[key]) for key in ("rows", "width", "hidden", "layers", "voice")}
    return EndpointNet(**sizes, dropout=float(config.get("dropout", 0.0)))
