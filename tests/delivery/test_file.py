"""What is recorded can be played, at its times, whatever happens to the disk."""

import subprocess
import sys
import textwrap
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from runtime.core.errors import UserError
from runtime.delivery.file import Recorder

RATE = 48_000
FPS = 25
FRAME_SAMPLES = RATE // FPS


def picture(level: int, width: int = 96, height: int = 64) -> NDArray[np.uint8]:
    i420 = np.full((height * 3 // 2, width), 128, np.uint8)
    i420[:height] = level
    return i420


def record(path: Path, frames: int, flash: tuple[int, ...] = ()) -> Recorder:
    """Record dark pictures and silence; at the frames `flash` the picture is bright and a tone begins."""
    recorder = Recorder(path, 96, 64)
    recorder.open()
    for index in range(frames):
        sound = np.zeros(FRAME_SAMPLES, np.int16)
        if index in flash:
            sound[:480] = 20_000
        recorder.add_audio(sound[:700])
        recorder.add_frame(picture(235 if index in flash else 16), index / FPS)
        recorder.add_audio(sound[700:])
    return recorder


def played(path: Path) -> tuple[list[tuple[float, float]], NDArray[np.float32]]:
    """Return (time, level) of each picture, and the sound, from time 0 on."""
    with av.open(str(path)) as container:
        pictures = [
            (float(frame.time or 0.0), float(frame.to_ndarray(format="gray").mean()))
            for frame in container.decode(video=0)
        ]
    with av.open(str(path)) as container:
        frames = list(container.decode(audio=0))
    sound = np.zeros(round((frames[-1].time or 0.0) * RATE) + frames[-1].samples, np.float32) if frames else np.zeros(0)
    for frame in frames:
        begin = round((frame.time or 0.0) * RATE)
        sound[begin : begin + frame.samples] = frame.to_ndarray()[0]
    return pictures, sound.astype(np.float32)


def test_picture_and_sound_keep_their_times(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    record(path, 75, flash=(25, 50)).close()
    pictures, sound = played(path)
    assert [time for time, _ in pictures] == pytest.approx([index / FPS for index in range(75)], abs=1e-4)
    assert [time for time, level in pictures if level > 128] == pytest.approx([1.0, 2.0], abs=1e-4)
    loud = np.flatnonzero(np.abs(sound) > 0.2) / RATE
    assert loud[0] == pytest.approx(1.0, abs=0.003)
    assert loud[loud > 1.5][0] == pytest.approx(2.0, abs=0.003)
    assert len(sound) / RATE == pytest.approx(3.0, abs=0.03)


def test_pictures_may_come_late_early_and_never(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    recorder = record(path, 10)
    for time_s in (0.4, 0.39, 0.4, 1.0, 1.0312):
        recorder.add_frame(picture(100), time_s)
    recorder.close()
    assert recorder.frames == 13
    assert [time for time, _ in played(path)[0]][-3:] == pytest.approx([0.4, 1.0, 1.0312], abs=1e-4)


def test_a_recording_of_nothing_closes(tmp_path: Path) -> None:
    for frames in (0, 1):
        recorder = record(tmp_path / f"{frames}.mp4", frames)
        recorder.close()
        recorder.close()
    assert len(played(tmp_path / "1.mp4")[0]) == 1


def test_a_recording_never_closed_plays_up_to_its_last_second(tmp_path: Path) -> None:
    program = f"""
        import os, sys
        from pathlib import Path
        from tests.delivery.test_file import record
        record(Path({str(tmp_path / "out.mp4")!r}), 100)
        os._exit(0)
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(program)], check=True, cwd=Path(__file__).parents[2])
    pictures, sound = played(tmp_path / "out.mp4")
    assert len(pictures) >= 50
    assert len(sound) / RATE >= 1.9


@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are POSIX")
@pytest.mark.parametrize("limit_bytes", [1_000_000, 2_500_000])
def test_a_full_disk_is_said_once_and_what_is_there_plays(tmp_path: Path, limit_bytes: int) -> None:
    path = tmp_path / "out.mp4"
    program = f"""
        import resource, signal
        from pathlib import Path
        import numpy as np
        from runtime.core.errors import UserError
        from runtime.delivery.file import Recorder
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, ({limit_bytes}, {limit_bytes}))
        recorder = Recorder(Path({str(path)!r}), 320, 240)
        recorder.open()
        noise = np.random.default_rng(0)
        for index in range(500):
            try:
                recorder.add_frame(noise.integers(0, 255, (360, 320), dtype=np.uint8), index / 25)
                recorder.add_audio(noise.integers(-9000, 9000, 1920, dtype=np.int16))
            except UserError as error:
                print(error)
                break
        try:
            recorder.add_frame(np.zeros((360, 320), np.uint8), 99.0)
        except UserError as error:
            print("again:", error.what[-20:])
        recorder.close()
        print("closed")
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        check=True,
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
    )
    lines = done.stdout.splitlines()
    assert "stopped: the disk is full. What was written so far can be played. Free some space" in lines[0]
    assert lines[1].startswith("again:")
    assert lines[2] == "closed"
    assert path.stat().st_size <= limit_bytes
    pictures, sound = played(path)
    assert len(pictures) >= 12
    assert len(sound) > 0


def test_a_place_that_cannot_be_written_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"out\.mp4 can't be written: No such file or directory"):
        Recorder(tmp_path / "absent" / "out.mp4", 96, 64).open()


def test_pictures_of_a_wrong_size_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="even width"):
        Recorder(tmp_path / "a.mp4", 95, 64).open()
    recorder = record(tmp_path / "b.mp4", 2)
    with pytest.raises(UserError, match="does not fit"):
        recorder.add_frame(picture(1, 32, 32), 1.0)
    recorder.close()
    with pytest.raises(UserError, match="not open"):
        recorder.add_frame(picture(1), 2.0)
