"""The embedded recogniser on spoken phrases of the concierge."""

from collections.abc import Iterator

import numpy as np
import pytest

from runtime.core.messages import Transcript
from runtime.perception.sphinx import SphinxRecogniser
from runtime.persona.persona import find_persona, load_persona
from tests.perception.sound import in_room, spoken

INSIDE = (
    "where are the toilets",
    "what are your opening hours",
    "how much is a ticket",
    "is there a guided tour",
    "where can i leave my coat",
    "when does the cafe close",
    "where is the planetarium",
    "can i take photos",
)
OUTSIDE = ("what is the capital of france", "the quick brown fox jumps over the lazy dog", "who won the football match")


@pytest.fixture(scope="module")
def recogniser() -> Iterator[SphinxRecogniser]:
    recogniser = SphinxRecogniser()
    recogniser.load(load_persona(find_persona("concierge")).phrases)
    yield recogniser
    recogniser.close()


def heard(recogniser: SphinxRecogniser, text: str, size: int = 1_600, stream: str = "a") -> Transcript:
    sound = in_room(0.3, spoken(text), 0.2)
    for start in range(0, len(sound), size):
        recogniser.feed(stream, sound[start : start + size])
    return recogniser.finish(stream)


def test_the_personas_phrases_are_understood_and_others_stand_out(recogniser: SphinxRecogniser) -> None:
    inside = {text: heard(recogniser, text) for text in INSIDE}
    right = sum(transcript.text == text for text, transcript in inside.items()) / len(INSIDE)
    assert right >= 0.7
    outside = [heard(recogniser, text).in_domain for text in OUTSIDE]
    assert np.mean(outside) < np.mean([transcript.in_domain for transcript in inside.values()]) - 0.2


def test_chunks_equal_the_whole(recogniser: SphinxRecogniser) -> None:
    assert heard(recogniser, INSIDE[0], 400).text == heard(recogniser, INSIDE[0], 100_000).text


def test_streams_do_not_mix(recogniser: SphinxRecogniser) -> None:
    first, second = in_room(0.3, spoken(INSIDE[0]), 0.2), in_room(0.3, spoken(INSIDE[2]), 0.2)
    for start in range(0, max(len(first), len(second)), 1_600):
        recogniser.feed("one", first[start : start + 1_600])
        recogniser.feed("two", second[start : start + 1_600])
    assert recogniser.finish("one").text == INSIDE[0]
    assert recogniser.finish("two").text == INSIDE[2]


def test_other_phrases_are_listened_for_from_the_next_turn_on() -> None:
    recogniser = SphinxRecogniser()
    recogniser.load(["where are the toilets", "how much is a ticket"])
    try:
        sound = in_room(0.3, spoken("where are the toilets"), 0.2)
        recogniser.feed("under way", sound[:8_000])
        recogniser.take_phrases(["nothing"])  # overtaken by the next
        recogniser.take_phrases(["is there a piano concert tonight", "is there a garden"])
        while heard(recogniser, "is there a garden").text != "is there a garden":
            pass  # heard with the phrases of before, until the others are there
        recogniser.feed("under way", sound[8_000:])
        assert recogniser.finish("under way").text == "where are the toilets"
        assert "toilets" not in heard(recogniser, "where are the toilets", stream="under way").text
    finally:
        recogniser.close()


def test_phrases_that_cannot_be_listened_for_leave_those_of_before(caplog: pytest.LogCaptureFixture) -> None:
    recogniser = SphinxRecogniser()
    recogniser.load(["where are the toilets"])
    try:
        recogniser.take_phrases(["?!"])
        while not caplog.records:
            assert heard(recogniser, "where are the toilets").text == "where are the toilets"
        assert "no phrases to listen for" in caplog.text
        assert heard(recogniser, "where are the toilets").text == "where are the toilets"
    finally:
        recogniser.close()


def test_a_dropped_stream_leaves_nothing_to_the_next(recogniser: SphinxRecogniser) -> None:
    recogniser.feed("one", in_room(0.3, spoken(INSIDE[0]), 0.2))
    recogniser.drop("one")
    recogniser.drop("one")
    assert recogniser.finish("one") == Transcript("", True)
    assert heard(recogniser, INSIDE[2], stream="two").text == INSIDE[2]


def test_an_unknown_stream_is_empty(recogniser: SphinxRecogniser) -> None:
    assert recogniser.finish("nobody") == Transcript("", True)
