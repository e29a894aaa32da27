"""What the character shows and says, as an MP4 file. Playable up to its last second or so even if recording is cut off.

It is written in fragments, which a normal index replaces at the end (FFmpeg's hybrid fragmented MP4). When the disk is
full the file stays as it was written last, without that end.
"""

import errno
import io
import logging
import struct
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
import numpy as np
from numpy.typing import NDArray

from runtime.core.errors import UserError

log = logging.getLogger(__name__)

VIDEO_CODECS: Final = ("libx264", "libopenh264", "mpeg4")
VIDEO_CLOCK_HZ: Final = 90_000
AUDIO_BIT_PER_S: Final = 128_000
KEY_FRAME_INTERVAL_S: Final = 1
_BOX_HEADER: Final = struct.Struct(">I4s")
_X264: Final = {"preset": "veryfast", "crf": "20", "bf": "0"}
_MP4: Final = {"movflags": "hybrid_fragmented+frag_keyframe", "avoid_negative_ts": "disabled"}


class Recorder:
    """Writes pictures and sound as they come; holds about a second of them. Encoding takes time: keep it off the loop.

    `width` and `height` are even; `rate` is the sound's sample rate in Hz.
    """

    def __init__(self, path: Path, width: int, height: int, fps: int = 25, rate: int = 48_000) -> None:
        self.path = path
        self.frames = 0
        self.samples = 0
        self._size = (width, height)
        self._fps = fps
        self._rate = rate
        self._disk: _Disk | None = None
        self._container: Any = None
        self._video: Any = None
        self._audio: Any = None
        self._last_pts = -1

    def open(self) -> None:
        """Create the file.

        Raises:
            UserError: it can't be created, or the picture size can't be encoded.
        """
        width, height = self._size
        if width < 2 or height < 2 or width % 2 or height % 2:
            raise UserError(f"Pictures of {width}x{height} can't be recorded.", "Use an even width and height.")
        try:
            self._disk = _Disk(self.path)
        except OSError as error:
            raise UserError(
                f"{self.path} can't be written: {error.strerror}.", "Choose a folder you may write to."
            ) from None
        self._container = av.open(self._disk, "w", format="mp4", options=_MP4)
        self._video = self._add_video(_video_codec())
        self._audio = self._container.add_stream("aac", rate=self._rate, layout="mono")
        self._audio.bit_rate = AUDIO_BIT_PER_S

    def add_audio(self, samples: NDArray[np.int16]) -> None:
        """Append sound (n,) mono int16; its time is the number of samples before it.

        Raises:
            UserError: the disk is full or failed; nothing more is recorded.
        """
        if not len(samples):
            return
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples, np.int16)[None], format="s16", layout="mono")
        frame.sample_rate = self._rate
        frame.time_base = Fraction(1, self._rate)
        frame.pts = self.samples
        self.samples += len(samples)
        self._write(self._audio, frame)

    def add_frame(self, i420: NDArray[np.uint8], media_time_s: float) -> None:
        """Append a picture, (height * 3 // 2, width) uint8 I420, shown from `media_time_s`; times only rise.

        A picture whose time does not come after the last one's is left out.

        Raises:
            UserError: the disk is full or failed, or the picture has another size.
        """
        width, height = self._size
        if i420.shape != (height * 3 // 2, width):
            raise UserError(f"A picture of shape {i420.shape} does not fit {width}x{height} I420.")
        pts = round(media_time_s * VIDEO_CLOCK_HZ)
        if pts <= self._last_pts:
            return
        self._last_pts = pts
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(i420), format="yuv420p")
        frame.time_base = Fraction(1, VIDEO_CLOCK_HZ)
        frame.pts = pts
        self.frames += 1
        self._write(self._video, frame)

    def close(self) -> None:
        """Finish the file. After a failure nothing more is written, and nothing raised again.

        Raises:
            UserError: the disk became full while the end was written; what came before is playable.
        """
        if self._container is None or self._disk is None:
            return
        failed_before = self._disk.error is not None
        try:
            if not failed_before:
                for stream, used in ((self._video, self.frames), (self._audio, self.samples)):
                    if used:
                        self._write(stream, None)
        finally:
            container, self._container = self._container, None
            try:
                container.close()
            except (av.FFmpegError, OSError) as error:
                log.debug("closing %s: %s", self.path, error)
            self._disk.close()
            if self._disk.error is not None:
                _cut_to_whole_fragments(self.path)
        if self._disk.error is not None and not failed_before:
            raise self._full()

    def _add_video(self, codec: str) -> Any:
        stream = self._container.add_stream(codec, rate=self._fps, options=_X264 if codec == "libx264" else {})
        stream.width, stream.height = self._size
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = Fraction(1, VIDEO_CLOCK_HZ)
        stream.codec_context.gop_size = self._fps * KEY_FRAME_INTERVAL_S
        if codec != "libx264":
            stream.bit_rate = 4 * self._size[0] * self._size[1]
        return stream

    def _write(self, stream: Any, frame: Any) -> None:
        if self._container is None or self._disk is None:
            raise UserError(f"The recording {self.path} is not open.")
        if self._disk.error is None:
            try:
                self._container.mux(stream.encode(frame))
            except (av.FFmpegError, OSError) as error:
                self._disk.fail(error)
        if self._disk.error is not None:
            raise self._full()

    def _full(self) -> UserError:
        assert self._disk is not None
        error = self._disk.error
        full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)
        what = "the disk is full" if full else str(error)
        return UserError(
            f"Recording to {self.path} stopped: {what}. What was written so far can be played.",
            "Free some space or choose another folder." if full else "",
        )


class _Disk:
    """The file as FFmpeg writes to it. After the first error it takes everything and writes nothing, so that the end
    of the file, which makes fragments into one movie, can't destroy what is there."""

    def __init__(self, path: Path) -> None:
        self.error: Exception | None = None
        self._file = path.open("wb", buffering=0)

    def fail(self, error: Exception) -> None:
        """Write nothing from now on."""
        self.error = self.error or error

    def write(self, data: bytes) -> int:
        """Write all of `data`."""
        view = memoryview(data)
        while view and self.error is None:
            try:
                view = view[self._file.write(view) or 0 :]
            except OSError as error:
                self.fail(error)
        return len(data)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move within the file."""
        return self._file.seek(offset, whence) if self.error is None else offset

    def tell(self) -> int:
        """Return the place in the file."""
        return self._file.tell()

    def close(self) -> None:
        """Close the file."""
        try:
            self._file.close()
        except OSError as error:
            self.fail(error)


def _cut_to_whole_fragments(path: Path) -> None:
    """Cut a fragmented MP4 after its last whole fragment: boxes of a 4-byte length and a name (ISO 14496-12, 4.2)."""
    try:
        with path.open("r+b") as file:
            size, at, good = path.stat().st_size, 0, 0
            while at + _BOX_HEADER.size <= size:
                file.seek(at)
                length, name = _BOX_HEADER.unpack(file.read(_BOX_HEADER.size))
                at += length
                if length < _BOX_HEADER.size or at > size:
                    break
                if name == b"mdat":
                    good = at
            if good:
                file.truncate(good)
    except OSError as error:
        log.warning("the end of %s could not be cut off: %s", path, error)


def _video_codec() -> str:
    for name in VIDEO_CODECS:
        try:
            av.Codec(name, "w")
        except av.codec.codec.UnknownCodecError:
            continue
        return name
    raise UserError("PyAV has no video encoder for MP4.", "Install the package av from PyPI.")
