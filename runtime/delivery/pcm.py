"""Sound as playout wants it."""

import numpy as np
import soxr
from numpy.typing import NDArray

from runtime.delivery.source import RATE_HZ


def to_playout(audio: NDArray[np.float32], rate_hz: int) -> NDArray[np.int16]:
    """Return mono float32 audio (n,) at `rate_hz` as int16 at 48 kHz, clipped at full scale."""
    if rate_hz != RATE_HZ:
        audio = soxr.resample(audio, rate_hz, RATE_HZ, quality="MQ")
    return (np.clip(audio, -1.0, 1.0) * 32_767).astype(np.int16)
