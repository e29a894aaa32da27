"""Losses of distillation: what a student learns from a teacher."""

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn


def soft_targets(student: Tensor, teacher: Tensor, temperature: float = 2.0) -> Tensor:
    """Return T² · KL(teacher ‖ student) between distributions softened by T, averaged over the items.

    T² keeps the gradient's size when T changes (Hinton et al.: Distilling the Knowledge in a Neural Network, 2015).

    Args:
        student: logits, (..., classes).
        teacher: logits, same shape; no gradient flows into them.
        temperature: above 0; 1 compares the distributions as they are.
    """
    classes = student.shape[-1]
    ours = F.log_softmax(student.reshape(-1, classes) / temperature, dim=-1)
    theirs = F.log_softmax(teacher.detach().reshape(-1, classes) / temperature, dim=-1)
    return F.kl_div(ours, theirs, reduction="batchmean", log_target=True) * temperature**2


def distillation(
    student: Tensor,
    teacher: Tensor,
    labels: Tensor,
    temperature: float = 2.0,
    weight: float = 0.5,
    smoothing: float = 0.0,
) -> Tensor:
    """Return `weight` · soft_targets + (1 - `weight`) · cross-entropy with the labels, (...,) int64; -1 is no label."""
    classes = student.shape[-1]
    hard = F.cross_entropy(
        student.reshape(-1, classes), labels.reshape(-1), ignore_index=-1, reduction="sum", label_smoothing=smoothing
    ) / (labels >= 0).sum().clamp(min=1)
    return weight * soft_targets(student, teacher, temperature) + (1 - weight) * hard


class Hint(nn.Module):
    """A student's features, projected, against a teacher's: their mean squared distance.

    Give it to the loop as `Fit.beside`, so that the projection is trained along and then left behind
    (Romero et al.: FitNets: Hints for Thin Deep Nets, 2015).
    """

    def __init__(self, student_width: int, teacher_width: int) -> None:
        super().__init__()
        self.project = nn.Linear(student_width, teacher_width)

    def forward(self, student: Tensor, teacher: Tensor) -> Tensor:
        """Return the distance of features (..., student_width) from (..., teacher_width)."""
        return F.mse_loss(self.project(student), teacher.detach())


def curves(student: Tensor, teacher: Tensor, mask: Tensor | None = None, motion: float = 1.0) -> Tensor:
    """Return the error of curves over time: their mean squared distance, plus `motion` times that of their changes.

    The second term keeps a mouth from trembling and from lagging: a constant offset costs nothing in it.

    Args:
        student: (batch, frames, curves).
        teacher: same shape.
        mask: (batch, frames), 1 where a frame counts; all where None.
        motion: weight of the changes from frame to frame.
    """
    error = student - teacher.detach()
    mask = torch.ones(error.shape[:2], device=error.device) if mask is None else mask.to(error.dtype)
    place = _masked_mean(error.square(), mask)
    if motion == 0 or error.shape[1] < 2:
        return place
    return place + motion * _masked_mean(error.diff(dim=1).square(), mask[:, 1:] * mask[:, :-1])


def _masked_mean(values: Tensor, mask: Tensor) -> Tensor:
    return (values.mean(dim=-1) * mask).sum() / mask.sum().clamp(min=1)
