"""Recordings made up for tests, in the format of the data sets, with the landmarks of pictures and faces."""

from pathlib import Path

import numpy as np

from training.gesture.shapes import KINDS, of_kind

ROWS = 40
"""Hands, and paths, of each class."""


def write(folder: Path) -> None:
    """Write keypoint.csv (scaled to ±1 about the wrist, as recorded) and point_history.csv (share of the picture)."""
    rng, rows = np.random.default_rng(0), []
    for label, name in enumerate(("open_palm", "fist", "point")):
        kind = next(kind for kind in KINDS if kind.labels == (name,))
        for hand in of_kind(kind, ROWS, rng).points:
            apart = hand - hand[0]
            rows.append([label, *(apart / np.abs(apart).max()).ravel()])
    np.savetxt(folder / "keypoint.csv", rows, delimiter=",", fmt=["%d"] + ["%.6f"] * 42)
    turn = np.linspace(0, 2 * np.pi, 16)
    round_ = np.stack([np.cos(turn), np.sin(turn)], -1) * 60
    way = np.stack([np.linspace(0, 300, 16), np.zeros(16)], -1)
    paths = [np.zeros((16, 2)), round_, round_ * [1, -1], way]
    rows = [
        [kind, *((path - path[0]) / (960, 540)).ravel()]
        for kind, path in enumerate(paths)
        for path in path + rng.normal(0, 1, (ROWS, 16, 2))
    ]
    np.savetxt(folder / "point_history.csv", rows, delimiter=",", fmt=["%d"] + ["%.6f"] * 32)


def write_extracted(file: Path) -> None:
    """Write what training/gesture/extract.py finds in pictures and faces."""
    rng = np.random.default_rng(1)
    recordings = ("2", "16", "5", "996")
    shown = [(name, count) for name in recordings for count in (0, 1, 5) for _ in range(4)]
    kinds = {0: "fist", 1: "point", 5: "open_palm"}
    hands = [of_kind(next(k for k in KINDS if k.labels == (kinds[c],)), 1, rng).points[0] for _, c in shown]
    names = ["d0", "d3", "d9", "d10", "d13", "d14", "d19", "d20", "s0"]
    false = rng.uniform(0, 90, (len(names), 21, 2)).astype(np.float32)
    np.savez(
        file,
        picture=np.array([f"{name}_pic{i}.jpg" for i, (name, _) in enumerate(shown)]),
        count=np.array([count for _, count in shown]),
        found=np.arange(len(shown)) > 0,
        hand=np.array(hands, np.float32),
        name=np.array(names),
        looked=np.full((len(names), 2), 100),
        tracked_name=np.array(["d9", "d9", "d13"]),
        tracked_frame=np.array([7, 8, 3]),
        tracked_hand=false[:3],
        lax_name=np.array(names),
        lax_varied=np.zeros(len(names), bool),
        lax_hand=false,
    )
