"""Trains the student on clips and made expressions; scores it on clips left out.

There are eight clips, so the score comes from eight more students, each trained by the same recipe without one clip and
scored on that one alone. The end of each clip that is learnt from picks the weights. The temperature that calibrates a
student (Guo et al., 2017) is fitted on the clips that the other students left out, never on its own.
"""

from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from numpy.typing import NDArray
from torch import Tensor, nn

from runtime.core.errors import UserError
from training import measures, plots
from training.batches import whole
from training.blendshapes import faces as extracted
from training.face_emotion import prototypes
from training.face_emotion.data import Items, Seen, places_of, seen
from training.face_emotion.face_api import LABELS, ExpressionNet, read_weights
from training.face_emotion.nets import Student, build
from training.run import Fit, Run

STUDENT: Final = {"width": 64}
MADE, SMOKE_MADE, CHECKED = 6_000, 300, 2_000
MADE_SHARE: Final = 0.2
"""Share of made expressions in what is drawn."""
EPOCHS, RATE = 16, 3e-3
PLACE_WEIGHT: Final = 1.0
LEAST_SPREAD: Final = 0.05
TEMPERATURES: Final = np.exp(np.linspace(np.log(0.3), np.log(4), 80))

Array = NDArray[np.float32]


def train(run: Run) -> None:
    """Train one student for each clip left out and the one that ships; note the scores."""
    faces = extracted.load(extracted.find(run), run.data, crops=True)
    if len(faces.clips) < 3:
        raise UserError(f"There are {len(faces.clips)} clips.", "At least 3 are needed: one is left out each time.")
    known = seen(faces, ExpressionNet(read_weights(run.folder("weights/face_api"))))
    left_out = faces.clips[: 2 if run.smoke else None]
    known = known if not run.smoke else known.rows(np.isin(known.clip, faces.clips[:3]))
    guesses = {name: _guess(run, known, name) for name in left_out}
    tested = known.rows(np.isin(known.clip, left_out))
    scores = {view: _scores(tested, guesses, view) for view in ("beyond", "raw")}
    student = fit_one(run, known, "student")
    every = np.concatenate([guesses[name]["beyond"][0] for name in left_out])
    wanted = np.concatenate([known.chances[known.clip == name].argmax(1) for name in left_out])
    student.get_buffer("temperature").fill_(temperature(every, wanted))
    shapes, kinds, _ = prototypes.draw(CHECKED, np.random.default_rng(run.seed + 1))
    named = answer(student, shapes, run.device)[0].argmax(1)
    _draw(run.out / "samples", tested, guesses)
    run.note(
        split=f"each of these clips left out once: {' '.join(left_out)}; all its frames are scored",
        student=scores["beyond"],
        student_raw=scores["raw"],
        made={
            "accuracy": measures.accuracy(kinds, named),
            "neutral": float(np.mean(named[kinds == 0] == 0)),
            "by_label": {name: float(np.mean(named[kinds == i] == i)) for i, name in enumerate(LABELS)},
        },
        student_parameters=sum(weight.numel() for weight in student.parameters()),
        temperature=float(student.get_buffer("temperature")),
    )
    run.save_student(student, dict(STUDENT))


def fit_one(run: Run, known: Seen, name: str) -> Student:
    """Return a student of some clips."""
    rng = np.random.default_rng(run.seed)
    made = SMOKE_MADE if run.smoke else MADE
    early, late = known.rows(~known.late), known.rows(known.late)
    items = Items(early, made, rng)
    _, own, counts = np.unique(early.clip, return_inverse=True, return_counts=True)
    share = 1 / np.sqrt(counts[own])
    share = share / share.sum() * (1 - MADE_SHARE)
    weights = torch.from_numpy(np.concatenate([share, np.full(made, MADE_SHARE / made)]))
    net = build(dict(STUDENT))
    inside = net.features(torch.from_numpy(np.concatenate([early.beyond(), prototypes.draw(1000, rng)[0]])))
    net.get_buffer("mean").copy_(inside.mean(0))
    net.get_buffer("spread").copy_(inside.std(0) + LEAST_SPREAD)

    def evaluate(student: nn.Module) -> dict[str, float]:
        chances, _ = answer(student, late.beyond(), run.device)
        loss = -(late.chances * np.log(chances + 1e-6)).sum(1).mean()
        return {"near": -float(loss), "agreement": measures.accuracy(late.chances.argmax(1), chances.argmax(1))}

    fit = Fit(
        name=name, net=net, loss=_loss, train=items, evaluate=evaluate, best="near", epochs=1 if run.smoke else EPOCHS,
        batch_size=128, rate=RATE, weight_decay=0.1, ema=0.9 if run.smoke else 0.99, patience=EPOCHS,
        collate=whole, weights=weights, evaluate_every=2,
    )  # fmt: skip
    found = run.fit(fit)
    assert isinstance(found, Student)
    return found


