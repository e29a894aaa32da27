"""What of 2 s of speech tells its emotion: statistics of timbre, energy, rhythm and pitch, at any level of sound."""

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from runtime.core.mel import HOP_SAMPLES, MEL_RATE_HZ, log_mel

BANDS: Final = 64
FRAMES: Final = 200
"""2 s of 10 ms."""
SPEECH_SAMPLES: Final = FRAMES * HOP_SAMPLES
SHORTEST_SPEECH_S: Final = 0.5
SPEECH_RMS: Final = 0.1
QUIETEST_RMS: Final = 1e-4
"""Below -80 dB of full scale there is no speech to read."""
QUIET_BELOW_LOUDEST: Final = 10 ** (-35 / 20)
"""Ends of a window that stay 35 dB under its loud parts are pause, not speech."""
RANGE_LOG: Final = 11.0
"""Log-mel values further below the loudest (48 dB) are raised to that: rooms and recordings differ there most."""
CEPSTRA: Final = 20
QUARTERS: Final = 4
PERCENTILES: Final = (5, 20, 50, 80, 95)
CURVE_FIGURES: Final = 4 + len(PERCENTILES)
MODULATION_HZ: Final = ((0.5, 2), (2, 4), (4, 6), (6, 9), (9, 15), (15, 30))
"""Speech has its syllables at 3 to 8 Hz; slower is phrasing, faster is roughness."""

PITCH_HOP: Final = 2 * HOP_SAMPLES
PITCH_WINDOW: Final = 640
PITCH_FFT: Final = 1024
LOWEST_PITCH_HZ, HIGHEST_PITCH_HZ = 62, 500
OCTAVE_COST: Final = 0.02
"""What a lag loses in its favour for each octave below the highest pitch (Boersma, 1993)."""
VOICED: Final = 0.5
PITCH_FIGURES: Final = 10
UNVOICED_LOG_HZ: Final = 5.1

FEATURES_VERSION: Final = 1
"""To be raised with every change to what is computed here: a model works with the features that it learnt from."""
FEATURES: Final = (CEPSTRA + 1 + QUARTERS) * CURVE_FIGURES + (1 + QUARTERS) * len(MODULATION_HZ) + PITCH_FIGURES


def voice_features(samples: NDArray[np.float32]) -> NDArray[np.float32] | None:
    """Return the (265,) float32 figures of (n,) samples in -1..1 at 16 kHz, of the last 2 s of speech in them.

    None where there are less than 0.5 s of speech or nothing but quiet. In order: for 20 cepstra, the energy and the
    energy in four quarters of the mel scale: mean, deviation, mean and deviation of the change, five percentiles; the
    strength of six rhythms in the energies; level, spread and movement of the pitch, and how much is voiced. The
    choice follows the functionals of Eyben et al.: The Geneva Minimalistic Acoustic Parameter Set (2016).
    """
    speech = steady_speech(samples)
    if speech is None:
        return None
    mel = log_mel(speech, BANDS)
    mel = np.clip(mel - np.float32(np.percentile(mel, 99.0)), -RANGE_LOG, 0.0)
    power = np.exp(mel).reshape(FRAMES, QUARTERS, -1).sum(axis=2)
    energies = np.log(np.column_stack([power.sum(axis=1), power]))
    figures = [_of_curves(np.column_stack([mel @ _cosines(), energies])), _rhythms(energies), _of_pitch(*pitch(speech))]
    return np.concatenate(figures).astype(np.float32)


def steady_speech(samples: NDArray[np.float32]) -> NDArray[np.float32] | None:
    """Return (32000,) samples of speech at one level, or None where there is too little or nothing but quiet.

    The pauses at both ends are cut away, and what is then shorter than 2 s is repeated to that length. So neither the
    level, nor silence put around the speech, nor its length as such is seen by what comes after.
    """
    speech = without_quiet_ends(samples)[-SPEECH_SAMPLES:]
    if len(speech) < SHORTEST_SPEECH_S * MEL_RATE_HZ:
        return None
    rms = float(np.sqrt(np.mean(np.square(speech))))
    if rms < QUIETEST_RMS:
        return None
    return np.resize(speech * np.float32(SPEECH_RMS / rms), SPEECH_SAMPLES)


