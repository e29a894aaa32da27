"""Phonemes in time to a moving mouth, by dominance functions.

Source: M. M. Cohen and D. W. Massaro, "Modeling coarticulation in synthetic visual speech" (1993): each phoneme
pulls each part of the mouth to its target with a dominance that falls off exponentially before and after; the mouth
is the average weighted by dominance. Two additions: dominance stays flat over a phoneme's core, so that a closure
lasts as long as its sound; and short vowels undershoot (B. Lindblom, "Spectrographic study of vowel reduction", 1963).
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from runtime.avatar.visemes import MOUTH, PART_OF, Viseme, visemes
from runtime.core.blendshapes import BLENDSHAPES, INDEX
from runtime.core.messages import TimedPhoneme

LEAD_S = 0.3
MAX_PHONEMES = 2_000
_REACH_S = 0.45
_CORE_SHARE = 0.3
_SHORTEST_CORE_S = 0.012
_SOFTEN_S = 0.012
_REDUCTION = 0.5
_REDUCTION_S = 0.06
_STRESS_GAIN: Final = {0: 0.92, 1: 1.1, 2: 1.0}
_SHORTEST_S = 0.001
_USUAL_S = 0.08
_MOST_HURRY = 1.7
_FAR_S = 1e3
# Margins of rest before and after, so that the first and the last sound have their full length.
_REST_BEFORE_S = 0.1
_REST_AFTER_S = 0.05

_JAW = np.isin(MOUTH, INDEX["jawOpen"])


def aperture(weights: NDArray[np.floating]) -> float:
    """Return how far apart the lips are for `weights` (52,), 0 closed to about 1.2, in units of a full jaw drop.

    `jawOpen` opens unless `mouthClose` holds the lips together; the lips' own raising, lowering and funnelling add.
    """
    lips = 0.1 * (weights[_LOWER_DOWN].sum() + 0.6 * weights[_UPPER_UP].sum()) + 0.23 * weights[_FUNNEL] * (
        1.0 - 0.75 * weights[_CLOSE]
    )
    seal = 0.3 * (weights[_ROLL_LOWER] + weights[_ROLL_UPPER])
    return float(max(0.0, weights[_JAW_OPEN] * (1.0 - 0.97 * weights[_CLOSE]) + lips - 0.3 * seal))


_JAW_OPEN, _CLOSE, _FUNNEL = INDEX["jawOpen"], INDEX["mouthClose"], INDEX["mouthFunnel"]
_ROLL_LOWER, _ROLL_UPPER = INDEX["mouthRollLower"], INDEX["mouthRollUpper"]
_LOWER_DOWN = [INDEX["mouthLowerDownLeft"], INDEX["mouthLowerDownRight"]]
_UPPER_UP = [INDEX["mouthUpperUpLeft"], INDEX["mouthUpperUpRight"]]


class MouthTrack:
    """The mouth of one utterance at any time. Reading it has no memory: skipped frames change nothing."""

    def __init__(self, phonemes: Sequence[TimedPhoneme], duration_s: float) -> None:
        """Prepare `phonemes`, in order, of an utterance of `duration_s`; times beyond it are cut to it."""
        self.duration_s = max(0.0, duration_s)
        segments = _segments(phonemes[:MAX_PHONEMES], self.duration_s)
        starts, ends, whole, stress, shapes = (list(column) for column in zip(*segments, strict=True))
        self._start, self._end = np.array(starts), np.array(ends)
        length = np.minimum(self._end - self._start, 1.0)
        half = np.maximum(_CORE_SHARE * length, _SHORTEST_CORE_S)
        self._core_start = np.minimum(self._start + 0.5 * length - half, self._end - half)
        self._core_end = np.maximum(self._end - 0.5 * length + half, self._core_start)
        self._core_start[0], self._core_end[0] = -_FAR_S, -_REST_BEFORE_S
        self._core_start[-1], self._core_end[-1] = self.duration_s + _REST_AFTER_S, _FAR_S
        self._magnitude = np.stack([v.magnitude for v in shapes])
        self._lead, self._trail = np.stack([v.lead for v in shapes]), np.stack([v.trail for v in shapes])
        # Fast speech moves faster: a short sound reaches less far into its neighbours.
        hurry = np.clip(np.sqrt(_USUAL_S / np.array(whole)), 1.0, _MOST_HURRY)[:, None]
        self._lead, self._trail = self._lead * hurry, self._trail * hurry
        self._target = np.stack([v.target for v in shapes])
        vowel = np.array([v.vowel for v in shapes])
        reduced = np.where(vowel, 1.0 - _REDUCTION * np.exp(-np.array(whole) / _REDUCTION_S), 1.0)
        self._target *= reduced[:, None]
        gain = np.where(vowel, [_STRESS_GAIN.get(s, 1.0) for s in stress], 1.0)
        self._target[:, _JAW] *= gain[:, None]

    def at(self, offset_s: float) -> NDArray[np.float32]:
        """Return the weights (52,) in 0..1 at `offset_s`, seconds from the first sample (below 0: about to start)."""
        result = np.zeros(len(BLENDSHAPES), np.float32)
        if offset_s <= -2 * LEAD_S or offset_s >= self.duration_s + 1.0:
            return result
        first = max(0, int(np.searchsorted(self._core_end, offset_s - _REACH_S)))
        last = max(first + 1, int(np.searchsorted(self._core_start, offset_s + _REACH_S, side="right")))
        part = slice(first, last)
        before = (self._core_start[part] - offset_s)[:, None]
        after = (offset_s - self._core_end[part])[:, None]
        # Distance from the core, rounded off near 0 so that the speed of the mouth has no corner there.
        distance = np.maximum(np.maximum(before, after), 0.0)
        distance = np.sqrt(distance * distance + _SOFTEN_S**2) - _SOFTEN_S
        rate = np.where(before > 0.0, self._lead[part], self._trail[part])
        dominance = self._magnitude[part] * np.exp(-rate * distance)
        dominance /= dominance.sum(axis=0)
        mouth = (dominance[:, PART_OF] * self._target[part]).sum(axis=0)
        result[MOUTH] = np.clip(mouth, 0.0, 1.0)
        return result


def _segments(phonemes: Sequence[TimedPhoneme], duration_s: float) -> list[tuple[float, float, float, int, Viseme]]:
    """Cut phonemes into (start, end, length of its phoneme, stress, viseme), with rest around them."""
    rest = visemes("_")[0][0]
    cut: list[tuple[float, float, float, int, Viseme]] = []
    clock = 0.0
    for phoneme in phonemes:
        start = min(max(phoneme.start_s, clock), duration_s)
        end = min(max(phoneme.end_s, start), duration_s)
        if end - start < _SHORTEST_S:
            continue
        clock = start
        for viseme, share in visemes(phoneme.symbol):
            piece_end = clock + share * (end - start)
            if cut and viseme is rest and cut[-1][4] is rest:
                cut[-1] = (cut[-1][0], piece_end, _FAR_S, 0, rest)
            else:
                cut.append((clock, piece_end, end - start, phoneme.stress, viseme))
            clock = piece_end
    return [(-_FAR_S, 0.0, _FAR_S, 0, rest), *cut, (duration_s, _FAR_S, _FAR_S, 0, rest)]
