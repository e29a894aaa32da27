"""Trains the student on faces drawn from the clips and labelled by the corrected teacher; scores it on clips left out.

There are eight clips, so the score comes from four more students, each trained by the same recipe without two of the
clips and scored on these two alone. Nothing is chosen on the clips left out: each training runs its epochs to the end,
and the weights kept are those that come nearest the teacher on drawn faces of its own clips.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.data import Dataset

from runtime.core.blendshapes import INDEX
from runtime.core.errors import UserError
from runtime.perception.face_features import normalise
from training import plots
from training.batches import whole
from training.blendshapes import faces as extracted
from training.blendshapes.bank import Bank, clip_shares
from training.blendshapes.faces import Faces
from training.blendshapes.nets import build
from training.blendshapes.scores import report
from training.blendshapes.teacher import Correction, Mixer
from training.run import Fit, Run

STUDENT: Final = {"width": 512}
DRAWN, CHECKED, SMOKE_DRAWN = 24_000, 1_000, 256
LEFT_OUT: Final = 2
"""Clips of each fold."""
EPOCHS, RATE = 20, 2e-3
LEAST_SPREAD: Final = 0.03
"""Shapes that hardly move in the clips weigh as if they had this standard deviation."""
NOISE: Final = 0.003
"""Standard deviation of the noise on the student's input: a tracker trembles."""
REAL_EVERY: Final = 3
"""Of the frames that the bundle labelled, every third one is learnt from too."""
SHOWN: Final = ("jawOpen", "mouthSmileLeft", "mouthPucker", "eyeBlinkLeft", "browInnerUp")


class Labelled(Dataset[tuple[Tensor, Tensor]]):
    """Faces (n, 146, 3) and the teacher's weights (n, 52), drawn in whole batches."""

    def __init__(self, points: NDArray[np.float32], weights: NDArray[np.float32]) -> None:
        self.points, self.weights = torch.from_numpy(points), torch.from_numpy(weights)

    def __len__(self) -> int:
        return len(self.points)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        """Return one face (146, 3) and its weights (52,)."""
        points, weights = self.__getitems__([index])
        return points[0], weights[0]

    def __getitems__(self, indices: Sequence[int]) -> Any:
        """Return a batch: faces (n, 146, 3), slightly shaken, and weights (n, 52)."""
        at = torch.as_tensor(indices)
        points = self.points[at]
        return points + NOISE * torch.randn_like(points), self.weights[at]


def train(run: Run) -> None:
    """Train one student a fold and the one that ships; note the scores of the folds and of the teacher."""
    path = extracted.find(run)
    all_faces = extracted.load(path, run.data)
    clips = all_faces.clips
    if len(clips) <= LEFT_OUT:
        raise UserError(f"{path} holds {len(clips)} clips.", f"More than {LEFT_OUT} are needed: some are left out.")
    folds = [tuple(clips[start : start + LEFT_OUT]) for start in range(0, len(clips), LEFT_OUT)]
    plain = all_faces.rows((all_faces.variant == 0) & np.isin(all_faces.clip, clips))
    points = normalise(plain.mesh)
    guessed = {name: np.zeros_like(plain.shapes) for name in ("student", "teacher")}
    for fold in folds[: 1 if run.smoke else None]:
        teacher, net = fit_one(run, all_faces.rows(~np.isin(all_faces.clip, fold)), f"without_{'_'.join(fold)}")
        left = np.isin(plain.clip, fold)
        guessed["teacher"][left] = teacher(points[left])
        guessed["student"][left] = answer(net, points[left], run.device)
    guessed["uncorrected"] = Mixer(all_faces.mixer)(points)
    done = np.isin(plain.clip, [clip for fold in folds[: 1 if run.smoke else None] for clip in fold])
    scores = {name: report(plain.shapes[done], weights[done], plain.clip[done]) for name, weights in guessed.items()}
    _, student = fit_one(run, all_faces, "student", samples=sampler(plain, run.device))
    draw_curves(plain.rows(done), guessed["student"][done], run.out / "samples" / "left_out")
    run.note(
        split=f"folds of clips left out: {'; '.join(' '.join(fold) for fold in folds)}",
        teacher_parameters=sum(values.size for values in all_faces.mixer),
        student_parameters=sum(weight.numel() for weight in student.parameters()),
        **scores,
    )
    run.save_student(student, dict(STUDENT))


