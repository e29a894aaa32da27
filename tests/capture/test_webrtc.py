"""A remote microphone and camera as the session sees them."""

import asyncio
import fractions
import itertools
from collections.abc import Iterable, Iterator

import av
import numpy as np
import pytest
from aiortc.mediastreams import MediaStreamError

from runtime.capture.webrtc import CAMERA_INTERVAL_S, MAX_CAMERA_PIXELS, drain, pump_camera, pump_microphone, to_rgb
from runtime.core.clock import now, run_simulated
from runtime.core.messages import AudioChunk, CameraImage


class Frames:
    """A track that hands over frames every so often, and then ends."""

    def __init__(self, frames: Iterable[object], interval_s: float) -> None:
        self._frames: Iterator[object] = iter(frames)
        self._interval_s = interval_s

    async def recv(self) -> object:
        await asyncio.sleep(self._interval_s)
        for frame in self._frames:
            return frame
        raise MediaStreamError


def sound(rate_hz: int, layout: str, samples: int, hz: float = 440.0) -> Iterator[av.AudioFrame]:
    """Two seconds of a tone."""
    channels = 2 if layout == "stereo" else 1
    for begin in range(0, 2 * rate_hz, samples):
        tone = 16_000 * np.sin(2 * np.pi * hz * np.arange(begin, begin + samples) / rate_hz)
        data = np.repeat(tone.astype(np.int16), channels)[None, :]
        frame = av.AudioFrame.from_ndarray(data, format="s16", layout=layout)
        frame.sample_rate, frame.pts, frame.time_base = rate_hz, begin, fractions.Fraction(1, rate_hz)
        yield frame


@pytest.mark.parametrize(
    ("rate_hz", "layout", "samples"), [(48_000, "stereo", 960), (48_000, "mono", 4_800), (8_000, "mono", 160)]
)
def test_any_sound_becomes_16_khz_mono(rate_hz: int, layout: str, samples: int) -> None:
    chunks: list[AudioChunk] = []
    run_simulated(pump_microphone(Frames(sound(rate_hz, layout, samples), samples / rate_hz), chunks.append))
    whole = np.concatenate([chunk.samples for chunk in chunks])
    assert whole.dtype == np.float32
    assert len(whole) == pytest.approx(32_000, abs=200)
    assert np.abs(whole).max() == pytest.approx(0.49, abs=0.03)
    loudest_hz = np.abs(np.fft.rfft(whole)).argmax() * 16_000 / len(whole)
    assert loudest_hz == pytest.approx(440, abs=2)
    assert max(len(chunk.samples) for chunk in chunks) <= 1_600
    for earlier, later in itertools.pairwise(chunks):
        assert later.start_s - earlier.start_s == pytest.approx(len(earlier.samples) / 16_000, abs=0.03)


def test_a_gap_in_the_packets_makes_no_sound_up() -> None:
    frames = [frame for index, frame in enumerate(sound(48_000, "mono", 960)) if index % 5]
    chunks: list[AudioChunk] = []
    run_simulated(pump_microphone(Frames(frames, 0.02), chunks.append))
    assert sum(len(chunk.samples) for chunk in chunks) == pytest.approx(32_000 * 0.8, abs=200)


def test_the_camera_is_thinned_to_30_a_second() -> None:
    seen: list[CameraImage] = []
    pictures = [av.VideoFrame(64, 48, "yuv420p") for _ in range(90)]

    async def main() -> None:
        begun_s = now()
        await pump_camera(Frames(pictures, 1 / 60), seen.append)
        assert now() - begun_s == pytest.approx(91 / 60, abs=0.01)

    run_simulated(main())
    assert len(seen) == pytest.approx(45, abs=2)
    gaps = np.diff([image.time_s for image in seen])
    assert gaps.min() > CAMERA_INTERVAL_S * 0.4
    assert seen[0].rgb.shape == (48, 64, 3)


@pytest.mark.parametrize(
    ("width", "height", "pixel_format"),
    [(64, 48, "yuv420p"), (63, 47, "yuv420p"), (1920, 1080, "yuv420p"), (4000, 3000, "rgb24"), (64, 48, "gray")],
)
def test_pictures_of_any_kind_become_small_rgb(width: int, height: int, pixel_format: str) -> None:
    rgb = to_rgb(av.VideoFrame(width, height, pixel_format))
    assert rgb.dtype == np.uint8
    assert rgb.ndim == 3
    assert rgb.shape[2] == 3
    assert rgb.shape[0] * rgb.shape[1] <= MAX_CAMERA_PIXELS
    assert rgb.shape[1] / rgb.shape[0] == pytest.approx(width / height, rel=0.02)


def test_colours_stay_what_they_are() -> None:
    red = np.zeros((48, 64, 3), np.uint8)
    red[..., 0] = 255
    rgb = to_rgb(av.VideoFrame.from_ndarray(red, format="rgb24").reformat(format="yuv420p"))
    assert np.abs(rgb.reshape(-1, 3).mean(axis=0) - [255, 0, 0]).max() < 6


def test_draining_ends_with_the_track() -> None:
    run_simulated(drain(Frames([object()] * 5, 0.01)))
