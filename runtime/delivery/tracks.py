"""The character's sound and picture as WebRTC tracks, on one clock."""

import asyncio
import fractions
import logging
import math
from dataclasses import dataclass

import av
import numpy as np
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from numpy.typing import NDArray

from runtime.core.clock import now, sleep_until
from runtime.delivery.source import FPS, FRAME_SAMPLES, RATE_HZ, MediaSource

log = logging.getLogger(__name__)

AUDIO_FRAME_S = FRAME_SAMPLES / RATE_HZ
VIDEO_FRAME_S = 1 / FPS
VIDEO_RATE_HZ = 90_000
VIDEO_FRAME_TICKS = VIDEO_RATE_HZ // FPS
MAX_LATE_S = 0.2
FIRST_PICTURE_WAIT_S = 1.0
BLANK_PIXELS = 256  # width and height of what is shown before the first picture
BLANK_LEVEL = 128
AUDIO_TIME_BASE = fractions.Fraction(1, RATE_HZ)
VIDEO_TIME_BASE = fractions.Fraction(1, VIDEO_RATE_HZ)


@dataclass
class MediaStats:
    """What went out, and how well: frames of video new, repeated (none came in time) and skipped (the loop was late);
    `late` counts new ones that were asked for an earlier time; `rebases` stalls of over 200 ms that moved the clock."""

    audio_frames: int = 0
    fresh: int = 0
    repeated: int = 0
    skipped: int = 0
    late: int = 0
    rebases: int = 0


class MediaClock:
    """Maps media time (seconds of the session's sound) to the event loop's time. Sound leads.

    It outlives a peer connection: tracks made after a reconnection go on where the last ones stood.
    """

    def __init__(self) -> None:
        self.stats = MediaStats()
        self.audio_index = 0  # of the next frame of sound
        self.video_index = 0  # of the next frame of picture
        self.drawn_index = -1  # of the last frame asked for
        self._origin_s: float | None = None

    def start(self) -> None:
        """Let media time run from where the sound stands, if it does not yet; give up on a stall of over 200 ms.

        The shift is the same for sound and picture, so they stay together.
        """
        if self._origin_s is None:
            self._origin_s = now() - self.audio_index * AUDIO_FRAME_S
        late_s = self.media_time_s() - self.audio_index * AUDIO_FRAME_S
        if late_s > MAX_LATE_S:
            self._origin_s += late_s
            self.stats.rebases += 1

    def stop(self) -> None:
        """Hold media time until `start`."""
        self._origin_s = None

    def media_time_s(self) -> float:
        """Return the media time of this moment; the clock must have been started."""
        assert self._origin_s is not None
        return now() - self._origin_s

    async def until(self, media_time_s: float) -> None:
        """Wait for a media time; return at once where it is past."""
        assert self._origin_s is not None
        await sleep_until(self._origin_s + media_time_s)


async def next_audio(source: MediaSource, clock: MediaClock) -> tuple[NDArray[np.int16], int]:
    """Wait until the next 20 ms of sound are due and return them, (960,) int16, with the index of their frame.

    A little late, it returns at once until it has caught up.
    """
    clock.start()
    await clock.until(clock.audio_index * AUDIO_FRAME_S)
    index = clock.audio_index
    clock.audio_index += 1
    clock.stats.audio_frames += 1
    return source.read_audio(FRAME_SAMPLES), index


async def drain_audio(source: MediaSource, clock: MediaClock) -> None:
    """Read the sound in real time and drop it: for a peer that takes none, as the sound is what drives a session."""
    while True:
        await next_audio(source, clock)


class CharacterAudioTrack(MediaStreamTrack):
    """The character's voice: 20 ms frames, mono int16 at 48 kHz, each read from the source when it is due."""

    kind = "audio"

    def __init__(self, source: MediaSource, clock: MediaClock) -> None:
        super().__init__()
        self._source = source
        self._clock = clock

    async def recv(self) -> av.AudioFrame:
        """Return the next frame at its time.

        Raises:
            MediaStreamError: the track was stopped.
        """
        if self.readyState != "live":
            raise MediaStreamError
        pcm, index = await next_audio(self._source, self._clock)
        frame = av.AudioFrame.from_ndarray(pcm[None, :], format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE_HZ, index * FRAME_SAMPLES, AUDIO_TIME_BASE
        return frame


class CharacterVideoTrack(MediaStreamTrack):
    """The character's picture, 25 a second. Each is asked of the source 40 ms ahead; one that is not there in time is
    replaced by the last, and at most one is being drawn. Before the first there is a grey square."""

    kind = "video"

    def __init__(self, source: MediaSource, clock: MediaClock) -> None:
        super().__init__()
        self._source = source
        self._clock = clock
        self._picture = np.full((BLANK_PIXELS * 3 // 2, BLANK_PIXELS), BLANK_LEVEL, np.uint8)
        self._shown = False
        self._drawing: asyncio.Task[NDArray[np.uint8] | None] | None = None
        clock.video_index = max(clock.video_index, clock.drawn_index + 1)

    async def recv(self) -> av.VideoFrame:
        """Return the next frame at its time.

        Raises:
            MediaStreamError: the track was stopped.
        """
        if self.readyState != "live":
            raise MediaStreamError
        self._clock.start()
        if not self._shown:
            await self._wait_for_first()
        index = self._next_index()
        self._draw(index)
        await self._clock.until(index * VIDEO_FRAME_S)
        self._take(index)
        self._clock.video_index = index + 1
        self._draw(index + 1)
        frame = av.VideoFrame.from_ndarray(self._picture, format="yuv420p")
        frame.pts, frame.time_base = index * VIDEO_FRAME_TICKS, VIDEO_TIME_BASE
        return frame

    def stop(self) -> None:
        """End the track and the drawing under way."""
        super().stop()
        if self._drawing is not None:
            self._drawing.cancel()
            self._drawing = None

    async def _wait_for_first(self) -> None:
        self._shown = True
        self._draw(self._next_index())
        if self._drawing is not None:
            await asyncio.wait({self._drawing}, timeout=FIRST_PICTURE_WAIT_S)
            self._clock.start()

    def _next_index(self) -> int:
        """The frame whose time is next: those the loop was too late for are skipped, not sent in a burst."""
        skipped = max(0, math.floor(self._clock.media_time_s() / VIDEO_FRAME_S) - self._clock.video_index)
        self._clock.stats.skipped += skipped
        self._clock.video_index += skipped
        return self._clock.video_index

    def _draw(self, index: int) -> None:
        """Have a frame drawn, unless one is being drawn or this one was."""
        if self._drawing is None and index > self._clock.drawn_index and self.readyState == "live":
            self._clock.drawn_index = index
            self._drawing = asyncio.create_task(self._source.draw_frame(index * VIDEO_FRAME_S), name="draw frame")

    def _take(self, index: int) -> None:
        """Make the drawn picture, if there is one, the present one."""
        stats = self._clock.stats
        picture = None
        if self._drawing is not None and self._drawing.done():
            drawing, self._drawing = self._drawing, None
            if not drawing.cancelled():
                if (error := drawing.exception()) is None:
                    picture = drawing.result()
                else:
                    log.warning("a frame could not be drawn: %s", error)
        if picture is None:
            stats.repeated += 1
            return
        self._picture = picture
        stats.fresh += 1
        stats.late += self._clock.drawn_index < index
