"""Distilling the sentence encoder: the student's vectors, and their likeness to each other, become the teacher's."""

import time
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from training.retrieval import teacher
from training.retrieval.data import HASHED, HASHER, Reading, Sentences, embed
from training.retrieval.nets import build
from training.retrieval.texts import TEST, VALIDATION, Labelled, banking, sentences
from training.run import Fit, Run

CONFIG: Final = {
    "rows": HASHER.rows,
    "words": HASHER.words,
    "pieces": HASHER.pieces,
    "pieces_per_word": HASHER.pieces_per_word,
    "max_words": HASHER.max_words,
    "width": 128,
    "heads": 4,
    "layers": 1,
    "size": teacher.SIZE,
}
SHARPNESS: Final = 20.0
LIKENESS_WEIGHT: Final = 0.5
SMOKE_QUESTIONS: Final = 300


class Student(NamedTuple):
    """A student before it learns: its net, how it reads, and what its net is built from again."""

    net: nn.Module
    reading: Reading
    config: dict[str, Any]


def train(run: Run) -> None:
    """Train the student and score it and its teacher on questions that neither training nor its end has seen."""
    distil(run, lambda texts: Student(build(CONFIG), HASHED, dict(CONFIG)), "accuracy", epochs=5, rate=3e-3, ema=0.995)


def distil(run: Run, begin: Callable[[list[str]], Student], best: str, epochs: int, rate: float, ema: float) -> None:
    """Train the student that `begin` makes for the texts to learn from; the rest is as `training.run.Fit` has it."""
    questions = banking(run.folder("text/banking77"), SMOKE_QUESTIONS if run.smoke else None)
    texts = sentences(run, questions, teacher.vocabulary())
    begun = time.monotonic()
    targets = teacher.vectors(questions.texts + texts, run.out / "teacher.npz")
    theirs = targets[: len(questions.texts)]
    teacher_s = time.monotonic() - begun
    torch.manual_seed(run.seed)
    net, reading, config = begin(texts)

    def evaluate(student: nn.Module) -> dict[str, float]:
        ours = embed(student, questions.texts, reading)
        return {"accuracy": nearest(ours, questions, VALIDATION), "cosine": float((ours * theirs).sum(1).mean())}

    with torch.no_grad():
        before = evaluate(net.eval())["cosine"]
    data = Sentences(texts, targets[len(questions.texts) :], reading)
    student = run.fit(
        Fit(
            name="student",
            net=net.train(),
            loss=loss,
            train=data,
            evaluate=evaluate,
            best=best,
            epochs=1 if run.smoke else epochs,
            batch_size=32 if run.smoke else 256,
            rate=rate,
            ema=0.9 if run.smoke else ema,
            patience=5,
            collate=data.collate,
        )
    )
    with torch.no_grad():
        ours = embed(student, questions.texts, reading)
    score, bar = nearest(ours, questions, TEST), nearest(theirs, questions, TEST)
    run.note(
        split="banking77 numbered within each intent: 4th of five validation (picks the weights), 5th test",
        sentences=len(texts),
        test_questions=int((questions.part == TEST).sum()),
        teacher_accuracy=bar,
        student_accuracy=score,
        share_of_teacher=score / max(bar, 1e-9),
        words_alone_accuracy=nearest(word_counts(questions.texts), questions, TEST),
        cosine_to_teacher=float((ours * theirs)[questions.part == TEST].sum(1).mean()),
        cosine_before=before,
        parameters=sum(parameter.numel() for parameter in net.parameters()),
        teacher_seconds=teacher_s,
    )
    run.save_student(student, config)


def loss(net: nn.Module, batch: Any) -> Tensor:
    """Return the distance of the vectors from the teacher's, and that of their likenesses within the batch.

    Likenesses are compared as distributions over the batch (Fang et al. 2021, "SEED"), each text's own left out.
    """
    ids, wanted = batch
    got = net(ids)
    apart = 1 - (got * wanted).sum(-1).mean()
    own = torch.eye(len(got), dtype=torch.bool, device=got.device)
    ours = (got @ wanted.T * SHARPNESS).masked_fill(own, -1e4).log_softmax(-1)
    theirs = (wanted @ wanted.T * SHARPNESS).masked_fill(own, -1e4).softmax(-1)
    lost: Tensor = apart + LIKENESS_WEIGHT * nn.functional.kl_div(ours, theirs, reduction="batchmean")
    return lost


def nearest(vectors: NDArray[np.float32], questions: Labelled, part: int) -> float:
    """Return how many of a part's questions have the intent of the nearest question of the parts before, 0..1."""
    asked, known = questions.part == part, questions.part < part
    best = (vectors[asked] @ vectors[known].T).argmax(axis=1)
    return float((questions.intents[known][best] == questions.intents[asked]).mean())


def word_counts(texts: list[str]) -> NDArray[np.float32]:
    """Return tf-idf vectors of length 1 of texts' words: what there is without any model, to compare with."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    return np.asarray(TfidfVectorizer(sublinear_tf=True).fit_transform(texts).toarray(), np.float32)
