"""The barge-in policy."""

import pytest

from runtime.core.messages import SpeechStarted, SpeechStopped, Transcript
from runtime.perception.barge_in import PAUSE_AFTER_S, STOP_AFTER_S, VERDICT_AFTER_S, BargeIn, Decision


def started() -> BargeIn:
    policy = BargeIn()
    assert policy.step(SpeechStarted(1.0, 1.06)) is None
    return policy


def test_200_ms_of_speech_pause_and_more_of_it_stops() -> None:
    policy = started()
    assert policy.tick(1.0 + PAUSE_AFTER_S - 0.01) is None
    assert policy.tick(1.001 + PAUSE_AFTER_S) is Decision.PAUSE
    assert policy.tick(1.0 + STOP_AFTER_S - 0.01) is None
    assert policy.tick(1.001 + STOP_AFTER_S) is Decision.STOP


def test_a_word_stops_at_once() -> None:
    assert started().step(Transcript("where", False)) is Decision.STOP


def test_a_cough_resumes() -> None:
    policy = started()
    assert policy.tick(1.25) is Decision.PAUSE
    assert policy.step(SpeechStopped(1.35, 1.41)) is None
    assert policy.tick(1.35 + VERDICT_AFTER_S + 0.001) is Decision.RESUME


@pytest.mark.parametrize("text", ["mm", "uh huh", "okay", "yeah right"])
def test_a_backchannel_resumes(text: str) -> None:
    policy = started()
    assert policy.tick(1.25) is Decision.PAUSE
    assert policy.step(Transcript(text, False)) is None
    assert policy.step(SpeechStopped(1.4, 1.46)) is None
    assert policy.tick(2.1) is Decision.RESUME


def test_a_word_that_is_hardly_speech_does_not_stop() -> None:
    assert started().step(Transcript("lift", False, in_domain=0.1)) is None


def test_a_short_noise_changes_nothing() -> None:
    policy = started()
    assert policy.step(SpeechStopped(1.1, 1.16)) is None
    assert policy.tick(1.2) is None
    assert policy.tick(2.0) is None
    assert policy.step(SpeechStarted(3.0, 3.06)) is None
    assert policy.tick(3.201) is Decision.PAUSE


def test_a_long_noise_without_words_stops_even_when_seen_late() -> None:
    policy = started()
    assert policy.step(SpeechStopped(1.0 + STOP_AFTER_S + 0.05, 1.9)) is None
    assert policy.tick(1.91) is Decision.STOP
    assert policy.tick(5.0) is None


def test_two_coughs_in_a_row_count_as_one_sound() -> None:
    policy = started()
    assert policy.tick(1.25) is Decision.PAUSE
    assert policy.step(SpeechStopped(1.3, 1.36)) is None
    assert policy.step(SpeechStarted(1.5, 1.56)) is None
    assert policy.tick(1.001 + STOP_AFTER_S) is Decision.STOP


def test_a_text_without_speech_does_nothing() -> None:
    assert BargeIn().step(Transcript("where is the lift", False)) is None
    assert BargeIn().tick(100.0) is None


def test_a_word_after_a_backchannel_stops() -> None:
    policy = started()
    assert policy.step(Transcript("okay", False)) is None
    assert policy.step(Transcript("okay but where", False)) is Decision.STOP
