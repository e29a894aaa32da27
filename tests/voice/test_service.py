"""The voice as the session meets it: backends, fallback, styles."""

import logging
from pathlib import Path

import numpy as np
import pytest

from runtime.core.errors import UserError
from runtime.core.messages import Affect, Utterance
from runtime.core.workers import InlineWorker
from runtime.voice import backends, service
from runtime.voice.client import SERVICE, Voice
from runtime.voice.espeak import EspeakSynthesizer
from runtime.voice.service import VoiceService
from runtime.voice.synthesizer import VoiceStyle, styled
from tests.voice.checks import check_utterance

pytest.importorskip("espeakng_loader")


class Moody:
    """A voice that speaks a second of tone, but fails on what it does not like."""

    name = "moody"

    def __init__(self) -> None:
        self.styles: list[VoiceStyle] = []
        self.closed = False

    def load(self) -> None:
        """Nothing to load."""

    def has_voice(self, name: str) -> bool:
        return name == "low"

    def synthesise(self, text: str, style: VoiceStyle) -> Utterance:
        self.styles.append(style)
        if "no" in text:
            raise RuntimeError("I will not say that")
        return Utterance(text, np.full(8_000, 0.1, np.float32), 8_000, (), ())

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def moody(monkeypatch: pytest.MonkeyPatch) -> Moody:
    voice = Moody()
    monkeypatch.setattr(service, "open_synthesizer", lambda name, piper: voice)
    return voice


async def test_a_session_gets_what_was_written_spoken() -> None:
    worker = VoiceService("espeak")
    worker.load()
    voice = Voice(InlineWorker({SERVICE: worker}))
    affect = Affect("happy", 1.0)
    text = "We open at 9:30 and close at 17:00, see you then!"
    utterance = await voice.synthesise(text, VoiceStyle(), affect)
    assert utterance.text == text
    assert utterance.affect == affect
    assert [word.text for word in utterance.words][3] == "9:30"
    check_utterance(utterance)
    worker.close()


def test_a_long_text_is_spoken_to_its_end_and_a_too_long_one_refused() -> None:
    worker = VoiceService("espeak")
    worker.load()
    text = "This sentence is said many times over and over. " * 20
    utterance = worker.synthesise(text, VoiceStyle(), Affect())
    check_utterance(utterance)
    assert utterance.words[-1].text == "over."
    with pytest.raises(UserError, match="too long"):
        worker.synthesise("x" * 2_001, VoiceStyle(), Affect())


def test_what_a_voice_fails_on_the_embedded_one_says(moody: Moody, caplog: pytest.LogCaptureFixture) -> None:
    worker = VoiceService()
    worker.load()
    assert worker.synthesise("yes", VoiceStyle(), Affect()).rate_hz == 8_000
    with caplog.at_level(logging.ERROR):
        utterance = worker.synthesise("oh no", VoiceStyle("low"), Affect())
    assert utterance.rate_hz == 22_050
    check_utterance(utterance)
    assert "moody voice failed on a text of 5 characters: I will not say that" in caplog.text
    assert "oh no" not in caplog.text  # what is said to a person is theirs
    worker.close()
    assert moody.closed


def test_a_voice_that_the_backend_lacks_is_replaced_by_its_default(
    moody: Moody, caplog: pytest.LogCaptureFixture
) -> None:
    worker = VoiceService()
    worker.load()
    for name in ("high", "high", "low", ""):
        worker.synthesise("yes", VoiceStyle(name), Affect())
    assert [style.voice for style in moody.styles] == ["", "", "low", ""]
    assert caplog.text.count("has no voice 'high'") == 1


def test_affect_colours_the_style_within_its_bounds() -> None:
    style = VoiceStyle("v", 1.0, 1.0, 1.0)
    assert styled(style, Affect("neutral", 1.0)) == style
    assert styled(style, Affect("happy", 0.0)) == style
    happy, sad = styled(style, Affect("happy", 1.0)), styled(style, Affect("sad", 1.0))
    assert happy.rate > 1.0 > sad.rate
    assert happy.pitch > 1.0 > sad.pitch
    half = styled(style, Affect("happy", 0.5))
    assert 1.0 < half.rate < happy.rate
    bounded = styled(VoiceStyle("v", 9.0, -20.0, 7.0), Affect("surprised", 5.0))
    assert (bounded.rate, bounded.pitch, bounded.volume) == (2.0, -6.0, 1.5)


def test_auto_takes_the_best_that_loads(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert backends.open_synthesizer("espeak").name == "espeak"
    monkeypatch.setattr(backends, "_flite_is_there", lambda: False)
    assert backends.open_synthesizer("auto").name == "espeak"
    broken = tmp_path / "voice.onnx"
    broken.write_bytes(b"nothing")
    broken.with_name("voice.onnx.json").write_text("{}", encoding="utf-8")
    assert [state.ready for state in backends.available(str(broken))] == [True, False, True]
    assert isinstance(backends.open_synthesizer("auto", str(broken)), EspeakSynthesizer)
    with pytest.raises(UserError, match="no voice backend 'nobody'"):
        backends.open_synthesizer("nobody")
    with pytest.raises(UserError, match="no description"):
        backends.open_synthesizer("piper", str(broken))


def test_the_state_of_each_backend_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backends, "_flite_is_there", lambda: False)
    for state in backends.available("/nowhere/voice.onnx"):
        assert state.part == "text to speech"
        assert state.ready or state.remedy
    assert backends.available("/nowhere/voice.onnx")[0].detail == "/nowhere/voice.onnx is missing"
