"""Voice activity: Silero's network on 32 ms windows, and the decision when speech began and ended.

Source: Silero VAD v6 (ONNX export inside the `faster-whisper` wheel): input is 64 samples of context and 512 new
ones at 16 kHz.
"""

import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from runtime.core.errors import UserError
from runtime.core.messages import SpeechStarted, SpeechStopped
from runtime.core.models import open_session

RATE_HZ: Final = 16_000
WINDOW: Final = 512
WINDOW_S: Final = WINDOW / RATE_HZ
_CONTEXT: Final = 64


class SileroVad:
    """The network of one stream; `probability` takes successive windows."""

    def __init__(self) -> None:
        self._session: Any = None
        self.reset()

    def load(self) -> None:
        """Make the ONNX session and run it once.

        Raises:
            UserError: the model file is not there.
        """
        self._session = open_session(_model_file())
        self.probability(np.zeros(WINDOW, np.float32))
        self.reset()

    def stream(self) -> "SileroVad":
        """Return one for another stream that shares the loaded network."""
        other = SileroVad()
        other._session = self._session
        return other

    def reset(self) -> None:
        """Forget the stream."""
        self._hidden = np.zeros((1, 1, 128), np.float32)
        self._cell = np.zeros((1, 1, 128), np.float32)
        self._context = np.zeros(_CONTEXT, np.float32)

    def probability(self, window: NDArray[np.float32]) -> float:
        """Return the chance, 0..1, that the next window (512,) float32 holds speech."""
        sound = np.concatenate((self._context, window))
        inputs = {"input": sound[None, :], "h": self._hidden, "c": self._cell}
        speech, self._hidden, self._cell = self._session.run(None, inputs)
        self._context = sound[-_CONTEXT:]
        return float(speech.reshape(-1)[0])


class Windows:
    """Cuts chunks of any size into windows of 512 samples, each with the time of its end."""

    def __init__(self) -> None:
        self._rest = np.zeros(0, np.float32)
        self._end_s = 0.0

    def feed(self, samples: NDArray[np.float32], start_s: float) -> Iterator[tuple[NDArray[np.float32], float]]:
        """Yield (window, end time) for every window that is complete with these samples."""
        self._end_s = start_s + len(samples) / RATE_HZ
        sound = np.concatenate((self._rest, samples)) if len(self._rest) else samples
        count = len(sound) // WINDOW
        self._rest = sound[count * WINDOW :].copy()
        whole_end_s = self._end_s - len(self._rest) / RATE_HZ
        for index in range(count):
            yield sound[index * WINDOW : (index + 1) * WINDOW], whole_end_s - (count - 1 - index) * WINDOW_S


@dataclass
class SpeechDetector:
    """Decides from window probabilities when speech began and ended. Pure.

    Speech begins with one window at `sure` or two at `likely`, and ends after `stop_windows` below `unlikely`.
    """

    likely: float = 0.5
    sure: float = 0.8
    unlikely: float = 0.35
    stop_windows: int = 2

    def __post_init__(self) -> None:
        self.speaking = False
        self._high = 0
        self._low = 0

    def step(self, probability: float, window_end_s: float) -> SpeechStarted | SpeechStopped | None:
        """Take one window's probability; return what was decided, if anything."""
        if self.speaking:
            self._low = self._low + 1 if probability < self.unlikely else 0
            if self._low >= self.stop_windows:
                self.speaking, self._high = False, 0
                return SpeechStopped(window_end_s - self._low * WINDOW_S, window_end_s)
            return None
        self._high = self._high + 1 if probability >= self.likely else 0
        if self._high >= 2 or probability >= self.sure:
            self.speaking, self._low = True, 0
            return SpeechStarted(window_end_s - max(1, self._high) * WINDOW_S, window_end_s)
        return None


def _model_file() -> Path:
    found = importlib.util.find_spec("faster_whisper")
    folder = Path(found.origin).parent / "assets" if found and found.origin else Path()
    files = sorted(folder.glob("silero_vad_v6*.onnx"))
    if not files:
        raise UserError("The Silero voice-activity model was not found.", "Install faster-whisper 1.2 or later.")
    return files[-1]
