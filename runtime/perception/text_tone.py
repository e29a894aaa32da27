"""The tone of what somebody says: its words, to seven emotions, valence and arousal."""

import json
from dataclasses import dataclass
from typing import Any, Final

from runtime.core.errors import UserError
from runtime.core.hashed_words import WordHasher, words_of
from runtime.core.messages import EmotionReading
from runtime.core.models import ModelRegistry, file_metadata

MODEL_NAME: Final = "text_tone"
FEW_WORDS: Final = 3
"""Fewer words are believed less."""
PLAIN: Final = 0.3
"""How much neutral words are believed: people ask plain questions in any mood."""


@dataclass(frozen=True)
class TextTone:
    """Reads words with a loaded model. Keeps nothing between calls."""

    session: Any
    hasher: WordHasher
    labels: tuple[str, ...]

    def read(self, text: str, time_s: float) -> EmotionReading | None:
        """Return what the words show, as said at `time_s`; None where there are none."""
        words = words_of(text)
        if not words:
            return None
        inputs = {"words": self.hasher.ids(text, last=True)[None]}
        emotion, feeling = self.session.run(["emotion", "feeling"], inputs)
        chances = dict(zip(self.labels, map(float, emotion[0]), strict=True))
        believed = min(1.0, len(words) / FEW_WORDS) * (1 - (1 - PLAIN) * chances["neutral"])
        return EmotionReading("text", time_s, chances, float(feeling[0, 0]), float(feeling[0, 1]), believed)


def load_text_tone(registry: ModelRegistry) -> TextTone | None:
    """Return the model, or None where none ships. Raises UserError where its file isn't the one of the manifest."""
    if MODEL_NAME not in registry.entries():
        return None
    session = registry.load(MODEL_NAME)
    said = file_metadata(session)
    try:
        sizes = [int(said[name]) for name in ("hash_words", "hash_pieces", "pieces_per_word", "max_words")]
        labels = tuple(json.loads(said["labels"]))
    except (KeyError, ValueError) as error:
        raise UserError(f"The model {MODEL_NAME} lacks its metadata: {error!r}.", "Export it anew.") from None
    return TextTone(session, WordHasher(*sizes), labels)
