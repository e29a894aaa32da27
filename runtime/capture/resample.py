"""Sound of any rate, form and number of channels, as it comes in chunks, to mono float32 at 16 kHz."""

from typing import Any, Final

import numpy as np
import soxr
from numpy.typing import NDArray

from runtime.core.errors import UserError

RATE_HZ: Final = 16_000
MIN_RATE_HZ, MAX_RATE_HZ = 4_000, 384_000
MAX_CHANNELS: Final = 64


class Resampler:
    """A stream's resampler, by soxr. Fed in chunks it gives the same samples as fed whole."""

    def __init__(self, rate_hz: int, channels: int = 1, out_rate_hz: int = RATE_HZ) -> None:
        """Raise UserError where the rate is outside 4–384 kHz or there are not 1 to 64 channels."""
        if not MIN_RATE_HZ <= rate_hz <= MAX_RATE_HZ:
            raise UserError(
                f"A sample rate of {rate_hz} Hz can't be used.", f"It must be {MIN_RATE_HZ} to {MAX_RATE_HZ} Hz."
            )
        if not 1 <= channels <= MAX_CHANNELS:
            raise UserError(f"Sound with {channels} channels can't be used.", f"It must have 1 to {MAX_CHANNELS}.")
        self._channels = channels
        self._stream: Any = None
        if rate_hz != out_rate_hz:
            self._stream = soxr.ResampleStream(rate_hz, out_rate_hz, 1, dtype="float32", quality="HQ")

    def feed(self, samples: NDArray[Any]) -> NDArray[np.float32]:
        """Return what is ready after `samples`: (n,) or (n, channels); uint8, int16, int32 or float in -1..1."""
        mono = to_mono(samples, self._channels)
        return mono if self._stream is None else np.asarray(self._stream.resample_chunk(mono), np.float32)

    def flush(self) -> NDArray[np.float32]:
        """Return the rest at the stream's end; feed nothing after it."""
        if self._stream is None:
            return np.zeros(0, np.float32)
        return np.asarray(self._stream.resample_chunk(np.zeros(0, np.float32), last=True), np.float32)


def to_mono(samples: NDArray[Any], channels: int = 1) -> NDArray[np.float32]:
    """Return the mean of the channels as float32 within -1..1; samples that are no numbers become 0.

    `samples` is (n,), interleaved where there are several channels, or (n, channels).
    """
    scaled: NDArray[np.floating[Any]]
    if samples.dtype == np.uint8:
        scaled = (samples.astype(np.float32) - 128) / 128
    elif np.issubdtype(samples.dtype, np.signedinteger):
        scaled = samples.astype(np.float32) / -float(np.iinfo(samples.dtype).min)
    else:
        scaled = np.nan_to_num(samples.astype(np.float32), posinf=1.0, neginf=-1.0)
    if samples.ndim == 2:
        scaled = scaled.mean(axis=1)
    elif channels > 1:
        scaled = scaled[: len(scaled) // channels * channels].reshape(-1, channels).mean(axis=1)
    return np.clip(scaled, -1.0, 1.0).astype(np.float32)
