"""The losses of distillation, against values worked out by hand."""

import math

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from training import losses  # noqa: E402

LN3 = math.log(3)


def test_soft_targets_are_the_divergence_times_the_squared_temperature() -> None:
    # At T = 2 the teacher's logits (2 ln 3, 0) are (ln 3, 0), that is 3/4 and 1/4; the student's are 1/2 and 1/2.
    teacher, student = torch.tensor([[2 * LN3, 0.0]]), torch.tensor([[0.0, 0.0]])
    wanted = 4 * (0.75 * math.log(0.75 / 0.5) + 0.25 * math.log(0.25 / 0.5))
    assert losses.soft_targets(student, teacher, 2.0).item() == pytest.approx(wanted, rel=1e-5)
    # The mean over the items, however they are arranged: one that agrees halves it.
    pair = torch.stack([student, teacher]), torch.stack([teacher, teacher])
    assert losses.soft_targets(*pair, 2.0).item() == pytest.approx(wanted / 2, rel=1e-5)


def test_soft_targets_pull_the_student_by_t_times_the_difference_of_the_chances() -> None:
    # d/dz of T² KL(p ‖ softmax(z / T)) is T (softmax(z / T) - p): by T = 2, 2 (1/2 - 3/4) = -1/2.
    student = torch.zeros(1, 2, requires_grad=True)
    teacher = torch.tensor([[2 * LN3, 0.0]], requires_grad=True)
    torch.autograd.backward(losses.soft_targets(student, teacher, 2.0))
    assert student.grad is not None
    assert student.grad.flatten().tolist() == pytest.approx([-0.5, 0.5], rel=1e-5)
    assert teacher.grad is None


def test_distillation_weighs_teacher_and_labels() -> None:
    student, teacher = torch.zeros(2, 2), torch.tensor([[2 * LN3, 0.0], [0.0, 0.0]])
    soft = 4 * (0.75 * math.log(1.5) + 0.25 * math.log(0.5)) / 2
    both = losses.distillation(student, teacher, torch.tensor([0, 1]), temperature=2.0, weight=0.3)
    assert both.item() == pytest.approx(0.3 * soft + 0.7 * math.log(2), rel=1e-5)
    # Of student (ln 3, 0) for label 0, the cross-entropy is -ln 3/4; the second item has no label.
    one = losses.distillation(torch.tensor([[LN3, 0.0], [5.0, 0.0]]), teacher, torch.tensor([0, -1]), weight=0.0)
    assert one.item() == pytest.approx(-math.log(0.75), rel=1e-5)
    none = losses.distillation(student, teacher, torch.tensor([-1, -1]), temperature=2.0, weight=0.3)
    assert none.item() == pytest.approx(0.3 * soft, rel=1e-5)


def test_a_hint_is_the_distance_after_the_projection() -> None:
    hint = losses.Hint(2, 3)
    nn.init.ones_(hint.project.weight)
    nn.init.zeros_(hint.project.bias)
    student = torch.tensor([[1.0, 2.0]], requires_grad=True)
    teacher = torch.tensor([[3.0, 4.0, 1.0]], requires_grad=True)
    loss = hint(student, teacher)
    assert loss.item() == pytest.approx((0 + 1 + 4) / 3)
    loss.backward()
    # Each of both inputs: 2/3 · ((3 - 3) + (3 - 4) + (3 - 1)).
    assert student.grad is not None
    assert student.grad.flatten().tolist() == pytest.approx([2 / 3, 2 / 3])
    assert hint.project.weight.grad is not None
    assert teacher.grad is None


def test_curves_count_place_and_motion() -> None:
    student = torch.tensor([[[1.0], [1.0], [4.0]]])
    teacher = torch.tensor([[[0.0], [1.0], [2.0]]])
    # Errors 1, 0, 2: squares 1, 0, 4. Changes of the error -1, 2: squares 1, 4.
    assert losses.curves(student, teacher, motion=0.0).item() == pytest.approx(5 / 3)
    assert losses.curves(student, teacher, motion=0.5).item() == pytest.approx(5 / 3 + 0.5 * 5 / 2)
    # Without the last frame: places 1, 0; one change, -1.
    mask = torch.tensor([[1, 1, 0]])
    assert losses.curves(student, teacher, mask, motion=2.0).item() == pytest.approx(0.5 + 2.0 * 1)
    assert losses.curves(student + 7.0, student, motion=1.0).item() == pytest.approx(49.0), "an offset doesn't move"
    assert losses.curves(student[:, :1], teacher[:, :1]).item() == pytest.approx(1.0)
    assert losses.curves(student, teacher, torch.zeros(1, 3)).item() == 0.0
