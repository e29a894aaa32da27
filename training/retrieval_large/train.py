"""Distilling the larger sentence encoder: the teacher's own layers, fewer of them, learn to do without the others."""

import json
import time
from typing import Final

import torch
from torch import nn

from runtime.core.word_pieces import WordPieces
from training.retrieval import teacher
from training.retrieval.texts import TEST, VALIDATION, banking, sentences
from training.retrieval.train import SMOKE_QUESTIONS, loss, nearest
from training.retrieval_large.begin import KEPT_LAYERS, MAX_PIECES, PIECES, chosen_pieces, take_over
from training.retrieval_large.data import Sentences, collate, embed
from training.retrieval_large.nets import SentenceNet
from training.run import Fit, Run

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
    questions = banking(run.folder("text/banking77"), SMOKE_QUESTIONS if run.smoke else None)
    texts = sentences(run, questions, teacher.vocabulary())
    vocabulary = chosen_pieces(texts, teacher.pieces(), SMOKE_PIECES if run.smoke else PIECES)
    splitting = WordPieces(vocabulary, MAX_PIECES)
    torch.manual_seed(run.seed)
    begun = time.monotonic()
    targets = teacher.vectors(questions.texts + texts, run.out / "teacher.npz")
    theirs = targets[: len(questions.texts)]
    config = SIZES | {"pieces": len(vocabulary)}
    net = SentenceNet(**config)
    take_over(net, vocabulary)
    teacher_s = time.monotonic() - begun
    with torch.no_grad():
        before = (embed(net.eval(), questions.texts, splitting) * theirs)[questions.part == TEST].sum(1).mean()

    def evaluate(student: nn.Module) -> dict[str, float]:
        ours = embed(student, questions.texts, splitting)
        return {"accuracy": nearest(ours, questions, VALIDATION), "cosine": float((ours * theirs).sum(1).mean())}

    student = run.fit(
        Fit(
            name="student",
            net=net,
            loss=loss,
            train=Sentences(texts, targets[len(questions.texts) :], splitting),
            evaluate=evaluate,
            best="cosine",
            epochs=1 if run.smoke else 3,
            batch_size=32 if run.smoke else 256,
            rate=2e-4,
            ema=0.9 if run.smoke else 0.99,
            collate=collate,
        )
    )
    with torch.no_grad():
        ours = embed(student, questions.texts, splitting)
    score, bar = nearest(ours, questions, TEST), nearest(theirs, questions, TEST)
    run.note(
        split="banking77 numbered within each intent: 4th of five validation (picks the weights), 5th test",
        sentences=len(texts),
        test_questions=int((questions.part == TEST).sum()),
        teacher_accuracy=bar,
        student_accuracy=score,
        share_of_teacher=score / max(bar, 1e-9),
        cosine_to_teacher=float((ours * theirs)[questions.part == TEST].sum(1).mean()),
        cosine_before=float(before),
        pieces=len(vocabulary),
        parameters=sum(parameter.numel() for parameter in net.parameters()),
        teacher_seconds=teacher_s,
    )
    run.save_student(student, config | {"vocabulary": json.dumps(vocabulary)})
