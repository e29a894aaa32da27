"""A mouth that comes as curves, for speech without phonemes."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from runtime.core.messages import MOUTH_RATE_HZ

SETTLE_S: Final = 0.12
"""How long the mouth takes from rest to the first curve and from the last one back to rest."""


class CurveTrack:
    """The mouth of one utterance at any time, from curves. Reading it has no memory: skipped frames change nothing."""

    def __init__(self, curves: NDArray[np.float32]) -> None:
        """Take (k, 52) weights, `MOUTH_RATE_HZ` a second from the first sample on."""
        self._curves = np.clip(np.nan_to_num(curves), 0.0, 1.0)

    def at(self, offset_s: float) -> NDArray[np.float32]:
        """Return the weights (52,) in 0..1 at `offset_s`, seconds from the first sample (below 0: about to start)."""
        last = len(self._curves) - 1
        if last < 0:
            return np.zeros(self._curves.shape[1], np.float32)
        place = offset_s * MOUTH_RATE_HZ
        first = int(np.clip(np.floor(place), 0, last))
        share = float(np.clip(place - first, 0.0, 1.0))
        mouth = (1.0 - share) * self._curves[first] + share * self._curves[min(first + 1, last)]
        beyond_s = max(-place, place - last, 0.0) / MOUTH_RATE_HZ
        level = 1.0 - min(1.0, beyond_s / SETTLE_S)
        return np.asarray(mouth * level * level * (3.0 - 2.0 * level), np.float32)
