"""The embedded voice: exact times, any text."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.core.errors import UserError
from runtime.voice.espeak import EspeakSynthesizer
from runtime.voice.espeak_library import VOICES, espeak
from runtime.voice.synthesizer import VoiceStyle
from tests.voice.checks import check_utterance, check_voice, hiss_onset_s, symbols

pytest.importorskip("espeakng_loader")


@pytest.fixture(scope="module")
def voice() -> EspeakSynthesizer:
    synthesizer = EspeakSynthesizer()
    synthesizer.load()
    return synthesizer


def test_it_speaks_any_text_with_times_that_cover_it(voice: EspeakSynthesizer) -> None:
    check_voice(voice)


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=60))
def test_no_text_upsets_it(text: str) -> None:
    synthesizer = EspeakSynthesizer()
    synthesizer.load()
    check_utterance(synthesizer.synthesise(text, VoiceStyle()))


def test_phonemes_are_ipa_with_the_stress_taken_off(voice: EspeakSynthesizer) -> None:
    utterance = voice.synthesise("Hello museum", VoiceStyle("en-us"))
    assert symbols(utterance) == "h ə l oʊ m j uː z iə m"
    stressed = [phoneme.symbol for phoneme in utterance.phonemes if phoneme.stress == 1]
    assert stressed == ["oʊ", "iə"]


def test_words_have_their_punctuation_and_characters_beyond_ascii(voice: EspeakSynthesizer) -> None:
    utterance = voice.synthesise("Our „Café“ — naïve, well-known!", VoiceStyle())
    assert [word.text for word in utterance.words] == ["Our", "„Café“ —", "naïve,", "well-known!"]


def test_fricatives_begin_where_the_phonemes_say(voice: EspeakSynthesizer) -> None:
    for word in ("a sack", "a shop", "the sun", "the sea"):  # a voice without breath, so that the hiss is the consonant
        utterance = voice.synthesise(word, VoiceStyle("en-us"))
        start_s = next(p.start_s for p in utterance.phonemes if p.symbol in ("s", "ʃ"))
        assert hiss_onset_s(utterance, start_s) == pytest.approx(start_s, abs=0.005)


def test_rate_pitch_and_volume_do_what_they_say(voice: EspeakSynthesizer) -> None:
    def said(style: VoiceStyle) -> tuple[float, float]:
        utterance = voice.synthesise("Welcome to the museum, the garden is on your left.", style)
        return utterance.duration_s, float(np.sqrt(np.mean(utterance.audio**2)))

    duration_s, level = said(VoiceStyle())
    assert said(VoiceStyle(rate=2.0))[0] == pytest.approx(duration_s / 2, rel=0.1)
    assert said(VoiceStyle(rate=0.5))[0] == pytest.approx(duration_s * 2, rel=0.1)
    assert said(VoiceStyle(rate=99.0))[0] == pytest.approx(duration_s / 2, rel=0.1)
    assert said(VoiceStyle(volume=0.5))[1] == pytest.approx(level / 2, rel=0.15)
    assert not len(voice.synthesise("hush", VoiceStyle(volume=0.0)).audio)


def test_its_voices_exist_and_others_are_a_clear_error(voice: EspeakSynthesizer) -> None:
    for name in itertools.chain(VOICES, ("en-us+f2",)):
        assert voice.has_voice(name)
        assert voice.synthesise("yes", VoiceStyle(name)).duration_s > 0.1
    assert not voice.has_voice("slt")
    with pytest.raises(UserError, match="no voice 'nobody'"):
        voice.synthesise("yes", VoiceStyle("nobody"))
    assert voice.synthesise("yes", VoiceStyle()).duration_s > 0.1


def test_a_voice_that_was_not_loaded_says_so() -> None:
    with pytest.raises(UserError, match="not loaded"):
        EspeakSynthesizer().synthesise("yes", VoiceStyle())


def test_phonemes_of_text_come_by_clause() -> None:
    espeak().load()
    clauses = espeak().clauses("Hello there, café. Bye", "en-us")
    assert [ipa for ipa, _ in clauses] == ["həlˈoʊ ðˈɛɹ", "kæfˈeɪ", "bˈaɪ"]
