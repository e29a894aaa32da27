"""The local camera; OpenCV reads a file in its place."""

import asyncio
import time
from pathlib import Path

import pytest

from runtime.capture.camera import Camera, list_cameras
from runtime.core.errors import UserError
from runtime.core.messages import CameraImage
from tests.capture.test_file import write


async def test_pictures_come_in_the_loop_until_the_camera_is_closed(tmp_path: Path) -> None:
    path = write(tmp_path / "a.avi", frames=100, size=(1_600, 64))
    images: list[CameraImage] = []
    enough = asyncio.Event()

    def see(image: CameraImage) -> None:
        images.append(image)
        if len(images) == 3:
            enough.set()

    camera = Camera(see, str(path))
    camera.open()
    await enough.wait()
    camera.close()
    count = len(images)
    assert images[0].rgb.shape == (51, 1_280, 3)
    assert images[1].time_s > images[0].time_s
    assert not camera.lost
    await asyncio.sleep(0.1)
    assert len(images) == count


async def test_a_loop_that_is_late_gets_the_newest_picture(tmp_path: Path) -> None:
    images: list[CameraImage] = []
    camera = Camera(images.append, str(write(tmp_path / "a.avi", frames=100)))
    camera.open()
    while camera.dropped < 2:
        time.sleep(0.01)  # noqa: ASYNC251 - the loop is kept from running
    assert images == []
    await asyncio.sleep(0)
    assert len(images) == 1
    camera.close()


async def test_a_missing_camera_is_one_clear_line(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UserError, match="camera 97 can't be opened") as raised:
        Camera(lambda image: None, 97).open()
    assert "\n" not in str(raised.value)
    assert capfd.readouterr().err == ""


def test_cameras_are_listed_without_opening_them() -> None:
    assert all(isinstance(number, int) and name for number, name in list_cameras())
