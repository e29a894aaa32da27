"""The features of a voice, and the reading of its emotion by the model that ships."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import soundfile
import soxr
from numpy.typing import NDArray

from runtime.core.device import PROFILES
from runtime.core.errors import UserError
from runtime.core.models import ModelRegistry
from runtime.perception.voice_emotion import LABELS, MODEL_NAME, VoiceEmotion
from runtime.perception.voice_features import FEATURES, FEATURES_VERSION, pitch, voice_features
from tests.perception.sound import RATE_HZ, room, spoken

EMODB = Path(__file__).parents[2].parent / "shared/data/voice_emotion/emodb"
LETTERS = dict(zip("NFTWAEL", LABELS, strict=True))
SENTENCE = "The planetarium opens at nine, and the last show is at five in the evening."


def sentence() -> NDArray[np.float32]:
    return spoken(SENTENCE)[: 2 * RATE_HZ]


def features_of(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    found = voice_features(samples)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def reader() -> VoiceEmotion:
    return VoiceEmotion(ModelRegistry(PROFILES["edge"]).load(MODEL_NAME))


def test_features_are_the_same_however_loud_and_with_silence_around() -> None:
    speech = sentence()[: RATE_HZ * 3 // 2 // 160 * 160]
    found = features_of(speech)
    assert found.shape == (FEATURES,)
    assert found.dtype == np.float32
    np.testing.assert_allclose(features_of(speech * 0.01), found, atol=2e-3)
    silence = np.zeros(RATE_HZ // 5, np.float32)
    np.testing.assert_allclose(features_of(np.concatenate([silence, speech, silence])), found, atol=2e-3)


def test_features_tell_one_voice_from_another() -> None:
    speech = sentence()
    higher = np.asarray(soxr.resample(speech, 1.2, 1.0), np.float32)
    assert np.abs(features_of(higher) - features_of(speech)).max() > 0.5


def test_only_the_last_two_seconds_are_heard() -> None:
    long = spoken(SENTENCE)
    assert len(long) > 3 * RATE_HZ
    start = len(long) % 160  # so that both are cut into the same pieces of 10 ms
    np.testing.assert_allclose(features_of(long[start:]), features_of(long[start + RATE_HZ // 2 :]), atol=2e-2)


@pytest.mark.parametrize(
    "samples",
    [np.zeros(0), np.zeros(100), np.zeros(2 * RATE_HZ), np.full(2 * RATE_HZ, 1e-6), room(0.4)],
    ids=["none", "10 ms", "silence", "offset", "too short"],
)
def test_too_little_is_no_speech(samples: NDArray[Any]) -> None:
    assert voice_features(samples.astype(np.float32)) is None


@pytest.mark.parametrize(
    "samples",
    [np.random.default_rng(0).normal(0, 0.2, 2 * RATE_HZ), np.full(2 * RATE_HZ, 0.5), np.sign(np.sin(np.arange(32e3)))],
    ids=["noise", "offset", "square wave"],
)
def test_any_sound_has_finite_features(samples: NDArray[Any]) -> None:
    found = voice_features(samples.astype(np.float32))
    assert found is not None
    assert np.isfinite(found).all()


@pytest.mark.parametrize("hertz", [85, 120, 200, 330, 430])
def test_the_pitch_of_a_voice_is_known(hertz: float) -> None:
    time_s = np.arange(RATE_HZ) / RATE_HZ
    harmonics = np.arange(1, int(4_000 / hertz))[:, None]
    voice = (np.sin(2 * np.pi * hertz * harmonics * time_s + harmonics) / harmonics).sum(axis=0)
    log_hz, periodic = pitch((0.1 * voice).astype(np.float32))
    assert np.median(np.exp(log_hz)) == pytest.approx(hertz, rel=0.03)
    assert np.median(periodic) > 0.8


def test_noise_has_no_pitch() -> None:
    _, periodic = pitch(np.random.default_rng(0).normal(0, 0.1, RATE_HZ).astype(np.float32))
    assert np.mean(periodic > 0.5) < 0.1


def test_a_reading_is_whole_and_the_same_however_loud(reader: VoiceEmotion) -> None:
    speech = sentence()
    reading = reader.read(speech)
    assert reading is not None
    assert tuple(reading.probabilities) == LABELS
    assert sum(reading.probabilities.values()) == pytest.approx(1, abs=1e-5)
    assert reading.probabilities[reading.label] == max(reading.probabilities.values())
    assert 0 <= reading.arousal <= 1
    quieter = reader.read(speech * np.float32(0.02))
    assert quieter is not None
    assert quieter.probabilities == pytest.approx(reading.probabilities, abs=1e-3)


def test_silence_has_no_reading(reader: VoiceEmotion) -> None:
    assert reader.read(np.zeros(2 * RATE_HZ, np.float32)) is None


@pytest.mark.skipif(not EMODB.is_dir(), reason="the recordings of EmoDB are not there")
def test_the_model_hears_in_the_runtime_what_it_learnt_in_training(reader: VoiceEmotion) -> None:
    """It has learnt from these voices: no score, but a sign that sound, features and model belong together."""
    paths = sorted(EMODB.glob("*.wav"))[::6]
    right: list[bool] = []
    arousal: dict[str, list[float]] = {emotion: [] for emotion in LABELS}
    for path in paths:
        samples, rate_hz = soundfile.read(path, dtype="float32")
        reading = reader.read(np.asarray(soxr.resample(samples, rate_hz, RATE_HZ), np.float32))
        assert reading is not None
        emotion = LETTERS[path.stem[5]]
        right.append(reading.label == emotion)
        arousal[emotion].append(reading.arousal)
    assert np.mean(right) > 0.85
    assert np.mean(arousal["angry"]) > np.mean(arousal["bored"]) + 0.5


@pytest.mark.parametrize(
    ("metadata", "fault"),
    [
        ({}, "lacks its metadata"),
        ({"labels": "[", "features_version": "1"}, "lacks its metadata"),
        ({"labels": json.dumps(LABELS), "features_version": str(FEATURES_VERSION + 1)}, "version"),
    ],
)
def test_a_model_made_for_something_else_is_refused(metadata: dict[str, str], fault: str) -> None:
    session = SimpleNamespace(get_modelmeta=lambda: SimpleNamespace(custom_metadata_map=metadata))
    with pytest.raises(UserError, match=fault):
        VoiceEmotion(session)
