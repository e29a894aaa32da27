"""Streams of any form to mono at 16 kHz."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from runtime.capture.resample import RATE_HZ, Resampler, to_mono
from runtime.core.errors import UserError


def sine(rate_hz: int, seconds: float = 1.0, hz: float = 440.0) -> NDArray[np.float32]:
    return (0.5 * np.sin(2 * np.pi * hz * np.arange(round(rate_hz * seconds)) / rate_hz)).astype(np.float32)


def whole(samples: NDArray[Any], rate_hz: int, channels: int = 1) -> NDArray[np.float32]:
    resampler = Resampler(rate_hz, channels)
    return np.concatenate((resampler.feed(samples), resampler.flush()))


@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 22_050, 44_100, 48_000, 96_000])
def test_any_rate_becomes_16_khz(rate_hz: int) -> None:
    out = whole(sine(rate_hz), rate_hz)
    assert len(out) == pytest.approx(RATE_HZ, abs=2)
    middle = slice(2_000, 14_000)
    np.testing.assert_allclose(out[middle], sine(RATE_HZ)[middle], atol=0.01)


@settings(max_examples=30, deadline=None)
@given(
    rate_hz=st.sampled_from([8_000, 16_000, 44_100, 48_000]),
    sizes=st.lists(st.integers(0, 3_000), min_size=1, max_size=20),
)
def test_fed_in_chunks_equals_fed_whole(rate_hz: int, sizes: list[int]) -> None:
    samples = np.random.default_rng(1).uniform(-0.9, 0.9, sum(sizes)).astype(np.float32)
    resampler = Resampler(rate_hz)
    parts = [resampler.feed(part) for part in np.split(samples, np.cumsum(sizes)[:-1])]
    np.testing.assert_allclose(np.concatenate([*parts, resampler.flush()]), whole(samples, rate_hz), atol=1e-5)


def test_every_form_of_sample_means_the_same() -> None:
    mono = sine(RATE_HZ, 0.01)
    stereo = np.stack((mono * 0.5, mono * 1.5), axis=1)
    for samples, channels in (
        (mono.astype(np.float64), 1),
        (np.round(mono * 32_768).astype(np.int16), 1),
        (np.round(mono * 2.0**31).astype(np.int32), 1),
        (stereo, 2),
        (stereo.reshape(-1), 2),
        (np.append(stereo.reshape(-1), 0.3), 2),
    ):
        out = to_mono(samples, channels)
        assert out.dtype == np.float32
        np.testing.assert_allclose(out, mono, atol=1e-4)
    np.testing.assert_allclose(to_mono(np.array([0, 128, 255], np.uint8)), [-1, 0, 127 / 128])


def test_what_is_no_number_does_no_harm() -> None:
    assert to_mono(np.array([np.nan, np.inf, -np.inf, 7.0], np.float32)).tolist() == [0.0, 1.0, -1.0, 1.0]


@pytest.mark.parametrize(("rate_hz", "channels"), [(0, 1), (10**6, 1), (48_000, 0), (48_000, 99)])
def test_impossible_streams_are_refused(rate_hz: int, channels: int) -> None:
    with pytest.raises(UserError):
        Resampler(rate_hz, channels)
