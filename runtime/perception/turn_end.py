"""The model of the end of turns: words so far, the voice before the pause and the pause -> chance that it is over."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runtime.core.hashed_words import WordHasher
from runtime.core.models import ModelRegistry, file_metadata

MODEL = "endpoint"


@dataclass(frozen=True)
class TurnEnd:
    """A loaded model."""

    session: Any
    hasher: WordHasher

    def chance(self, text: str, voice: NDArray[np.float32], pause_s: float) -> float:
        """Return the chance, 0..1, that the turn is over.

        Args:
            text: what was understood so far; its last words count.
            voice: (75, 3), see `prosody`, of the sound up to the end of speech.
            pause_s: the silence since.
        """
        feeds = {
            "words": self.hasher.ids(text, last=True)[None],
            "voice": voice[None],
            "pause": np.array([[pause_s]], np.float32),
        }
        return float(self.session.run(["chance"], feeds)[0][0])


def load_turn_end(registry: ModelRegistry) -> TurnEnd | None:
    """Return the model, or None where none ships. Raises UserError where its file isn't the one of the manifest."""
    if MODEL not in registry.entries():
        return None
    session = registry.load(MODEL)
    said = file_metadata(session)
    sizes = (int(said[name]) for name in ("hash_words", "hash_pieces", "pieces_per_word", "max_words"))
    return TurnEnd(session, WordHasher(*sizes))
