"""What the student takes over from its teacher before it learns: word pieces and layers (Sanh et al. 2019)."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

import torch
from torch import Tensor

from runtime.core.word_pieces import INSIDE, SPECIAL, WordPieces
from training.retrieval import teacher
from training.retrieval_large.nets import Layer, SentenceNet

KEPT_LAYERS: Final = (0, 1, 2, 3, 5)
PIECES: Final = 8_000
MAX_PIECES: Final = 48
_PLAIN: Final = re.compile(r"(##)?[a-z0-9]+|[!-/:-@\[-`{-~]")


def chosen_pieces(texts: Iterable[str], every: Sequence[str], count: int) -> list[str]:
    """Return a vocabulary: `SPECIAL`, all single letters, pieces met in `texts` twice, then the first of `every`.

    `every` are the teacher's, roughly the most frequent first.
    """
    plain = [piece for piece in every if _PLAIN.fullmatch(piece)]
    splitting = WordPieces([*SPECIAL, *plain], 1 << 30)
    met = Counter(splitting.vocabulary[number] for text in texts for number in splitting.ids(text))
    letters = [piece for piece in plain if len(piece.removeprefix(INSIDE)) == 1]
    frequent = [piece for piece, times in met.most_common() if times > 1]
    return list(dict.fromkeys([*SPECIAL, *letters, *frequent, *plain]))[:count]


@torch.no_grad()
def take_over(net: SentenceNet, vocabulary: Sequence[str], layers: Sequence[int] = KEPT_LAYERS) -> None:
    """Copy the teacher's rows of `vocabulary`, its places and its `layers` into an untrained student."""
    state = teacher.Encoder().state()
    numbers = {piece: number for number, piece in enumerate(teacher.pieces())}
    net.table.weight.copy_(state["embeddings.word_embeddings.weight"][[numbers[piece] for piece in vocabulary]])
    kind = state["embeddings.token_type_embeddings.weight"][0]
    net.place.copy_(state["embeddings.position_embeddings.weight"][: len(net.place)] + kind)
    copy(state, "embeddings.LayerNorm", net.norm)
    for layer, number in zip(net.layers, layers, strict=True):
        assert isinstance(layer, Layer)
        of = f"encoder.layer.{number}"
        for part in ("weight", "bias"):
            asked = [state[f"{of}.attention.self.{name}.{part}"] for name in ("query", "key", "value")]
            getattr(layer.asked, part).copy_(torch.cat(asked))
        copy(state, f"{of}.attention.output.dense", layer.out)
        copy(state, f"{of}.attention.output.LayerNorm", layer.between)
        copy(state, f"{of}.intermediate.dense", layer.net[0])
        copy(state, f"{of}.output.dense", layer.net[2])
        copy(state, f"{of}.output.LayerNorm", layer.after)


def copy(state: dict[str, Tensor], name: str, into: torch.nn.Module) -> None:
    """Copy the weights and biases of the teacher's module `name`."""
    into.load_state_dict({part: state[f"{name}.{part}"] for part in ("weight", "bias")})
