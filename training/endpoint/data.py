"""What the nets learn from: texts with the places where sentences end, and pauses of spoken turns."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.data import Dataset

from runtime.core.hashed_words import WordHasher, padded
from runtime.perception.prosody import FEATURES, FRAMES
from training.endpoint.nets import EndpointNet
from training.endpoint.speech import Pause, SpokenTurn
from training.endpoint.texts import LONGEST, MAX_WORDS, Cut, Mishearing, Turn, spoken_words
from training.endpoint.waits import GRID_S, Turns

HASHER: Final = WordHasher(words=4_096, pieces=4_096, pieces_per_word=10, max_words=MAX_WORDS)
SILENT_VOICE: Final = np.zeros((FRAMES, FEATURES), np.float32)
CLEAN_SHARE: Final = 0.5
WRONG_SHARES: Final = (0.05, 0.6)
"""Of the words of a text that isn't clean, drawn for each: recognisers err here and there, or nearly everywhere."""
WHOLE_TURN_SHARE: Final = 0.3
UNKNOWN: Final = -1.0

Item = tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.float32], NDArray[np.float32], float, float]
"""Words, chances that a sentence ends after each, their weights, voice, pause, whether the turn is over."""
Batch = tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]


class Examples(Dataset[Item]):
    """Texts first, then the pauses of spoken turns. Words are misheard anew at each draw."""

    def __init__(self, turns: Sequence[Turn], spoken: Sequence[SpokenTurn]) -> None:
        texts = [[spoken_words(sentence) for sentence in turn.sentences] for turn in turns]
        kept = [[words for words in text if 0 < len(words) <= LONGEST] for text in texts]
        self._texts = [text for text in kept if text]
        self._pauses = [pause for turn in spoken for pause in turn.pauses]
        vocabulary = [word for text in self._texts for sentence in text for word in sentence]
        self._mishearing = Mishearing(vocabulary)

    def __len__(self) -> int:
        return len(self._texts) + len(self._pauses)

    def __getitem__(self, index: int) -> Item:
        if index < len(self._texts):
            return self._text(self._texts[index])
        return self._pause(self._pauses[index - len(self._texts)])

    def _text(self, sentences: list[list[str]]) -> Item:
        if np.random.random() >= WHOLE_TURN_SHARE:
            sentences = [sentences[np.random.randint(len(sentences))]]
        words: list[str] = []
        ends: list[float] = []
        wrong = _wrong_share()
        for sentence in sentences:
            for place, heard in enumerate(self._mishearing.words(sentence, wrong)):
                words += heard
                ends += [0.0] * (len(heard) - 1) + [float(place == len(sentence) - 1)] * bool(heard)
        whole = np.array([0.0, *ends[-MAX_WORDS:]], np.float32)
        return HASHER.ids(" ".join(words), last=True), whole, weights(whole), SILENT_VOICE, 0.0, UNKNOWN

    def _pause(self, pause: Pause) -> Item:
        heard = [word for words in self._mishearing.words(pause.words, _wrong_share()) for word in words]
        ids = HASHER.ids(" ".join(heard), last=True)
        silence = float(np.random.uniform(GRID_S[0], GRID_S[-1]))
        over = float(pause.length_s is None)
        if pause.length_s is not None and silence >= pause.length_s:
            over = UNKNOWN  # this silence was never there
        none = np.zeros(1 + len(ids), np.float32)
        return ids, none, none, pause.voice, silence, over


def _wrong_share() -> float:
    return 0.0 if np.random.random() < CLEAN_SHARE else float(np.random.uniform(*WRONG_SHARES))


def weights(whole: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the weight of each place: a sentence's end counts as much as all its other places but the first."""
    out = np.zeros_like(whole)
    ends = float(whole.sum())
    others = len(whole) - 1 - ends
    out[1:] = np.where(whole[1:] > 0, 1.0, ends / max(1.0, others))
    return out


def collate(items: list[Item]) -> Batch:
    """Return words, ends, weights (b, 1 + w), voice, pause (b, 1), over (b,)."""
    ids, ends, counted, voice, pause, over = zip(*items, strict=True)
    words = padded(list(ids))
    shape = (len(items), 1 + words.shape[1])
    whole, share = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    for row, (end, weight) in enumerate(zip(ends, counted, strict=True)):
        count = min(len(end), shape[1])
        whole[row, :count], share[row, :count] = end[:count], weight[:count]
    silence, done = torch.tensor(pause)[:, None].float(), torch.tensor(over).float()
    return (
        torch.from_numpy(words), torch.from_numpy(whole), torch.from_numpy(share),
        torch.from_numpy(np.stack(voice)), silence, done,
    )  # fmt: skip


def text_scores(net: nn.Module, cuts: Sequence[Cut], batch: int = 256) -> NDArray[np.float32]:
    """Return (n,) chances by text alone that a sentence ends where each text does."""
    out = []
    for begin in range(0, len(cuts), batch):
        some = [HASHER.ids(" ".join(cut.words), last=True) for cut in cuts[begin : begin + batch]]
        voice = torch.zeros(len(some), FRAMES, FEATURES)
        out.append(net(torch.from_numpy(padded(some)), voice, torch.zeros(len(some), 1))[1].float().numpy())
    return np.concatenate(out)


def pauses_of(turns: Sequence[SpokenTurn]) -> tuple[list[Pause], Turns]:
    """Return all pauses in a row, and of each turn its pauses' rows and lengths."""
    rows: list[Pause] = []
    places = []
    for turn in turns:
        places.append([(len(rows) + at, pause.length_s) for at, pause in enumerate(turn.pauses)])
        rows += turn.pauses
    return rows, places


def over_scores(
    net: nn.Module, pauses: Sequence[Pause], words: Sequence[Sequence[str]] | None = None
) -> NDArray[np.float32]:
    """Return (n, grid) chances that the turn is over, after each silence of the grid.

    `words` stands for what was said, where it was heard otherwise.
    """
    assert isinstance(net, EndpointNet)
    said = [pause.words for pause in pauses] if words is None else words
    ids = padded([HASHER.ids(" ".join(text), last=True) for text in said])
    out = np.zeros((len(pauses), len(GRID_S)), np.float32)
    for begin in range(0, len(pauses), 128):
        part = slice(begin, begin + 128)
        voice = torch.from_numpy(np.stack([pause.voice for pause in pauses[part]]))
        known, text, _ = net.facts(torch.from_numpy(ids[part]), voice)
        for column, silence in enumerate(GRID_S):
            out[part, column] = net.over(known, text, torch.full((len(voice), 1), float(silence))).sigmoid().numpy()
    return out
