"""The pictures of a training: drawn, and of what they are given."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("matplotlib")

from matplotlib.image import imread

from training import plots


def test_loss_curves_are_drawn_and_differ_with_the_history(tmp_path: Path) -> None:
    history = [{"epoch": at, "loss": 1 / at, "rate": 0.1, "seconds": 1.0} for at in (1, 2, 3)]
    bare = imread(plots.loss_curves(history, tmp_path / "new/bare.png"))
    full = imread(plots.loss_curves([*history[:2], history[2] | {"accuracy": 0.5}], tmp_path / "full.png"))
    assert bare.shape == full.shape
    half = len(bare) // 2
    assert np.ptp(bare[:half]) > 0.5
    assert np.abs(bare[half:] - full[half:]).max() > 0.5


def test_a_confusion_matrix_is_darkest_where_the_answers_are(tmp_path: Path) -> None:
    right = imread(plots.confusion(np.diag([5, 5]), ["a", "b"], tmp_path / "right.png"))
    wrong = imread(plots.confusion(np.diag([5, 5])[::-1], ["a", "b"], tmp_path / "wrong.png"))
    assert np.abs(right - wrong).mean() > 0.05


@pytest.mark.parametrize("count", [1, 2])
def test_curves_over_time_are_drawn(tmp_path: Path, count: int) -> None:
    wanted = np.sin(np.arange(100)[:, None] / 9 + np.arange(count))
    names = ["jaw", "smile"][:count]
    same = imread(plots.curves(wanted, wanted, names, 50.0, tmp_path / "same.png", "mouth"))
    other = imread(plots.curves(wanted, -wanted, names, 50.0, tmp_path / "other.png", "mouth"))
    assert np.abs(same - other).max() > 0.5
