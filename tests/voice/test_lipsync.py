"""The mouth from sound: streaming, look-ahead, closed lips in speech, and voices without phonemes."""

import json
from typing import Any

import numpy as np
import pytest
import soxr

from runtime.core.blendshapes import INDEX
from runtime.core.device import PROFILES
from runtime.core.errors import UserError
from runtime.core.messages import Affect, Spoken, Utterance
from runtime.core.models import ModelRegistry
from runtime.voice import service
from runtime.voice.espeak import EspeakSynthesizer
from runtime.voice.lipsync import MODEL, SHAPES, STEP_SAMPLES, LipSync, mouth_curves
from runtime.voice.service import MAX_SPOKEN_S, VoiceService
from runtime.voice.synthesizer import VoiceStyle

pytest.importorskip("espeakng_loader")
JAW, CLOSE = INDEX["jawOpen"], INDEX["mouthClose"]


@pytest.fixture(scope="module")
def session() -> Any:
    return ModelRegistry(PROFILES["edge"]).load(MODEL)


@pytest.fixture(scope="module")
def spoken() -> Utterance:
    voice = EspeakSynthesizer()
    voice.load()
    utterance = voice.synthesise("My mother bought a pink balloon, but Bobby popped it.", VoiceStyle("en-us+m3"))
    audio = soxr.resample(utterance.audio, utterance.rate_hz, 16_000)
    return Utterance(utterance.text, audio, 16_000, utterance.phonemes, utterance.words)


@pytest.mark.parametrize("seed", range(4))
def test_fed_in_pieces_equals_fed_whole(session: Any, spoken: Utterance, seed: int) -> None:
    whole = mouth_curves(session, spoken.audio, 16_000)
    chance, lips, begin, parts = np.random.default_rng(seed), LipSync(session), 0, []
    while begin < len(spoken.audio):
        size = int(chance.choice([1, 7, 159, 160, 320, 960, 5_000]))
        parts.append(lips.feed(spoken.audio[begin : begin + size]))
        begin += size
    parts.append(lips.finish())
    assert np.abs(np.concatenate(parts) - whole).max() < 1e-5
    assert len(whole) == -(-len(spoken.audio) // STEP_SAMPLES)


def test_a_curve_is_there_80_ms_after_its_sound_and_knows_nothing_later(session: Any, spoken: Utterance) -> None:
    lips = LipSync(session)
    known = lips.feed(spoken.audio[:16_000])
    assert len(known) == 47  # the last at 0.92 s, with the sound up to 1.00 s
    changed = spoken.audio.copy()
    changed[16_000:] = 0.3
    other = mouth_curves(session, changed, 16_000)
    assert np.abs(other[:47] - known).max() < 1e-5
    assert np.abs(other[47:60] - mouth_curves(session, spoken.audio, 16_000)[47:60]).max() > 0.05


def test_after_finish_a_voice_begins_anew(session: Any, spoken: Utterance) -> None:
    lips = LipSync(session)
    first = np.concatenate([lips.feed(spoken.audio), lips.finish()])
    second = np.concatenate([lips.feed(spoken.audio), lips.finish()])
    assert np.array_equal(first, second)
    assert lips.finish().shape == (0, 52)


def test_the_mouth_moves_with_speech_closes_at_bilabials_and_rests_in_silence(session: Any, spoken: Utterance) -> None:
    mouth = mouth_curves(session, spoken.audio, 16_000)
    assert mouth.min() >= 0.0
    assert mouth.max() <= 1.0
    assert mouth[:, JAW].max() > 0.25
    middles = [round(25 * (p.start_s + p.end_s)) for p in spoken.phonemes if p.symbol[0] in "pbm"]
    closed = [mouth[max(0, at - 2) : at + 3, CLOSE].max() > 0.7 for at in middles]
    assert np.mean(closed) >= 0.9
    quiet = mouth_curves(session, np.zeros(32_000, np.float32), 16_000)
    assert quiet[25:, JAW].max() < 0.05


def test_another_rate_gives_nearly_the_same_mouth(session: Any, spoken: Utterance) -> None:
    high = soxr.resample(spoken.audio, 16_000, 48_000)
    mouth, same = mouth_curves(session, high, 48_000), mouth_curves(session, spoken.audio, 16_000)
    assert len(mouth) == len(same)
    assert np.abs(mouth - same).mean() < 0.02


def test_what_only_comes_as_a_pair_moves_both_sides(session: Any, spoken: Utterance) -> None:
    mouth = mouth_curves(session, spoken.audio, 16_000)
    assert np.array_equal(mouth[:, INDEX["mouthStretchLeft"]], mouth[:, INDEX["mouthStretchRight"]])
    moved = {name for name, at in INDEX.items() if mouth[:, at].any()}
    assert all(any(name.startswith(shape) for shape in SHAPES) for name in moved)


def test_another_model_is_refused() -> None:
    class Other:
        def get_modelmeta(self) -> Any:
            return type("Meta", (), {"custom_metadata_map": {"shapes": json.dumps(["jawOpen"])}})

    with pytest.raises(UserError, match="other shapes"):
        LipSync(Other())


class Wordless:
    """A voice that knows no phonemes."""

    name = "wordless"

    def __init__(self, audio: np.ndarray[tuple[int], np.dtype[np.float32]]) -> None:
        self._audio = audio

    def load(self) -> None: ...

    def close(self) -> None: ...

    def has_voice(self, name: str) -> bool:
        return True

    def synthesise(self, text: str, style: VoiceStyle) -> Utterance:
        return Utterance(text, self._audio, 16_000, (), ())


def test_a_voice_without_phonemes_gets_its_mouth_from_its_sound(
    session: Any, spoken: Utterance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "open_synthesizer", lambda name, piper: Wordless(spoken.audio))
    worker = VoiceService()
    worker.load()
    utterance = worker.synthesise("hello", VoiceStyle(), Affect())
    assert utterance.mouth is not None
    assert np.array_equal(utterance.mouth, mouth_curves(session, spoken.audio, 16_000))
    worker.close()


def test_phonemes_are_used_where_they_are_there_and_a_recording_has_none(spoken: Utterance) -> None:
    worker = VoiceService("espeak")
    worker.load()
    assert worker.synthesise("hello", VoiceStyle(), Affect()).mouth is None
    recited = worker.recite(Spoken("(a.wav)", spoken.audio, 16_000))
    assert recited.mouth is not None
    assert recited.mouth[:, JAW].max() > 0.25
    with pytest.raises(UserError, match="too long"):
        worker.recite(Spoken("", np.zeros((MAX_SPOKEN_S + 1) * 16_000, np.float32), 16_000))
    worker.close()


def test_without_the_model_the_voice_still_speaks(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, spoken: Utterance
) -> None:
    def missing(self: ModelRegistry, name: str) -> Any:
        raise UserError("There is no model.", "Restore it.")

    monkeypatch.setattr(ModelRegistry, "load", missing)
    worker = VoiceService("espeak")
    worker.load()
    assert "no mouth for voices" in caplog.text
    assert worker.recite(Spoken("", spoken.audio, 16_000)).mouth is None
    worker.close()
