"""A recorded person with a picture: nothing of it is stored, and a real face and hand are noticed."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from tests.perception.sound import in_room, room, spoken
from tests.perception.vision.pictures import clip, hand_picture, needs_mediapipe
from tests.personas import brief_concierge

ROOT = Path(__file__).parents[2]
FPS = 15
pytestmark = needs_mediapipe


def write_film(path: Path, pictures: list[NDArray[np.uint8]], sound: NDArray[np.float32]) -> Path:
    """Write pictures at 15 a second and 16 kHz sound as MP4."""
    with av.open(str(path), "w") as file:
        height, width = pictures[0].shape[:2]
        video: Any = file.add_stream("libx264", rate=FPS, options={"crf": "14", "preset": "ultrafast"})
        video.width, video.height, video.pix_fmt = width, height, "yuv420p"
        audio: Any = file.add_stream("aac", rate=16_000, layout="mono")
        for picture in pictures:
            file.mux(video.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        file.mux(video.encode())
        for begin in range(0, len(sound) - 1023, 1024):
            frame = av.AudioFrame.from_ndarray(sound[None, begin : begin + 1024], format="fltp", layout="mono")
            frame.sample_rate, frame.pts = 16_000, begin
            file.mux(audio.encode(frame))
        file.mux(audio.encode())
    return path


def talk(film: Path, folder: Path) -> dict[str, Any]:
    """Let the person in the film talk, in a process whose every folder is `folder`; return its report."""
    homes = {name: str(folder) for name in ("HOME", "TMPDIR", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME")}
    settings = ["--realtime", "no", "--voice", "espeak", "--persona", brief_concierge(film.parent)]
    settings += ["--retrieval-model", "retrieval"]  # the other would read all the persona knows anew each time
    command = [sys.executable, "-m", "runtime", "talk", str(film), *settings, "--report", "report.json"]
    environment = {**os.environ, **homes, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True, timeout=120)
    report: dict[str, Any] = json.loads((folder / "report.json").read_text())
    return report


def test_no_picture_is_stored(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    marks = [random.integers(0, 255, (48, 64, 3), np.uint8) for _ in range(3 * FPS)]
    pictures = [cv2.resize(mark, (640, 480), interpolation=cv2.INTER_NEAREST) for mark in marks]
    film = write_film(tmp_path / "film.mp4", [np.asarray(p, np.uint8) for p in pictures], room(3.0))
    home = tmp_path / "home"
    home.mkdir()
    report = talk(film, home)
    assert report["camera_pictures"] > 2 * FPS
    (tmp_path / "deaf").mkdir()
    talk(write_film(tmp_path / "black.mp4", [np.zeros((2, 2, 3), np.uint8)], room(0.5)), tmp_path / "deaf")
    assert stored(home) - stored(tmp_path / "deaf") < 20_000  # a single picture, however well packed, is larger


def stored(folder: Path) -> int:
    """Return the bytes of all files that a talk left behind, but for its report."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != "report.json"]
    return sum(path.stat().st_size for path in files)


def test_a_persons_palm_stops_the_answer_and_is_in_the_report(tmp_path: Path) -> None:
    palm = hand_picture("5_pic00105")
    nobody = np.full_like(palm, 90)
    question = in_room(0.3, spoken("tell me about the house"), 3.0)
    random = np.random.default_rng(0)
    shown = [nobody if second < 3.6 else palm for second in np.arange(0, 6.0, 1 / FPS)]
    pictures = [cv2.add(picture, random.integers(0, 3, picture.shape, np.uint8)) for picture in shown]
    report = talk(write_film(tmp_path / "film.mp4", [np.asarray(p, np.uint8) for p in pictures], question), tmp_path)
    signs = [line["name"] for line in report["noticed"] if line["type"] == "gesture"]
    assert signs == ["open_palm"]
    assert [turn["interrupted"] for turn in report["turns"]][-1] == "gesture"


def test_a_persons_mood_is_in_the_report(tmp_path: Path) -> None:
    pictures = [np.asarray(picture, np.uint8) for picture in clip("d3", 210)]
    report = talk(write_film(tmp_path / "film.mp4", pictures, room(14.0)), tmp_path)
    moods = [line["label"] for line in report["noticed"] if line["type"] == "mood"]
    assert "neutral" in moods
    assert "looking" in [line["presence"] for line in report["noticed"] if line["type"] == "presence"]
