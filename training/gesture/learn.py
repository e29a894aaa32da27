"""Trains the teacher on windows made of model and recordings, then the student on the teacher's chances."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from runtime.core.models import sha256_of
from runtime.perception.hand_features import LABELS, LANDMARKS
from training import losses
from training.batches import whole
from training.gesture import recordings, scores
from training.gesture.data import Items, Windows, generated
from training.gesture.draw import examples, sheet
from training.gesture.nets import build
from training.gesture.shapes import Shapes, joined, labels_set, modelled
from training.run import Fit, Run

Loss = Callable[[nn.Module, Any], Tensor]

TEACHER: Final = {"shape": 192, "motion": 96, "points": list(range(LANDMARKS))}
STUDENT: Final = {"shape": 96, "motion": 32, "points": [0, 4, 8, 9, 17]}
"""The student follows wrist, thumb tip, index tip and two roots over the second."""
SHAPES, WINDOWS, CHECKED = 60_000, 90_000, 3_000
SMOKE_SHAPES, SMOKE_WINDOWS, SMOKE_CHECKED = 600, 400, 60
RECORDED_SHARE: Final = 1.5
"""Recorded hands, for each modelled one."""
PICTURED_SHARE: Final = 0.08
"""Hands of the pictures, for each modelled one."""
FALSE_SHARE: Final = 0.08
"""Faces taken for hands, for each modelled one."""
ANY_WAY_UP: Final = 0.4
"""Share of the recorded hands that are turned right round: open, fist and point are so whichever way is up."""
NARROWEST: Final = 0.35
"""How far a recorded hand may be pressed together."""
HANDS_FILE: Final = "hands.npz"
TEMPERATURE: Final = 2.0


def train(run: Run) -> None:
    """Train teacher and student on RUN.data, score both on the parts kept apart, and save the student.

    Raises:
        UserError: data are missing, or the landmarks of the pictures (OUT/hands.npz) in the full profile.
    """
    folder = run.folder("gesture")
    file = pictures_file(run)
    windows = make(folder, file, run.seed, run.smoke)
    checked = SMOKE_CHECKED if run.smoke else CHECKED

    def score(net: nn.Module, part: str) -> dict[str, Any]:
        return scores.report(chances(net, run.device), folder, file, part, run.seed + 1000, checked)

    def choose(net: nn.Module) -> dict[str, float]:
        found = score(net, "choose")
        return {"summary": scores.summary(found), "paths": found["paths"]["all"], "model": found["model"]["all"]}

    def samples(net: nn.Module, path: Path) -> None:
        shown = examples(windows)
        sheet(shown, chances(net, run.device)(shown.values), path)

    def fit(name: str, net: nn.Module, items: Items, loss: Loss, epochs: int, rate: float) -> nn.Module:
        size: dict[str, Any] = {"epochs": epochs, "batch_size": 256, "ema": 0.998, "evaluate_every": 2}
        if run.smoke:
            size = {"epochs": 1, "batch_size": 64, "ema": 0.9}
        return run.fit(
            Fit(name, net, loss, items, choose, "summary", rate=rate, collate=whole, samples=samples, **size)
        )

    teacher = fit("teacher", build(TEACHER), Items(windows), hard, epochs=10, rate=2e-3)
    lessons = Items(windows, logits(teacher, windows.values, run.device))
    student = fit("student", build(STUDENT), lessons, taught, epochs=24, rate=3e-3)
    run.save_student(student, dict(STUDENT))
    run.note(
        teacher=score(teacher, "test"),
        student=score(student, "test"),
        teacher_parameters=sum(p.numel() for p in teacher.parameters()),
        student_parameters=sum(p.numel() for p in student.parameters()),
        hands_sha256=sha256_of(file) if file else None,
    )


def pictures_file(run: Run) -> Path | None:
    """Return the file of the pictures' landmarks; None in the smoke profile where it isn't there."""
    file = run.out / HANDS_FILE
    if run.smoke and not file.is_file():
        return None
    for name in ("gesture/hands", "face/clips", "face/portraits"):
        run.folder(name)
    recordings.pictures(file)
    return file


def make(folder: Path, file: Path | None, seed: int, smoke: bool) -> Windows:
    """Return the windows to learn from."""
    rng = np.random.default_rng(seed)
    made = modelled(SMOKE_SHAPES if smoke else SHAPES, rng)
    hands = recordings.hands(folder, "train")
    pointing = hands.take(np.nonzero(hands.allowed[:, LABELS.index("point")])[0])
    parts = [made, drawn(hands, int(RECORDED_SHARE * len(made)), rng)]
    if file is not None:
        pictured = recordings.pictures(file).of(recordings.PICTURES["train"])
        parts.append(drawn(recordings.counted_shapes(pictured), int(PICTURED_SHARE * len(made)), rng))
        false = recordings.faces(file, "train").lax
        mistaken = Shapes(false, labels_set(("none",), len(false)))
        parts.append(drawn(mistaken, int(FALSE_SHARE * len(made)), rng))
    count = SMOKE_WINDOWS if smoke else WINDOWS
    return generated(count, joined(parts), recordings.paths(folder, "train"), pointing, rng)


def drawn(shapes: Shapes, count: int, rng: np.random.Generator) -> Shapes:
    """Return `count` of the recorded shapes, each turned, some right round, tilted away from the camera and shaken."""
    found = shapes.take(rng.integers(len(shapes), size=count))
    angle = np.where(rng.uniform(size=count) < ANY_WAY_UP, rng.uniform(-np.pi, np.pi, count), rng.normal(0, 0.2, count))
    size = np.exp(rng.normal(0, 0.1, (count, 1, 2)))
    size[:, 0, 1] *= rng.uniform(NARROWEST, 1, count)  # a flat hand tilted is a hand pressed together
    axis = rng.uniform(-np.pi, np.pi, count)
    points = (found.points @ _turn(axis)) * size @ _turn(angle - axis)
    length = np.abs(points - points[:, :1]).max((1, 2))[:, None, None]
    points = points + rng.normal(0, 1, points.shape) * length * rng.uniform(0, 0.015, (count, 1, 1))
    return Shapes(points.astype(np.float32), found.allowed)


def _turn(angle: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what turns points as rows by angles (n,), shape (n, 2, 2)."""
    return np.stack([np.cos(angle), np.sin(angle), -np.sin(angle), np.cos(angle)], -1).reshape(-1, 2, 2)


