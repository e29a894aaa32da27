"""Teacher and student of the lip-sync: what they learn from, how, and the scores at the end."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from training.lipsync import recordings, score, speech
from training.lipsync.aligned import ljspeech, recognised
from training.lipsync.data import WARM_UP_STEPS, Item, Stretches, seen, taught
from training.lipsync.nets import DELAY, Mouth, Teacher, build, parameters
from training.lipsync.speech import Take
from training.run import Fit, Run

STUDENT: Final[dict[str, Any]] = {"width": 144, "layers": 2}
TEACHER_WIDTH: Final = 144
MOTION_WEIGHT: Final = 4.0
CLOSING_WEIGHT: Final = 0.03
FIRMNESS: Final = 3.0
BIASES: Final = tuple(0.25 * n for n in range(-4, 13))
REAL_COUNTS: Final = 2
"""How often people's voices are in the training data, as there are few."""

SPLIT: Final = (
    f"facegood's recording {recordings.TEST_RECORDING}, whole; {len(speech.TEST_VARIANTS)} voices of espeak with "
    "sentences of their own; and every other sentence of ljspeech, whose reader was never heard in training (by the "
    "rest of the sentences, and by espeak's validation voices, it was chosen how firmly the lips close)"
)


@dataclass
class Data:
    """All takes by what they are for."""

    spoken: list[Take]
    captured: list[Take]
    recognised: list[Take]
    validation_spoken: list[Take]
    validation_captured: list[Take]
    validation_real: list[Take]
    test_spoken: list[Take]
    test_captured: list[Take]
    test_real: list[Take]


def train(run: Run) -> None:
    """Train, score on what was left out, and save."""
    data = gather(run)
    teacher = run.fit(teaching(run, data))
    harden(teacher, data)
    learned = taught([*data.spoken, *data.captured, *REAL_COUNTS * data.recognised], teacher, run.device)
    student = run.fit(learning(run, data, learned))
    harden(student, data)
    figures = {"teacher": tested(teacher, data), "student": tested(student, data)}
    run.note(
        **figures,
        parameters={"teacher": parameters(teacher), "student": parameters(student)},
        share_of_teacher=round(overall(figures["student"]) / overall(figures["teacher"]), 4),
        split=SPLIT,
        seconds={name: round(sum(t.steps for t in takes) / 50) for name, takes in vars(data).items()},
    )
    run.save_student(student, STUDENT)


def gather(run: Run) -> Data:
    """Return everything there is to hear."""
    facegood, lj = run.folder("lipsync/facegood"), run.folder("speech/ljspeech")
    other = run.folder("speech/librispeech_other")
    banking, medquad = run.folder("text/banking77"), run.folder("text/medquad.jsonl.gz")
    count, by_flite, held_out = (8, 2, 4) if run.smoke else (900, 300, 60)
    texts = speech.sentences(banking, medquad, count + by_flite, "train")
    read = ljspeech(lj, 2 if run.smoke else None)

    def speak(part: str, number: int, variants: tuple[str, ...]) -> list[Take]:
        return speech.spoken(speech.sentences(banking, medquad, number, part), variants, run.seed + 1, rooms=False)

    return Data(
        spoken=[
            *speech.spoken(texts[:count], speech.TRAIN_VARIANTS, run.seed + 1, rooms=True),
            *speech.spoken_by_flite(texts[count:], run.seed + 1),
        ],
        captured=recordings.facegood(facegood, "train"),
        recognised=recognised(other, 2.0 if run.smoke else 8.0),
        validation_spoken=speak("validation", held_out, speech.VALIDATION_VARIANTS),
        validation_captured=recordings.facegood(facegood, "validation"),
        validation_real=read[1::2],
        test_spoken=speak("test", 2 * held_out, speech.TEST_VARIANTS),
        test_captured=recordings.facegood(facegood, "test"),
        test_real=read[::2],
    )


def teaching(run: Run, data: Data) -> Fit:
    """Return how the teacher is trained: on what is known."""
    takes = [*data.spoken, *data.captured, *REAL_COUNTS * data.recognised]
    net = Teacher(16 if run.smoke else TEACHER_WIDTH)
    return _fit(run, "teacher", net, Stretches(takes, 32 if run.smoke else 800), data, epochs=14, rate=2e-3)


def learning(run: Run, data: Data, learned: list[Take]) -> Fit:
    """Return how the student is trained: on what the teacher says, and what is known as far as it is."""
    net = build(STUDENT)
    return _fit(run, "student", net, Stretches(learned, 32 if run.smoke else 800), data, epochs=22, rate=3e-3)


