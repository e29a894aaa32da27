"""The service that reads voices and words, with the models that ship."""

import numpy as np
import pytest

from runtime.core.messages import EMOTIONS
from runtime.core.workers import InlineWorker
from runtime.perception.feelings import SERVICE, Feelings, FeelingService
from tests.perception.sound import spoken


async def test_voices_and_words_are_read_as_readings_that_can_be_pooled() -> None:
    service = FeelingService()
    service.load()
    feelings = Feelings(InlineWorker({SERVICE: service}))
    voice = await feelings.voice(spoken("what a lovely day this is"), 5.0)
    words = await feelings.text("I am so happy today", 6.0)
    service.close()
    assert voice is not None
    assert words is not None
    assert (voice.source, voice.time_s, words.source, words.time_s) == ("voice", 5.0, "text", 6.0)
    for reading in (voice, words):
        assert set(reading.chances) <= set(EMOTIONS)
        assert sum(reading.chances.values()) == pytest.approx(1.0, abs=1e-3)
    assert max(words.chances, key=lambda name: words.chances[name]) == "happy"


def test_quiet_and_no_words_tell_nothing() -> None:
    service = FeelingService()
    service.load()
    assert service.voice(np.zeros(32_000, np.float32), 0.0) is None
    assert service.text(" ", 0.0) is None
    service.close()
