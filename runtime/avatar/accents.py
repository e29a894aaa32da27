"""Where an utterance is stressed, shown by brows and head as people do: small raises and nods on accented syllables."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from runtime.avatar.visemes import is_pause, is_vowel
from runtime.core.messages import TimedPhoneme

GAP_S = 0.55
LEAD_S = 0.1
NOD_S = 0.42
RAISE_S = 0.6
NOD_DEG = 1.9
RAISE = 0.24
SWAY_DEG = 1.1
_NODS_SHARE: Final = 0.6
_RAISES_SHARE: Final = 0.45


class Accents:
    """The accents of one utterance at any time: a brow raise 0..1 and turns of the head in degrees. No memory."""

    def __init__(self, phonemes: Sequence[TimedPhoneme], seed: int) -> None:
        """Choose among the stressed vowels of `phonemes`; the same `seed` chooses the same."""
        peaks = _accented(phonemes)
        random = np.random.default_rng(seed)
        draws = random.random((len(peaks), 3))
        nuclear = np.array([kind == "last" for _, kind in peaks], bool)
        first = np.array([kind == "first" for _, kind in peaks], bool)
        size = 0.7 + 0.5 * draws[:, 2]
        self._time = np.array([time for time, _ in peaks], np.float64)
        self._nod = np.where(nuclear | (draws[:, 0] < _NODS_SHARE), size, 0.0) * NOD_DEG * np.where(nuclear, 1.2, 1.0)
        self._raise = np.where(first | (draws[:, 1] < _RAISES_SHARE), size, 0.0) * RAISE
        self._turn = (draws[:, 0] - 0.5) * 2.0 * SWAY_DEG

    def at(self, offset_s: float) -> tuple[float, NDArray[np.float64]]:
        """Return the brow raise and (yaw, pitch, roll) in degrees to add at `offset_s`."""
        if not len(self._time):
            return 0.0, np.zeros(3)
        since = offset_s - self._time + LEAD_S
        nod = _bumps(since, NOD_S)
        brow = float(self._raise @ _bumps(since, RAISE_S))
        # The head drops on the syllable and turns a little to one side, slower.
        slow = self._turn @ _bumps(since + 0.1, 2.0 * RAISE_S)
        return brow, np.array([slow, -float(self._nod @ nod) + 2.0 * brow, 0.6 * slow])


def _bumps(since_s: NDArray[np.float64], length_s: float) -> NDArray[np.float64]:
    phase = np.clip(since_s / length_s, 0.0, 1.0)
    return np.asarray(np.sin(np.pi * phase) ** 2)


def _accented(phonemes: Sequence[TimedPhoneme]) -> list[tuple[float, str]]:
    """Return the times of accents: the first and the last stressed vowel of each breath group, and some between."""
    peaks: list[tuple[float, str]] = []
    group: list[float] = []
    for phoneme in [*phonemes, TimedPhoneme("_", 0.0, 0.0)]:
        if is_pause(phoneme.symbol):
            peaks += _spaced(group, peaks[-1][0] if peaks else -GAP_S)
            group = []
        elif phoneme.stress == 1 and is_vowel(phoneme.symbol):
            group.append(0.5 * (phoneme.start_s + phoneme.end_s))
    return peaks


def _spaced(times: list[float], after_s: float) -> list[tuple[float, str]]:
    """Keep the last of `times` (the nuclear accent) and of the others those at least `GAP_S` apart."""
    if not times:
        return []
    kept: list[tuple[float, str]] = []
    for time in times[:-1]:
        if time - after_s >= GAP_S and times[-1] - time >= GAP_S:
            kept.append((time, "first" if not kept else "middle"))
            after_s = time
    return [*kept, (times[-1], "last")]