def _loss(net: nn.Module, batch: tuple[Tensor, Tensor, Tensor]) -> Tensor:
    assert isinstance(net, Student)
    windows, chances, places = batch
    logits, guessed = net.scores(windows)
    return F.cross_entropy(logits, chances) + PLACE_WEIGHT * F.mse_loss(guessed, places)


def answer(net: nn.Module, windows: Array, device: torch.device) -> tuple[Array, Array]:
    """Return chances (n, 7), and valence and arousal (n, 2), of windows (n, 6, 52)."""
    with torch.no_grad():
        chances, places = net(torch.from_numpy(windows).to(device))
    return chances.cpu().numpy(), places.cpu().numpy()


def _guess(run: Run, known: Seen, name: str) -> dict[str, tuple[Array, Array]]:
    """Return what the student that never saw a clip says of it, with its neutral face taken off and with it."""
    net = fit_one(run, known.rows(known.clip != name), f"without_{name}")
    own = known.rows(known.clip == name)
    return {"beyond": answer(net, own.beyond(), run.device), "raw": answer(net, own.raw, run.device)}


def temperature(chances: Array, wanted: NDArray[np.int64]) -> float:
    """Return what to divide logits by, so that chances (n, 7), softmax of these, fit the classes wanted (n,) best."""
    logits = np.log(chances + 1e-9)
    return float(
        min(TEMPERATURES, key=lambda t: -np.log(warmed(logits, t)[np.arange(len(wanted)), wanted] + 1e-9).mean())
    )


def warmed(logits: Array, value: float) -> Array:
    """Return chances (n, 7) of logits at a temperature."""
    scaled = logits / value
    found = np.exp(scaled - scaled.max(1, keepdims=True))
    return np.asarray(found / found.sum(1, keepdims=True), np.float32)


def _scores(tested: Seen, guesses: dict[str, dict[str, tuple[Array, Array]]], view: str) -> dict[str, Any]:
    """Return the scores over all clips left out, calibrated each on the others."""
    wanted = {name: tested.chances[tested.clip == name].argmax(1) for name in guesses}
    chances = {}
    for name in guesses:
        others = [other for other in guesses if other != name]
        value = temperature(
            np.concatenate([guesses[other][view][0] for other in others]),
            np.concatenate([wanted[other] for other in others]),
        )
        chances[name] = warmed(np.log(guesses[name][view][0] + 1e-9), value)
    right, got = np.concatenate(list(wanted.values())), np.concatenate(list(chances.values()))
    places = np.concatenate([guesses[name][view][1] for name in guesses])
    theirs = places_of(np.concatenate([tested.chances[tested.clip == name] for name in guesses]))
    named = got.argmax(1)
    return {
        "agreement": measures.accuracy(right, named),
        "neutral": float(np.mean(named[right == 0] == 0)),
        "calibration_error": measures.calibration_error(right, got),
        "macro_f1": measures.macro_f1(right, named, len(LABELS)),
        "valence_concordance": measures.concordance(theirs[:, 0], places[:, 0]),
        "arousal_concordance": measures.concordance(theirs[:, 1], places[:, 1]),
        "frames": len(right),
        "clips": {name: measures.accuracy(wanted[name], chances[name].argmax(1)) for name in guesses},
        "confusion": measures.confusion(right, named, len(LABELS)).tolist(),
    }


def _draw(folder: Path, tested: Seen, guesses: dict[str, dict[str, tuple[Array, Array]]]) -> None:
    """Draw the confusion with the teacher, and each clip's chances over its frames."""
    right = np.concatenate([tested.chances[tested.clip == name].argmax(1) for name in guesses])
    got = np.concatenate([guess["beyond"][0].argmax(1) for guess in guesses.values()])
    plots.confusion(measures.confusion(right, got, len(LABELS)), LABELS, folder / "confusion.png", "clips left out")
    shown = [LABELS.index(name) for name in ("neutral", "happy", "sad", "surprised")]
    for name, guess in guesses.items():
        theirs = tested.chances[tested.clip == name][:, shown]
        titles = [LABELS[place] for place in shown]
        plots.curves(theirs, guess["beyond"][0][:, shown], titles, 25.0, folder / f"{name}.png", f"{name}, left out")
