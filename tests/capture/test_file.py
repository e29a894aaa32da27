"""A recorded person from any file, good or broken."""

import wave
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from runtime.capture import file
from runtime.capture.file import read_recording
from runtime.core.errors import UserError

RATE = 16_000
SHARED_WAV = Path(__file__).parents[2].parent / "shared" / "data" / "speech" / "misc" / "two_cities_16k.wav"


def clicks(rate: int, seconds: float, *times: float) -> NDArray[np.float32]:
    samples = np.zeros(round(rate * seconds), np.float32)
    for time in times:
        samples[round(time * rate) : round((time + 0.01) * rate)] = 0.8
    return samples


def write(
    path: Path,
    audio: NDArray[np.float32] | None = None,
    rate: int = 48_000,
    codec: str = "pcm_s16le",
    channels: int = 1,
    frames: int = 0,
    fps: int = 25,
    size: tuple[int, int] = (64, 48),
) -> Path:
    """Write sound, and pictures that grow brighter, to a file of the kind that its name tells."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("mpeg4", rate=fps) if frames else None
        sound: Any = (
            container.add_stream(codec, rate=rate, layout="stereo" if channels == 2 else "mono")
            if audio is not None
            else None
        )
        if video is not None:
            video.width, video.height = size
            video.pix_fmt = "yuv420p"
            for index in range(frames):
                grey = np.full((size[1], size[0], 3), 255 * index // frames, np.uint8)
                container.mux(video.encode(av.VideoFrame.from_ndarray(grey)))
            container.mux(video.encode(None))
        if sound is not None and audio is not None:
            step = sound.codec_context.frame_size or 1_024
            for begin in range(0, len(audio), step):
                part = np.repeat((audio[begin : begin + step] * 32_767).astype(np.int16), channels)[None]
                frame = av.AudioFrame.from_ndarray(part, format="s16", layout="stereo" if channels == 2 else "mono")
                frame.sample_rate, frame.pts = rate, begin
                container.mux(sound.encode(frame))
            container.mux(sound.encode(None))
    return path


def onsets(audio: NDArray[np.float32]) -> list[float]:
    loud = np.flatnonzero(np.abs(audio) > 0.3)
    starts = loud[np.concatenate(([True], np.diff(loud) > RATE // 10))]
    return [float(start) / RATE for start in starts]


@pytest.mark.parametrize(
    ("name", "rate", "codec", "channels"),
    [
        ("a.wav", 8_000, "pcm_s16le", 1),
        ("a.wav", 48_000, "pcm_f32le", 1),
        ("a.wav", 44_100, "pcm_s16le", 2),
        ("a.flac", 22_050, "flac", 2),
        ("a.ogg", 48_000, "libopus", 1),
        ("a.m4a", 44_100, "aac", 1),
    ],
)
def test_sound_of_every_kind_comes_at_its_time(tmp_path: Path, name: str, rate: int, codec: str, channels: int) -> None:
    recording = read_recording(write(tmp_path / name, clicks(rate, 2.0, 0.5, 1.5), rate, codec, channels))
    assert recording.audio.dtype == np.float32
    assert recording.duration_s == pytest.approx(2.0, abs=0.07)
    assert onsets(recording.audio) == pytest.approx([0.5, 1.5], abs=0.003)
    assert recording.whole
    assert not recording.has_camera
    assert list(recording.iter_images()) == []


def test_a_video_is_a_camera_with_its_times(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mp4", clicks(48_000, 2.0, 1.0), codec="aac", frames=50)
    recording = read_recording(path)
    images = list(recording.iter_images())
    assert recording.has_camera
    assert len(images) == 50
    assert [image.time_s for image in images] == pytest.approx([index / 25 for index in range(50)], abs=1e-3)
    assert images[0].rgb.shape == (48, 64, 3)
    levels = [float(image.rgb.mean()) for image in images]
    assert levels[-1] > 200 > 60 > levels[0]
    assert onsets(recording.audio) == pytest.approx([1.0], abs=0.003)


def test_pictures_are_bounded_in_number_and_size(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mp4", clicks(48_000, 1.0, 0.5), codec="aac", frames=60, fps=60, size=(1_920, 160))
    images = list(read_recording(path).iter_images())
    assert len(images) == 30
    assert images[0].rgb.shape == (107, 1_280, 3)


def test_a_video_without_sound_is_silence(tmp_path: Path) -> None:
    recording = read_recording(write(tmp_path / "a.mp4", frames=50))
    assert recording.duration_s == pytest.approx(2.0, abs=0.05)
    assert not recording.audio.any()
    assert recording.has_camera


def test_chunks_cover_the_sound(tmp_path: Path) -> None:
    recording = read_recording(write(tmp_path / "a.wav", clicks(16_000, 0.55, 0.2), 16_000))
    chunks = list(recording.iter_chunks())
    assert np.array_equal(np.concatenate([chunk.samples for chunk in chunks]), recording.audio)
    assert [chunk.start_s for chunk in chunks[:3]] == pytest.approx([0.0, 0.02, 0.04])
    assert len(next(recording.iter_chunks(99.0)).samples) == 1_600


def test_what_was_cut_off_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    for name, codec in (("a.wav", "pcm_s16le"), ("a.flac", "flac")):
        path = write(
            tmp_path / name, np.random.default_rng(0).uniform(-0.5, 0.5, 96_000).astype(np.float32), codec=codec
        )
        data = path.read_bytes()
        path.write_bytes(data[: len(data) // 2])
        recording = read_recording(path)
        assert 0.5 < recording.duration_s < 1.5, name
        assert not recording.whole, name


def test_a_damaged_middle_does_not_stop_the_reading(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.flac", np.random.default_rng(0).uniform(-0.5, 0.5, 96_000).astype(np.float32), codec="flac"
    )
    data = bytearray(path.read_bytes())
    data[60_000:62_000] = b"\0" * 2_000
    path.write_bytes(bytes(data))
    assert read_recording(path).duration_s > 0.3


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.wav", b"", "is empty"),
        ("notes.txt", b"hello there, this is no sound", "can't be read"),
        ("list.m3u8", b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n", "can't be read|holds no sound|no sound"),
        ("head.wav", b"RIFF\x24\0\0\0WAVEfmt ", "can't be read|holds no sound"),
    ],
)
def test_other_files_are_a_clear_error(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UserError, match=said) as raised:
        read_recording(path)
    assert name in raised.value.what
    assert raised.value.remedy


def test_a_wav_without_samples_and_a_missing_file_are_clear_errors(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "a.wav"), "wb") as writer:
        writer.setparams((1, 2, 16_000, 0, "NONE", ""))
    with pytest.raises(UserError, match="holds no sound"):
        read_recording(tmp_path / "a.wav")
    for path in (tmp_path / "absent.wav", tmp_path):
        with pytest.raises(UserError, match="no file"):
            read_recording(path)


def test_too_long_a_recording_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file, "MAX_DURATION_S", 1)
    with pytest.raises(UserError, match="longer than"):
        read_recording(write(tmp_path / "a.wav", clicks(48_000, 2.0)))


def test_samples_that_are_no_numbers_do_no_harm(tmp_path: Path) -> None:
    soundfile = pytest.importorskip("soundfile")
    soundfile.write(tmp_path / "a.wav", np.array([np.nan, np.inf, -np.inf, 3.0] * 4_000, np.float32), RATE, "FLOAT")
    audio = read_recording(tmp_path / "a.wav").audio
    assert np.isfinite(audio).all()
    assert np.abs(audio).max() <= 1.0


@pytest.mark.skipif(not SHARED_WAV.exists(), reason="the shared recordings are not here")
def test_a_real_recording_is_read_unchanged() -> None:
    soundfile = pytest.importorskip("soundfile")
    expected, rate = soundfile.read(SHARED_WAV, dtype="float32")
    assert rate == RATE
    np.testing.assert_allclose(read_recording(SHARED_WAV).audio, expected, atol=1e-4)
