"""A recording as something to say: in pieces, cut where it is quiet."""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from runtime.core.messages import Spoken

PIECE_S: Final = (4.0, 8.0)
"""A piece is cut at the quietest place between these lengths; so the first is soon ready and none is large."""
_QUIET_S: Final = 0.1


def pieces(name: str, audio: NDArray[np.float32], rate_hz: int) -> Iterator[Spoken]:
    """Yield (n,) samples as pieces that join without a gap; the first carries `name` as its text."""
    shortest, longest = (int(length_s * rate_hz) for length_s in PIECE_S)
    window = max(1, int(_QUIET_S * rate_hz))
    begin = 0
    while len(audio) - begin > longest:
        power = np.cumsum(np.square(audio[begin + shortest : begin + longest], dtype=np.float64))
        end = begin + shortest + window // 2 + int(np.argmin(power[window:] - power[:-window]))
        yield Spoken("" if begin else name, audio[begin:end], rate_hz)
        begin = end
    if begin < len(audio):
        yield Spoken("" if begin else name, audio[begin:], rate_hz)
