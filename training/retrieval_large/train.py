"""Distilling the larger sentence encoder: the teacher's own layers, fewer of them, learn to do without the others."""

import json
from typing import Final

from runtime.core.word_pieces import WordPieces, padded
from training.retrieval import teacher
from training.retrieval.data import Reading
from training.retrieval.train import Student, distil
from training.retrieval_large.begin import KEPT_LAYERS, MAX_PIECES, PIECES, chosen_pieces, take_over
from training.retrieval_large.nets import SentenceNet
from training.run import Run

SIZES: Final = {
    "width": teacher.SIZE,
    "heads": 12,
    "inner": 1536,
    "layers": len(KEPT_LAYERS),
    "max_pieces": MAX_PIECES,
}
SMOKE_PIECES: Final = 2_000


def train(run: Run) -> None:
    """Train the student and score it and its teacher on questions that neither training nor its end has seen."""

    def begin(texts: list[str]) -> Student:
        vocabulary = chosen_pieces(texts, teacher.pieces(), SMOKE_PIECES if run.smoke else PIECES)
        sizes = SIZES | {"pieces": len(vocabulary)}
        net = SentenceNet(**sizes)
        take_over(net, vocabulary)
        reading = Reading(WordPieces(vocabulary, MAX_PIECES).ids, padded)
        return Student(net, reading, sizes | {"vocabulary": json.dumps(vocabulary)})

    distil(run, begin, "cosine", epochs=3, rate=2e-4, ema=0.99)
