"""A window that shows the character (pygame). Pictures follow the sound that is heard."""

import asyncio
import os
from collections import deque
from collections.abc import Callable
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from runtime.core.errors import UserError
from runtime.delivery.source import FPS, MediaSource

AHEAD_FRAMES: Final = 8  # pictures drawn and not yet heard: 320 ms, more than any sound card's latency
POLL_S: Final = 0.005
FRAME_S: Final = 1 / FPS


class Window:
    """A resizable window; `title` is its caption."""

    def __init__(self, width: int, height: int, title: str) -> None:
        self.frames = 0
        self._size = (width, height)
        self._title = title
        self._pygame: Any = None
        self._screen: Any = None

    def open(self) -> None:
        """Open the window.

        Raises:
            UserError: pygame or a display is missing.
        """
        os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
        try:
            import pygame
        except ImportError:
            raise UserError("The package pygame-ce is missing.", "pip install 'avatar-runtime[local]'") from None
        try:
            pygame.display.init()
            self._screen = pygame.display.set_mode(self._size, pygame.RESIZABLE)
        except pygame.error as error:
            raise UserError(f"No window can be opened: {error}.", "Run this where there is a display.") from None
        pygame.display.set_caption(self._title)
        self._pygame = pygame

    def show(self, i420: NDArray[np.uint8]) -> None:
        """Show a picture, (height * 3 // 2, width) uint8 I420, as large as the window allows."""
        rgb = cv2.cvtColor(i420, cv2.COLOR_YUV2RGB_I420)
        width, height = self._screen.get_size()
        scale = min(width / rgb.shape[1], height / rgb.shape[0])
        size = (max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale)))
        if size != (rgb.shape[1], rgb.shape[0]):
            rgb = cv2.resize(rgb, size, interpolation=cv2.INTER_LINEAR)
        surface = self._pygame.image.frombuffer(np.ascontiguousarray(rgb).tobytes(), size, "RGB")
        self._screen.fill((0, 0, 0))
        self._screen.blit(surface, ((width - size[0]) // 2, (height - size[1]) // 2))
        self._pygame.display.flip()
        self.frames += 1

    def closed_by_user(self) -> bool:
        """Take what the user did with the window; return whether they closed it or pressed Escape."""
        pygame = self._pygame
        return any(
            event.type == pygame.QUIT or (event.type == pygame.KEYDOWN and event.key == pygame.K_ESCAPE)
            for event in pygame.event.get()
        )

    def close(self) -> None:
        """Close the window."""
        if self._pygame is not None:
            self._pygame.display.quit()
            self._pygame = self._screen = None

    async def run(self, source: MediaSource, read_s: Callable[[], float], heard_s: Callable[[], float]) -> None:
        """Show a source until the user closes the window.

        `read_s` and `heard_s` tell the media time up to which sound was read, and of what is heard now
        (`LocalSpeaker` has both). A picture is drawn when its sound is read and shown when that is heard.
        """
        drawn: deque[tuple[float, NDArray[np.uint8]]] = deque(maxlen=AHEAD_FRAMES)
        next_frame = 0
        while not self.closed_by_user():
            if next_frame * FRAME_S <= read_s():
                next_frame = max(next_frame, int(read_s() * FPS + 1e-6))  # late: leave some out
                picture = await source.draw_frame(next_frame * FRAME_S)
                if picture is not None:
                    drawn.append((next_frame * FRAME_S, picture))
                next_frame += 1
            due = None
            while drawn and drawn[0][0] <= heard_s():
                due = drawn.popleft()[1]
            if due is not None:
                self.show(due)
            await asyncio.sleep(POLL_S)
