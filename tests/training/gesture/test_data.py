"""What is learnt from: the cut of the recordings, mirrored windows, hands set in motion."""

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from runtime.core.errors import UserError  # noqa: E402
from runtime.perception.hand_features import LABELS, STEPS, mirrored, window  # noqa: E402
from tests.training.gesture import recorded  # noqa: E402
from training.gesture import recordings  # noqa: E402
from training.gesture.data import MIRROR, MIRRORED, Items, Windows, carried, generated  # noqa: E402
from training.gesture.motions import Motion  # noqa: E402
from training.gesture.shapes import Shapes, labels_set, modelled  # noqa: E402


def test_the_last_fifth_of_each_class_is_for_the_report_and_no_row_is_in_two_parts() -> None:
    rows = np.stack([np.repeat([0.0, 1.0, 2.0], [100, 50, 7]), np.arange(157.0)], 1)
    parts = {part: recordings.block(rows, part)[:, 1] for part in ("train", "choose", "test")}
    assert sorted(np.concatenate(list(parts.values()))) == list(range(157))
    assert list(parts["test"]) == [*range(80, 100), *range(140, 150), *range(155, 157)]
    assert len(parts["choose"]) == pytest.approx(len(parts["train"]) / 4, abs=3)
    gaps = np.diff(np.sort(parts["choose"][parts["choose"] < 100]))
    assert (gaps > 1).sum() == 3  # four runs of rows that follow each other, not single rows


@pytest.mark.parametrize(
    ("kind", "to", "wanted"),
    [
        (0, (9, 0), {"point"}),
        (1, (9, 0), {"circle_clockwise"}),
        (2, (9, 0), {"circle_counterclockwise"}),
        (3, (2, 1), {"point", "none", "swipe_right"}),
        (3, (-2, 1), {"point", "none", "swipe_left"}),
        (3, (1, 2), {"point", "none"}),
        (3, (0.3, 0), {"point", "none"}),
    ],
)
def test_a_recorded_path_is_called_what_its_class_and_way_say(
    kind: int, to: tuple[float, float], wanted: set[str]
) -> None:
    assert set(recordings.path_labels(kind, np.array([(0, 0), to], float))) == wanted


def test_recordings_are_read_as_they_were_written(tmp_path: Path) -> None:
    recorded.write(tmp_path)
    hands, paths = recordings.hands(tmp_path, "test"), recordings.paths(tmp_path, "test")
    assert [int(hands.allowed[:, LABELS.index(name)].sum()) for name in recordings.HAND_LABELS] == [8, 8, 8]
    assert np.abs(hands.points).max() == pytest.approx(1)
    assert np.bincount(paths.kind).tolist() == [8, 8, 8, 8]
    assert np.ptp(paths.px[paths.kind == 3, :, 0], axis=1) == pytest.approx(300, abs=10)


def test_pictures_and_faces_are_split_by_recording(tmp_path: Path) -> None:
    recorded.write_extracted(tmp_path / "hands.npz")
    found = recordings.pictures(tmp_path / "hands.npz")
    assert found.missed == {"2": 1, "16": 0, "5": 0, "996": 0}
    parts = [set(found.of(names).recording) for names in recordings.PICTURES.values()]
    assert parts == [{"2"}, {"16"}, {"5", "996"}]
    assert not set(recordings.FACE_CLIPS["train"]) & set(recordings.FACE_CLIPS["test"])
    train, test = (recordings.faces(tmp_path / "hands.npz", part) for part in ("train", "test"))
    assert (len(train.tracked), len(train.lax), train.lax_pictures) == (0, 5, 500)
    assert (len(test.tracked), len(test.lax), test.tracked_frames) == (3, 4, 400)


def test_missing_and_damaged_recordings_are_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"extract\.py"):
        recordings.pictures(tmp_path / "hands.npz")
    with pytest.raises(UserError, match=r"keypoint\.csv can't be read"):
        recordings.hands(tmp_path, "train")
    (tmp_path / "keypoint.csv").write_text("1,2,3\n")
    with pytest.raises(UserError, match="3 columns, not 43"):
        recordings.hands(tmp_path, "train")


def test_a_mirror_swaps_the_sides_of_labels_and_windows() -> None:
    assert [LABELS[at] for at in MIRRORED[9:]] == [
        "wave", "swipe_right", "swipe_left", "circle_counterclockwise", "circle_clockwise",
    ]  # fmt: skip
    assert MIRRORED[:9] == list(range(9))
    hands = np.random.default_rng(0).normal(0, 1, (STEPS, 21, 2)).astype(np.float32).cumsum(0)
    times = np.arange(STEPS) / 15
    assert window(times, mirrored(hands)) == pytest.approx(window(times, hands) * MIRROR.numpy(), abs=1e-5)


def test_items_are_mirrored_whole_with_what_the_teacher_said() -> None:
    left, right = LABELS.index("swipe_left"), LABELS.index("swipe_right")
    values = np.zeros((200, STEPS, 45), np.float32)
    values[:, :, 0], values[:, 0, 1] = 1, 3.0  # it came from the right
    taught = torch.zeros(200, len(LABELS))
    taught[:, left] = 5.0
    items = Items(Windows(values, labels_set(("swipe_left",), 200)), taught)
    torch.manual_seed(0)
    seen, allowed, logits = items.__getitems__(list(range(200)))
    from_right = seen[:, 0, 1] > 0
    assert 60 < int(from_right.sum()) < 140
    assert torch.equal(allowed[:, left], from_right)
    assert torch.equal(allowed[:, right], ~from_right)
    assert torch.equal(logits[:, left] == 5, from_right)
    assert torch.equal(seen[..., 0], torch.ones(200, STEPS))
    assert len(items[0]) == 3
    assert len(Items(Windows(values, labels_set(("wave",), 200)))[0]) == 2


def test_a_hand_carried_along_a_motion_keeps_its_shape_and_takes_the_motions_name() -> None:
    rng = np.random.default_rng(1)
    hand = Shapes(rng.uniform(0, 90, (1, 21, 2)).astype(np.float32), labels_set(("open_palm",), 1))
    times = np.arange(-15, 1) / 15
    motion = Motion(times, np.stack([3 * times, 0 * times], -1), ("swipe_right",))
    hands, right = carried(hand, 0, motion, rng, unrest=0.0)
    assert [LABELS[at] for at in np.nonzero(right)[0]] == ["swipe_right"]
    seen = window(times, hands)
    assert seen[:, 3:] == pytest.approx(np.repeat(seen[:1, 3:], STEPS, 0), abs=1e-3)
    assert seen[:, 1] == pytest.approx(3 * times, abs=1e-3)
    _, still = carried(hand, 0, Motion(times, np.zeros((16, 2)), ("still",)), rng)
    assert [LABELS[at] for at in np.nonzero(still)[0]] == ["open_palm"]


def test_windows_are_made_of_all_labels_and_are_the_same_by_the_same_seed() -> None:
    def made() -> Windows:
        rng = np.random.default_rng(2)
        shapes = modelled(400, rng)
        return generated(600, shapes, None, shapes, rng)

    one, other = made(), made()
    assert np.array_equal(one.values, other.values)
    assert np.isfinite(one.values).all()
    assert one.allowed.any(0).all()
    assert one.allowed.any(1).all()
    assert (one.values[:, -1, 0] == 1).all()
