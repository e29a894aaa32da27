"""This machine's own loudspeaker, by PortAudio (the package sounddevice). The sound card's clock drives the session."""

import asyncio
from collections import deque
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from runtime.core.errors import UserError
from runtime.delivery.source import FRAME_SAMPLES, RATE_HZ, MediaSource

AHEAD_SAMPLES: Final = 3 * FRAME_SAMPLES  # 60 ms: what the event loop may be late by


class LocalSpeaker:
    """Plays a source on the sound card. Its reads are made in the event loop, a little ahead of the card."""

    def __init__(self, source: MediaSource, device: int | str | None = None) -> None:
        self.underruns = 0
        self._source = source
        self._device = device
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stream: Any = None
        self._frames: deque[NDArray[np.int16]] = deque()
        self._taken_samples = 0
        self._read_samples = 0

    @property
    def read_s(self) -> float:
        """Media time up to which sound has been read from the source, in s."""
        return self._read_samples / RATE_HZ

    @property
    def heard_s(self) -> float:
        """Media time of the sound that leaves the loudspeaker about now, in s; negative before the first."""
        latency_s = float(self._stream.latency) if self._stream is not None else 0.0
        return self._taken_samples / RATE_HZ - latency_s

    def open(self) -> None:
        """Begin to play; called in the event loop in which the source lives.

        Raises:
            UserError: PortAudio or the device is missing, or refuses.
        """
        try:
            import sounddevice
        except ImportError:
            raise UserError("The package sounddevice is missing.", "pip install 'avatar-runtime[local]'") from None
        except OSError:
            raise UserError("PortAudio is not installed.", "Install it: apt install libportaudio2 (Debian).") from None
        self._loop = asyncio.get_running_loop()
        self._fill()
        try:
            self._stream = sounddevice.OutputStream(
                samplerate=RATE_HZ,
                blocksize=FRAME_SAMPLES,
                device=self._device,
                channels=1,
                dtype="int16",
                latency="low",
                callback=self._play,
            )
            self._stream.start()
        except (sounddevice.PortAudioError, ValueError) as error:
            self._stream = None
            reason = (str(error) or type(error).__name__).splitlines()[0]
            raise UserError(
                f"The loudspeaker can't be opened: {reason}.", "Plug one in, or choose another device."
            ) from None

    def close(self) -> None:
        """Stop playing."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def _play(self, out: NDArray[np.int16], frames: int, time: Any, status: Any) -> None:
        """Fill (frames, 1) samples (called by PortAudio on a thread of its own)."""
        filled = 0
        while filled < frames and self._frames:
            block = self._frames.popleft()
            count = min(frames - filled, len(block))
            out[filled : filled + count, 0] = block[:count]
            filled += count
            if count < len(block):
                self._frames.appendleft(block[count:])
        self._taken_samples += filled
        if filled < frames:  # media time stands still for as long
            out[filled:] = 0
            self.underruns += 1
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._fill)

    def _fill(self) -> None:
        while self._read_samples - self._taken_samples < AHEAD_SAMPLES:
            self._frames.append(self._source.read_audio(FRAME_SAMPLES))
            self._read_samples += FRAME_SAMPLES
