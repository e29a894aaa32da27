"""This machine's own microphone, by PortAudio (the package sounddevice), for use without a browser."""

import asyncio
from collections import deque
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from runtime.capture.resample import Resampler
from runtime.core.errors import UserError
from runtime.core.messages import AudioChunk

BLOCK_S: Final = 0.02
LIMIT_BLOCKS: Final = 100  # 2 s
MAX_LATENCY_S: Final = 1.0


class Microphone:
    """Sound from a microphone as chunks: `async for chunk in microphone`. The oldest is dropped over 2 s of backlog.

    `device` is a PortAudio device: its number, or a part of its name; None is the system's choice.
    """

    def __init__(self, device: int | str | None = None) -> None:
        self.dropped = 0
        self._device = device
        self._blocks: deque[tuple[NDArray[np.float32], float]] = deque()
        self._filled = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stream: Any = None
        self._resampler: Resampler | None = None
        self._ended = False

    def open(self) -> None:
        """Begin to record; called in the event loop that will take the chunks.

        Raises:
            UserError: PortAudio or the device is missing, or refuses.
        """
        sounddevice = _portaudio()
        self._loop = asyncio.get_running_loop()
        try:
            rate_hz = round(sounddevice.query_devices(self._device, "input")["default_samplerate"])
            self._stream = sounddevice.InputStream(
                samplerate=rate_hz,
                blocksize=round(rate_hz * BLOCK_S),
                device=self._device,
                channels=1,
                dtype="float32",
                latency="low",
                callback=self._recorded,
            )
            self._resampler = Resampler(rate_hz)
            self._stream.start()
        except (sounddevice.PortAudioError, ValueError) as error:
            self._stream = None
            raise UserError(
                f"The microphone can't be opened: {_first_line(error)}.",
                "Plug one in, or choose another: python -m runtime devices lists them.",
            ) from None

    def close(self) -> None:
        """Stop recording; the iteration ends."""
        self._ended = True
        self._filled.set()
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def __aiter__(self) -> "Microphone":
        return self

    async def __anext__(self) -> AudioChunk:
        """Return the next chunk; `start_s` is when its sound reached the microphone, on the loop's clock."""
        while True:
            while not self._blocks:
                if self._ended or self._resampler is None:
                    raise StopAsyncIteration
                self._filled.clear()
                await self._filled.wait()
            block, start_s = self._blocks.popleft()
            assert self._resampler is not None
            if len(samples := self._resampler.feed(block)):
                return AudioChunk(samples, start_s)

    def _recorded(self, block: NDArray[np.float32], frames: int, time: Any, status: Any) -> None:
        """Take a block (frames, 1) (called by PortAudio on a thread of its own)."""
        if self._loop is None or self._loop.is_closed():
            return
        now_s, age_s = self._loop.time(), time.currentTime - time.inputBufferAdcTime
        if not 0.0 < age_s < MAX_LATENCY_S:  # some drivers tell no times
            age_s = BLOCK_S
        if status and status.input_overflow:
            self.dropped += 1
        self._loop.call_soon_threadsafe(self._put, block[:, 0].copy(), now_s - age_s)

    def _put(self, block: NDArray[np.float32], start_s: float) -> None:
        if len(self._blocks) >= LIMIT_BLOCKS:
            self._blocks.popleft()
            self.dropped += 1
        self._blocks.append((block, start_s))
        self._filled.set()


def list_microphones() -> list[tuple[int, str]]:
    """Return the number and name of each sound input.

    Raises:
        UserError: PortAudio is missing or fails.
    """
    sounddevice = _portaudio()
    try:
        devices = list(sounddevice.query_devices())
    except sounddevice.PortAudioError as error:
        raise UserError(f"PortAudio fails: {_first_line(error)}.", "Check the sound system of this machine.") from None
    return [(i, str(device["name"])) for i, device in enumerate(devices) if device["max_input_channels"] > 0]


def _portaudio() -> Any:
    try:
        import sounddevice
    except ImportError:
        raise UserError("The package sounddevice is missing.", "pip install 'avatar-runtime[local]'") from None
    except OSError:
        raise UserError("PortAudio is not installed.", "Install it: apt install libportaudio2 (Debian).") from None
    return sounddevice


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
