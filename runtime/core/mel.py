"""Log-mel features of sound: one definition, which training and runtime share. Streaming, causal, 16 kHz."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

MEL_RATE_HZ: Final = 16_000
WINDOW_SAMPLES: Final = 400
"""25 ms."""
HOP_SAMPLES: Final = 160
"""10 ms."""
HISTORY_SAMPLES: Final = WINDOW_SAMPLES - HOP_SAMPLES
FFT_SAMPLES: Final = 512
LOWEST_HZ: Final = 20.0
HIGHEST_HZ: Final = 7_600.0
POWER_FLOOR: Final = 1e-7
"""Just above the noise of 16-bit rounding, so that digital silence and a quiet room are near each other."""
MAX_BANDS: Final = 80
"""With more, the lowest triangles would fall between two lines of the spectrum."""


class LogMel:
    """Sound to log-mel frames, fed in pieces of any size; fed in pieces equals fed whole.

    Frame i is of the 400 samples that end with sample 160 (i + 1): nothing is looked ahead, n samples give n // 160
    frames in all, and what came before the first sample counts as silence. Natural logarithm of the power in
    triangular bands, evenly spaced on the mel scale of O'Shaughnessy (1987) from 20 to 7,600 Hz, Hann window; values
    lie in about -16.2 (silence) to 10 for samples in -1..1.
    """

    def __init__(self, bands: int = 40) -> None:
        """Prepare `bands` filters, 1 to 80.

        Raises:
            ValueError: `bands` is out of range.
        """
        self.bands = bands
        self._filters = mel_filters(bands)
        self._window = np.hanning(WINDOW_SAMPLES + 1)[:-1].astype(np.float32)
        self._pending = np.zeros(HISTORY_SAMPLES, np.float32)

    def feed(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """Take (n,) samples in -1..1 at 16 kHz; return the (frames, bands) that they complete, none or more."""
        sound = np.concatenate([self._pending, samples]).astype(np.float32, copy=False)
        count = (len(sound) - HISTORY_SAMPLES) // HOP_SAMPLES
        self._pending = sound[count * HOP_SAMPLES :].copy()
        if count == 0:
            return np.zeros((0, self.bands), np.float32)
        frames = np.lib.stride_tricks.sliding_window_view(sound, WINDOW_SAMPLES)[::HOP_SAMPLES][:count]
        spectrum = np.fft.rfft(frames * self._window, FFT_SAMPLES)
        power = np.square(spectrum.real) + np.square(spectrum.imag)
        logs: NDArray[np.float32] = np.log(np.maximum(power @ self._filters, POWER_FLOOR)).astype(np.float32)
        return logs

    def reset(self) -> None:
        """Forget what was fed: the next sample is the first."""
        self._pending = np.zeros(HISTORY_SAMPLES, np.float32)


def log_mel(samples: NDArray[np.float32], bands: int = 40) -> NDArray[np.float32]:
    """Return the (n // 160, bands) frames of a whole recording of (n,) samples at 16 kHz."""
    return LogMel(bands).feed(samples)


def mel_filters(bands: int) -> NDArray[np.float32]:
    """Return (257, bands) triangular weights over the power spectrum, 0..1, each peak 1 at its band's centre.

    Raises:
        ValueError: `bands` is not 1 to 80.
    """
    if not 1 <= bands <= MAX_BANDS:
        raise ValueError(f"bands must be 1 to {MAX_BANDS}, not {bands}")
    edges = np.linspace(hz_to_mel(LOWEST_HZ), hz_to_mel(HIGHEST_HZ), bands + 2)
    lines = hz_to_mel(np.fft.rfftfreq(FFT_SAMPLES, 1 / MEL_RATE_HZ))[:, None]
    rising = (lines - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - lines) / (edges[2:] - edges[1:-1])
    return np.maximum(0.0, np.minimum(rising, falling)).astype(np.float32)


def hz_to_mel(frequency_hz: float | NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Return the mel value of a frequency of 0 Hz or more."""
    return np.asarray(2595.0 * np.log10(1.0 + np.asarray(frequency_hz) / 700.0))
