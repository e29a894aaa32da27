"""A recorded person: the sound of any sound or video file, and a video's pictures as the camera."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import av
import numpy as np
from numpy.typing import NDArray

from runtime.core.errors import UserError
from runtime.core.messages import AudioChunk, CameraImage

log = logging.getLogger(__name__)

RATE_HZ: Final = 16_000
MAX_DURATION_S: Final = 30 * 60
MAX_IMAGES_PER_S: Final = 30
MAX_IMAGE_SIDE: Final = 1_280
MAX_SOURCE_PIXELS: Final = 7_680 * 4_320
CHUNK_S: Final = 0.02
_LOCAL_FILES_ONLY: Final = {"protocol_whitelist": "file"}  # a playlist must not make us fetch something
_FORMAT_REMEDY: Final = "Give a sound or video file, such as WAV, FLAC, MP3, MP4 or WebM."


@dataclass(frozen=True)
class Recording:
    """A file read: `audio` (n,) mono float32 at 16 kHz from the file's start; its pictures come from `iter_images`.

    `whole` is false where the file broke off or was damaged, and what could be read is given.
    """

    path: Path
    audio: NDArray[np.float32]
    has_camera: bool
    whole: bool = True

    @property
    def duration_s(self) -> float:
        """Length of the sound in seconds."""
        return len(self.audio) / RATE_HZ

    def iter_chunks(self, chunk_s: float = CHUNK_S) -> Iterator[AudioChunk]:
        """Yield the sound in chunks of at most 0.1 s, each with its time in the file."""
        step = round(min(max(chunk_s, 0.001), 0.1) * RATE_HZ)
        for begin in range(0, len(self.audio), step):
            yield AudioChunk(self.audio[begin : begin + step], begin / RATE_HZ)

    def iter_images(self) -> Iterator[CameraImage]:
        """Yield the pictures as they are decoded, at most 30 a second and 1280x1280, with their times in the file."""
        if not self.has_camera:
            return
        with _opened(self.path) as container:
            stream, origin_s, last_s = _camera(container), _origin_s(container), -1.0
            for frame in _frames(container, stream, self.path):
                time_s = frame.time - origin_s if frame.time is not None else last_s + 1 / MAX_IMAGES_PER_S
                if time_s > MAX_DURATION_S:
                    return
                if time_s < max(0.0, last_s + 0.98 / MAX_IMAGES_PER_S):  # a little slack for rounded times
                    continue
                last_s = time_s
                yield CameraImage(_to_rgb(frame), time_s)


def read_recording(path: Path) -> Recording:
    """Read the sound of a file and note whether it has pictures. A video without sound counts as silence.

    Raises:
        UserError: there is no such file, it holds neither sound nor pictures, or it is longer than 30 minutes.
    """
    with _opened(path) as container:
        camera = _camera(container)
        if container.streams.audio:
            audio, whole = _read_audio(container, path)
        elif camera is not None:
            audio, whole = np.zeros(round(_length_s(container) * RATE_HZ), np.float32), True
            log.warning("%s has no sound; it is taken as silence", path)
        else:
            raise UserError(f"{path} has no sound and no pictures.", _FORMAT_REMEDY)
    if not len(audio):
        raise UserError(f"{path} holds no sound: it is empty or damaged.", _FORMAT_REMEDY)
    if not whole:
        log.warning("%s is damaged or breaks off; the first %.1f s of it are used", path, len(audio) / RATE_HZ)
    return Recording(path, audio, camera is not None, whole)


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    if not path.is_file():
        raise UserError(f"There is no file {path}.", "Check its name.")
    if path.stat().st_size == 0:
        raise UserError(f"{path} is empty.", _FORMAT_REMEDY)
    try:
        container = av.open(str(path.resolve()), options=_LOCAL_FILES_ONLY)
    except (av.FFmpegError, OSError, ValueError) as error:
        raise UserError(f"{path} can't be read as sound or video: {_reason(error)}.", _FORMAT_REMEDY) from None
    with container:
        yield container


def _read_audio(container: Any, path: Path) -> tuple[NDArray[np.float32], bool]:
    """Return the first sound track, placed where it begins in the file, and whether all of it could be read."""
    stream = container.streams.audio[0]
    resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE_HZ)
    parts: list[NDArray[np.float32]] = []
    count, whole = 0, True
    try:
        for frame in container.decode(stream):
            if not parts and frame.time is not None:
                lead = round(min(max(0.0, frame.time - _origin_s(container)), MAX_DURATION_S) * RATE_HZ)
                parts.append(np.zeros(lead, np.float32))
                count += lead
            frame.pts = None  # a gap in the times is no reason for the resampler to make up sound
            for part in resampler.resample(frame):
                parts.append(part.to_ndarray()[0])
                count += parts[-1].size
            if count > MAX_DURATION_S * RATE_HZ:
                raise UserError(f"{path} is longer than {MAX_DURATION_S // 60} minutes.", "Cut it into pieces.")
        if count:
            parts += [part.to_ndarray()[0] for part in resampler.resample(None)]
    except (av.FFmpegError, ValueError) as error:
        log.debug("decoding %s: %s", path, error)
        whole = False
    audio = np.concatenate(parts) if parts else np.zeros(0, np.float32)
    audio = np.clip(np.nan_to_num(audio, posinf=1.0, neginf=-1.0), -1.0, 1.0)
    expected_s = stream.duration * float(stream.time_base) if stream.duration else 0.0
    return audio, whole and len(audio) / RATE_HZ > 0.98 * expected_s - 0.2 and not _wav_breaks_off(path)


def _wav_breaks_off(path: Path) -> bool:
    """Whether this is a WAV file that is shorter than its head says; FFmpeg does not tell. Streams give no length."""
    with path.open("rb") as file:
        head = file.read(12)
    if head[:4] != b"RIFF" or head[8:] != b"WAVE":
        return False
    size = int.from_bytes(head[4:8], "little")
    return 0 < size < 0xFFFF_F000 and path.stat().st_size + 2 < size + 8


def _camera(container: Any) -> Any:
    """Return the first video stream that is no cover picture, or None."""
    for stream in container.streams.video:
        if not stream.disposition & av.stream.Disposition.attached_pic:
            return stream
    return None


def _frames(container: Any, stream: Any, path: Path) -> Iterator[Any]:
    if stream.codec_context.width * stream.codec_context.height > MAX_SOURCE_PIXELS:
        raise UserError(f"The pictures of {path} are larger than 7680x4320.", "Make them smaller.")
    stream.thread_type = "AUTO"
    try:
        yield from container.decode(stream)
    except (av.FFmpegError, ValueError) as error:
        log.warning("the pictures of %s break off: %s", path, _reason(error))


def _origin_s(container: Any) -> float:
    """Return the time at which the file begins."""
    return container.start_time / av.time_base if container.start_time else 0.0


def _length_s(container: Any) -> float:
    length_s = container.duration / av.time_base if container.duration else 0.0
    return min(max(length_s, 0.0), float(MAX_DURATION_S))


def _to_rgb(frame: Any) -> NDArray[np.uint8]:
    """Return a frame as (height, width, 3) uint8, upright and at most 1280 on a side."""
    scale = min(1.0, MAX_IMAGE_SIDE / max(frame.width, frame.height))
    small = frame.reformat(max(1, round(frame.width * scale)), max(1, round(frame.height * scale)), "rgb24")
    return np.ascontiguousarray(np.rot90(small.to_ndarray(), k=round(frame.rotation / 90) % 4))


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error)
