"""This machine's own camera, by OpenCV, for use without a browser."""

import asyncio
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

from runtime.core.errors import UserError
from runtime.core.messages import CameraImage

MAX_IMAGES_PER_S: Final = 15
MAX_SIDE: Final = 1_280
OPEN_WIDTH, OPEN_HEIGHT = 640, 480
MAX_FAILURES: Final = 50
JOIN_S: Final = 2.0


class Camera:
    """Hands pictures to `see` in the event loop, at most 15 a second; one that the loop has not taken yet is replaced.

    `device` is a camera's number, or anything else that OpenCV opens by name.
    """

    def __init__(self, see: Callable[[CameraImage], None], device: int | str = 0) -> None:
        self.dropped = 0
        self.lost = False
        """Whether the camera stopped giving pictures."""
        self._see = see
        self._device = device
        self._capture: Any = None
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._latest: CameraImage | None = None

    def open(self) -> None:
        """Open the camera and begin; called in the event loop. It takes up to seconds with some cameras.

        Raises:
            UserError: there is no such camera, or another program has it.
        """
        _silence_opencv()
        capture = cv2.VideoCapture(self._device)
        if not capture.isOpened():
            capture.release()
            raise UserError(
                f"The camera {self._device} can't be opened.",
                "Plug one in, or end the program that has it: python -m runtime devices lists them.",
            )
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, OPEN_WIDTH)
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, OPEN_HEIGHT)
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        self._capture = capture
        loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._run, args=(loop,), name="camera", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the thread and free the camera."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(JOIN_S)
            self._thread = None

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        failures = 0
        while not self._stop.is_set() and failures < MAX_FAILURES:
            begun_s = loop.time()
            good, bgr = self._capture.read()
            failures = 0 if good else failures + 1
            if good:
                self._offer(loop, _to_image(bgr, loop.time()))
            self._stop.wait(max(0.002, begun_s + 1 / MAX_IMAGES_PER_S - loop.time()))
        self.lost = not self._stop.is_set()
        self._capture.release()

    def _offer(self, loop: asyncio.AbstractEventLoop, image: CameraImage) -> None:
        with self._lock:
            waiting, self._latest = self._latest is not None, image
        if waiting:
            self.dropped += 1
        elif not loop.is_closed():
            loop.call_soon_threadsafe(self._take)

    def _take(self) -> None:
        with self._lock:
            image, self._latest = self._latest, None
        if image is not None and not self._stop.is_set():
            self._see(image)


def list_cameras() -> list[tuple[int, str]]:
    """Return the number and name of each camera; on Linux alone, where the system lists them without opening them."""
    if sys.platform != "linux":
        return []
    found = []
    for node in Path("/sys/class/video4linux").glob("video*"):
        try:
            name = (node / "name").read_text(encoding="utf-8", errors="replace").strip()
        except OSError:
            name = node.name
        if node.name[5:].isdecimal():
            found.append((int(node.name[5:]), name))
    return sorted(found)


def _to_image(bgr: Any, time_s: float) -> CameraImage:
    height, width = bgr.shape[:2]
    scale = MAX_SIDE / max(height, width)
    if scale < 1:
        bgr = cv2.resize(bgr, (round(width * scale), round(height * scale)), interpolation=cv2.INTER_AREA)
    return CameraImage(np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8), time_s)


def _silence_opencv() -> None:
    """Keep OpenCV's own warnings about a missing camera off the screen; ours says it in one line."""
    os.environ.setdefault("OPENCV_LOG_LEVEL", "ERROR")
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
