"""The hands that the benchmark of seeing shows: what is cut out of a picture, and where it moves."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks.hands import ENTER_S, FINGERS, FPS, HELD, MOVEMENTS, HandPicture, Movement, Picture, pictures, video

WALL = np.full((240, 320, 3), 90, np.uint8)


def hand() -> HandPicture:
    """A bright hand, 40 pixels wide and 60 high, in a dark picture."""
    pixels = np.zeros((200, 160, 3), np.uint8)
    pixels[40:100, 60:100] = 250
    return HandPicture(pixels, (60, 40, 100, 100), 5)


def place(frame: Picture) -> tuple[float, float]:
    """The middle of the hand in a frame, in shares of its width and height."""
    rows, columns = np.nonzero(frame[..., 0] > 200)
    return float(columns.mean()) / frame.shape[1], float(rows.mean()) / frame.shape[0]


def shown(movement: Movement) -> list[tuple[float, float]]:
    """The places of the hand after it came up and before it goes down."""
    return [place(frame) for frame in video(hand(), movement, [WALL])[round(ENTER_S * FPS) + 1 : -round(ENTER_S * FPS)]]


def test_a_hand_comes_up_and_goes_again() -> None:
    frames = video(hand(), HELD, [WALL])
    assert len(frames) == round((HELD.length_s + 2 * ENTER_S) * FPS)
    assert (frames[0] == WALL).all()
    assert frames[0].shape == frames[-1].shape == WALL.shape
    x, y = np.ptp(np.array(shown(HELD)), axis=0)
    assert max(x, y) < 0.03, "a hand that is held hardly moves"


def test_hands_move_to_the_side_of_the_person_who_has_no_mirror() -> None:
    for name, sign in (("swipe_left", 1), ("swipe_right", -1)):
        places = shown(MOVEMENTS[name])
        assert sign * (places[-1][0] - places[0][0]) > 0.3


@pytest.mark.parametrize(("name", "sign"), [("circle_clockwise", -1), ("circle_counterclockwise", 1)])
def test_a_circle_turns_as_named_in_a_mirror(name: str, sign: int) -> None:
    x, y = (np.array(shown(MOVEMENTS[name])) - np.mean(shown(MOVEMENTS[name]), axis=0)).T
    turned = np.degrees(np.unwrap(np.arctan2(y, x)))
    assert sign * (turned[-1] - turned[0]) > 330


def test_pictures_of_one_hand_are_taken_with_their_labels(tmp_path: Path) -> None:
    rows = ["file,label,xmin,ymin,xmax,ymax"]
    for name, labels in (("5_pic0.jpg", "2"), ("5_pic1.jpg", "15"), ("2_pic0.jpg", "3"), ("996_pic9.jpg", "0")):
        cv2.imwrite(str(tmp_path / name), np.zeros((20, 30, 3), np.uint8))
        rows += [f"{name},{label}-hand,1,2,11,12" for label in labels]
    (tmp_path / "labels.csv").write_text("\n".join(rows) + "\n")
    found = list(pictures(tmp_path))
    assert [(one.fingers, one.box, one.pixels.shape) for one in found] == [
        (2, (1, 2, 11, 12), (20, 30, 3)),
        (0, (1, 2, 11, 12), (20, 30, 3)),
    ], "two hands in a picture are left out, and so are recordings that were learnt from"
    assert set(FINGERS) == set(MOVEMENTS)
