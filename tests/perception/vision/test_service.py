"""The vision process's part, called directly."""

import functools
import logging
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from runtime.core.errors import UserError
from runtime.core.messages import Gesture, Sight
from runtime.core.models import ModelRegistry
from runtime.perception.vision import service as service_module
from runtime.perception.vision.pace import Look
from runtime.perception.vision.picture import SharedPicture
from runtime.perception.vision.service import Seen, VisionService
from tests.perception.vision.pictures import TASK, Picture, clip, hand_picture, needed, needs_mediapipe, on_wall

pytestmark = needs_mediapipe
BOTH, FACES, HANDS = Look(True, True), Look(True, False), Look(False, True)


class Notes:
    """A watcher that notes what it is told."""

    def __init__(self, notes: list[str], registry: ModelRegistry) -> None:
        assert isinstance(registry, ModelRegistry)
        self.notes = notes

    def feed(self, sight: Sight) -> list[Any]:
        self.notes.append(f"fed {len(sight.faces or ())}")
        return [Gesture("wave", 1.0, sight.time_s)]

    def forget(self) -> None:
        self.notes.append("forget")


@pytest.fixture
def shared() -> Iterator[SharedPicture]:
    picture = SharedPicture.create()
    yield picture
    picture.close()


@pytest.fixture
def other() -> Iterator[SharedPicture]:
    picture = SharedPicture.create()
    yield picture
    picture.close()


@pytest.fixture
def make(shared: SharedPicture) -> Iterator[Callable[..., VisionService]]:
    """Makes services that have loaded, and closes them."""
    made = []

    def make(**options: Any) -> VisionService:
        made.append(VisionService(**options))
        made[-1].load()
        return made[-1]

    yield make
    for service in made:
        service.close()


@pytest.fixture
def service(make: Callable[..., VisionService], shared: SharedPicture) -> VisionService:
    service = make()
    service.open("a", shared.name)
    return service


def look(service: VisionService, shared: SharedPicture, picture: Picture, time_s: float, what: Look = BOTH) -> Seen:
    height, width = shared.put(picture).shape[:2]
    return service.look("a", width, height, time_s, what)


def test_a_look_sees_what_it_is_asked_for(service: VisionService, shared: SharedPicture) -> None:
    picture = on_wall(clip("d13", 1)[0])
    seen = look(service, shared, picture, 7.0, FACES)
    assert (seen.sight.time_s, seen.sight.width, seen.sight.height) == (7.0, 640, 480)
    assert seen.sight.faces is not None
    assert len(seen.sight.faces) == 1
    assert seen.sight.hands is None
    assert (seen.faces_s is not None, seen.hands_s is None, seen.messages) == (True, True, ())
    seen = look(service, shared, hand_picture("1528664299.56_pic00005"), 7.1, HANDS)
    assert seen.sight.faces is None
    assert seen.sight.hands is not None
    assert [hand.right for hand in seen.sight.hands] == [True]
    (face,) = look(service, shared, picture, 7.2).sight.faces or ()
    assert 0.1 < face.distance_m < 1.5
    assert max(map(abs, face.head)) < 25
    assert face.weights.shape == (52,)


def test_a_bundle_tells_expressions(
    make: Callable[..., VisionService], shared: SharedPicture, caplog: pytest.LogCaptureFixture
) -> None:
    service = make(face_task=str(needed(TASK)))
    assert "blendshapes" not in caplog.text  # not needed
    service.open("a", shared.name)
    (face,) = look(service, shared, clip("d20", 1)[0], 0.0, FACES).sight.faces or ()
    assert face.weights.any()


def test_without_the_model_of_blendshapes_it_is_said_once(
    service: VisionService, shared: SharedPicture, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(service._shapes, "_session", None)
    monkeypatch.setattr(service._shapes._registry, "_entries", {})
    with caplog.at_level(logging.WARNING):
        service.load()
        for step in range(3):
            (face,) = look(service, shared, clip("d20", 1)[0], float(step), FACES).sight.faces or ()
            assert not face.weights.any()
    assert caplog.text.count("'blendshapes' is missing") == 1


def test_the_watcher_is_fed_and_told_to_forget(make: Callable[..., VisionService], shared: SharedPicture) -> None:
    notes: list[str] = []
    service = make(watcher=functools.partial(Notes, notes))
    notes.clear()
    service.open("a", shared.name)
    seen = look(service, shared, on_wall(clip("d13", 1)[0]), 3.0)
    assert seen.messages == (Gesture("wave", 1.0, 3.0),)
    service.forget("a")
    look(service, shared, np.zeros((480, 640, 3), np.uint8), 4.0)
    service.close_session("a")
    service.close_session("a")
    assert notes == ["fed 1", "forget", "fed 0", "forget"]


def test_after_forgetting_a_face_is_found_anew(service: VisionService, shared: SharedPicture) -> None:
    picture = on_wall(clip("d13", 1)[0])
    look(service, shared, picture, 1.0)
    service.forget("a")
    service.forget("nobody")
    assert len(look(service, shared, picture, 2.0).sight.faces or ()) == 1


def test_nothing_of_a_session_is_left_for_the_next(service: VisionService, shared: SharedPicture) -> None:
    picture = on_wall(clip("d13", 1)[0])
    finders = service._open["a"].finders
    (before,) = look(service, shared, picture, 5.0).sight.faces or ()
    service.close_session("a")
    shared.put(np.zeros((480, 640, 3), np.uint8))
    service.open("a", shared.name)
    assert service._open["a"].finders is finders  # used again, as they are large
    assert service.look("a", 640, 480, 1.0, BOTH).sight.faces == ()
    aside = np.roll(picture, 90, axis=1)
    (after,) = look(service, shared, aside, 1.1).sight.faces or ()
    assert after.landmarks[:, 0].mean() - before.landmarks[:, 0].mean() == pytest.approx(90, abs=5)


def test_sessions_see_their_own_pictures_and_are_bounded(
    service: VisionService, shared: SharedPicture, other: SharedPicture, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.open("b", other.name)
    other.put(np.zeros((480, 640, 3), np.uint8))
    assert len(look(service, shared, on_wall(clip("d13", 1)[0]), 1.0).sight.faces or ()) == 1
    assert service.look("b", 640, 480, 1.0, BOTH).sight.faces == ()
    monkeypatch.setattr(service_module, "MAX_SESSIONS", 2)
    with pytest.raises(UserError, match="already looks for 2 sessions"):
        service.open("c", other.name)
    service.open("b", other.name)  # a second open replaces the first
    service.close_session("b")
    service.open("c", other.name)


def test_unknown_sessions_lost_memory_and_wrong_sizes_are_clear_errors(
    service: VisionService, shared: SharedPicture
) -> None:
    with pytest.raises(UserError, match="No eyes are open for session 'b'"):
        service.look("b", 10, 10, 0.0, BOTH)
    with pytest.raises(UserError, match="can't be opened"):
        service.open("b", "psm_absent")
    with pytest.raises(UserError, match="No picture of 4000x4000"):
        service.look("a", 4000, 4000, 0.0, BOTH)


def test_what_is_no_bundle_stops_the_start(tmp_path: Any) -> None:
    path = tmp_path / "x.task"
    path.write_bytes(b"no bundle")
    with pytest.raises(UserError, match="MediaPipe can't start"):
        VisionService(face_task=str(path)).load()
