"""Speech to text by faster-whisper: any size, a local folder or a hub name.

Whisper was trained on windows of 30 s and is usually padded to that, which costs a short turn as much as a long one.
Here a turn is encoded at its own length and a second of silence. That is several times faster; now and then such a
reading fails, which shows in its score, and then it is read again with the full window.
"""

import zlib
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from runtime.core.errors import UserError
from runtime.perception.buffered import RATE_HZ, BufferedRecogniser

MARGIN_S: Final = 1.0
MIN_LOG_PROBABILITY: Final = -1.0
"""Mean over the tokens; below it a short reading is not trusted (Whisper's own threshold for a failed one)."""
FULL_FRAMES: Final = 3_000
MAX_NEW_TOKENS: Final = 128
_NO_SPEECH: Final = 0.6
_MAX_COMPRESSION: Final = 2.4
"""A text that packs better than this repeats itself: Whisper's own sign of a reading that ran in circles."""


class WhisperRecogniser(BufferedRecogniser):
    """Reads turns with faster-whisper, INT8 on the CPU."""

    name = "whisper"
    partial_every_s = 1.0

    def __init__(self, model: str, threads: int = 2) -> None:
        super().__init__()
        self._name = model
        self._threads = threads
        self._model: Any = None
        self._tokenizer: Any = None
        self.full_readings = 0

    def load(self, phrases: Sequence[str]) -> None:
        """Load the model (from a folder, the hub's cache, or the hub) and read a second of silence to warm up.

        Raises:
            UserError: the model can't be had.
        """
        if not self._name:
            raise UserError("No Whisper model is set.", "Set whisper_model to a size such as base.en, or to a folder.")
        try:
            from faster_whisper import WhisperModel
            from faster_whisper.tokenizer import Tokenizer

            model = WhisperModel(self._name, device="cpu", compute_type="int8", cpu_threads=self._threads)
        except Exception as error:  # the hub's client, CTranslate2 and the file system each raise their own
            remedy = "Give the folder of a converted model, or let this machine reach the hub once."
            raise UserError(f"The Whisper model {self._name!r} can't be had: {error}.", remedy) from error
        self._model = model
        self._tokenizer = Tokenizer(model.hf_tokenizer, model.model.is_multilingual, task="transcribe", language="en")
        self._read(np.zeros(RATE_HZ, np.float32), full=False)

    def read(self, sound: NDArray[np.float32]) -> str:
        """See `BufferedRecogniser.read`."""
        text, score, _ = self._read(sound, full=False)
        if text and score >= MIN_LOG_PROBABILITY and not _repeats(text):
            return text
        self.full_readings += 1
        text, score, no_speech = self._read(sound, full=True)
        silent = no_speech > _NO_SPEECH and score < MIN_LOG_PROBABILITY  # as Whisper's own transcription decides
        return "" if silent or _repeats(text) else text

    def _read(self, sound: NDArray[np.float32], full: bool) -> tuple[str, float, float]:
        """Return the text, the mean log probability of its tokens, and the probability that there is no speech."""
        if self._model is None:
            raise UserError("The recogniser was not loaded.")
        padded = np.concatenate((sound, np.zeros(int(MARGIN_S * RATE_HZ), np.float32)))
        features = self._model.feature_extractor(padded)[:, :FULL_FRAMES]
        wanted = FULL_FRAMES if full else features.shape[1] + features.shape[1] % 2
        features = np.pad(features, ((0, 0), (0, wanted - features.shape[1])))
        prompt = [*self._tokenizer.sot_sequence, self._tokenizer.no_timestamps]
        result = self._model.model.generate(
            self._model.encode(features),
            [prompt],
            beam_size=1,
            max_length=len(prompt) + MAX_NEW_TOKENS,
            return_scores=True,
            return_no_speech_prob=True,
        )[0]
        text = self._tokenizer.decode(result.sequences_ids[0]).strip()
        return text, float(result.scores[0]), float(result.no_speech_prob)


def _repeats(text: str) -> bool:
    raw = text.encode()
    return len(raw) / len(zlib.compress(raw)) > _MAX_COMPRESSION if raw else False