def without_quiet_ends(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the part of (n,) samples between the first and the last 10 ms that are not quiet beside the loudest."""
    count = len(samples) // HOP_SAMPLES
    if count == 0:
        return samples[:0]
    levels = np.sqrt(np.mean(np.square(samples[: count * HOP_SAMPLES].reshape(count, HOP_SAMPLES)), axis=1))
    loud = np.flatnonzero(levels > np.percentile(levels, 95.0) * QUIET_BELOW_LOUDEST)
    if len(loud) == 0:
        return samples[:0]
    return samples[loud[0] * HOP_SAMPLES : (loud[-1] + 1) * HOP_SAMPLES]


def pitch(speech: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the pitch as log Hz and how periodic the sound is, about 0..1, both (n // 320,): one value each 20 ms.

    The highest peak of the autocorrelation, freed of the window's own (Boersma: Accurate short-term analysis of the
    fundamental frequency, 1993).
    """
    sound = np.concatenate([np.zeros(PITCH_WINDOW - PITCH_HOP, np.float32), speech])
    frames = np.lib.stride_tricks.sliding_window_view(sound, PITCH_WINDOW)[::PITCH_HOP]
    frames = (frames - frames.mean(axis=1, keepdims=True)) * _pitch_window()
    spectrum = np.fft.rfft(frames, PITCH_FFT)
    first, last = MEL_RATE_HZ // HIGHEST_PITCH_HZ, MEL_RATE_HZ // LOWEST_PITCH_HZ
    # complex on purpose: of real numbers, numpy takes five times as long
    similar = np.fft.irfft(spectrum * spectrum.conj(), PITCH_FFT)[:, :last]
    similar = similar[:, first:] / (similar[:, :1] + 1e-6) / _window_similarity()[first:last]
    cost = OCTAVE_COST * np.log2(np.arange(first, last) / first)
    lags = (similar - cost).argmax(axis=1)
    periodic = similar[np.arange(len(lags)), lags]
    return np.log(MEL_RATE_HZ / (lags + first)).astype(np.float32), periodic.astype(np.float32)


def _of_curves(curves: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the nine figures of each of (frames, curves), figure by figure."""
    change = np.diff(curves, axis=0)
    moments = [curves.mean(axis=0), curves.std(axis=0), np.abs(change).mean(axis=0), change.std(axis=0)]
    return np.concatenate([*moments, np.percentile(curves, PERCENTILES, axis=0).ravel()])


def _rhythms(energies: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the log strength of each rhythm in each of (200, 5) energies."""
    swing = (energies - energies.mean(axis=0)) * np.hanning(FRAMES)[:, None]
    lines = np.abs(np.fft.rfft(swing, axis=0))
    step_hz = MEL_RATE_HZ / HOP_SAMPLES / FRAMES
    strength = [lines[round(low / step_hz) : round(high / step_hz)].mean(axis=0) for low, high in MODULATION_HZ]
    return np.log(np.concatenate(strength) + 1e-3)


def _of_pitch(log_hz: NDArray[np.float32], periodic: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return level, spread, five percentiles and mean movement of the pitch, the voiced share and its periodicity."""
    edges = np.pad(log_hz, 2, mode="edge")
    smooth = np.median(np.lib.stride_tricks.sliding_window_view(edges, 5), axis=1)
    voiced = periodic > VOICED
    if voiced.sum() < 5:
        return np.array([UNVOICED_LOG_HZ, 0, *[UNVOICED_LOG_HZ] * 5, 0, voiced.mean(), VOICED], np.float32)
    known = smooth[voiced]
    steps = np.abs(np.diff(smooth))[voiced[1:] & voiced[:-1]]
    steps = steps[steps < 0.3]  # beyond it is a new phrase or a wrong octave, not a glide
    moved = steps.mean() if len(steps) else 0.0
    spread = np.percentile(known, (5, 25, 50, 75, 95))
    level = [known.mean(), known.std(), *spread, moved, voiced.mean(), periodic[voiced].mean()]
    return np.array(level, np.float32)


@cache
def _cosines() -> NDArray[np.float32]:
    """Return (64, 20): the orthonormal cosine transform (DCT-II) from log-mel bands to cepstra."""
    turns = np.outer(2 * np.arange(BANDS) + 1, np.arange(CEPSTRA)) * np.pi / (2 * BANDS)
    scale = np.where(np.arange(CEPSTRA) == 0, np.sqrt(1 / BANDS), np.sqrt(2 / BANDS))
    return np.asarray(np.cos(turns) * scale, np.float32)


@cache
def _pitch_window() -> NDArray[np.float32]:
    return np.hanning(PITCH_WINDOW).astype(np.float32)


@cache
def _window_similarity() -> NDArray[np.float32]:
    power = np.abs(np.fft.rfft(_pitch_window(), PITCH_FFT)) ** 2
    similar = np.fft.irfft(power, PITCH_FFT)
    return np.asarray(similar / similar[0], np.float32)
