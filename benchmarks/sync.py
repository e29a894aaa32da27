"""Lip-sync as it arrives: how far the picture's mouth is from the sound's phonemes.

The sound is found in what was received by correlation with the same phrase spoken again; the mouth's opening, measured
in the pictures as the area of dark cavity and bright teeth between the lips, is correlated with the opening that the
phonemes ask for.
"""

import numpy as np
from numpy.typing import NDArray

from benchmarks.client import RATE_HZ, Heard
from runtime.avatar.coarticulation import MouthTrack, aperture
from runtime.core.messages import Utterance
from runtime.delivery.pcm import to_playout

DARK, BRIGHT = 62, 215
STEP_S = 0.005
MAX_SHIFT_S = 0.3
MIN_CORRELATION = 0.5
MIN_PICTURES = 20
SEARCH_S = 8.0


def sound_start(heard: Heard, utterance: Utterance, after_s: float) -> float | None:
    """Return when the utterance's first sample arrived, or None if it isn't in what was heard after `after_s`."""
    frames = [(at, pcm) for at, pcm in heard.audio if after_s - 0.5 <= at <= after_s + SEARCH_S]
    if not frames:
        return None
    received = np.concatenate([pcm for _, pcm in frames]).astype(np.float32)
    wanted = to_playout(utterance.audio, utterance.rate_hz).astype(np.float32)
    if len(received) < len(wanted):
        return None
    size = 1 << (len(received) + len(wanted)).bit_length()
    spectrum = np.fft.rfft(received, size) * np.conj(np.fft.rfft(wanted, size))
    match = np.fft.irfft(spectrum, size)[: len(received)]
    first = int(np.argmax(match))
    energy = float(np.linalg.norm(received[first : first + len(wanted)]) * np.linalg.norm(wanted))
    if energy == 0 or match[first] / energy < MIN_CORRELATION:
        return None
    lengths = np.cumsum([0, *(len(pcm) for _, pcm in frames)])
    frame = int(np.searchsorted(lengths, first, side="right")) - 1
    return frames[frame][0] + (first - int(lengths[frame])) / RATE_HZ


def lip_offset_s(heard: Heard, utterance: Utterance, started_s: float) -> float | None:
    """Return by how many seconds the mouth comes after the sound (below 0: before), or None if it can't be told."""
    end_s = started_s + utterance.duration_s
    seen = [(at, image) for at, image in heard.pictures if started_s - 0.1 <= at <= end_s + 0.1]
    if len(seen) < MIN_PICTURES:
        return None
    times = np.array([at for at, _ in seen]) - started_s
    opening = np.array([float(((image < DARK) | (image > BRIGHT)).sum()) for _, image in seen])
    track = MouthTrack(utterance.phonemes, utterance.duration_s)
    shifts = np.arange(-MAX_SHIFT_S, MAX_SHIFT_S + STEP_S / 2, STEP_S)
    scores = np.array([_correlation(opening, _wanted(track, times - shift)) for shift in shifts])
    best = int(np.argmax(scores))
    return float(shifts[best]) if scores[best] >= MIN_CORRELATION else None


def _wanted(track: MouthTrack, offsets: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.array([aperture(track.at(float(offset))) for offset in offsets])


def _correlation(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    if a.std() < 1e-9 or b.std() < 1e-9:
        return 0.0
    return float(np.corrcoef(a, b)[0, 1])
