"""Changed copies of voices: cut, in another pitch, speed and room, through another microphone, in noise."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from runtime.core.mel import MEL_RATE_HZ
from runtime.perception.voice_features import SPEECH_SAMPLES, without_quiet_ends
from training.augment.sound import SoundChange, coloured_noise, mix_at_snr

Sound = NDArray[np.float32]
"""Mono, shape (samples,), full scale ±1, 16 kHz."""
CHANGES: Final = SoundChange(
    speed=(0.9, 1.12), pitch_chance=0.25, semitones=(-1.5, 1.5), room_chance=0.3, noise_chance=0.6, snr_db=(5.0, 35.0)
)
SHORTEST_CUT_S: Final = 1.2
LONGEST_PAUSE_S: Final = 0.4
TILT_POINTS: Final = (0.0, 0.03, 0.08, 0.2, 0.5, 1.0)
TILT_DB: Final = 4.0
TALKERS: Final = 5
"""Voices that make up babble."""
NOISE_S: Final = 4.0
PIECES: Final = 16
"""Noises of each kind to learn with."""
TEST_SNR_DB: Final = 10.0
NOISES: Final = ("pink noise", "babble")
"""What the figures of robustness are measured in."""


def sound(path: Path) -> Sound:
    """Return a recording."""
    samples, rate_hz = soundfile.read(path, dtype="float32", always_2d=True)
    mono = samples.mean(axis=1)
    return np.asarray(soxr.resample(mono, rate_hz, MEL_RATE_HZ) if rate_hz != MEL_RATE_HZ else mono, np.float32)


def babble(talkers: Sequence[Sound], chance: np.random.Generator) -> Sound:
    """Return 4 s of several voices at once, equally strong, drawn from `talkers`."""
    mixed = np.zeros(round(NOISE_S * MEL_RATE_HZ), np.float32)
    for number in chance.choice(len(talkers), min(TALKERS, len(talkers)), replace=False):
        voice = np.resize(np.roll(talkers[number], -int(chance.integers(len(talkers[number])))), len(mixed))
        mixed += voice / np.float32(np.sqrt(np.mean(np.square(voice))) + 1e-9)
    return mixed


def change_with(talkers: Sequence[Sound], seed: int) -> SoundChange:
    """Return the changes to learn with: in noise of all colours from white to brown, and in babble of `talkers`."""
    chance = np.random.default_rng((seed, PIECES))
    samples = round(NOISE_S * MEL_RATE_HZ)
    coloured = [coloured_noise(samples, colour, chance) for colour in np.linspace(0.0, 2.0, PIECES)]
    return replace(CHANGES, noises=[*coloured, *(babble(talkers, chance) for _ in range(PIECES))])


def changed(speech: Sound, change: SoundChange, chance: np.random.Generator) -> Sound:
    """Return a changed copy of a recording, about 1 to 3 s long, with pauses around it."""
    speech = without_quiet_ends(speech)
    length = min(len(speech), int(chance.uniform(SHORTEST_CUT_S * MEL_RATE_HZ, SPEECH_SAMPLES)))
    start = int(chance.integers(len(speech) - length + 1))
    pauses = chance.uniform(0.0, LONGEST_PAUSE_S * MEL_RATE_HZ, 2).astype(int)
    other, _ = change(np.pad(speech[start : start + length], (pauses[0], pauses[1])), MEL_RATE_HZ, chance)
    return microphone(other, chance)


def microphone(speech: Sound, chance: np.random.Generator) -> Sound:
    """Return the sound through a microphone whose response strays by some 4 dB, smoothly over frequency."""
    spectrum = np.fft.rfft(speech)
    gains_db = np.interp(np.linspace(0, 1, len(spectrum)), TILT_POINTS, chance.normal(0.0, TILT_DB, len(TILT_POINTS)))
    return np.fft.irfft(spectrum * 10 ** (gains_db / 20), len(speech)).astype(np.float32)


def in_test_noise(speech: Sound, talkers: Sequence[Sound], chance: np.random.Generator) -> list[Sound]:
    """Return the recording in each of `NOISES` at 10 dB over its whole length, pauses included."""
    hums = (coloured_noise(len(speech), 1.0, chance), babble(talkers, chance))
    return [mix_at_snr(speech, hum, TEST_SNR_DB) for hum in hums]
