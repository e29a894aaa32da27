"""The local microphone, with PortAudio played by a stand-in."""

import asyncio
import sys
import threading
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from runtime.capture import microphone
from runtime.capture.microphone import Microphone, list_microphones
from runtime.core.errors import UserError

RATE = 48_000


class PortAudioError(Exception):
    """As sounddevice has it."""


class FakeStream:
    """An input stream that records a ramp of blocks on a thread, as PortAudio does."""

    blocks = 25

    def __init__(self, **options: Any) -> None:
        self.options = options
        self.closed = False
        self._thread = threading.Thread(target=self._run)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self.closed = True
        self._thread.join()

    def _run(self) -> None:
        time = SimpleNamespace(currentTime=10.0, inputBufferAdcTime=9.97)
        for index in range(self.blocks):
            block = np.full((self.options["blocksize"], 1), index / 100, np.float32)
            self.options["callback"](block, len(block), time, None)


@pytest.fixture
def portaudio(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    devices = [
        {"name": "desk microphone", "max_input_channels": 1, "default_samplerate": float(RATE)},
        {"name": "loudspeaker", "max_input_channels": 0, "default_samplerate": float(RATE)},
    ]

    def query(device: int | None = None, kind: str | None = None) -> Any:
        return devices if kind is None else devices[device or 0]

    fake = SimpleNamespace(InputStream=FakeStream, PortAudioError=PortAudioError, query_devices=query)
    monkeypatch.setitem(sys.modules, "sounddevice", fake)
    return fake


async def test_what_is_recorded_comes_as_16_khz_chunks(portaudio: SimpleNamespace) -> None:
    recorder = Microphone()
    opened_s = asyncio.get_running_loop().time()
    recorder.open()
    chunks = []
    async for chunk in recorder:
        chunks.append(chunk)
        if sum(len(part.samples) for part in chunks) > 7_600:
            break
    recorder.close()
    samples = np.concatenate([chunk.samples for chunk in chunks])
    assert samples.dtype == np.float32
    assert samples[3_000] == pytest.approx(3_000 // 320 / 100, abs=0.02)
    assert all(len(chunk.samples) <= 1_600 for chunk in chunks)
    assert chunks[0].start_s >= opened_s - 0.031
    assert recorder.dropped == 0


async def test_a_backlog_drops_the_oldest_and_counts(
    portaudio: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(microphone, "LIMIT_BLOCKS", 10)
    recorder = Microphone()
    recorder.open()
    recorder.close()  # joins the thread: all blocks were handed over
    await asyncio.sleep(0)
    assert [chunk.samples.max() async for chunk in recorder][-1] == pytest.approx(0.24, abs=0.02)
    assert recorder.dropped == 15


async def test_what_is_missing_is_one_clear_line(portaudio: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(device: int | None = None, kind: str | None = None) -> Any:
        raise PortAudioError("Error querying device -1\nmore\nlines")

    portaudio.query_devices = refuse
    with pytest.raises(UserError) as raised:
        Microphone().open()
    assert "\n" not in str(raised.value)
    assert "can't be opened: Error querying device -1." in str(raised.value)
    with pytest.raises(UserError, match="PortAudio fails"):
        list_microphones()
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(UserError, match="sounddevice is missing"):
        Microphone().open()


def test_inputs_are_listed(portaudio: SimpleNamespace) -> None:
    assert list_microphones() == [(0, "desk microphone")]