def fit_one(
    run: Run, known: Faces, name: str, samples: Callable[[nn.Module, Path], None] | None = None
) -> tuple[Callable[[NDArray[np.float32]], NDArray[np.float32]], nn.Module]:
    """Return the corrected teacher and the student of some faces: both map (n, 146, 3) to (n, 52)."""
    mesh, task = normalise(known.mesh), normalise(known.task)
    correction, mixer = Correction(mesh, task, clip_shares(known.clip)), Mixer(known.mixer)

    def teacher(points: NDArray[np.float32]) -> NDArray[np.float32]:
        return mixer(correction(points))

    rng = np.random.default_rng(run.seed)
    drawn = Bank(known).draw((SMOKE_DRAWN if run.smoke else DRAWN) + CHECKED, rng)
    labels = teacher(drawn)
    every = slice(None, None, REAL_EVERY)
    items = Labelled(
        np.concatenate([drawn[CHECKED:], mesh[every]]), np.concatenate([labels[CHECKED:], known.shapes[every]])
    )
    net = build(dict(STUDENT))
    flat = items.points.flatten(1)
    net.get_buffer("mean").copy_(flat.mean(0))
    net.get_buffer("spread").copy_(flat.std(0) + 2e-3)
    weight = 1 / items.weights.std(0).clamp(min=LEAST_SPREAD)
    checked = torch.from_numpy(drawn[:CHECKED]), torch.from_numpy(labels[:CHECKED])

    def loss(student: nn.Module, batch: tuple[Tensor, Tensor]) -> Tensor:
        points, wanted = batch
        found: Tensor = ((student(points) - wanted) * weight.to(wanted.device)).square().mean()
        return found

    def evaluate(student: nn.Module) -> dict[str, float]:
        error = (student(checked[0].to(run.device)).cpu() - checked[1]) * weight
        return {"near": -float(error.square().mean())}

    fit = Fit(
        name=name, net=net, loss=loss, train=items, evaluate=evaluate, best="near", epochs=1 if run.smoke else EPOCHS,
        batch_size=256, rate=RATE, weight_decay=0.05, ema=0.9 if run.smoke else 0.995, patience=EPOCHS,
        evaluate_every=4, collate=whole, samples=samples,
    )  # fmt: skip
    return teacher, run.fit(fit)


def answer(net: nn.Module, points: NDArray[np.float32], device: torch.device) -> NDArray[np.float32]:
    """Return a net's weights (n, 52) of faces (n, 146, 3)."""
    with torch.no_grad():
        return np.asarray(net(torch.from_numpy(points).to(device)).cpu().numpy(), np.float32)


def sampler(plain: Faces, device: torch.device) -> Callable[[nn.Module, Path], None]:
    """Return what draws, at each evaluation, the student's curves over one clip that it learns from."""
    clip = plain.clip == plain.clip[0]

    def draw(net: nn.Module, path: Path) -> None:
        got = answer(net, normalise(plain.mesh[clip]), device)
        _curves(plain.shapes[clip], got, plain.time_s[clip], path, f"{plain.clip[0]}, learnt from")

    return draw


def draw_curves(plain: Faces, got: NDArray[np.float32], folder: Path) -> None:
    """Draw the curves of each clip by the student that never saw it, into folder/CLIP.png."""
    for name in plain.clips:
        clip = plain.clip == name
        _curves(plain.shapes[clip], got[clip], plain.time_s[clip], folder / f"{name}.png", f"{name}, left out")


def _curves(
    wanted: NDArray[np.float32], got: NDArray[np.float32], time_s: NDArray[np.float64], path: Path, title: str
) -> None:
    shown = [INDEX[name] for name in SHOWN]
    rate_hz = 1 / float(np.median(np.diff(time_s)))
    plots.curves(wanted[:, shown], got[:, shown], SHOWN, rate_hz, path, title)
