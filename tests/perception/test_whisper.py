"""Whisper: real runs of CTranslate2 on a tiny model made here, whose words don't depend on the sound.

How well a trained model hears is not tested: there is none to test with.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from runtime.core.errors import UserError
from runtime.perception.backends import open_recogniser
from runtime.perception.whisper import FULL_FRAMES, WhisperRecogniser
from tests.perception.tiny_whisper import write_model

RATE_HZ = 16_000
TEXT = "where is the lift"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("whisper"), TEXT)


@pytest.fixture(scope="module")
def unsure(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("unsure"), TEXT, sure=False)


def sound(seconds: float) -> NDArray[np.float32]:
    return np.random.default_rng(1).standard_normal(int(seconds * RATE_HZ)).astype(np.float32) * 0.1


def watched(recogniser: WhisperRecogniser) -> list[int]:
    """Note how many frames each encoding takes from now on."""
    frames: list[int] = []
    encode: Callable[[NDArray[np.float32]], Any] = recogniser._model.encode

    def noting(features: NDArray[np.float32]) -> object:
        frames.append(features.shape[-1])
        return encode(features)

    recogniser._model.encode = noting
    return frames


def loaded(folder: Path) -> tuple[WhisperRecogniser, list[int]]:
    recogniser = WhisperRecogniser(str(folder), threads=1)
    recogniser.load(())
    return recogniser, watched(recogniser)


def test_a_short_turn_is_encoded_at_its_own_length(folder: Path) -> None:
    recogniser, frames = loaded(folder)
    assert recogniser.read(sound(2.0)) == TEXT
    assert len(frames) == 1
    assert 300 <= frames[0] <= 302  # 2 s and a second of silence, not 30 s
    assert recogniser.full_readings == 0
    recogniser.close()


def test_a_doubtful_reading_is_repeated_with_the_full_window(unsure: Path) -> None:
    recogniser, frames = loaded(unsure)
    recogniser.read(sound(2.0))
    assert len(frames) == 2
    assert frames[1] == FULL_FRAMES > frames[0]
    assert recogniser.full_readings == 1
    recogniser.close()


def test_the_longest_turn_fits(folder: Path) -> None:
    recogniser, frames = loaded(folder)
    for _ in range(40):
        recogniser.feed("a", sound(1.0))
    assert recogniser.finish("a").text == TEXT
    assert max(frames) == FULL_FRAMES
    recogniser.close()


def test_a_text_that_runs_in_circles_is_not_believed(tmp_path: Path) -> None:
    recogniser, frames = loaded(write_model(tmp_path, "thank you " * 30, width=80))
    assert recogniser.read(sound(1.0)) == ""
    assert frames[-1] == FULL_FRAMES
    recogniser.close()


def test_a_model_that_is_not_there_is_explained(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="can't be had"):
        WhisperRecogniser(str(tmp_path)).load(())
    with pytest.raises(UserError, match="No Whisper model is set"):
        open_recogniser("whisper", (), {"whisper_model": None})


def test_auto_takes_whisper_only_where_a_model_is_set(folder: Path) -> None:
    phrases = ("where is the lift", "good morning")
    for missing in (None, "", str(folder / "none")):
        recogniser = open_recogniser("auto", phrases, {"whisper_model": missing, "openai_url": ""})
        assert recogniser.name == "pocketsphinx"
        recogniser.close()
    recogniser = open_recogniser("auto", phrases, {"whisper_model": str(folder), "whisper_threads": 1})
    assert recogniser.name == "whisper"
    recogniser.close()
