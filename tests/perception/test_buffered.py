"""Recognisers that read a turn as a whole, on a reader that tells how much sound it was given."""

import threading
from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from runtime.core.errors import UserError
from runtime.perception.buffered import RATE_HZ, BufferedRecogniser
from runtime.perception.recogniser import MAX_STREAMS, MAX_TURN_S


class Reader(BufferedRecogniser):
    """Reads sound as its length in tenths of a second. `gate` holds readings back; `ended` counts those done."""

    name = "reader"

    def __init__(self) -> None:
        super().__init__()
        self.gate = threading.Event()
        self.gate.set()
        self.read_lengths: list[int] = []

    def load(self, phrases: Sequence[str]) -> None: ...

    def read(self, sound: NDArray[np.float32]) -> str:
        assert self.gate.wait(10.0)
        self.read_lengths.append(round(len(sound) / RATE_HZ * 10))
        return str(self.read_lengths[-1])

    def settle(self) -> None:
        """Wait until every reading begun so far has ended."""
        self._reader.submit(lambda: None).result(10.0)


@pytest.fixture
def reader() -> Iterator[Reader]:
    reader = Reader()
    yield reader
    reader.gate.set()
    reader.close()


def sound(seconds: float) -> NDArray[np.float32]:
    return np.zeros(round(seconds * RATE_HZ), np.float32)


def test_the_reading_begun_at_the_pause_is_used(reader: Reader) -> None:
    reader.feed("a", sound(1.0))
    reader.pause("a")
    reader.feed("a", sound(0.2))
    assert reader.finish("a").text == "10"
    assert reader.read_lengths == [10]


def test_speech_after_the_pause_makes_its_reading_stale(reader: Reader) -> None:
    reader.feed("a", sound(1.0))
    reader.pause("a")
    reader.feed("a", sound(0.3))
    reader.pause("a")
    assert reader.finish("a").text == "13"
    reader.feed("b", sound(1.0))
    reader.pause("b")
    reader.feed("b", sound(1.0))
    assert reader.finish("b").text == "20"


def test_a_partial_text_never_passes_for_the_whole_turn(reader: Reader) -> None:
    reader.partial_every_s = 1.0
    reader.feed("a", sound(1.0))
    reader.settle()
    assert reader.feed("a", sound(0.3)).text == "10"
    reader.gate.clear()
    reader.pause("a")
    assert reader.feed("a", sound(0.0)).text == ""
    reader.gate.set()
    reader.settle()
    assert reader.feed("a", sound(0.0)).text == "13"
    assert reader.finish("a").text == "13"


def test_a_turn_ended_without_a_pause_is_read_whole(reader: Reader) -> None:
    reader.partial_every_s = 1.0
    reader.feed("a", sound(1.0))
    reader.feed("a", sound(0.4))
    assert reader.finish("a").text == "14"


def test_partial_readings_take_at_most_half_the_time(reader: Reader) -> None:
    reader.partial_every_s = 0.5
    reader.feed("a", sound(0.5))
    reader.settle()
    reader._reading_s = 1.0  # as if it had taken so long
    for _ in range(14):
        reader.feed("a", sound(0.1))
    reader.settle()
    assert reader.read_lengths == [5]
    for _ in range(6):
        reader.feed("a", sound(0.1))
    reader.settle()
    assert reader.read_lengths == [5, 25]


def test_a_partial_reading_does_not_stand_in_line(reader: Reader) -> None:
    reader.partial_every_s = 0.5
    reader.gate.clear()
    reader.feed("a", sound(1.0))
    reader.feed("b", sound(1.0))
    reader.gate.set()
    reader.settle()
    assert reader.read_lengths == [10]


def test_what_is_kept_is_bounded(reader: Reader) -> None:
    for _ in range(5):
        reader.feed("a", sound(MAX_TURN_S / 4))
    assert reader.finish("a").text == str(round(MAX_TURN_S * 10))
    for number in range(MAX_STREAMS):
        reader.feed(f"s{number}", sound(0.1))
    with pytest.raises(UserError, match="at once"):
        reader.feed("one more", sound(0.1))
    reader.drop("s0")
    reader.feed("one more", sound(0.1))


def test_an_unknown_stream_is_empty(reader: Reader) -> None:
    reader.pause("nobody")
    reader.drop("nobody")
    assert reader.finish("nobody").text == ""


def test_sound_handed_over_may_be_written_to(reader: Reader) -> None:
    buffer = sound(1.0)
    reader.feed("a", buffer)
    buffer[:] = 1.0
    assert not np.concatenate(reader._streams["a"].sound).any()
