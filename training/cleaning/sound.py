"""Sound looked through: silence, clipping, and what recordings are compared by."""

import itertools
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from training.cleaning.items import Patterns, files
from training.cleaning.looked import Looked, found
from training.cleaning.review import DROP

SUFFIXES: Final = (".wav", ".flac", ".ogg", ".mp3")
FRAME_S: Final = 0.025
HOP_S: Final = 0.010
SILENT_DBFS: Final = -50.0
LEAST_LOUD: Final = 0.1
"""A recording is called silent where a smaller share of its frames is louder than SILENT_DBFS."""
FLAT: Final = 1e-4
"""Samples within this share of the peak count as cut off at it."""
FLAT_RUN: Final = 3
MOST_CLIPPED: Final = 3e-4
"""A recording is called clipped where a greater share of its samples lies in flat runs at its peak."""
QUIET_PEAK: Final = 0.02
BANDS: Final = 32
SLOTS: Final = 32
NEAR: Final = 0.985
LONGEST_S: Final = 600.0

Sound = NDArray[np.float32]


def look(folder: Path, patterns: Patterns) -> Looked:
    """Look through the recordings below a folder. Raises UserError where there are none."""
    import soundfile

    items, prints, traits, rows = [], [], [], []
    for item in files(folder, SUFFIXES, patterns):
        try:
            with soundfile.SoundFile(item.path) as file:
                sound = file.read(round(LONGEST_S * file.samplerate), dtype="float32", always_2d=True).mean(1)
                rate_hz = file.samplerate
        except (soundfile.SoundFileError, OSError) as error:
            rows.append(found(item, "unreadable", 1.0, str(error), DROP, DROP))
            continue
        loud = loud_share(sound, rate_hz)
        if not sound.any():
            rows.append(found(item, "silence", 1.0, "nothing but zeros", DROP, DROP))
        elif loud < LEAST_LOUD:
            rows.append(found(item, "silence", 1 - loud, f"{loud:.0%} of it is above {SILENT_DBFS:g} dBFS", DROP))
        if (cut := clipped_share(sound)) > MOST_CLIPPED:
            rows.append(found(item, "clipping", min(1.0, 20 * cut), f"{cut:.2%} of its samples are cut off", DROP))
        levels = log_bands(sound, rate_hz)
        items.append(item)
        prints.append(fingerprint(levels))
        traits.append(summary(levels))
    return Looked(items, np.array(prints), NEAR, np.array(traits), rows)


def frames(sound: Sound, rate_hz: int) -> NDArray[np.float32]:
    """Return overlapping frames, shape (frames, samples), at least one; the end is filled with zeros."""
    size, hop = round(FRAME_S * rate_hz), round(HOP_S * rate_hz)
    filled = np.pad(sound, (0, max(0, size - len(sound))))
    return np.lib.stride_tricks.sliding_window_view(filled, size)[::hop]


def loud_share(sound: Sound, rate_hz: int) -> float:
    """Return the share of frames whose mean square is above SILENT_DBFS, 0..1."""
    levels = np.mean(np.square(frames(sound, rate_hz), dtype=np.float64), axis=1)
    return float(np.mean(levels > 10 ** (SILENT_DBFS / 10)))


def clipped_share(sound: Sound) -> float:
    """Return the share of samples that lie in runs of three and more at the recording's own peak, 0..1.

    Found at any level, so also where clipped sound was made quieter afterwards; not where it was coded with loss.
    """
    size = np.abs(sound)
    peak = float(size.max(initial=0.0))
    if peak < QUIET_PEAK:
        return 0.0
    flat = np.concatenate([[0], (size >= peak * (1 - FLAT)).astype(np.int8), [0]])
    steps = np.diff(flat)
    lengths = np.flatnonzero(steps == -1) - np.flatnonzero(steps == 1)
    return float(lengths[lengths >= FLAT_RUN].sum() / len(sound))


def log_bands(sound: Sound, rate_hz: int) -> NDArray[np.float64]:
    """Return the level of 32 bands, evenly spaced on the mel scale from 60 Hz to 8 kHz, in dB, shape (frames, 32)."""
    cut = frames(sound, rate_hz)
    power = np.abs(np.fft.rfft(cut * np.hanning(cut.shape[1]).astype(np.float32))) ** 2
    low, high = (2595 * np.log10(1 + hertz / 700) for hertz in (60.0, min(8000.0, rate_hz / 2)))
    mel = np.linspace(low, high, BANDS + 1)
    edges = np.round(700 * (10 ** (mel / 2595) - 1) / rate_hz * cut.shape[1]).astype(int)
    edges = np.maximum.accumulate(np.maximum(edges, np.arange(BANDS + 1) + edges[0]))
    banded = np.add.reduceat(power[:, : edges[-1]], edges[:-1], axis=1)
    return np.asarray(10 * np.log10(banded + 1e-7), dtype=np.float64)


def fingerprint(levels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a vector of length 1 that says what is heard when, whatever the loudness and the silence around it.

    Args:
        levels: in dB, shape (frames, 32).
    """
    loud = np.flatnonzero(levels.max(1) > levels.max() - 40)
    heard = np.maximum(levels[loud[0] : loud[-1] + 1], levels.max() - 60)
    edges = np.linspace(0, len(heard), SLOTS + 1)
    slots = np.array([heard[int(a) : max(int(a) + 1, int(b))].mean(0) for a, b in itertools.pairwise(edges)])
    slots -= slots.mean(0)  # what every recording of a voice and a room has in common tells nothing
    flat = slots.ravel()
    return flat / max(float(np.linalg.norm(flat)), 1e-12)


def summary(levels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return means, deviations and quantiles of the bands and of their changes, shape (224,)."""
    change = np.diff(levels, axis=0, prepend=levels[:1])
    quantiles = np.quantile(levels, [0.1, 0.5, 0.9], axis=0).ravel()
    parts = [levels.mean(0), levels.std(0), quantiles, change.std(0), np.abs(change).mean(0)]
    return np.concatenate(parts)
