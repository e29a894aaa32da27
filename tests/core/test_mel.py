"""Log-mel features: in pieces as whole, causal, and each tone in its band."""

import numpy as np
import pytest
from numpy.typing import NDArray

from runtime.core.mel import (
    HIGHEST_HZ,
    LOWEST_HZ,
    MAX_BANDS,
    MEL_RATE_HZ,
    POWER_FLOOR,
    LogMel,
    hz_to_mel,
    log_mel,
    mel_filters,
)


def noise(seconds: float, seed: int = 0) -> NDArray[np.float32]:
    count = int(seconds * MEL_RATE_HZ)
    return (0.1 * np.random.default_rng(seed).standard_normal(count)).astype(np.float32)


def tone(frequency_hz: float, seconds: float = 0.5) -> NDArray[np.float32]:
    times_s = np.arange(int(seconds * MEL_RATE_HZ)) / MEL_RATE_HZ
    return (0.5 * np.sin(2 * np.pi * frequency_hz * times_s)).astype(np.float32)


@pytest.mark.parametrize("size", [1, 7, 159, 160, 161, 320, 512, 5_000])
def test_pieces_give_what_the_whole_gives(size: int) -> None:
    sound = noise(0.7)
    mel = LogMel()
    pieces = [mel.feed(sound[start : start + size]) for start in range(0, len(sound), size)]
    np.testing.assert_allclose(np.concatenate(pieces), log_mel(sound), atol=1e-4)


@pytest.mark.parametrize(("samples", "frames"), [(0, 0), (159, 0), (160, 1), (319, 1), (16_000, 100), (16_001, 100)])
def test_there_is_a_frame_for_each_full_10_ms(samples: int, frames: int) -> None:
    result = log_mel(np.zeros(samples, np.float32), 24)
    assert result.shape == (frames, 24)
    assert result.dtype == np.float32


def test_no_frame_depends_on_what_comes_after_its_end() -> None:
    sound = noise(0.5)
    changed = sound.copy()
    changed[160 * 20 :] = 0.9
    before, after = log_mel(sound), log_mel(changed)
    np.testing.assert_array_equal(before[:20], after[:20])
    assert not np.allclose(before[20], after[20])


@pytest.mark.parametrize("band", [3, 10, 20, 30, 38])
def test_a_tone_lands_in_the_band_around_it(band: int) -> None:
    edges_mel = np.linspace(hz_to_mel(LOWEST_HZ), hz_to_mel(HIGHEST_HZ), 42)
    centre_hz = 700 * (10 ** (edges_mel[band + 1] / 2595) - 1)
    frames = log_mel(tone(float(centre_hz)))
    assert (frames[5:].argmax(axis=1) == band).all()


def test_ten_times_the_level_adds_the_logarithm_of_a_hundred() -> None:
    sound = noise(0.5)
    difference = log_mel(sound) - log_mel(sound * np.float32(0.1))
    np.testing.assert_allclose(difference[3:], np.log(100), atol=0.01)


def test_silence_lies_on_the_floor_and_no_number_is_infinite() -> None:
    np.testing.assert_allclose(log_mel(np.zeros(3_200, np.float32)), np.log(POWER_FLOOR), atol=1e-5)


def test_after_a_reset_the_next_sample_is_the_first() -> None:
    mel = LogMel()
    mel.feed(noise(0.3))
    mel.reset()
    np.testing.assert_array_equal(mel.feed(noise(0.2, 1)), log_mel(noise(0.2, 1)))


@pytest.mark.parametrize("bands", [1, 24, 40, 64, MAX_BANDS])
def test_every_band_holds_a_line_of_the_spectrum(bands: int) -> None:
    assert (mel_filters(bands).max(axis=0) > 0.05).all()


@pytest.mark.parametrize("bands", [0, -1, MAX_BANDS + 1])
def test_an_impossible_number_of_bands_is_refused(bands: int) -> None:
    with pytest.raises(ValueError, match="bands must be 1 to 80"):
        LogMel(bands)
