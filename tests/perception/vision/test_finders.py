"""Real faces and hands, and pictures that are none, through MediaPipe."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from runtime.core.blendshapes import INDEX
from runtime.core.errors import UserError
from runtime.core.messages import LANDMARKS_FACE, LANDMARKS_HAND
from runtime.perception.vision import finders
from runtime.perception.vision.finders import (
    MAX_FACES,
    FaceFinder,
    FoundFace,
    HandFinder,
    LiteHands,
    MeshFaces,
    TaskFaces,
    open_faces,
    open_hands,
)
from tests.perception.vision.pictures import TASK, Picture, clip, hand_picture, needed, needs_mediapipe, on_wall

pytestmark = needs_mediapipe


@pytest.fixture
def faces() -> Iterator[FaceFinder]:
    finder = MeshFaces()
    finder.start()
    yield finder
    finder.close()


@pytest.fixture
def hands() -> Iterator[HandFinder]:
    finder = LiteHands()
    finder.start()
    yield finder
    finder.close()


def middle_of(face: FoundFace) -> tuple[float, float]:
    x, y = face.landmarks[:, :2].mean(0)
    return float(x), float(y)


def test_a_face_is_found_where_it_is_in_pixels(faces: FaceFinder) -> None:
    picture = clip("d13", 1)[0]
    wall = on_wall(picture, share=0.6)
    (found,) = faces.find(wall, 0.0)
    assert found.landmarks.shape == (LANDMARKS_FACE, 3)
    assert found.landmarks.dtype == np.float32
    assert found.weights is None
    x, y = middle_of(found)
    assert 220 < x < 420
    assert 140 < y < 340
    eyes = found.landmarks[[33, 263]]
    assert eyes[0, 0] < eyes[1, 0]  # the subject's right eye is on the left of a picture that is not mirrored


def test_both_irises_lie_in_their_eyes(faces: FaceFinder) -> None:
    (found,) = faces.find(clip("d9", 1)[0], 0.0)
    for iris, corners in ((468, (33, 133)), (473, (362, 263))):
        low, high = sorted(found.landmarks[list(corners), 0])
        assert low < found.landmarks[iris, 0] < high


def test_a_face_is_followed_through_a_video(faces: FaceFinder) -> None:
    assert [len(faces.find(picture, index / 15)) for index, picture in enumerate(clip("d20", 20, 2))] == [1] * 20


def test_hands_are_found_with_their_side(hands: HandFinder) -> None:
    picture = hand_picture("1528664299.56_pic00005")  # the right hand of somebody who wears a name on the left breast
    (found,) = hands.find(picture, 0.0)
    assert found.landmarks.shape == (LANDMARKS_HAND, 2)
    assert found.right
    assert 0.5 < found.score <= 1.0
    x, y = found.landmarks.mean(0)
    assert 120 < x < 320
    assert 60 < y < 480
    (flipped,) = hands.find(np.ascontiguousarray(picture[:, ::-1]), 1.0)
    assert not flipped.right


def test_two_fists_are_two_hands(hands: HandFinder) -> None:
    found = hands.find(hand_picture("16_pic00024"), 0.0)
    assert sorted(hand.right for hand in found) == [False, True]
    left, right = sorted(found, key=lambda hand: hand.landmarks[0, 0])
    assert left.right  # their right hand is on the left of the picture
    assert not right.right


def test_what_is_not_surely_a_hand_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    hair = [np.ascontiguousarray(picture[:, ::-1]) for picture in clip("d3", 108, 3)[90:]]
    found = []
    for sure in (0.5, finders.SURE_HAND):
        monkeypatch.setattr(finders, "SURE_HAND", sure)
        hands = LiteHands()
        found.append(sum(len(hands.find(picture, index / 10)) for index, picture in enumerate(hair)))
        hands.close()
    assert found[0] > 3, "MediaPipe's own bound takes hair for a hand"
    assert found[1] == 0


EMPTY = [
    ("black", np.zeros((480, 640, 3), np.uint8)),
    ("white", np.full((480, 640, 3), 255, np.uint8)),
    ("noise", np.random.default_rng(0).integers(0, 256, (480, 640, 3), np.uint8)),
    ("one pixel", np.zeros((1, 1, 3), np.uint8)),
    ("8x8", np.zeros((8, 8, 3), np.uint8)),
    ("a line", np.zeros((1, 640, 3), np.uint8)),
    ("17x33", np.full((33, 17, 3), 99, np.uint8)),
    ("huge", np.zeros((2160, 3840, 3), np.uint8)),
]


@pytest.mark.parametrize("picture", [picture for _, picture in EMPTY], ids=[name for name, _ in EMPTY])
def test_a_picture_without_anybody_shows_nobody(faces: FaceFinder, hands: HandFinder, picture: Picture) -> None:
    for step in range(3):
        assert faces.find(picture, step / 10) == []
        assert hands.find(picture, step / 10) == []


def test_sizes_may_change_from_picture_to_picture_and_times_may_go_back(faces: FaceFinder) -> None:
    picture = clip("d9", 1)[0]
    for index, side in enumerate((480, 8, 200, 479, 333, 1, 480)):
        small = cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA)
        found = faces.find(np.asarray(small, np.uint8), 10.0 - index)
        assert len(found) == (side > 100)


def test_a_face_lying_on_its_side_or_upside_down_harms_nothing(faces: FaceFinder) -> None:
    picture = clip("d13", 1)[0]
    for quarter in (1, 2, 3, 0):
        turned = np.ascontiguousarray(np.rot90(picture, quarter))
        found = [faces.find(turned, quarter + step / 10) for step in range(3)][-1]
        assert len(found) <= 1
    assert len(found) == 1


def test_a_face_partly_out_of_view_is_found_or_not_but_harms_nothing(faces: FaceFinder) -> None:
    picture = clip("d13", 1)[0]
    width = picture.shape[1]
    counts = []
    for cut in range(10):
        part = np.zeros_like(picture)
        part[:, : width - cut * width // 10] = picture[:, cut * width // 10 :]
        found = faces.find(part, cut / 5)
        counts.append(len(found))
        assert all(np.isfinite(face.landmarks).all() for face in found)
    assert counts[0] == 1
    assert max(counts) == 1
    assert counts[-1] == 0


def test_of_ten_people_four_are_looked_at(faces: FaceFinder) -> None:
    picture = clip("d13", 1)[0]
    (face,) = faces.find(picture, 0.0)
    low, high = face.landmarks[:, :2].min(0).astype(int), face.landmarks[:, :2].max(0).astype(int)
    head = picture[max(0, low[1] - 60) : high[1] + 20, max(0, low[0] - 10) : high[0] + 10]
    small = np.asarray(cv2.resize(head, (128, 180), interpolation=cv2.INTER_AREA), np.uint8)
    crowd = np.tile(small, (2, 5, 1))
    for step in range(5):
        found = faces.find(crowd, 1.0 + step / 10)
        assert 2 <= len(found) <= MAX_FACES
    middles = np.array([middle_of(face) for face in found])
    apart = np.linalg.norm(middles[:, None] - middles[None], axis=-1) + 1e3 * np.eye(len(found))
    assert apart.min() > 60  # nobody is counted twice


def test_a_hand_over_the_face_harms_nothing(faces: FaceFinder, hands: HandFinder) -> None:
    picture = on_wall(clip("d13", 1)[0])
    hand = hand_picture("1528664299.56_pic00005")[30:480, 120:330]
    for step in range(-40, 41, 8):
        both = picture.copy()
        both[30:480, 215 + step : 425 + step] = hand
        for face in faces.find(both, step + 50):
            assert np.isfinite(face.landmarks).all()
        assert len(hands.find(both, step + 50)) <= 2


def test_a_broken_graph_starts_again() -> None:
    finder = MeshFaces()
    picture = clip("d9", 1)[0]
    assert len(finder.find(picture, 0.0)) == 1
    finder._graph._graph.close()  # as after an error inside MediaPipe
    assert finder.find(picture, 0.1) == []
    assert len(finder.find(picture, 0.2)) == 1
    assert finder._graph.failures == 1
    finder.close()


def test_the_bundle_gives_the_same_face_and_its_expression() -> None:
    needed(TASK)
    ours, bundle = MeshFaces(), open_faces(TASK)
    assert isinstance(bundle, TaskFaces)
    bundle.start()
    differences = []
    for index, picture in enumerate(clip("d20", 12)):
        (a,), (b,) = ours.find(picture, index / 25), bundle.find(picture, index / 25)
        differences.append(np.abs(a.landmarks[:, :2] - b.landmarks[:, :2]).mean() / np.ptp(a.landmarks[:, 0]))
    assert np.mean(differences) < 0.02
    assert b.weights is not None
    assert b.weights.shape == (52,)
    assert b.weights.min() >= 0
    assert b.weights.max() <= 1
    assert b.weights[INDEX["tongueOut"]] == 0
    assert b.weights.any()
    ours.close()
    bundle.close()


def test_the_bundle_sees_nobody_where_nobody_is() -> None:
    bundle = TaskFaces(needed(TASK))
    for index, (_, picture) in enumerate(EMPTY):
        assert bundle.find(picture, float(index)) == []
    bundle.close()


@pytest.mark.parametrize("content", [b"", b"no bundle", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_bundle_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / 'an "odd" näme.task'
    path.write_bytes(content)
    for finder in (open_faces(path), open_hands(path)):
        with pytest.raises(UserError, match="MediaPipe can't start"):
            finder.start()


def test_a_bundles_odd_name_is_found(tmp_path: Path) -> None:
    path = tmp_path / 'my "face" näme.task'
    path.symlink_to(needed(TASK))
    link = TaskFaces(path)
    link.start()
    link.close()


def test_looking_loads_no_package_that_a_bare_server_lacks() -> None:
    code = (
        "import sys, numpy as np\n"
        "from runtime.perception.vision.finders import LiteHands, MeshFaces\n"
        "picture = np.zeros((240, 320, 3), np.uint8)\n"
        "print(MeshFaces().find(picture, 0.0), LiteHands().find(picture, 0.0))\n"
        "bad = {'matplotlib', 'sounddevice', 'jax', 'absl', 'torch', 'mediapipe'} & set(sys.modules)\n"
        "assert not bad, bad\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "[] []\n", "")
