"""Training of the tone of words: labels first, then the temperature that makes the chances true."""

from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from runtime.core.hashed_words import padded
from training.measures import accuracy, calibration_error, concordance, macro_f1
from training.run import Fit, Run
from training.text_tone.data import HASHER, Remarks, Texts, banking, collate, load
from training.text_tone.denials import denials
from training.text_tone.labels import CLASSES, NEUTRAL, class_shares, feelings
from training.text_tone.nets import ToneNet, build

CONFIG: Final = {
    "rows": HASHER.rows,
    "words": HASHER.words,
    "pieces": HASHER.pieces,
    "pieces_per_word": HASHER.pieces_per_word,
    "max_words": HASHER.max_words,
    "width": 48,
    "hidden": 96,
}
TEMPERATURES: Final = np.geomspace(0.5, 3.0, 40)
BATCH: Final = 512


def train(run: Run) -> None:
    """Train the net, set its temperature on the validation part, score it on the test part."""
    learned, validation, test = load(run)
    torch.manual_seed(run.seed)
    net = build(CONFIG)
    fit = Fit(
        name="student",
        net=net,
        loss=loss,
        train=Remarks(learned + denials(test=False)),
        evaluate=lambda student: scores(student, validation),
        best="macro_f1",
        epochs=2 if run.smoke else 10,
        batch_size=32 if run.smoke else 256,
        rate=4e-3,
        weight_decay=0.05,
        ema=0.9 if run.smoke else 0.995,
        patience=4,
        collate=collate,
    )
    student = run.fit(fit)
    assert isinstance(student, ToneNet)
    student.temperature.fill_(best_temperature(student, validation))
    asked = [CLASSES[best] for best in answers(student, banking(run))[0].argmax(axis=1)]
    run.note(
        split="dev.tsv is the test; a tenth of train.tsv and of the plain questions picks the weights and temperature",
        texts=len(learned.texts),
        test_texts=len(test.texts),
        parameters=sum(parameter.numel() for parameter in student.parameters()),
        temperature=float(student.temperature),
        student=scores(student, test),
        student_by_class=by_class(student, test),
        always_neutral=constant_scores(test),
        denials_read_as_happy=denied(student),
        bank_questions_neutral=asked.count("neutral") / len(asked),
    )
    run.save_student(student, dict(CONFIG))


def loss(net: nn.Module, batch: Any) -> Tensor:
    """Return the cross-entropy of the labels' shares."""
    assert isinstance(net, ToneNet)
    ids, shares = batch
    return nn.functional.cross_entropy(net.logits(ids), shares)


def scores(net: nn.Module, texts: Texts) -> dict[str, float]:
    """Return the figures of one part; classes are scored where all labels of a text are of one class."""
    chances, felt = answers(net, texts.texts)
    wanted, one = single_class(texts)
    felt_wanted = texts.shares @ feelings()
    got = chances.argmax(axis=1)
    return {
        "macro_f1": macro_f1(wanted[one], got[one], len(CLASSES)),
        "accuracy": accuracy(wanted[one], got[one]),
        "calibration_error": calibration_error(wanted[one], chances[one]),
        "valence_concordance": concordance(felt_wanted[:, 0], felt[:, 0]),
        "arousal_concordance": concordance(felt_wanted[:, 1], felt[:, 1]),
    }


def by_class(net: nn.Module, texts: Texts) -> dict[str, float]:
    """Return F1 of each class, 0..1."""
    wanted, one = single_class(texts)
    got = answers(net, texts.texts)[0].argmax(axis=1)
    pairs = {name: ((wanted == index)[one], (got == index)[one]) for index, name in enumerate(CLASSES)}
    return {name: float(2 * (a & b).sum() / max(1, a.sum() + b.sum())) for name, (a, b) in pairs.items()}


def denied(net: nn.Module) -> float:
    """Return the share of the denied pleasant words of the test that are read as happy all the same, 0..1."""
    made = denials(test=True)
    unpleasant = made.shares[:, NEUTRAL] == 0
    got = answers(net, made.texts)[0].argmax(axis=1)
    return float((got[unpleasant] == CLASSES.index("happy")).mean())


def constant_scores(texts: Texts) -> dict[str, float]:
    """Return what the answer "neutral" scores always, to compare with."""
    wanted, one = single_class(texts)
    got = np.zeros_like(wanted)
    return {
        "macro_f1": macro_f1(wanted[one], got[one], len(CLASSES)),
        "accuracy": accuracy(wanted[one], got[one]),
    }


def single_class(texts: Texts) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the likeliest class of each text (n,), and whether it is the only one."""
    shares = texts.shares @ class_shares()
    return shares.argmax(axis=1), shares.max(axis=1) > 0.99


def answers(net: nn.Module, texts: list[str]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the net's (n, 7) chances and (n, 2) valence and arousal."""
    device = next(net.parameters()).device
    parts = []
    with torch.no_grad():
        for begin in range(0, len(texts), BATCH):
            ids = torch.from_numpy(padded([HASHER.ids(text) for text in texts[begin : begin + BATCH]]))
            parts.append([part.float().cpu().numpy() for part in net(ids.to(device))])
    chances, felt = (np.concatenate(column) for column in zip(*parts, strict=True))
    return chances, felt


def best_temperature(net: ToneNet, texts: Texts) -> float:
    """Return the temperature at which the classes of a part are likeliest (Guo et al. 2017)."""
    wanted, one = single_class(texts)
    found = {}
    for temperature in TEMPERATURES:
        net.temperature.fill_(float(temperature))
        chances = answers(net, texts.texts)[0]
        found[float(temperature)] = float(-np.log(chances[one, wanted[one]] + 1e-9).mean())
    return min(found, key=lambda temperature: found[temperature])
