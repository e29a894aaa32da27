"""What the nets say of speakers that they never heard, in figures."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from runtime.perception.voice_emotion import LABELS
from training import measures
from training.voice_emotion.data import NEUTRAL, Voices
from training.voice_emotion.sounds import NOISES

AROUSAL: Final = (0.4, 0.8, 0.2, 0.95, 0.85, 0.45, 0.1)
"""Of each label, 0..1: set by hand, as EmoDB holds no ratings.

Anger, fear and joy lie high, boredom, disgust, neutral and sadness low, as Schuller et al. divide EmoDB (Acoustic
emotion recognition: a benchmark comparison of performances, 2009); within the halves they follow the circumplex of
affect (Russell, 1980).
"""
HIGH: Final = 0.5
"""Arousal from here on counts as high."""
TUNED_ON: Final = (3, 8, 10, 11)
"""Speakers whose scores, each left out in turn, chose the settings of the training; the others' had no say."""
WOMEN: Final = (8, 9, 13, 14, 16)
"""Of EmoDB's ten speakers."""
COLDEST, HOTTEST = 0.25, 4.0


@dataclass
class Answers:
    """Logits: `clean` (items, 7) and `noisy` (items, 2, 7) of acted voices, `read` (folds, items, 7) of readers."""

    clean: NDArray[np.float32]
    noisy: NDArray[np.float32]
    read: list[NDArray[np.float32]]

    @classmethod
    def none(cls, items: int) -> "Answers":
        """Return room for the answers to acted voices."""
        classes = len(LABELS)
        return cls(np.zeros((items, classes), np.float32), np.zeros((items, len(NOISES), classes), np.float32), [])

    def hear(self, net: nn.Module, voices: Voices, held: NDArray[np.bool_], readers: Voices) -> None:
        """Note what a net says of the speakers left out, those where `held` (items,), and of readers."""
        self.clean[held] = logits(net, voices.clean[held])
        self.noisy[held] = logits(net, voices.noisy[held])
        self.read.append(logits(net, readers.clean))


@torch.no_grad()
def logits(net: nn.Module, features: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the logits (..., 7) of features (..., 265)."""
    place = next(net.parameters()).device
    found: NDArray[np.float32] = net(torch.from_numpy(features).to(place).flatten(0, -2)).cpu().numpy()
    return found.reshape(*features.shape[:-1], len(LABELS))


def softmax(values: NDArray[np.float32], temperature: float = 1.0) -> NDArray[np.float64]:
    """Return chances (..., 7) of logits at a temperature."""
    powers = np.exp((values - values.max(axis=-1, keepdims=True)).astype(np.float64) / temperature)
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def best_temperature(values: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    """Return the temperature at which logits (items, 7) give the labels the highest likelihood (Guo et al., 2017)."""
    from scipy.optimize import minimize_scalar

    def loss(log_temperature: float) -> float:
        chances = softmax(values, float(np.exp(log_temperature)))
        return float(-np.log(chances[np.arange(len(labels)), labels] + 1e-12).mean())

    return float(np.exp(minimize_scalar(loss, bounds=np.log([COLDEST, HOTTEST]), method="bounded").x))


def figures(answers: Answers, voices: Voices) -> dict[str, Any]:
    """Return the figures of answers to voices, each by a net that never heard its speaker.

    The chances of each speaker are calibrated by the temperature that is best for the others.
    """
    labels, speakers, got = voices.labels, voices.speakers, answers.clean.argmax(axis=1)
    chances = np.zeros(answers.clean.shape)
    for speaker in np.unique(speakers):
        held = speakers == speaker
        chances[held] = softmax(answers.clean[held], best_temperature(answers.clean[~held], labels[~held]))
    arousal, wanted = chances @ np.array(AROUSAL), np.array(AROUSAL)[labels]
    table = measures.confusion(labels, got, len(LABELS))
    read = np.concatenate(answers.read).argmax(axis=1)
    right = got == labels
    noisy = {
        f"accuracy_{noise.replace(' ', '_')}_10db": measures.accuracy(labels, answers.noisy[:, at].argmax(axis=1))
        for at, noise in enumerate(NOISES)
    }
    return {
        "accuracy": float(right.mean()),
        "unweighted_accuracy": float(np.mean([right[labels == label].mean() for label in np.unique(labels)])),
        "macro_f1": measures.macro_f1(labels, got, len(LABELS)),
        **noisy,
        "calibration_error": measures.calibration_error(labels, chances),
        "uncalibrated_error": measures.calibration_error(labels, softmax(answers.clean)),
        "arousal_concordance": measures.concordance(wanted, arousal),
        "arousal_high_or_low": float(np.mean((arousal >= HIGH) == (wanted >= HIGH))),
        "readers_neutral": float(np.mean(read == NEUTRAL)),
        "tuned_on": _share(right, np.isin(speakers, TUNED_ON)),
        "not_tuned_on": _share(right, ~np.isin(speakers, TUNED_ON)),
        "women": _share(right, np.isin(speakers, WOMEN)),
        "men": _share(right, ~np.isin(speakers, WOMEN)),
        "speakers": {f"{speaker:02}": _share(right, speakers == speaker) for speaker in np.unique(speakers)},
        "emotions": {LABELS[label]: _share(right, labels == label) for label in np.unique(labels)},
        "readers": {name: float(np.mean(read == label)) for label, name in enumerate(LABELS)},
        "confusion": table.tolist(),
    }


def _share(right: NDArray[np.bool_], chosen: NDArray[np.bool_]) -> float:
    """Return the share that is right of those chosen; 0 where none is."""
    return float(right[chosen].mean()) if chosen.any() else 0.0
