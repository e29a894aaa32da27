"""Recordings to learn the emotion of voices from: the features of each, of changed copies, and in noise."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset
from tqdm import tqdm

from runtime.core.errors import UserError
from runtime.perception.voice_emotion import LABELS
from runtime.perception.voice_features import FEATURES, SPEECH_SAMPLES, voice_features, without_quiet_ends
from training.augment.sound import SoundChange
from training.voice_emotion.sounds import Sound, changed, in_test_noise, sound

LETTERS: Final = {"N": 0, "F": 1, "T": 2, "W": 3, "A": 4, "E": 5, "L": 6}
"""Of EmoDB's file names, by German word: Wut, Langeweile, Ekel, Angst, Freude, Trauer; and neutral."""
NEUTRAL: Final = LABELS.index("neutral")
WINDOWS: Final = 2
"""Taken from each utterance that is read out."""


class Cut(NamedTuple):
    """A piece of a recording, at most some seconds, with the place of its label in `LABELS`."""

    sound: Sound
    label: int
    speaker: int


@dataclass(frozen=True)
class Voices:
    """Cuts by their features.

    `clean` is (items, 265) as recorded, `copies` (items, k, 265) of changed copies, `noisy` (items, 2, 265) in the
    noises of the test, `labels` (items,) the place in `LABELS`, `speakers` (items,).
    """

    clean: NDArray[np.float32]
    copies: NDArray[np.float32]
    noisy: NDArray[np.float32]
    labels: NDArray[np.int64]
    speakers: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.labels)

    def where(self, chosen: NDArray[np.bool_]) -> "Voices":
        """Return those items where `chosen` (items,) is true."""
        return Voices(*(part[chosen] for part in vars(self).values()))


class Utterances(Dataset[Any]):
    """For training: features (265,) and wanted chances (7,) of each cut and of each copy; drawn by batches.

    Args:
        acted: cuts that show the emotion of their label; each emotion is drawn about the same number of times, by
            `balance` (0: as often as it is there, 1: equally often).
        read: cuts of people who read out, mostly neutral: they are `read_share` of what is drawn, and labelled with
            less certainty.
        smoothing: the chance taken from the label and shared by all (Szegedy et al., 2016).
    """

    def __init__(
        self, acted: Voices, read: Voices, balance: float, read_share: float, smoothing: float, read_smoothing: float
    ) -> None:
        features, targets, shares = [], [], []
        for voices, soft, share in ((acted, smoothing, 1 - read_share), (read, read_smoothing, read_share)):
            every = np.concatenate([voices.clean[:, None], voices.copies], axis=1)
            wanted = np.full((len(voices), len(LABELS)), soft / len(LABELS), np.float32)
            wanted[np.arange(len(voices)), voices.labels] += 1 - soft
            often = np.bincount(voices.labels, minlength=len(LABELS)).clip(1)[voices.labels] ** -balance
            features.append(every.reshape(-1, FEATURES))
            targets.append(np.repeat(wanted, every.shape[1], axis=0))
            shares.append(np.repeat(often / often.sum() * share / every.shape[1], every.shape[1]))
        self.features = torch.from_numpy(np.concatenate(features))
        self._targets = torch.from_numpy(np.concatenate(targets))
        self.shares = torch.from_numpy(np.concatenate(shares))
        """How often each is drawn, (items,)."""

    def __len__(self) -> int:
        return len(self.features)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        return self.features[index], self._targets[index]

    def __getitems__(self, chosen: list[int]) -> tuple[Tensor, Tensor]:
        """Return the batch (n, 265), (n, 7)."""
        return self.features[chosen], self._targets[chosen]


def acted(folder: Path, most: int | None = None) -> list[Cut]:
    """Return EmoDB's utterances; `most` of each speaker and emotion.

    Raises:
        UserError: the folder holds none, or a file is not named as EmoDB names its files.
    """
    cuts: list[Cut] = []
    taken: dict[tuple[str, str], int] = {}
    for path in sorted(folder.glob("*.wav")):
        name = path.stem
        if len(name) < 7 or not name[:2].isdigit() or name[5] not in LETTERS:
            raise UserError(f"{path} is not named like 03a01Wa.wav.", "Give it EmoDB's name, or take it away.")
        key = (name[:2], name[5])
        taken[key] = taken.get(key, 0) + 1
        if most is None or taken[key] <= most:
            cuts.append(Cut(sound(path), LETTERS[name[5]], int(name[:2])))
    if not cuts:
        raise UserError(f"{folder} holds no .wav.", "Put the utterances of EmoDB into it; see docs/data.md.")
    return cuts


def read_out(folder: Path, most: int | None = None) -> tuple[list[Cut], list[Cut]]:
    """Return 2 s windows of LibriSpeech's utterances, labelled neutral: of every other reader, and of the rest.

    `most` is the number of utterances of each reader.

    Raises:
        UserError: the folder holds those of fewer than two readers.
    """
    by_reader: dict[int, list[Path]] = {}
    for path in sorted(folder.rglob("*.flac")):
        by_reader.setdefault(int(path.stem.split("-")[0]), []).append(path)
    if len(by_reader) < 2:
        raise UserError(f"{folder} holds no two readers' .flac.", "Put LibriSpeech's into it; see docs/data.md.")
    readers = sorted(by_reader)
    halves = [[(who, path) for who in half for path in by_reader[who][:most]] for half in (readers[::2], readers[1::2])]
    one, other = ([cut for who, path in half for cut in _windows(path, who)] for half in halves)
    return one, other


def _windows(path: Path, reader: int) -> list[Cut]:
    speech = without_quiet_ends(sound(path))
    starts = np.linspace(0, max(0, len(speech) - SPEECH_SAMPLES), WINDOWS + 2)[1:-1].astype(int)
    return [Cut(speech[start : start + SPEECH_SAMPLES], NEUTRAL, reader) for start in starts]


def heard(cuts: Sequence[Cut], change: SoundChange, copies: int, talkers: Sequence[Sound], seed: int) -> Voices:
    """Return the features of cuts, of `copies` changed copies of each, and in noise, `talkers` making the babble.

    A cut that is nothing but quiet is left out; a copy that is counts as recorded.
    """
    clean, other, noisy, kept = [], [], [], []
    for number, cut in enumerate(tqdm(cuts, desc="features", disable=None)):
        features = voice_features(cut.sound)
        if features is None:
            continue
        chance = np.random.default_rng((seed, number))
        variants = [changed(cut.sound, change, chance) for _ in range(copies)]
        variants += in_test_noise(cut.sound, talkers, chance)
        rows = np.array([features if row is None else row for row in map(voice_features, variants)])
        clean.append(features)
        other.append(rows[:copies])
        noisy.append(rows[copies:])
        kept.append((cut.label, cut.speaker))
    labels, speakers = np.array(kept, np.int64).reshape(-1, 2).T
    return Voices(np.array(clean), np.array(other), np.array(noisy), labels, speakers)
