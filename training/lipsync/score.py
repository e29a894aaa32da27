"""How good a mouth is: the jaw against the captured one, the shapes against the rules', lips closed where they must."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from torch import nn

from runtime.avatar.coarticulation import aperture
from runtime.avatar.visemes import is_pause, is_vowel
from runtime.core.blendshapes import weights
from runtime.voice.lipsync import CURVES_PER_S, SHAPES
from training.lipsync.data import seen
from training.lipsync.speech import BILABIALS, Take
from training.measures import correlation

CLOSED_APERTURE: Final = 0.05
"""Up to this gap between the lips, in units of a full jaw drop, they look closed."""
TOLERANCE_S: Final = 0.04
_JAW: Final = SHAPES.index("jawOpen")
_SPREAD: Final = np.stack([weights({name: 1.0}) for name in SHAPES])
_MOVES: Final = 0.02


def jaw(net: nn.Module, takes: Sequence[Take]) -> float:
    """Return Pearson's r of the jaw over all takes together."""
    got = np.concatenate([seen(net, take)[0][:, _JAW] for take in takes])
    return correlation(np.concatenate([take.shapes[:, _JAW] for take in takes]), got)


def shapes(net: nn.Module, takes: Sequence[Take]) -> dict[str, float]:
    """Return r for each shape that moves, over all takes together."""
    got = np.concatenate([seen(net, take)[0] for take in takes])
    wanted = np.concatenate([take.shapes for take in takes])
    return {
        name: round(correlation(wanted[:, i], got[:, i]), 3)
        for i, name in enumerate(SHAPES)
        if wanted[:, i].std() > _MOVES
    }


def gaps(mouth: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return how far apart the lips are at each step of (steps, 12)."""
    return np.array([aperture(step @ _SPREAD) for step in mouth])


def lips(net: nn.Module, takes: Sequence[Take]) -> dict[str, float]:
    """Return how often lips close where they must, and where they must not.

    `bilabials_closed`: share of m, b and p whose lips are closed at some time within 40 ms of the middle of the sound.
    `vowels_closed`: share of vowels of at least 60 ms whose lips are closed in the middle: what one pays for it.
    `closures_right`: share of the closings while speaking that have a bilabial within 40 ms.
    """
    hits, vowels, right = [], [], []
    for take in takes:
        closed = gaps(seen(net, take)[0]) < CLOSED_APERTURE
        sealed = np.zeros(take.steps, bool)
        speaking = np.zeros(take.steps, bool)
        for phoneme in take.phonemes:
            middle_s = 0.5 * (phoneme.start_s + phoneme.end_s)
            if phoneme.symbol[0] in BILABIALS:
                hits.append(closed[_span(middle_s - TOLERANCE_S, middle_s + TOLERANCE_S)].any())
                sealed[_span(phoneme.start_s - TOLERANCE_S, phoneme.end_s + TOLERANCE_S)] = True
            elif is_vowel(phoneme.symbol) and phoneme.end_s - phoneme.start_s >= 0.06:
                vowels.append(closed[_span(middle_s - 0.01, middle_s + 0.01)].all())
            if not is_pause(phoneme.symbol):
                speaking[_span(phoneme.start_s, phoneme.end_s)] = True
        right += [bool(sealed[run].any()) for run in _runs(closed & speaking)]
    return {
        "bilabials": float(len(hits)),
        "bilabials_closed": round(float(np.mean(hits)), 4) if hits else 0.0,
        "vowels_closed": round(float(np.mean(vowels)), 4) if vowels else 0.0,
        "closures_right": round(float(np.mean(right)), 4) if right else 0.0,
    }


def _span(start_s: float, end_s: float) -> slice:
    """Return the steps whose times lie between two times."""
    first = int(np.ceil(start_s * CURVES_PER_S - 1e-6))
    return slice(max(0, first), max(0, first, int(np.floor(end_s * CURVES_PER_S + 1e-6)) + 1))


def _runs(flags: NDArray[np.bool_]) -> list[slice]:
    """Return the stretches of at least two steps in which `flags` are set."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(int)))
    pairs = zip(edges[::2], edges[1::2], strict=True)
    return [slice(int(begin), int(end)) for begin, end in pairs if end - begin >= 2]
