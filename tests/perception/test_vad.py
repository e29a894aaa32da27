"""Voice activity with the real network."""

import numpy as np
import pytest

from runtime.core.messages import SpeechStarted, SpeechStopped
from runtime.perception.vad import RATE_HZ, SileroVad, SpeechDetector, Windows
from tests.perception.sound import in_room, spoken


@pytest.fixture(scope="module")
def vad() -> SileroVad:
    vad = SileroVad()
    vad.load()
    return vad


def probabilities(vad: SileroVad, sound: "np.ndarray[tuple[int], np.dtype[np.float32]]", size: int) -> list[float]:
    stream, windows, out = vad.stream(), Windows(), []
    for start in range(0, len(sound), size):
        for window, _ in windows.feed(sound[start : start + size], start / RATE_HZ):
            out.append(stream.probability(window))
    return out


@pytest.mark.parametrize("size", [1, 160, 320, 777, 1_600])
def test_chunks_of_any_size_equal_the_whole(vad: SileroVad, size: int) -> None:
    sound = in_room(0.2, spoken("hello"), 0.1)[: 9_000 if size == 1 else None]
    assert probabilities(vad, sound, size) == pytest.approx(probabilities(vad, sound, len(sound)), abs=1e-6)


def test_speech_is_seen_soon_after_it_begins_and_ends(vad: SileroVad) -> None:
    words = spoken("where are the toilets")
    sound = in_room(0.6, words, 0.6)
    stream, detector, windows = vad.stream(), SpeechDetector(), Windows()
    events: list[SpeechStarted | SpeechStopped] = []
    for window, end_s in windows.feed(sound, 0.0):
        if decided := detector.step(stream.probability(window), end_s):
            events.append(decided)
    assert isinstance(events[0], SpeechStarted)
    assert 0.6 <= events[0].seen_s <= 0.6 + 0.15
    assert isinstance(events[-1], SpeechStopped)
    end_s = 0.6 + len(words) / RATE_HZ
    assert end_s - 0.05 <= events[-1].seen_s <= end_s + 0.25


def test_a_quiet_room_is_no_speech(vad: SileroVad) -> None:
    assert max(probabilities(vad, in_room(3.0), 512)) < 0.5
