"""Pitch and energy of the last speech."""

import numpy as np
import pytest
from numpy.typing import NDArray

from runtime.perception.prosody import FEATURES, FRAMES, PROSODY_RATE_HZ, STRETCH, RecentSound, prosody


def tone(hertz: NDArray[np.float64]) -> NDArray[np.float32]:
    phase = np.cumsum(2 * np.pi * hertz / PROSODY_RATE_HZ)
    return np.asarray(0.3 * np.sin(phase) + 0.1 * np.sin(2 * phase), np.float32)


def test_silence_has_no_voice() -> None:
    features = prosody(np.zeros(100, np.float32))
    assert features.shape == (FRAMES, FEATURES)
    assert features.dtype == np.float32
    assert not features[:, :2].any()


def test_a_falling_pitch_falls_by_as_much() -> None:
    features = prosody(tone(np.geomspace(240, 120, STRETCH)))
    assert features[:, 1].mean() > 0.95
    assert features[-3, 0] - features[2, 0] == pytest.approx(-1, abs=0.1)  # an octave


def test_neither_loudness_nor_height_counts() -> None:
    low, high = tone(np.geomspace(130, 100, STRETCH)), tone(np.geomspace(260, 200, STRETCH))
    assert np.abs(prosody(low) - prosody(0.1 * low)).max() < 0.02
    assert np.abs(prosody(low)[:, 0] - prosody(high)[:, 0]).max() < 0.1


def test_only_the_end_of_the_sound_counts() -> None:
    sound = tone(np.full(STRETCH, 150.0))
    before = np.random.default_rng(0).normal(0, 0.3, 9_000).astype(np.float32)
    assert np.array_equal(prosody(sound), prosody(np.concatenate([before, sound])))


@pytest.mark.parametrize("size", [160, 512, 40_000, 100_000])
def test_recent_sound_is_what_was_fed_last(size: int) -> None:
    sound = np.arange(100_000, dtype=np.float32)
    recent = RecentSound(2.0)
    for begin in range(0, len(sound), size):
        piece = sound[begin : begin + size]
        recent.feed(piece, (begin + len(piece)) / PROSODY_RATE_HZ)
    assert np.array_equal(recent.before(100_000 / PROSODY_RATE_HZ), sound[-32_000:])
    assert recent.before(99_000 / PROSODY_RATE_HZ)[-1] == 98_999
    assert len(recent.before(0.0)) == 0
