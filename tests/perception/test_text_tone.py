"""The tone of words as the runtime reads it: from a stand-in, and from the model where it ships."""

import csv
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from runtime.core.device import PROFILES
from runtime.core.errors import UserError
from runtime.core.hashed_words import WordHasher
from runtime.core.models import ModelRegistry
from runtime.perception.mood import MoodTracker
from runtime.perception.text_tone import MODEL_NAME, TextTone, load_text_tone

LABELS = ("neutral", "happy", "sad", "angry", "afraid", "disgusted", "surprised")
QUESTIONS = Path(__file__).resolve().parents[1] / "persona" / "questions_concierge.csv"


class Session:
    """Says the same of every text."""

    def __init__(self, neutral: float, metadata: dict[str, str] | None = None) -> None:
        self.neutral = neutral
        self.metadata = metadata or {}

    def get_modelmeta(self) -> Any:
        return SimpleNamespace(custom_metadata_map=self.metadata)

    def run(self, names: list[str], feeds: dict[str, NDArray[np.int64]]) -> list[NDArray[np.float32]]:
        assert names == ["emotion", "feeling"]
        assert feeds["words"].ndim == 3
        chances = np.full((1, 7), (1 - self.neutral) / 6, np.float32)
        chances[0, 0] = self.neutral
        return [chances, np.array([[-0.5, 0.25]], np.float32)]


def tone(neutral: float) -> TextTone:
    return TextTone(Session(neutral), WordHasher(64, 64), LABELS)


def test_a_reading_names_the_emotions_and_believes_plain_and_few_words_less() -> None:
    reading = tone(0.1).read("this is the worst day", 3.0)
    assert reading is not None
    assert (reading.source, reading.time_s, reading.valence, reading.arousal) == ("text", 3.0, -0.5, 0.25)
    assert sum(reading.chances.values()) == pytest.approx(1, abs=1e-5)
    plain, short = tone(0.95).read("where is the lift", 3.0), tone(0.1).read("no", 3.0)
    assert plain is not None
    assert short is not None
    assert plain.confidence < 0.4 < reading.confidence
    assert short.confidence < 0.4


def test_a_text_without_words_says_nothing() -> None:
    assert tone(0.5).read("  ... ?!", 1.0) is None


def test_a_registry_without_the_model_has_none_and_one_without_metadata_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = ModelRegistry(PROFILES["edge"], tmp_path)
    assert load_text_tone(registry) is None
    monkeypatch.setattr(registry, "entries", lambda: {MODEL_NAME: None})
    monkeypatch.setattr(registry, "load", lambda name: Session(0.5, {"labels": json.dumps(LABELS)}))
    with pytest.raises(UserError, match="metadata"):
        load_text_tone(registry)


@pytest.fixture(scope="module")
def shipped() -> TextTone:
    found = load_text_tone(ModelRegistry(PROFILES["edge"]))
    if found is None:
        pytest.skip("the model text_tone does not ship here")
    return found


def test_plain_questions_of_visitors_are_neutral(shipped: TextTone) -> None:
    with QUESTIONS.open(encoding="utf-8", newline="") as file:
        questions = [row["question"] for row in csv.DictReader(file)]
    moods = []
    for question in questions:
        reading = shipped.read(question, 0.0)
        assert reading is not None
        moods.append(max(reading.chances, key=lambda name: reading.chances[name]))
    assert moods.count("neutral") >= 0.9 * len(questions)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("i am so happy that i came here", "happy"),
        ("thank you so much that was lovely", "happy"),
        ("i am really sad because my dog died", "sad"),
        ("i am scared", "afraid"),
        ("i hate this place it makes me angry", "angry"),
        ("that is disgusting", "disgusted"),
        ("where are the toilets", "neutral"),
    ],
)
def test_clear_words_are_read_and_make_a_mood(shipped: TextTone, text: str, label: str) -> None:
    reading = shipped.read(text, 0.0)
    assert reading is not None
    assert max(reading.chances, key=lambda name: reading.chances[name]) == label
    if label == "neutral":
        return
    tracker = MoodTracker()
    tracker.feed(reading)
    mood = tracker.at(2.0)
    assert mood.label == label
    assert (mood.valence > 0) == (label == "happy")
