import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from runtime.core.blendshapes import INDEX
from runtime.core.errors import UserError
from tests.training.blendshapes import made
from training.augment import chance
from training.blendshapes import faces as extracted
from training.face_emotion import data, learn, prototypes
from training.face_emotion.data import Items, Seen
from training.face_emotion.face_api import LABELS, NAME, ExpressionNet, read_weights, teach
from training.face_emotion.nets import build

SHARED = Path(__file__).parents[3].parent / "shared" / "data"
WEIGHTS = SHARED / "weights" / "face_api"
needs_weights = pytest.mark.skipif(not WEIGHTS.is_dir(), reason="the shared data are not here")


def packed(folder: Path, values: bytes, **entry: object) -> Path:
    (folder / f"{NAME}-weights_manifest.json").write_text(json.dumps([{"weights": [{"name": "x", **entry}]}]))
    (folder / f"{NAME}.bin").write_bytes(values)
    return folder


def test_weights_of_a_byte_are_scaled_back(tmp_path: Path) -> None:
    scale = {"dtype": "uint8", "scale": 0.5, "min": -1.0}
    found = read_weights(packed(tmp_path, bytes([0, 2, 4]), shape=[3], quantization=scale))
    np.testing.assert_allclose(found["x"], [-1, 0, 1])


def test_weights_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="can't be read"):
        read_weights(tmp_path)
    with pytest.raises(UserError, match="holds 12 bytes"):
        read_weights(packed(tmp_path, bytes(12), shape=[2]))


@needs_weights
def test_the_teacher_calls_painted_portraits_mostly_neutral_and_a_smile_happy() -> None:
    path = Path(__file__).parents[3] / "out" / "training" / extracted.FILE_NAME
    if not path.is_file():
        pytest.skip("the clips have not been read here")
    faces = extracted.load(path, crops=True)
    plain = faces.clip[faces.variant == 0]
    still = ~np.isin(plain, faces.clips)
    shapes = faces.shapes[faces.variant == 0]
    smile = shapes[:, INDEX["mouthSmileLeft"]] + shapes[:, INDEX["mouthSmileRight"]]
    laughing = np.argsort(smile)[-8:]
    net = ExpressionNet(read_weights(WEIGHTS))
    named = teach(net, faces.crops[still], data.SCALES, 1.35).argmax(1)
    assert np.mean(named == LABELS.index("neutral")) >= 0.6
    chances = teach(net, faces.crops[laughing], data.SCALES, 1.35)
    assert chances[:, LABELS.index("happy")].mean() > 0.5
    np.testing.assert_allclose(chances.sum(1), 1, atol=1e-5)


def test_made_expressions_hold_what_their_action_units_say() -> None:
    windows, kinds, places = prototypes.draw(3000, np.random.default_rng(0))
    assert windows.min() >= 0
    assert windows.max() <= 1
    mean = {name: windows[kinds == at].mean((0, 1)) for at, name in enumerate(LABELS)}
    strongest = {"happy": "mouthSmileLeft", "angry": "browDownRight", "disgusted": "mouthUpperUpLeft"}
    for name, shape in strongest.items():
        assert LABELS[int(np.argmax([mean[label][INDEX[shape]] for label in LABELS]))] == name
    assert mean["neutral"].max() < 0.2
    assert places[kinds == 1, 0].min() > 0 > places[kinds == 2, 0].max()
    np.testing.assert_allclose(places[kinds == 0], 0, atol=1e-6)


def known(count: int = 40) -> Seen:
    rng = np.random.default_rng(0)
    chances = rng.dirichlet(np.ones(7), count).astype(np.float32)
    raw, calm = rng.random((count, 6, 52)).astype(np.float32), np.full((count, 52), 0.4, np.float32)
    return Seen(np.repeat(["a", "b"], count // 2), raw, calm, chances, np.arange(count) % 5 == 4)


def test_what_is_beyond_the_neutral_face_is_never_below_zero() -> None:
    rows = known()
    np.testing.assert_allclose(rows.beyond(), np.maximum(rows.raw - 0.4, 0), atol=1e-6)


def test_items_are_changed_by_chance_and_left_alone_when_it_is_off() -> None:
    items = Items(known(), 10, np.random.default_rng(1))
    assert len(items) == 50
    torch.manual_seed(0)
    windows, chances, places = items.__getitems__(list(range(50)))
    assert windows.shape == (50, 6, 52)
    assert float(windows.min()) >= 0
    assert float(windows.max()) <= 1
    torch.testing.assert_close(chances.sum(1), torch.ones(50))
    assert float(places.abs().max()) <= 1
    with chance.off():
        np.testing.assert_array_equal(items[3][0], known().raw[3])
    assert not np.array_equal(items[3][0], known().raw[3])


def test_the_window_of_a_clip_carries_the_teachers_mean_over_half_a_second(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    faces = extracted.load(made.write(tmp_path, tmp_path / "x.npz"), crops=True)
    plain = len(faces.crops)
    frames = np.eye(7, dtype=np.float32)[np.arange(plain) % 7]
    monkeypatch.setattr(data, "teach", lambda *_: frames)
    found = data.seen(faces, None)  # type: ignore[arg-type]
    assert len(found.clip) == len(made.CLIPS) * made.FRAMES  # the portrait has no half second
    np.testing.assert_allclose(found.chances[0], frames[0])
    # 25 frames a second: the 13 frames from 0.48 s ago until now are within the half second
    np.testing.assert_allclose(found.chances[20], frames[8:21].mean(0), atol=1e-6)
    assert found.late.sum() == len(made.CLIPS) * 3


def test_the_gaze_does_not_count() -> None:
    net = build({"width": 8}).eval()
    window = torch.rand(2, 6, 52)
    other = window.clone()
    other[..., INDEX["eyeLookUpLeft"]] = 0.0
    torch.testing.assert_close(net(window), net(other))
    chances, places = net(window)
    torch.testing.assert_close(chances.sum(1), torch.ones(2))
    assert places.shape == (2, 2)


def test_the_temperature_cools_a_net_that_is_too_sure() -> None:
    rng = np.random.default_rng(0)
    wanted = rng.integers(7, size=2000)
    said = np.where(rng.random(2000) < 0.7, wanted, rng.integers(7, size=2000))
    logits = np.float32(8) * np.eye(7, dtype=np.float32)[said]
    value = learn.temperature(learn.warmed(logits, 1.0), wanted)
    assert value > 1.5
    right = np.mean(said == wanted)
    assert learn.warmed(logits, value).max(1).mean() == pytest.approx(right, abs=0.03)


def test_a_student_is_trained_and_scored_on_clips_it_never_saw(tmp_path: Path) -> None:
    from training.run import Run

    run = Run("face_emotion", tmp_path, tmp_path / "out", smoke=True, device=torch.device("cpu"))
    rows = known()
    guesses = {name: learn._guess(run, rows, name) for name in ("a", "b")}
    found = learn._scores(rows, guesses, "beyond")
    assert found["frames"] == 40
    assert set(found["clips"]) == {"a", "b"}
    assert np.sum(found["confusion"]) == 40
    assert (tmp_path / "out" / "without_a.best.pt").is_file()
