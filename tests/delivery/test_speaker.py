"""The local loudspeaker, with PortAudio played by a stand-in."""

import asyncio
import sys
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from runtime.core.errors import UserError
from runtime.delivery.speaker import LocalSpeaker


class Ramp:
    """A source whose samples count up."""

    def __init__(self) -> None:
        self.count = 0

    def read_audio(self, samples: int) -> NDArray[np.int16]:
        self.count += samples
        return np.arange(self.count - samples, self.count, dtype=np.int16)

    async def draw_frame(self, media_time_s: float) -> NDArray[np.uint8] | None:
        return None


class FakeStream:
    """An output stream that plays when it is told to."""

    latency = 0.05

    def __init__(self, **options: Any) -> None:
        self.options = options
        self.closed = False

    def start(self) -> None:
        """Nothing plays by itself."""

    def close(self) -> None:
        self.closed = True

    def play(self, frames: int) -> NDArray[np.int16]:
        out = np.full((frames, 1), -1, np.int16)
        self.options["callback"](out, frames, None, None)
        return out[:, 0]


@pytest.fixture
def streams(monkeypatch: pytest.MonkeyPatch) -> list[FakeStream]:
    made: list[FakeStream] = []

    def make(**options: Any) -> FakeStream:
        if options["device"] == "absent":
            raise ValueError("No output device matching 'absent'")
        made.append(FakeStream(**options))
        return made[-1]

    monkeypatch.setitem(
        sys.modules, "sounddevice", SimpleNamespace(OutputStream=make, PortAudioError=type("E", (Exception,), {}))
    )
    return made


async def test_the_card_plays_what_the_source_gives_in_order(streams: list[FakeStream]) -> None:
    source = Ramp()
    speaker = LocalSpeaker(source)
    speaker.open()
    heard = []
    for frames in (960, 480, 1_440, 960):
        heard.append(streams[0].play(frames))
        await asyncio.sleep(0)
        assert 2_880 <= source.count - sum(map(len, heard)) <= 3_840
    assert np.array_equal(np.concatenate(heard), np.arange(3_840))
    assert speaker.underruns == 0
    assert speaker.heard_s == pytest.approx(3_840 / 48_000 - 0.05)
    assert speaker.read_s == source.count / 48_000
    speaker.close()
    assert streams[0].closed


async def test_a_late_loop_is_silence_and_counted(streams: list[FakeStream]) -> None:
    source = Ramp()
    speaker = LocalSpeaker(source)
    speaker.open()
    late = streams[0].play(4_000)
    assert np.array_equal(late[:2_880], np.arange(2_880))
    assert not late[2_880:].any()
    assert speaker.underruns == 1
    await asyncio.sleep(0)
    assert streams[0].play(10).tolist() == list(range(2_880, 2_890))


async def test_what_is_missing_is_one_clear_line(streams: list[FakeStream], monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UserError, match="can't be opened: No output device"):
        LocalSpeaker(Ramp(), "absent").open()
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(UserError, match="sounddevice is missing"):
        LocalSpeaker(Ramp()).open()
