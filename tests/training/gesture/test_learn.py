"""The nets, their losses and scores, and a whole training on recordings made up here, exported and read again."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

pytest.importorskip("torch")

import torch

from runtime.perception.hand_features import FEATURES, LABELS, STEPS
from tests.training.gesture import recorded
from training.gesture import scores
from training.gesture.learn import STUDENT, TEACHER, allowed_loss, drawn
from training.gesture.nets import build
from training.gesture.recordings import Faces, Pictures
from training.gesture.shapes import Shapes, labels_set


def windows(count: int) -> torch.Tensor:
    values = torch.randn(count, STEPS, FEATURES, generator=torch.Generator().manual_seed(0))
    values[..., 0] = 1
    return values


def saying(*names: str) -> scores.Net:
    """A net that answers windows by these names, in turn."""

    def answer(seen: NDArray[np.float32]) -> NDArray[np.float32]:
        at = [LABELS.index(names[number % len(names)]) for number in range(len(seen))]
        return np.eye(len(LABELS), dtype=np.float32)[at]

    return answer


def test_the_loss_is_the_chance_that_falls_on_what_is_allowed() -> None:
    logits = torch.log(torch.tensor([[0.5, 0.3, 0.2], [0.1, 0.1, 0.8]]))
    allowed = torch.tensor([[True, True, False], [False, False, True]])
    wanted = -(np.log(0.8) + np.log(0.8)) / 2
    assert allowed_loss(logits, allowed).item() == pytest.approx(wanted, rel=1e-5)


def test_the_teacher_is_larger_and_both_see_shape_and_motion() -> None:
    torch.manual_seed(0)
    student, teacher = build(STUDENT), build(TEACHER)
    sizes = [sum(weight.numel() for weight in net.parameters()) for net in (student, teacher)]
    assert 3 * sizes[0] < sizes[1]
    seen = windows(4)
    shaped, moved = seen.clone(), seen.clone()
    shaped[:, -1, 3:] += 0.5 * torch.randn(4, 42)
    moved[:, :8, 1] += 2
    for net in (student, teacher):
        assert net(seen).shape == (4, len(LABELS))
        for other in (shaped, moved):
            assert (net(other) - net(seen)).abs().max(1).values.min() > 1e-3


def test_a_recorded_hand_drawn_anew_stays_flat_and_keeps_its_label() -> None:
    hand = Shapes(np.random.default_rng(0).uniform(0, 90, (1, 21, 2)).astype(np.float32), labels_set(("fist",), 1))
    anew = drawn(hand, 200, np.random.default_rng(1))
    assert (anew.allowed == hand.allowed).all()
    to_one = np.concatenate([hand.points[0], np.ones((21, 1))], 1)
    for points in anew.points:
        fit, rest, *_ = np.linalg.lstsq(to_one, points, rcond=None)
        assert np.sqrt(rest / 21).max() < 3  # an affine map of the recorded hand, and a little noise
        assert np.linalg.det(fit[:2]) > 0.15  # never mirrored, never a line


def test_an_answer_under_the_threshold_is_none() -> None:
    chances = np.zeros((2, len(LABELS)), np.float32)
    chances[:, 3], chances[:, 5] = (0.49, 0.6), (0.48, 0.3)
    assert scores.decided(chances).tolist() == [0, 3]


def test_raised_fingers_are_counted_as_the_labels_of_the_pictures_do() -> None:
    hands = np.random.default_rng(0).uniform(0, 90, (6, 21, 2)).astype(np.float32)
    found = Pictures(hands, np.array([0, 1, 2, 3, 4, 5]), np.array(list("aaabbb")), {"a": 2, "b": 0})
    names = ("fist", "thumb_up", "point", "none", "pinch", "open_palm")
    report = scores.of_pictures(saying(*names), found)
    assert report["consistent"] == pytest.approx(3 / 4)  # the second finger was called a point
    assert report["coverage"] == pytest.approx(4 / 6)
    assert report["strict"] == pytest.approx(4 / 6)  # none is right for three fingers, a pinch for four is not
    assert report["recordings"] == {"a": pytest.approx(2 / 3), "b": 1.0}
    assert report["missed_by_detector"] == 2


def test_faces_called_a_gesture_count_against_pictures_and_against_finds() -> None:
    hands = np.random.default_rng(0).uniform(0, 90, (4, 21, 2)).astype(np.float32)
    found = Faces(hands, np.array(list("aaab")), np.array([1, 2, 2, 9]), 100, hands[:2], 50)
    report = scores.of_faces(saying("none", "fist"), found)
    shares = [report[name] for name in ("frames", "tracked_finds", "lax_pictures", "lax_finds")]
    assert shares == pytest.approx([0.98, 0.5, 0.98, 0.5])
    assert scores.of_idle(saying("none"), 20, np.random.default_rng(0)) == 1.0
    assert scores.of_idle(saying("none", "wave"), 20, np.random.default_rng(0)) == 0.5


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The out folder of a training in the smoke profile."""
    from training.gesture.learn import train
    from training.run import Run

    folder = tmp_path_factory.mktemp("gesture")
    for name in ("gesture", "gesture/hands", "face/clips", "face/portraits", "out"):
        (folder / name).mkdir(parents=True)
    recorded.write(folder / "gesture")
    recorded.write_extracted(folder / "out" / "hands.npz")
    run = Run("gesture", folder, folder / "out", smoke=True, device=torch.device("cpu"))
    run.folder = lambda relative: folder / relative  # type: ignore[method-assign]  # made up, so without a card
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # many wait for each other longer than these small nets take
    train(run)
    torch.set_num_threads(threads)
    return folder / "out"


def test_a_training_leaves_a_student_its_scores_and_pictures(trained: Path) -> None:
    assert (trained / "student.pt").is_file()
    assert (trained / "samples" / "student" / "0001.png").stat().st_size > 10_000


def test_what_was_trained_is_exported_with_its_figures(trained: Path, tmp_path: Path) -> None:
    pytest.importorskip("onnxscript")
    from exporters.export import export
    from exporters.gesture import spec
    from runtime.core.device import PROFILES
    from runtime.core.models import ModelRegistry
    from runtime.perception.gesture import GestureReader

    described = spec(trained)
    assert described.score in described.figures
    export(described, trained, tmp_path)
    reader = GestureReader(ModelRegistry(PROFILES["edge"], tmp_path).load("gesture"))
    guess = reader.feed(0.0, np.random.default_rng(0).uniform(0, 90, (21, 2)))
    assert reader.labels == LABELS
    assert sum(guess.probabilities.values()) == pytest.approx(1, abs=1e-3)
    assert "raised fingers" in (tmp_path / "gesture.md").read_text()
