"""The picture in shared memory: sizes, bounds, and that nothing is left of it."""

from pathlib import Path

import numpy as np
import pytest

from runtime.core.errors import UserError
from runtime.perception.vision.picture import SharedPicture

SHM = Path("/dev/shm")


@pytest.fixture
def shared() -> SharedPicture:
    return SharedPicture.create()


@pytest.mark.parametrize(
    ("size", "held"),
    [
        ((640, 480), (640, 480)),
        ((1280, 720), (640, 360)),
        ((720, 1280), (360, 640)),
        ((480, 640), (480, 640)),
        ((641, 479), (640, 478)),
        ((3840, 2160), (640, 360)),
        ((1, 1), (1, 1)),
        ((8, 8), (8, 8)),
        ((4000, 3), (640, 1)),
        ((3, 4000), (1, 640)),
        ((1000, 1000), (480, 480)),
    ],
)
def test_any_size_is_made_to_fit(shared: SharedPicture, size: tuple[int, int], held: tuple[int, int]) -> None:
    width, height = size
    picture = np.full((height, width, 3), (10, 20, 30), np.uint8)
    view = shared.put(picture)
    assert view.shape == (held[1], held[0], 3)
    assert (view == (10, 20, 30)).all()
    other = SharedPicture.attach(shared.name)
    assert (other.view(*held) == (10, 20, 30)).all()
    del view
    other.close()
    shared.close()


def test_a_view_that_runs_backwards_is_held_like_any_other(shared: SharedPicture) -> None:
    picture = np.random.default_rng(2).integers(0, 256, (600, 1280, 3), np.uint8)
    flipped = np.ascontiguousarray(picture[::-1, ::-1, ::-1])
    backwards, forwards = (shared.put(which).copy() for which in (picture[::-1, ::-1, ::-1], flipped))
    np.testing.assert_array_equal(backwards, forwards)
    shared.close()


def test_what_is_no_picture_or_does_not_fit_is_refused(shared: SharedPicture) -> None:
    for wrong in (np.zeros((4, 4), np.uint8), np.zeros((4, 4, 4), np.uint8), np.zeros((0, 4, 3), np.uint8)):
        with pytest.raises(UserError, match="A picture has shape"):
            shared.put(wrong)
    with pytest.raises(UserError, match="A picture has shape"):
        shared.put(np.zeros((4, 4, 3), np.float32))
    for size in ((641, 480), (0, 5), (-1, -1)):
        with pytest.raises(UserError, match="No picture of"):
            shared.view(*size)
    shared.close()
    with pytest.raises(UserError, match="No picture of"):
        shared.view(1, 1)


@pytest.mark.skipif(not SHM.is_dir(), reason="shared memory is no folder on this system")
def test_a_closed_picture_is_wiped_and_gone(shared: SharedPicture) -> None:
    shared.put(np.full((480, 640, 3), 77, np.uint8))
    file = SHM / shared.name.lstrip("/")
    other = SharedPicture.attach(shared.name)
    assert 77 in file.read_bytes()
    shared.close()
    shared.close()
    assert not file.exists()
    assert not other.view(640, 480).any()  # even where another process still holds it
    other.close()
    with pytest.raises(UserError, match="can't be opened"):
        SharedPicture.attach(shared.name)
