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
    hertz, loudness = pitch(samples)
    voiced = ~np.isnan(hertz)
    octaves = np.log2(np.where(voiced, hertz, 1.0))
    median = float(np.median(octaves[voiced])) if voiced.any() else 0.0
    heights = np.where(voiced, np.clip(octaves - median, -1, 1), 0.0)
    loudest = max(float(np.percentile(loudness, 95)), _QUIET)
    energy = np.clip(np.log10(np.maximum(loudness, 1e-7) / loudest), -4, 0.5)
    return np.stack([heights, voiced.astype(np.float64), energy], axis=1).astype(np.float32)


def pitch(samples: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return (75,) pitch in Hz, NaN where there is none, and (75,) root mean square of the end of `samples`."""
    sound = np.zeros(STRETCH, np.float32)
    tail = samples[-STRETCH:]
    sound[STRETCH - len(tail) :] = tail
    thin = sound.reshape(-1, _THINNED).mean(axis=1)
    frames = np.lib.stride_tricks.sliding_window_view(thin, _FRAME)[::_HOP]
    frames = frames - frames.mean(axis=1, keepdims=True)
    power = np.square(np.abs(np.fft.rfft(frames, _FFT)))
    least, most = _LAGS
    likeness = np.fft.irfft(power)[:, : most + 1]
    # The fewer samples overlap at a lag, the smaller its sum. Dividing that out raises the long lags, so that a
    # multiple of the period can come out above the period itself; hence the first peak is taken, not the highest.
    overlap = (_FRAME - np.arange(least, most + 1)) / _FRAME
    curve = likeness[:, least:] / (overlap * np.maximum(likeness[:, :1], 1e-9))
    loudness = np.sqrt(np.square(frames).mean(axis=1))
    voiced = (curve.max(axis=1) > _VOICED) & (loudness > max(_QUIET, 0.05 * float(np.percentile(loudness, 95))))
    return np.where(voiced, _THINNED_HZ / (least + _first_peak(curve)), np.nan), np.asarray(loudness, np.float64)


def _first_peak(curve: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the first place (frames,) that peaks nearly as high as any, between samples by a parabola."""
    around = np.pad(curve, ((0, 0), (1, 1)), constant_values=-np.inf)
    peaks = (curve >= around[:, :-2]) & (curve >= around[:, 2:])
    first = (peaks & (curve >= _NEARLY * curve.max(axis=1, keepdims=True))).argmax(axis=1)
    inside = np.clip(first, 1, curve.shape[1] - 2)
    rows = np.arange(len(curve))
    before, at, after = (curve[rows, inside + step] for step in (-1, 0, 1))
    bend = np.minimum(before - 2 * at + after, -1e-9)
    aside = np.where(first == inside, np.clip((before - after) / (2 * bend), -0.5, 0.5), 0.0)
    return np.asarray(first + aside, np.float64)


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