def hard(net: nn.Module, batch: tuple[Tensor, Tensor]) -> Tensor:
    """Return the mean of -log of the chance that falls on the labels right for each window."""
    values, allowed = batch
    return allowed_loss(net(values), allowed)


def allowed_loss(logits: Tensor, allowed: Tensor) -> Tensor:
    """Return the mean of -log of the chance, by logits (n, 14), of any label in sets (n, 14) bool: a scalar."""
    chance = torch.log_softmax(logits, -1).masked_fill(~allowed, -torch.inf)
    return -torch.logsumexp(chance, -1).mean()


def taught(net: nn.Module, batch: tuple[Tensor, Tensor, Tensor]) -> Tensor:
    """Return the student's loss: half from the right labels, half from the teacher's softened chances."""
    values, allowed, teacher = batch
    given = net(values)
    return 0.5 * allowed_loss(given, allowed) + 0.5 * losses.soft_targets(given, teacher, TEMPERATURE)


def logits(net: nn.Module, windows: NDArray[np.float32], device: torch.device) -> Tensor:
    """Return a net's logits (n, 14) on the CPU for windows (n, 16, 45)."""
    with torch.no_grad():
        return torch.cat([net(part.to(device)).cpu() for part in torch.split(torch.from_numpy(windows), 1024)])


def chances(net: nn.Module, device: torch.device) -> scores.Net:
    """Return a net as a function from windows (n, 16, 45) to chances (n, 14), in numpy."""
    return lambda windows: torch.softmax(logits(net, windows, device), -1).numpy()
