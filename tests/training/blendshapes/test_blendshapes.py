import dataclasses
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from runtime.core.blendshapes import INDEX
from runtime.core.errors import UserError
from runtime.perception.face_features import USED, normalise
from tests.training.blendshapes import made
from training.blendshapes import faces as extracted
from training.blendshapes import learn
from training.blendshapes.bank import Bank, clip_shares, head_frame, turns
from training.blendshapes.nets import build
from training.blendshapes.scores import report
from training.blendshapes.teacher import Correction, Mixer
from training.run import Run

threadpoolctl = pytest.importorskip("threadpoolctl")
EXTRACTED = Path(__file__).parents[3] / "out" / "training" / extracted.FILE_NAME


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Matrices this small take many times as long when threads on a busy machine wait for each other."""
    with threadpoolctl.threadpool_limits(1):
        yield


def test_the_extracted_file_is_found_beside_the_out_folder_and_checked(tmp_path: Path) -> None:
    path = made.write(tmp_path / "data", tmp_path / "out" / extracted.FILE_NAME)
    run = Run("blendshapes", tmp_path / "data", tmp_path / "out" / "blendshapes", device=torch.device("cpu"))
    assert extracted.find(run) == path
    held = extracted.load(path, tmp_path / "data")
    assert held.clips == list(made.CLIPS)
    assert held.crops.size == 0
    assert held.rows(held.clip == "d1").mesh.shape == (made.FRAMES, 478, 3)
    (tmp_path / "data" / "face/clips/d1.mp4").write_bytes(b"another film")
    with pytest.raises(UserError, match=r"another d1\.mp4"):
        extracted.load(path, tmp_path / "data")


def test_without_the_file_and_mediapipe_the_command_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    run = Run("blendshapes", tmp_path, tmp_path / "a" / "b", device=torch.device("cpu"))
    with pytest.raises(UserError, match=r"training\.blendshapes\.extract"):
        extracted.find(run)


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.npz").write_bytes(b"no archive")
    with pytest.raises(UserError, match="can't be read"):
        extracted.load(tmp_path / "x.npz")


@pytest.mark.skipif(not EXTRACTED.is_file(), reason="the clips have not been read here")
def test_the_mixer_says_what_the_bundle_said() -> None:
    held = extracted.load(EXTRACTED)
    some = slice(0, None, 400)
    found = Mixer(held.mixer)(normalise(held.task[some]))
    np.testing.assert_allclose(found, held.shapes[some], atol=1e-3)


def test_a_shape_that_the_mixer_lacks_is_zero() -> None:
    found = Mixer(made.mixer_weights())(np.random.default_rng(0).normal(0, 1, (5, 146, 3)).astype(np.float32))
    assert found.shape == (5, 52)
    assert (found[:, INDEX["tongueOut"]] == 0).all()
    assert found[:, INDEX["jawOpen"]].min() > 0


def test_the_correction_takes_off_a_bias_that_hangs_on_the_face() -> None:
    rng = np.random.default_rng(0)
    way = rng.normal(0, 0.05, (3, 146 * 3))
    mesh = (rng.normal(0, 1, (200, 3)) @ way).reshape(200, 146, 3).astype(np.float32)
    task = mesh.copy()
    task[..., 0] += 0.3 + 0.5 * mesh[:, :1, 1]
    correct = Correction(mesh[:150], task[:150], np.full(150, 1 / 150))
    left = correct(mesh[150:]) - task[150:, :, :2]
    assert np.abs(left).max() < 0.02 < np.abs(mesh - task)[150:].max()


def test_a_head_frame_is_the_same_however_a_head_is_turned() -> None:
    points = np.random.default_rng(2).normal(0, 40, (3, 478, 3)).astype(np.float32)
    turn = turns(np.array([[0.2, -0.4, 0.3]]))[0]
    np.testing.assert_allclose(turn @ turn.T, np.eye(3), atol=1e-6)
    found, axes = head_frame(points @ turn * 1.7 + 5)
    plain, before = head_frame(points)
    np.testing.assert_allclose(found, plain, atol=1e-3)
    np.testing.assert_allclose(axes, before @ turn, atol=1e-4)


def test_the_bank_draws_the_same_from_a_seed_and_normalised(tmp_path: Path) -> None:
    held = extracted.load(made.write(tmp_path, tmp_path / "x.npz"))
    one, other = (Bank(held).draw(1500, np.random.default_rng(3)) for _ in range(2))
    assert one.shape == (1500, len(USED), 3)
    np.testing.assert_array_equal(one, other)
    np.testing.assert_allclose(one.mean(1), 0, atol=1e-4)


def test_a_long_clip_counts_by_the_root_of_its_length() -> None:
    share = clip_shares(np.array(["a"] * 4 + ["b"]))
    np.testing.assert_allclose([share[:4].sum(), share.sum()], [2 / 3, 1])


def test_scores_of_a_clip_do_not_see_the_difference_between_people() -> None:
    rng = np.random.default_rng(0)
    wanted = np.zeros((80, 52), np.float32)
    clip = np.repeat(["a", "b"], 40)
    wanted[:, 5] = rng.random(80)
    got = wanted.copy()
    got[:40, 5] += 0.5
    got[:, 9] = 1.0
    found = report(wanted, got, clip)
    assert found["r"] == pytest.approx(1)
    assert found["r_pooled"] < 0.95
    assert found["pairs"] == 2
    assert report(wanted, 1 - wanted, clip)["r"] == pytest.approx(-1)


def test_a_small_training_ends_with_a_student_and_scores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made.write(tmp_path / "data", tmp_path / "out" / extracted.FILE_NAME)
    monkeypatch.setattr(learn, "CHECKED", 64)
    monkeypatch.setattr(learn, "SMOKE_DRAWN", 128)
    run = Run("blendshapes", tmp_path / "data", tmp_path / "out", smoke=True, device=torch.device("cpu"))
    learn.train(run)
    saved = torch.load(run.out / "student.pt", weights_only=True)
    net = build(saved["config"])
    net.load_state_dict(saved["state"])
    held = extracted.load(run.out / extracted.FILE_NAME)
    weights = learn.answer(net.eval(), normalise(held.mesh), run.device)
    assert weights.shape == (len(held.clip), 52)
    assert weights.min() >= 0
    assert weights.max() <= 1
    assert (run.out / "samples" / "left_out" / "d0.png").is_file()
    assert {field.name for field in dataclasses.fields(held)} >= {"mesh", "task", "shapes"}
