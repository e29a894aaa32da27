"""The vector renderer with the real character."""

from pathlib import Path

import numpy as np
import psutil
import pytest
from numpy.typing import NDArray

from runtime.__main__ import main
from runtime.avatar.renderer import open_renderer
from runtime.avatar.sheet import CELL, COLUMNS, STATES, state
from runtime.avatar.vector import VectorRenderer
from runtime.core.blendshapes import weights
from runtime.core.messages import FaceState

SIZE = 256


@pytest.fixture(scope="module")
def renderer() -> VectorRenderer:
    renderer = open_renderer("ada", SIZE, SIZE)
    assert isinstance(renderer, VectorRenderer)
    renderer.load()
    return renderer


def drawn(renderer: VectorRenderer, **values: float) -> NDArray[np.int16]:
    return renderer.draw(FaceState(weights(values)))[..., :3].astype(np.int16)


def dark_mouth(picture: NDArray[np.int16]) -> int:
    """Count the dark pixels between the lips."""
    mouth = picture[int(SIZE * 0.56) : int(SIZE * 0.617), int(SIZE * 0.44) : int(SIZE * 0.56)]
    return int((mouth.max(axis=2) < 70).sum())


def test_her_left_eye_is_on_the_viewers_right(renderer: VectorRenderer) -> None:
    change = np.abs(drawn(renderer, eyeBlinkLeft=1.0) - drawn(renderer)).sum(axis=2)
    assert change[:, SIZE // 2 :].sum() > 20 * change[:, : SIZE // 2].sum()


def test_the_jaw_opens_the_mouth_and_closing_shuts_it(renderer: VectorRenderer) -> None:
    assert dark_mouth(drawn(renderer)) == 0
    assert dark_mouth(drawn(renderer, jawOpen=0.6)) > 60
    assert dark_mouth(drawn(renderer, jawOpen=0.05, mouthClose=1.0, mouthPress=0.65)) == 0


def test_the_same_state_gives_the_same_picture_and_is_opaque(renderer: VectorRenderer) -> None:
    first = renderer.draw(state("happy")).copy()
    renderer.draw(state("sad"))
    assert np.array_equal(renderer.draw(state("happy")), first)
    assert first[..., 3].min() == 255


def test_a_turned_head_turns(renderer: VectorRenderer) -> None:
    left = renderer.draw(FaceState(weights({}), (-20.0, 0.0, 0.0))).copy()
    right = renderer.draw(FaceState(weights({}), (20.0, 0.0, 0.0)))
    assert np.abs(left.astype(np.int16) - right).mean() > 3


def test_memory_stays_flat(renderer: VectorRenderer) -> None:
    process, sizes = psutil.Process(), []
    for number in range(600):
        share = (number % 50) / 50
        renderer.draw(FaceState(weights({"jawOpen": share}), (10 * share, 0.0, 0.0)))
        if number % 100 == 99:
            sizes.append(process.memory_info().rss)
    assert sizes[-1] - sizes[1] < 2_000_000


def test_the_contact_sheet_is_drawn(tmp_path: Path) -> None:
    import cv2

    path = tmp_path / "sheet.png"
    assert main(["avatar", "sheet", "ada", "--output", str(path)]) == 0
    sheet = cv2.imread(str(path))
    assert sheet is not None
    assert sheet.shape == (CELL * len(STATES) // COLUMNS, CELL * COLUMNS, 3)
    assert len(STATES) == 28
