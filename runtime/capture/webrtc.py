"""A remote person's microphone and camera, from WebRTC tracks to the session's messages.

Both pumps take every frame at once, as aiortc queues them without bound.
"""

from collections.abc import Callable
from typing import Any, Protocol

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from runtime.core.clock import now
from runtime.core.messages import AudioChunk, CameraImage

MICROPHONE_RATE_HZ = 16_000
MAX_CHUNK_SAMPLES = 1_600
CAMERA_INTERVAL_S = 1 / 30
MAX_CAMERA_PIXELS = 1280 * 720


class FrameTrack(Protocol):
    """What is needed of an aiortc track."""

    async def recv(self) -> object:
        """Return the next frame; raises aiortc's MediaStreamError at the end."""


async def pump_microphone(track: FrameTrack, hear: Callable[[AudioChunk], None]) -> None:
    """Hand over a track's sound as 16 kHz mono chunks, as it comes, until the track ends.

    A chunk's `start_s` is the time at which it had arrived less its length.
    """
    resampler = av.AudioResampler(format="s16", layout="mono", rate=MICROPHONE_RATE_HZ)
    while (frame := await _next(track)) is not None:
        if isinstance(frame, av.AudioFrame):
            frame.pts = None  # a gap in the packets' times is no reason for the resampler to make up sound
            parts = [part.to_ndarray()[0] for part in resampler.resample(frame)]
            if parts:
                _hand_over(np.concatenate(parts), hear)


async def pump_camera(track: FrameTrack, see: Callable[[CameraImage], None]) -> None:
    """Hand over a track's pictures, at most 30 a second and at most 1280x720 pixels large, until the track ends."""
    next_s = 0.0
    while (frame := await _next(track)) is not None:
        time_s = now()
        if isinstance(frame, av.VideoFrame) and time_s >= next_s:
            next_s = max(next_s + CAMERA_INTERVAL_S, time_s)
            see(CameraImage(to_rgb(frame), time_s))


async def drain(track: FrameTrack) -> None:
    """Take and drop what a track carries until it ends."""
    while await _next(track) is not None:
        pass


def to_rgb(frame: av.VideoFrame) -> NDArray[np.uint8]:
    """Return a frame as (height, width, 3) uint8 RGB, halved in size until it has at most 1280x720 pixels."""
    planar = frame.format.name in ("yuv420p", "yuvj420p") and not frame.width % 2 and not frame.height % 2
    rgb: Any = frame.to_ndarray() if planar else frame.to_ndarray(format="rgb24")
    if planar:
        rgb = cv2.cvtColor(rgb, cv2.COLOR_YUV2RGB_I420)  # five times as fast as PyAV's own
    while rgb.shape[0] * rgb.shape[1] > MAX_CAMERA_PIXELS:
        rgb = cv2.resize(rgb, (rgb.shape[1] // 2, rgb.shape[0] // 2), interpolation=cv2.INTER_AREA)
    return np.asarray(rgb, np.uint8)


async def _next(track: FrameTrack) -> object | None:
    """Return a track's next frame, or None at its end."""
    from aiortc.mediastreams import MediaStreamError

    try:
        return await track.recv()
    except MediaStreamError:
        return None


def _hand_over(pcm: NDArray[np.int16], hear: Callable[[AudioChunk], None]) -> None:
    samples = pcm.astype(np.float32) / np.float32(32_768)
    start_s = now() - len(samples) / MICROPHONE_RATE_HZ
    for begin in range(0, len(samples), MAX_CHUNK_SAMPLES):
        hear(AudioChunk(samples[begin : begin + MAX_CHUNK_SAMPLES], start_s + begin / MICROPHONE_RATE_HZ))
