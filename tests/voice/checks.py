"""What must hold of every utterance, whichever voice made it."""

from itertools import pairwise

import numpy as np
import pytest

from runtime.avatar.visemes import is_pause, visemes
from runtime.core.messages import Utterance
from runtime.voice.synthesizer import Synthesizer, VoiceStyle


def check_utterance(utterance: Utterance) -> None:
    """Phonemes cover the audio in order; words lie in it and stand for all of the text."""
    assert utterance.audio.dtype == np.float32
    assert utterance.audio.ndim == 1
    assert float(np.abs(utterance.audio).max(initial=0.0)) <= 1.0
    if not len(utterance.audio):
        return
    phonemes = utterance.phonemes
    assert phonemes[0].start_s == 0.0
    assert phonemes[-1].end_s == pytest.approx(utterance.duration_s, abs=1e-6)
    for left, right in pairwise(phonemes):
        assert right.start_s == pytest.approx(left.end_s, abs=1e-6)
        assert not (is_pause(left.symbol) and is_pause(right.symbol))
    for phoneme in phonemes:
        assert phoneme.end_s > phoneme.start_s
        assert phoneme.stress in (0, 1, 2)
        assert not set(phoneme.symbol) & set("ˈˌ ")
        assert phoneme.symbol == "_" or not is_pause(phoneme.symbol)
        assert visemes(phoneme.symbol)
    at_s, at = 0.0, 0
    for word in utterance.words:
        assert utterance.text[slice(*word.chars)] == word.text
        assert at_s - 1e-6 <= word.start_s <= word.end_s <= utterance.duration_s + 1e-6
        assert word.chars[0] >= at
        assert not utterance.text[at : word.chars[0]].strip()
        at_s, at = word.start_s, word.chars[1]
    assert not utterance.text[at:].strip()


def symbols(utterance: Utterance) -> str:
    """The sounds, pauses left out, separated by spaces."""
    return " ".join(p.symbol for p in utterance.phonemes if not is_pause(p.symbol))


def energy_db(utterance: Utterance, start_s: float, end_s: float) -> float:
    """Level of a stretch of the audio in dB below full scale."""
    rate = utterance.rate_hz
    part = utterance.audio[round(start_s * rate) : max(round(end_s * rate), round(start_s * rate) + 1)]
    return float(10 * np.log10(np.mean(part**2) + 1e-10))


def hiss_onset_s(utterance: Utterance, near_s: float) -> float:
    """Return when noise like that 25–55 ms after `near_s` begins, from 100 ms before it: by the third difference."""
    rate = utterance.rate_hz
    width = rate // 200
    hiss = np.convolve(np.abs(np.diff(utterance.audio, n=3)), np.ones(width) / width, "same")
    near = round(near_s * rate)
    threshold = hiss[near + rate // 40 : near + rate // 18].mean() / 3
    first = max(0, near - rate // 10)
    return float(first + np.argmax(hiss[first:] > threshold)) / rate


def check_voice(voice: Synthesizer) -> None:
    """What every voice must do, with texts that could upset one."""
    for text in TEXTS:
        utterance = voice.synthesise(text, VoiceStyle())
        assert utterance.text == text
        check_utterance(utterance)
    for text in ("", " ", "...", "\x00\x01", "😀", "—"):
        assert not len(voice.synthesise(text, VoiceStyle()).audio)


TEXTS = (
    "Hello, how may I help you today?",
    "The café is on the first floor — “naïve” Ünïcode, isn't it (really)?",
    "one two three",
    "A",
    "It is well-known: the lift is broken; take the stairs...",
    "a\x00b\x07 tab\tand\nline <speak rate='fast'> [[h@'loU]] </speak> &amp; end",
    "日本 and emoji 😀👋🏽 with ABC",
    "word " * 190,
)
