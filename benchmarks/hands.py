"""Hands to be read: pictures of hands from recordings, and videos made of them, in which they are held up or moved.

The data show hands held up alone: open, fists, pointing, with two fingers; no thumbs. What moves is made: the hand is
cut out softly, laid over another picture and moved along a path, blurred as in an exposure of 1/60 s.
"""

import csv
import math
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Place = tuple[float, float, float]
"""Shift to the right and downwards, in heights of the hand, and turn to the right about the wrist in degrees."""

FPS: Final = 25
HELD_OUT: Final = ("1528664299.56", "5", "996")
"""The recordings of hands that neither taught the gesture model nor chose its weights."""
SIGNS: Final = {0: ("fist",), 1: ("point", "thumb_up", "thumb_down"), 2: ("victory",), 5: ("open_palm",)}
"""What so many raised fingers may be called; 3 and 4 have no name."""
ENTER_S: Final = 0.3
"""A hand comes up from below in this time, and goes down again."""
EXPOSURE_S: Final = 1 / 60
BLURS: Final = 4
SIZE: Final = 0.4
"""Height of a hand as it is shown, of the height of the picture."""
MARGIN: Final = 0.15
WRIST: Final = 0.35
"""So much more than the labelled box is cut out on each side and below, in its own size."""


@dataclass(frozen=True)
class HandPicture:
    """A picture (h, w, 3) RGB of one hand, its `box` (left, top, right, bottom) in pixels, and its raised `fingers`."""

    pixels: Picture
    box: tuple[int, int, int, int]
    fingers: int


@dataclass(frozen=True)
class Movement:
    """What a hand does after it came up: `place` by the time since then, for `length_s`."""

    place: Callable[[float], Place]
    length_s: float


def _held(time_s: float) -> Place:
    return 0.01 * math.sin(7 * time_s), 0.01 * math.sin(5 * time_s), math.sin(4 * time_s)


def _waved(time_s: float) -> Place:
    return 0.0, 0.0, 22 * math.sin(2 * math.pi * 2 * time_s)


def _swept(time_s: float) -> Place:
    done = min(max((time_s - 0.1) / 0.35, 0.0), 1.0)
    return 1.3 * (done * done * (3 - 2 * done) - 0.5), 0.0, 0.0


def _circled(time_s: float) -> Place:
    turn = 2 * math.pi * time_s / 0.9
    return 0.3 * math.sin(turn), 0.3 * (1 - math.cos(turn)), 0.0


def _back(place: Callable[[float], Place]) -> Callable[[float], Place]:
    def mirrored(time_s: float) -> Place:
        x, y, turn = place(time_s)
        return -x, y, -turn

    return mirrored


MOVEMENTS: Final = {
    "wave": Movement(_waved, 1.6),
    "swipe_left": Movement(_swept, 0.7),  # the picture is no mirror: their left is on its right
    "swipe_right": Movement(_back(_swept), 0.7),
    "circle_clockwise": Movement(_back(_circled), 1.2),
    "circle_counterclockwise": Movement(_circled, 1.2),
}
HELD: Final = Movement(_held, 1.2)
FINGERS: Final = {name: 1 if name.startswith("circle") else 5 for name in MOVEMENTS}
"""How many fingers the hand shows that makes a movement."""


def pictures(folder: Path, recordings: tuple[str, ...] = HELD_OUT) -> Iterator[HandPicture]:
    """Return the pictures of one hand in some recordings below gesture/hands."""
    with (folder / "labels.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["file"].split("_pic")[0] in recordings]
    hands = Counter(row["file"] for row in rows)
    for row in rows:
        bgr = cv2.imread(str(folder / row["file"])) if hands[row["file"]] == 1 else None
        if bgr is not None:
            box = (int(row["xmin"]), int(row["ymin"]), int(row["xmax"]), int(row["ymax"]))
            yield HandPicture(np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8), box, int(row["label"][0]))


def video(hand: HandPicture, movement: Movement, wall: list[Picture]) -> list[Picture]:
    """Return the frames, 25 a second, of a hand that comes up before `wall`, moves and goes; as large as the wall's."""
    cut = _cut_out(hand)
    frames = round((movement.length_s + 2 * ENTER_S) * FPS)
    return [_frame(cut, hand.box, movement, wall[frame % len(wall)], frame / FPS) for frame in range(frames)]


def _frame(
    cut: NDArray[np.float32], box: tuple[int, int, int, int], movement: Movement, wall: Picture, time_s: float
) -> Picture:
    height, width = wall.shape[:2]
    left, top, right, bottom = box
    size, wrist = SIZE * height, np.array([(left + right) / 2, bottom])
    home = np.array([0.4 * width, 0.5 * (height + size)])
    hand = np.zeros((height, width, 4), np.float32)
    for part in range(BLURS):
        x, y, turn = _place(movement, time_s - EXPOSURE_S * part / BLURS)
        move = cv2.getRotationMatrix2D((float(wrist[0]), float(wrist[1])), -turn, size / (bottom - top))
        move[:, 2] += home + size * np.array([x, y]) - wrist
        hand += cv2.warpAffine(cut, move, (width, height)) / BLURS
    return np.asarray(hand[..., :3] + (1 - hand[..., 3:]) * wall, np.uint8)


def _place(movement: Movement, time_s: float) -> Place:
    """Return where the hand is `time_s` after it began to come up: out of the picture first and last."""
    moved_s = min(max(time_s - ENTER_S, 0.0), movement.length_s)
    x, y, turn = movement.place(moved_s)
    away = max(ENTER_S - time_s, time_s - ENTER_S - movement.length_s, 0.0) / ENTER_S
    return x, y + 2.5 * away * away, turn


def _cut_out(hand: HandPicture) -> NDArray[np.float32]:
    """Return the hand's box with a soft edge, (h, w, 4): its colours times how much each pixel counts, and that."""
    left, top, right, bottom = hand.box
    aside, above, below = MARGIN * (right - left), MARGIN * (bottom - top), WRIST * (bottom - top)
    mask = np.zeros(hand.pixels.shape[:2], np.float32)
    mask[max(0, round(top - above)) : round(bottom + below), max(0, round(left - aside)) : round(right + aside)] = 1
    edge = 2 * max(1, round(0.5 * min(aside, above))) + 1
    soft = np.asarray(cv2.blur(mask, (edge, edge), borderType=cv2.BORDER_CONSTANT), np.float32)[..., None]
    return np.concatenate([hand.pixels * soft, soft], -1)