def _fit(run: Run, name: str, net: nn.Module, train_set: Stretches, data: Data, epochs: int, rate: float) -> Fit:
    return Fit(
        name=name,
        net=net,
        loss=loss,
        train=train_set,
        evaluate=validated(data),
        best="score",
        epochs=1 if run.smoke else epochs,
        batch_size=16,
        rate=rate,
        ema=0.99,
        patience=12,
        samples=drawn(data),
    )


def loss(net: nn.Module, batch: Item) -> Tensor:
    """Return the error of the shapes and of their motion, and of the chance of closed lips."""
    mel, wanted, known, closed = batch
    shapes, logit = net(mel)
    error = (shapes[:, DELAY:] - wanted) * known[:, None].sqrt()
    place = error[:, WARM_UP_STEPS:].square().mean()
    motion = error.diff(dim=1)[:, WARM_UP_STEPS:].square().mean()
    counts = (closed >= 0).to(logit.dtype)
    counts[:, :WARM_UP_STEPS] = 0
    closing = F.binary_cross_entropy_with_logits(logit[:, DELAY:], closed.clamp(min=0), reduction="none")
    lips = (closing * counts).sum() / counts.sum().clamp(min=1)
    total: Tensor = place + MOTION_WEIGHT * motion + CLOSING_WEIGHT * lips
    return total


def validated(data: Data) -> Callable[[nn.Module], dict[str, float]]:
    """Return what measures a net on the validation part."""

    def evaluate(net: nn.Module) -> dict[str, float]:
        found = score.lips(net, data.validation_spoken)
        by_shape = score.shapes(net, data.validation_spoken)
        jaw, shapes = score.jaw(net, data.validation_captured), sum(by_shape.values()) / len(by_shape)
        lips = 0.5 * (found["bilabials_closed"] + found["closures_right"]) - found["vowels_closed"]
        return {"score": (jaw + shapes + lips) / 3, "jaw_r": jaw, "shapes_r": shapes, **found}

    return evaluate


def harden(net: nn.Module, data: Data) -> None:
    """Set how firmly the lips close: with the bias of the highest F1 of closings on the validation parts."""
    mouth = net.mouth
    assert isinstance(mouth, Mouth)
    mouth.firmness.fill_(FIRMNESS)
    worths = []
    for bias in BIASES:
        mouth.bias.fill_(bias)
        worths.append(sum(_f1(score.lips(net, takes)) for takes in (data.validation_spoken, data.validation_real)))
    mouth.bias.fill_(BIASES[int(np.argmax(worths))])


def _f1(lips: dict[str, float]) -> float:
    """Return the harmonic mean of the bilabials that are closed and the closings that are right."""
    recall, precision = lips["bilabials_closed"], lips["closures_right"]
    return 2 * recall * precision / max(recall + precision, 1e-9)


def tested(net: nn.Module, data: Data) -> dict[str, Any]:
    """Return the figures on what was left out."""
    by_shape = score.shapes(net, data.test_spoken)
    found = {
        "jaw_r_facegood": round(score.jaw(net, data.test_captured), 4),
        "shapes_r_espeak": by_shape,
        "shapes_r_espeak_mean": round(sum(by_shape.values()) / len(by_shape), 4),
        "lips_espeak": score.lips(net, data.test_spoken),
    }
    if data.test_real:
        found |= {
            "shapes_r_ljspeech": score.shapes(net, data.test_real),
            "lips_ljspeech": score.lips(net, data.test_real),
        }
    return found


def overall(figures: dict[str, Any]) -> float:
    """Return one number of a test's figures: the mean of jaw, shapes and closed lips."""
    lips = figures["lips_espeak"]["bilabials_closed"]
    return float(figures["jaw_r_facegood"] + figures["shapes_r_espeak_mean"] + lips) / 3


def drawn(data: Data) -> Callable[[nn.Module, Path], None]:
    """Return what draws jaw and gap of two validation takes, wanted and got."""

    def draw(net: nn.Module, path: Path) -> None:
        from matplotlib.figure import Figure

        figure = Figure((12, 5))
        for row, take in enumerate((data.validation_captured[0], data.validation_spoken[0])):
            axes, steps = figure.add_subplot(2, 1, row + 1), slice(0, 250)
            got = seen(net, take)[0]
            axes.plot(take.shapes[steps, 0], "k", lw=1, label="jaw wanted")
            axes.plot(got[steps, 0], "r", lw=1, label="jaw got")
            axes.plot(got[steps, 1], "b", lw=0.7, label="lips closed")
            axes.set_title(take.name, fontsize=8)
            axes.legend(fontsize=7)
        figure.tight_layout()
        figure.savefig(path)

    return draw
