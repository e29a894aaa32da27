"""Flite's voices, where the library is installed."""

import ctypes
import string

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.core.errors import UserError
from runtime.voice import flite
from runtime.voice.arpabet import to_ipa
from runtime.voice.flite import FliteSynthesizer, plain
from runtime.voice.synthesizer import VoiceStyle
from tests.voice.checks import check_utterance, check_voice, energy_db, symbols


def _there() -> bool:
    try:
        ctypes.CDLL("libflite.so.1")
    except OSError:
        return False
    return True


needs_flite = pytest.mark.skipif(not _there(), reason="libflite1 is not installed")


@pytest.fixture(scope="module")
def voice() -> FliteSynthesizer:
    synthesizer = FliteSynthesizer()
    synthesizer.load()
    return synthesizer


@needs_flite
def test_it_speaks_any_text_with_times_that_cover_it(voice: FliteSynthesizer) -> None:
    check_voice(voice)


@needs_flite
@settings(max_examples=40, deadline=None)
@given(text=st.text(string.printable + "é—’“ß½", max_size=30))
def test_no_text_upsets_it(text: str) -> None:
    synthesizer = FliteSynthesizer()
    synthesizer.load()
    check_utterance(synthesizer.synthesise(text, VoiceStyle()))


@needs_flite
def test_phonemes_are_those_that_espeak_writes(voice: FliteSynthesizer) -> None:
    utterance = voice.synthesise("Hello museum, this shop", VoiceStyle())
    assert symbols(utterance) == "h ə l oʊ m j uː z iː ə m ð ɪ s ʃ ɑː p"
    assert [p.symbol for p in utterance.phonemes if p.stress][:2] == ["oʊ", "iː"]


@needs_flite
def test_words_have_their_punctuation(voice: FliteSynthesizer) -> None:
    text = "“Hello”, the café's menu (new) is here."
    words = voice.synthesise(text, VoiceStyle()).words
    assert [word.text for word in words] == ["“Hello”,", "the", "café's", "menu", "(new)", "is", "here."]


@needs_flite
def test_closures_are_quiet_and_vowels_loud_where_the_phonemes_say(voice: FliteSynthesizer) -> None:
    utterance = voice.synthesise("Please stop at the paper shop to pick up a ticket.", VoiceStyle())
    stops = [
        energy_db(utterance, p.start_s, (p.start_s + p.end_s) / 2) for p in utterance.phonemes if p.symbol in "ptk"
    ]
    vowels = [energy_db(utterance, p.start_s, p.end_s) for p in utterance.phonemes if p.stress == 1]
    assert np.mean(vowels) - np.mean(stops) > 10


@needs_flite
def test_each_voice_follows_rate_pitch_and_volume(voice: FliteSynthesizer) -> None:
    text = "Welcome to the museum."
    for name in flite.VOICES:
        assert voice.has_voice(name)
        plain_s = voice.synthesise(text, VoiceStyle(name)).duration_s
        assert voice.synthesise(text, VoiceStyle(name, rate=2.0)).duration_s == pytest.approx(plain_s / 2, rel=0.15)
        assert voice.synthesise(text, VoiceStyle(name, pitch=4.0)).duration_s == pytest.approx(plain_s, rel=0.1)
        assert voice.synthesise(text, VoiceStyle(name)).duration_s == plain_s
    assert not len(voice.synthesise(text, VoiceStyle(volume=0.0)).audio)
    with pytest.raises(UserError, match="no voice 'en-us'"):
        voice.synthesise(text, VoiceStyle("en-us"))


def test_without_the_library_there_is_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flite, "_LIBRARY", "libflite-is-not-here.so.1")
    with pytest.raises(UserError, match="apt install libflite1"):
        FliteSynthesizer().load()


@given(text=st.text())
def test_plain_text_is_ascii_of_the_same_length(text: str) -> None:
    assert len(plain(text)) == len(text)
    assert plain(text).isascii()


def test_phones_become_ipa() -> None:
    assert to_ipa("er", True) == ("ɜː", 1)
    assert to_ipa("er", False) == ("ɚ", 0)
    assert to_ipa("pau", True) == ("_", 0)
    assert to_ipa("jh", True) == ("dʒ", 0)
    assert to_ipa("xyz", False) == ("ə", 0)
