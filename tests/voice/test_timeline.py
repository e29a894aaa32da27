"""Silence cut, parts joined, words laid over their text."""

import numpy as np
import pytest

from runtime.core.messages import TimedPhoneme, TimedWord, Utterance
from runtime.voice.parts import parts, sentences
from runtime.voice.timeline import covering, joined, trimmed, warped, words_over

RATE = 1_000


def tone(text: str, silence_s: float = 0.3, sound_s: float = 0.4) -> Utterance:
    quiet, loud = np.zeros(int(silence_s * RATE)), np.full(int(sound_s * RATE), 0.5)
    middle = silence_s + sound_s / 2
    phonemes = (
        TimedPhoneme("_", 0.0, silence_s),
        TimedPhoneme("ɑː", silence_s, middle, 1),
        TimedPhoneme("m", middle, silence_s + sound_s),
        TimedPhoneme("_", silence_s + sound_s, 2 * silence_s + sound_s),
    )
    words = (TimedWord(text, silence_s, silence_s + sound_s, (0, len(text))),)
    return Utterance(text, np.concatenate((quiet, loud, quiet)).astype(np.float32), RATE, phonemes, words)


@pytest.mark.parametrize(
    ("text", "tail_s"), [("am", 0.06), ("am,", 0.12), ("am.", 0.22), ("am?”", 0.22), ("am —", 0.12)]
)
def test_as_much_silence_is_kept_as_the_punctuation_asks_for(text: str, tail_s: float) -> None:
    utterance = trimmed(tone(text))
    assert utterance.duration_s == pytest.approx(0.015 + 0.4 + tail_s, abs=0.002)
    assert [phoneme.symbol for phoneme in utterance.phonemes] == ["ɑː", "m", "_"]
    assert utterance.phonemes[0].start_s == 0.0
    assert utterance.phonemes[1].start_s == pytest.approx(0.215, abs=0.002)
    assert utterance.words[0].start_s == pytest.approx(0.015, abs=0.002)


def test_a_sentence_that_ends_at_once_gets_its_silence() -> None:
    assert trimmed(tone("am.", silence_s=0.05)).duration_s == pytest.approx(0.015 + 0.4 + 0.22, abs=0.002)


def test_silence_alone_is_no_audio() -> None:
    utterance = trimmed(Utterance(".", np.zeros(500, np.float32), RATE, (), ()))
    assert (len(utterance.audio), utterance.phonemes, utterance.words) == (0, (), ())


def test_gaps_become_pauses_and_short_pauses_go() -> None:
    covered = covering(
        [
            TimedPhoneme("p", 0.1, 0.2),
            TimedPhoneme("_", 0.2, 0.21),
            TimedPhoneme("ɪ", 0.21, 0.3),
            TimedPhoneme("t", 0.31, 0.4),
        ],
        0.5,
    )
    assert covered == (
        TimedPhoneme("_", 0.0, 0.1),
        TimedPhoneme("p", 0.1, 0.2),
        TimedPhoneme("ɪ", 0.2, 0.3),
        TimedPhoneme("t", 0.3, 0.4),
        TimedPhoneme("_", 0.4, 0.5),
    )


def test_joined_parts_follow_each_other_in_sound_and_text() -> None:
    one, two = trimmed(tone("Am.")), trimmed(tone("am"))
    both = joined("Am. am", [(0, one), (4, two)])
    assert both.duration_s == pytest.approx(one.duration_s + two.duration_s)
    assert [both.text[slice(*word.chars)] for word in both.words] == ["Am.", "am"]
    assert both.words[1].start_s == pytest.approx(one.duration_s + 0.015, abs=0.002)
    assert both.phonemes[-1].end_s == pytest.approx(both.duration_s)


def test_warped_times_follow_the_anchors() -> None:
    guide = tone("am")
    audio = np.zeros(2_000, np.float32)
    moved = warped(guide, audio, RATE, np.array([0.3, 0.7]), np.array([0.1, 1.5]))
    assert [(p.symbol, pytest.approx(p.start_s)) for p in moved.phonemes] == [
        ("_", 0.0),
        ("ɑː", pytest.approx(0.1)),
        ("m", pytest.approx(0.8)),
        ("_", pytest.approx(1.5)),
    ]
    assert moved.words[0].end_s == pytest.approx(1.5)


def test_every_character_belongs_to_a_word() -> None:
    text = " “Well-known, he said — (really)! "
    ranges = [
        (0.0, 0.1, text.index(word), text.index(word) + len(word)) for word in ("Well", "known", "he", "said", "really")
    ]
    words = words_over(text, ranges)
    assert [word.text for word in words] == ["“Well-", "known,", "he", "said —", "(really)!"]
    assert all(text[slice(*word.chars)] == word.text for word in words)
    assert words_over(text, []) == ()


def test_overlapping_and_outlying_ranges_do_no_harm() -> None:
    words = words_over("one two", [(0.0, 0.1, 0, 5), (0.1, 0.2, 4, 7), (0.2, 0.3, 9, 12)])
    assert [word.text for word in words] == ["one t", "wo"]


def test_long_text_is_cut_where_a_voice_can_pause() -> None:
    text = "This is a sentence. " * 20 + "And, " + "x" * 600
    cut = parts(text, 100)
    assert "".join(part for _, part in cut) == text
    assert all(text[place : place + len(part)] == part and len(part) <= 100 for place, part in cut)
    assert all(part.endswith(". ") for _, part in cut[:4])
    assert parts("") == [(0, "")]


def test_sentences_cover_their_text() -> None:
    text = "One. “Two!” three? 4.5 is one"
    assert sentences(text) == [(0, "One. "), (5, "“Two!” "), (12, "three? "), (19, "4.5 is one")]
    assert sentences("") == []
