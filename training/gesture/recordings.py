"""The recordings: still hands (keypoint.csv), paths of a fingertip (point_history.csv), pictures and face clips.

Rows next to each other are near copies, so they are never shuffled: the last fifth of each class, in the order of the
file, is for the report alone. The rest is cut into twenty runs of rows; every fifth run picks the weights, the others
are learnt from. Of the pictures and face clips, whole recordings are kept apart.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from runtime.core.errors import UserError
from runtime.perception.hand_features import LABELS, RAISED_FINGERS
from training.gesture.shapes import Sets, Shapes, labels_set

HAND_LABELS: Final = ("open_palm", "fist", "point")
"""What keypoint.csv numbers 0, 1, 2."""
PATH_NAMES: Final = ("stop", "clockwise", "counterclockwise", "move")
PICTURE_PX: Final = (960, 540)
"""Size of the recorder's picture, by which it divided the fingertip's position."""
TEST_SHARE: Final = 0.2
RUNS, CHOOSE_EVERY = 20, 5
COUNTED: Final = {0: "fist", 1: "point", 2: "victory", 5: "open_palm"}
"""What the pictures' hands are by the number of raised fingers. The others have none (of three: or OK)."""
PICTURES: Final = {"train": ("2",), "choose": ("16",), "test": ("1528664299.56", "5", "996")}
"""Which recordings of the pictures are used for what."""
FACE_CLIPS: Final = {"train": ("d3", "d10", "d14", "d19", "d20"), "test": ("d0", "d9", "d13")}
"""Which clips' false hands are used for what; those of the paintings (s...) go with the test."""
ASIDE_PALMS: Final = 0.5


@dataclass(frozen=True)
class Paths:
    """Recorded fingertips: `px` (n, 16, 2) pixels since the first, y downwards, and what they did, `kind` (n,)."""

    px: NDArray[np.float64]
    kind: NDArray[np.int64]


@dataclass(frozen=True)
class Pictures:
    """Hands found in pictures: `points` (n, 21, 2), `count` of raised fingers (n,), and each one's `recording` (n,)."""

    points: NDArray[np.float32]
    count: NDArray[np.int64]
    recording: NDArray[np.str_]
    missed: dict[str, int]
    """Labelled hands that weren't found, by recording."""

    def of(self, recordings: tuple[str, ...]) -> "Pictures":
        """Return those of some recordings."""
        mine = np.isin(self.recording, recordings)
        missed = {name: count for name, count in self.missed.items() if name in recordings}
        return Pictures(self.points[mine], self.count[mine], self.recording[mine], missed)


@dataclass(frozen=True)
class Faces:
    """What a detector took for hands in pictures of faces."""

    tracked: NDArray[np.float32]
    """Finds (n, 21, 2) as the runtime sees the clips, with the `clip` (n,) and `frame` (n,) of each."""
    clip: NDArray[np.str_]
    frame: NDArray[np.int64]
    tracked_frames: int
    """Frames looked at, with or without a find."""
    lax: NDArray[np.float32]
    """Finds (n, 21, 2) at a far too low confidence, pictures turned and scaled too."""
    lax_pictures: int


def block(rows: NDArray[np.float64], part: str) -> NDArray[np.float64]:
    """Return a part ("train", "choose" or "test") of rows (label first), cut from each label's rows as they come."""
    kept = []
    for label in np.unique(rows[:, 0]):
        mine = rows[rows[:, 0] == label]
        early = int((1 - TEST_SHARE) * len(mine))
        run = np.arange(early) * RUNS // max(early, 1)
        choosing = run % CHOOSE_EVERY == CHOOSE_EVERY // 2
        kept.append(mine[early:] if part == "test" else mine[:early][choosing == (part == "choose")])
    return np.concatenate(kept)


def hands(folder: Path, part: str) -> Shapes:
    """Return the still hands of one block of keypoint.csv."""
    rows = block(_table(folder / "keypoint.csv", 1 + 42), part)
    sets = [labels_set((HAND_LABELS[int(label)],), 1) for label in rows[:, 0]]
    return Shapes(rows[:, 1:].reshape(-1, 21, 2).astype(np.float32), np.concatenate(sets))


def paths(folder: Path, part: str) -> Paths:
    """Return the fingertip paths of one block of point_history.csv."""
    rows = block(_table(folder / "point_history.csv", 1 + 32), part)
    return Paths(rows[:, 1:].reshape(-1, 16, 2) * PICTURE_PX, rows[:, 0].astype(np.int64))


def path_labels(kind: int, path_palms: NDArray[np.float64]) -> tuple[str, ...]:
    """Return what a pointing hand on a recorded path may be called.

    At rest it points; on a circle it circles; moved elsewhere it may point or be nothing, and where it went to one side
    it may have swept there.
    """
    if kind == 0:
        return ("point",)
    if kind in (1, 2):
        return ("circle_clockwise" if kind == 1 else "circle_counterclockwise",)
    way = path_palms[-1] - path_palms[0]
    if abs(way[0]) > max(abs(way[1]), ASIDE_PALMS):
        return ("point", "none", "swipe_right" if way[0] > 0 else "swipe_left")
    return ("point", "none")


def pictures(file: Path) -> Pictures:
    """Return the hands that `extract.py` found in the pictures.

    Raises:
        UserError: the file isn't there.
    """
    with _extracted(file) as held:
        recording = np.array([name.split("_pic")[0] for name in held["picture"]])
        found = held["found"]
        missed = {str(name): int((~found[recording == name]).sum()) for name in np.unique(recording)}
        return Pictures(held["hand"][found], held["count"][found].astype(np.int64), recording[found], missed)


def faces(file: Path, part: str) -> Faces:
    """Return what `extract.py` took for hands in faces, of one part ("train" or "test").

    Raises:
        UserError: the file isn't there.
    """
    with _extracted(file) as held:
        names = held["name"]
        wanted = FACE_CLIPS[part] + (tuple(name for name in names if name.startswith("s")) if part == "test" else ())
        tracked, lax = held["looked"][np.isin(names, wanted)].sum(0)
        seen, loose = np.isin(held["tracked_name"], wanted), np.isin(held["lax_name"], wanted)
        return Faces(
            held["tracked_hand"][seen],
            held["tracked_name"][seen],
            held["tracked_frame"][seen],
            int(tracked),
            held["lax_hand"][loose],
            int(lax),
        )


def counted_shapes(found: Pictures) -> Shapes:
    """Return pictured hands with what they may be called, by their number of raised fingers."""
    names = np.array(LABELS)
    allowed: Sets = np.zeros((len(found.points), len(LABELS)), bool)
    for number, count in enumerate(found.count):
        allowed[number] = names == COUNTED.get(int(count), "none")
        if count == RAISED_FINGERS["ok"]:
            allowed[number] |= names == "ok"
    return Shapes(found.points, allowed)


def _table(path: Path, columns: int) -> NDArray[np.float64]:
    try:
        rows = np.loadtxt(path, delimiter=",", ndmin=2)
    except (OSError, ValueError) as error:
        raise UserError(f"{path} can't be read: {error}.", "Restore it.") from None
    if rows.shape[1] != columns:
        raise UserError(f"{path} has {rows.shape[1]} columns, not {columns}.", "Restore it.")
    return rows


def _extracted(file: Path) -> "np.lib.npyio.NpzFile":
    if not file.is_file():
        raise UserError(
            f"{file} is missing: the landmarks of the pictures' hands.",
            f"Make it with training/gesture/extract.py --out {file}; its first lines say how.",
        )
    held: np.lib.npyio.NpzFile = np.load(file)
    return held
