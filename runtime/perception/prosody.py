"""Pitch and energy of the last speech before a pause: what a voice does when it has, or hasn't, come to its end.

Pitch by normalised autocorrelation (Boersma 1993) on frames of 40 ms every 20 ms. Nothing depends on loudness or on how
high a voice is: energy is relative to the loudest frames of the stretch, pitch to its own median.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

PROSODY_RATE_HZ: Final = 16_000
STRETCH_S: Final = 1.5
FRAMES: Final = 75
FEATURES: Final = 3
"""Pitch in octaves from the median (-1..1), whether there is a pitch (0, 1), energy in powers of ten (-4..0.5)."""
_THINNED: Final = 2
_THINNED_HZ: Final = PROSODY_RATE_HZ // _THINNED
_HOP: Final = _THINNED_HZ // 50
_FRAME: Final = 2 * _HOP
_FFT: Final = 1_024
_LAGS: Final = (_THINNED_HZ // 400, _THINNED_HZ // 70)
_VOICED: Final = 0.5
_NEARLY: Final = 0.85
_QUIET: Final = 1.5e-4
"""Root mean square below which there is no voice, whatever the frame repeats."""
STRETCH: Final = (FRAMES + 1) * _HOP * _THINNED
"""Samples that the features are of."""


def prosody(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return (75, 3) features of the end of `samples` (n,) in -1..1 at 16 kHz; before its begin counts as silence."""
    sound = np.zeros(STRETCH, np.float32)
    tail = samples[-STRETCH:]
    sound[STRETCH - len(tail) :] = tail
    thin = sound.reshape(-1, _THINNED).mean(axis=1)
    frames = np.lib.stride_tricks.sliding_window_view(thin, _FRAME)[::_HOP]
    frames = frames - frames.mean(axis=1, keepdims=True)
    power = np.square(np.abs(np.fft.rfft(frames, _FFT)))
    likeness = np.fft.irfft(power)[:, : _LAGS[1] + 1]
    least, most = _LAGS
    # The fewer samples overlap at a lag, the smaller its sum: divided out.
    overlap = (_FRAME - np.arange(least, most + 1)) / _FRAME
    curve = likeness[:, least : most + 1] / (overlap * np.maximum(likeness[:, :1], 1e-9))
    best = _first_peak(curve)
    loudness = np.sqrt(np.square(frames).mean(axis=1))
    voiced = (curve.max(axis=1) > _VOICED) & (loudness > max(_QUIET, 0.05 * float(np.percentile(loudness, 95))))
    octaves = np.log2(_THINNED_HZ / (best + least))
    median = float(np.median(octaves[voiced])) if voiced.any() else 0.0
    pitch = np.where(voiced, np.clip(octaves - median, -1, 1), 0.0)
    loudest = max(float(np.percentile(loudness, 95)), _QUIET)
    energy = np.clip(np.log10(np.maximum(loudness, 1e-7) / loudest), -4, 0.5)
    return np.stack([pitch, voiced.astype(np.float64), energy], axis=1).astype(np.float32)


def _first_peak(curve: NDArray[np.floating]) -> NDArray[np.int64]:
    """Return the shortest lag (frames,) that peaks nearly as high as any: multiples of a period peak as high as it."""
    around = np.pad(curve, ((0, 0), (1, 1)), constant_values=-np.inf)
    peaks = (curve >= around[:, :-2]) & (curve >= around[:, 2:])
    return np.asarray((peaks & (curve >= _NEARLY * curve.max(axis=1, keepdims=True))).argmax(axis=1), np.int64)


class RecentSound:
    """The last seconds of a stream, from which the stretch before any recent moment can be taken."""

    def __init__(self, seconds: float = 3.0) -> None:
        self._kept = np.zeros(int(seconds * PROSODY_RATE_HZ), np.float32)
        self._end_s = 0.0

    def feed(self, samples: NDArray[np.float32], end_s: float) -> None:
        """Take the next samples; the last of them is at `end_s`."""
        count = min(len(samples), len(self._kept))
        self._kept[: -count or None] = self._kept[count:] if count < len(self._kept) else 0
        if count:
            self._kept[-count:] = samples[-count:]
        self._end_s = end_s

    def before(self, time_s: float) -> NDArray[np.float32]:
        """Return the sound kept from before a time, (n,) samples."""
        late = max(0, round((self._end_s - time_s) * PROSODY_RATE_HZ))
        return self._kept[: max(0, len(self._kept) - late)]
