"""The talk command with the real engine on simulated time: recordings of other rates and kinds, texts, bad input."""

import itertools
import json
import wave
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import soxr
from numpy.typing import NDArray

from runtime.__main__ import main
from runtime.delivery.source import FPS
from tests.perception.sound import in_room, spoken
from tests.personas import brief_concierge

QUESTION = "where are the toilets"


def write_wav(path: Path, samples: NDArray[np.float32], rate_hz: int = 16_000, channels: int = 1) -> Path:
    pcm = np.repeat((np.clip(samples, -1, 1) * 32_767).astype(np.int16), channels)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(pcm.tobytes())
    return path


def talk(tmp_path: Path, *arguments: str) -> dict[str, Any]:
    """Talk as fast as the machine can; return the report."""
    report = tmp_path / "talk.json"
    settings = ["--realtime", "no", "--voice", "espeak", "--persona", brief_concierge(tmp_path)]
    assert main(["talk", *arguments, *settings, "--report", str(report)]) == 0
    body: dict[str, Any] = json.loads(report.read_text())
    return body


def test_a_stereo_recording_of_another_rate_becomes_a_film(tmp_path: Path) -> None:
    said = soxr.resample(in_room(0.3, spoken(QUESTION), 0.3), 16_000, 44_100)
    recording = write_wav(tmp_path / "person.wav", said, 44_100, channels=2)
    report = talk(tmp_path, str(recording), "--output", str(tmp_path / "talk.mp4"))
    greeting, turn = report["turns"]
    assert greeting["question"] == ""
    assert turn["question"] == QUESTION
    assert "behind the stairs" in turn["answer"]
    order = ("speech_end", "committed", "first_phrase", "first_audio", "first_out", "first_lip", "last_audio")
    assert [turn["marks_s"][name] for name in order] == sorted(turn["marks_s"][name] for name in order)
    assert set(turn["stages_s"]) == {"endpoint", "brain", "voice", "playout"}
    assert report["frames_per_s"] == pytest.approx(FPS, rel=0.02)
    assert report["frames_repeated"] == 0
    assert report["troubles"] == []
    loudness, moved = film(tmp_path / "talk.mp4")
    answer = slice(int(turn["marks_s"]["first_out"] * 10) + 2, int(turn["marks_s"]["last_audio"] * 10) - 2)
    waiting = slice(int(greeting["marks_s"]["last_audio"] * 10) + 3, int(turn["marks_s"]["speech_end"] * 10))
    assert loudness[answer].mean() > 0.02 > 100 * loudness[waiting].mean()
    assert moved[answer].mean() > 3 * moved[waiting].mean()


def film(path: Path) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return, by tenths of a second, the loudness and how much the mouth's part of the picture changes."""
    with av.open(str(path)) as container:
        samples = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])
        rate_hz = container.streams.audio[0].rate
    with av.open(str(path)) as container:
        grey = [frame.to_ndarray(format="gray").astype(np.int16) for frame in container.decode(video=0)]
    step = rate_hz // 10
    parts = samples[: len(samples) // step * step].reshape(-1, step)
    loudness = np.sqrt((parts.astype(np.float64) ** 2).mean(1))
    height, width = grey[0].shape
    mouth = (slice(int(height * 0.52), int(height * 0.68)), slice(int(width * 0.36), int(width * 0.6)))
    changes = [float(np.abs(b[mouth] - a[mouth]).mean()) for a, b in itertools.pairwise(grey)]
    at = np.arange(len(loudness)) * FPS // 10
    return loudness, np.array([changes[min(int(i), len(changes) - 1)] for i in at])


def test_typed_questions_are_answered_one_after_the_other(tmp_path: Path) -> None:
    report = talk(tmp_path, "--text", QUESTION, "--text", "What time do you open?")
    _, first, second = report["turns"]
    assert "behind the stairs" in first["answer"]
    assert "ten to six" in second["answer"]
    assert first["marks_s"]["last_audio"] < second["marks_s"]["first_out"]


def test_silence_is_no_turn(tmp_path: Path) -> None:
    recording = write_wav(tmp_path / "silence.wav", np.zeros(32_000, np.float32))
    report = talk(tmp_path, str(recording))
    assert [turn["question"] for turn in report["turns"]] == [""]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "nothing to say"),
        (["missing.wav"], "missing.wav"),
        (["empty.wav"], "holds no sound"),
        (["noise.wav"], "can't be read as sound or video"),
        (["--text", "x" * 1_001], "1 to 1000 characters"),
        (["--text", "hello", "--output", "nowhere/talk.mp4"], "There is no folder"),
        (["--text", "hello", "--persona", "nobody"], "nobody"),
    ],
)
def test_what_is_wrong_is_one_clear_line(
    arguments: list[str],
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    write_wav(tmp_path / "empty.wav", np.zeros(0, np.float32))
    (tmp_path / "noise.wav").write_bytes(b"no sound at all" * 100)
    assert main(["talk", *arguments, "--realtime", "no", "--voice", "espeak"]) == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert lines[-1].startswith("error: ")
    assert words in lines[-1]
    assert not any("Traceback" in line for line in lines)
