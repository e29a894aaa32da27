"""Weights even out classes, in the loss and in drawing."""

import math

import pytest

torch = pytest.importorskip("torch")

from training.balance import Balance, class_weights, sampling_weights  # noqa: E402
from training.batches import Order  # noqa: E402

LABELS = ["rain"] * 6 + ["sun"] * 3 + ["fog"] * 1


def test_the_report_tells_counts_ratio_and_weights() -> None:
    found = Balance.of(LABELS)
    assert found.counts == {"rain": 6, "sun": 3, "fog": 1}
    assert (found.items, found.ratio) == (10, 6.0)
    entropy = -sum(p * math.log(p) for p in (0.6, 0.3, 0.1))
    assert found.effective_classes == pytest.approx(math.exp(entropy))
    assert [found.weight(name) for name in found.counts] == pytest.approx([10 / 18, 10 / 9, 10 / 3])
    text = found.report()
    assert "rain         6   60.0%    0.56" in text
    assert "Train with these weights" in text
    assert "Fewer than 20 items: rain, sun, fog." in text
    assert "Train with" not in Balance.of(["a", "b"] * 30).report()
    assert Balance.of([]).report() == "There are no labels."


def test_weights_of_classes_are_inverse_to_their_items() -> None:
    weights = class_weights(LABELS, ["fog", "rain", "sun", "snow"])
    assert weights.tolist() == pytest.approx([10 / 3, 10 / 18, 10 / 9, 0.0])
    gentle = class_weights(LABELS, ["fog", "rain", "sun"], beta=0.5)
    effective = [(1 - 0.5**count) / 0.5 for count in (1, 6, 3)]
    assert (gentle * torch.tensor(effective)).tolist() == pytest.approx([float(gentle[0])] * 3)
    assert float((gentle * torch.tensor([1.0, 6.0, 3.0])).sum()) == pytest.approx(10.0)


def test_drawing_by_weights_meets_each_class_alike() -> None:
    weights = sampling_weights(LABELS)
    assert float(weights.mean()) == pytest.approx(1.0)
    assert sampling_weights(LABELS, power=0.0).tolist() == [1.0] * 10
    order = Order(len(LABELS), 10, seed=1, weights=weights)
    met = dict.fromkeys(("rain", "sun", "fog"), 0)
    for epoch in range(600):
        order.epoch = epoch
        for batch in order:
            for draw in batch:
                met[LABELS[draw.item]] += 1
    assert [count / 6_000 for count in met.values()] == pytest.approx([1 / 3] * 3, abs=0.03)
