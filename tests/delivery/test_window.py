"""The window, on SDL's dummy display."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from runtime.core.clock import run_simulated
from runtime.core.errors import UserError
from runtime.delivery.window import Window

os.environ["PYGAME_HIDE_SUPPORT_PROMPT"] = "1"
pygame = pytest.importorskip("pygame")


@pytest.fixture
def window(monkeypatch: pytest.MonkeyPatch) -> Window:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    return Window(64, 48, "Ada")


class Source:
    """Pictures whose brightness is their frame's number."""

    def __init__(self) -> None:
        self.asked: list[float] = []

    def read_audio(self, samples: int) -> NDArray[np.int16]:
        return np.zeros(samples, np.int16)

    async def draw_frame(self, media_time_s: float) -> NDArray[np.uint8] | None:
        self.asked.append(media_time_s)
        await asyncio.sleep(0.01)
        return None if len(self.asked) == 5 else np.full((72, 64), min(255, len(self.asked)), np.uint8)


def test_pictures_are_shown_when_their_sound_is_heard(window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    source = Source()
    shown: list[tuple[float, float]] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        window.open()
        monkeypatch.setattr(
            window, "show", lambda picture: shown.append((loop.time(), source.asked[picture[0, 0] - 1]))
        )
        monkeypatch.setattr(window, "closed_by_user", lambda: loop.time() > 2.0)
        await window.run(source, lambda: loop.time(), lambda: loop.time() - 0.1)
        window.close()

    run_simulated(main())
    assert len(source.asked) in (50, 51)
    assert len(shown) in (46, 47)
    for shown_s, drawn_for_s in shown:
        assert 0.1 <= shown_s - drawn_for_s < 0.12


def test_a_picture_fills_the_window_and_a_key_closes_it(window: Window) -> None:
    window.open()
    white = np.full((72, 64), 128, np.uint8)
    white[:48] = 235
    window.show(white)
    assert pygame.display.get_surface().get_at((32, 24))[:3] == (255, 255, 255)
    assert not window.closed_by_user()
    pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=pygame.K_ESCAPE))
    assert window.closed_by_user()
    window.close()
    window.close()


def test_without_a_display_there_is_one_clear_line() -> None:
    program = "from runtime.delivery.window import Window\nWindow(64, 48, 'Ada').open()"
    environment = {"PATH": os.environ["PATH"], "SDL_VIDEODRIVER": "x11", "DISPLAY": ""}
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "UserError: No window can be opened" in done.stderr


def test_without_pygame_there_is_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pygame", None)
    with pytest.raises(UserError, match="pygame-ce is missing"):
        Window(64, 48, "Ada").open()
