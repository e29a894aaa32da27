"""What the bar asks: recordings, raised fingers, faces, idle hands and the movements that only the model makes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from runtime.perception.hand_features import LABELS, RAISED_FINGERS, window
from training.gesture import motions, recordings
from training.gesture.data import carried, generated, on_path
from training.gesture.recordings import COUNTED, HAND_LABELS, PATH_NAMES, Faces, Paths, Pictures
from training.gesture.shapes import KINDS, Shapes, joined, modelled, of_kind

Rng = np.random.Generator
Net = Callable[[NDArray[np.float32]], NDArray[np.float32]]
"""From windows (n, 16, 45) to chances (n, 14)."""
THRESHOLD: Final = 0.5
"""A gesture less likely than this is none."""
HELD_S: Final = np.arange(-15, 1) / 15
FRAME_S: Final = 1 / 30


def decided(chances: NDArray[np.float32], threshold: float = THRESHOLD) -> NDArray[np.int64]:
    """Return the label decided on for chances (n, 14), (n,): the likeliest, or none where that is too unlikely."""
    best = chances.argmax(1)
    return np.where(chances.max(1) >= threshold, best, 0)


def still(points: NDArray[np.float32], once: bool = False) -> NDArray[np.float32]:
    """Return windows of hands (n, 21, 2) held still for a second, or (`once`) seen in one frame."""
    times = HELD_S[-1:] if once else HELD_S
    return np.array([window(times, np.repeat(hand[None], len(times), 0)) for hand in points], np.float32)


def shares(right: NDArray[np.bool_], group: NDArray[np.int64], names: tuple[str, ...]) -> dict[str, float]:
    """Return the share that is right in each group, and in all."""
    found = {name: float(right[group == number].mean()) for number, name in enumerate(names) if (group == number).any()}
    return {**found, "all": float(right.mean())}


def of_hands(net: Net, hands: Shapes) -> dict[str, Any]:
    """Return the share of recorded still hands that is named right, held for a second and seen once, by class."""
    wanted = hands.allowed.argmax(1)
    group = np.array([HAND_LABELS.index(LABELS[label]) for label in wanted])
    return {
        "held": shares(decided(net(still(hands.points))) == wanted, group, HAND_LABELS),
        "once": shares(decided(net(still(hands.points, once=True))) == wanted, group, HAND_LABELS),
    }


def of_paths(net: Net, recorded: Paths, pointing: Shapes, rng: Rng) -> dict[str, float]:
    """Return the share of recorded fingertip paths, carried by pointing hands, that is named right, by class."""
    windows, allowed = [], []
    for row in range(len(recorded.px)):
        motion = on_path(recorded, row, rng)
        hands, right = carried(pointing, int(rng.integers(len(pointing))), motion, rng, unrest=0.0)
        windows.append(window(motion.times_s, hands))
        allowed.append(right)
    named = decided(net(np.array(windows, np.float32)))
    return shares(np.array(allowed)[np.arange(len(named)), named], recorded.kind, PATH_NAMES)


def of_pictures(net: Net, found: Pictures) -> dict[str, Any]:
    """Return how the gesture named in each picture fits the number of fingers that its label counts.

    `consistent`: of the hands named as a gesture that implies a number, those for which it is the label's.
    `coverage`: how many of all hands found are named so. `strict`: the hands that are either consistent, or none where
    no gesture holds up that number (4, or 3 that isn't OK). `recall`: by count, the share named as its gesture.
    """
    named = decided(net(still(found.points)))
    implied = np.array([RAISED_FINGERS.get(name, -1) for name in LABELS])[named]
    says, fits = implied >= 0, implied == found.count
    nameless = ~np.isin(found.count, list(COUNTED))
    report: dict[str, Any] = {
        "hands": len(named),
        "missed_by_detector": sum(found.missed.values()),
        "consistent": float(fits[says].mean()) if says.any() else 0.0,
        "coverage": float(says.mean()),
        "strict": float((fits | (nameless & (named == 0))).mean()),
        "recall": {str(count): float(fits[found.count == count].mean()) for count in COUNTED if count in found.count},
        "recordings": {},
    }
    for name in np.unique(found.recording):
        mine = found.recording == name
        if (says & mine).any():
            report["recordings"][str(name)] = float(fits[says & mine].mean())
    return report


def of_faces(net: Net, found: Faces) -> dict[str, float]:
    """Return the share of none: of pictures of faces, and of those places in them that were taken for a hand."""
    tracked = decided(net(_tracked(found))) if len(found.tracked) else np.zeros(0, np.int64)
    lax = decided(net(still(found.lax, once=True)))
    return {
        "frames": 1 - float((tracked != 0).sum()) / found.tracked_frames,
        "frames_seen": float(found.tracked_frames),
        "tracked_finds": float((tracked == 0).mean()) if len(tracked) else 1.0,
        "tracked_finds_seen": float(len(tracked)),
        "lax_pictures": 1 - float((lax != 0).sum()) / found.lax_pictures,
        "lax_pictures_seen": float(found.lax_pictures),
        "lax_finds": float((lax == 0).mean()),
        "lax_finds_seen": float(len(lax)),
    }


def _tracked(found: Faces) -> NDArray[np.float32]:
    """Return the window that ends with each tracked find; of two in a frame, the first is what was seen before."""
    windows = []
    for clip, frame, hand in zip(found.clip, found.frame, found.tracked, strict=True):
        past = (found.clip == clip) & (found.frame < frame) & ((frame - found.frame) * FRAME_S <= 1)
        frames, first = np.unique(found.frame[past], return_index=True)
        hands = np.concatenate([found.tracked[past][first], hand[None]])
        windows.append(window(np.append(frames, frame) * FRAME_S, hands))
    return np.array(windows, np.float32)


def idle(count: int, rng: Rng) -> NDArray[np.float32]:
    """Return windows of idle hands: half-bent fingers, any view, at rest, drifting or moved about."""
    resting = [kind for kind in KINDS if kind.fingers[0].count("h") >= 3 and kind.labels == ("none",)]
    shapes = joined([of_kind(kind, count // len(resting) + 1, rng) for kind in resting])
    order = rng.permutation(len(shapes))[:count]
    windows = []
    for number in order:
        motion = motions.hold(rng) if rng.uniform() < 0.6 else motions.other(rng)
        windows.append(window(motion.times_s, carried(shapes, int(number), motion, rng)[0]))
    return np.array(windows, np.float32)


def of_idle(net: Net, count: int, rng: Rng) -> float:
    """Return the share of none among idle hands."""
    return float((decided(net(idle(count, rng))) == 0).mean())


def of_model(net: Net, count: int, rng: Rng) -> dict[str, float]:
    """Return the share named right of modelled hands and movements made anew, for each label that is the only one."""
    shapes = modelled(count, rng)
    windows = generated(count, shapes, None, shapes, rng)
    only = windows.allowed.sum(1) == 1
    wanted = windows.allowed[only].argmax(1)
    return shares(decided(net(windows.values[only])) == wanted, wanted, LABELS)


def report(net: Net, folder: Path, file: Path | None, part: str, seed: int, count: int) -> dict[str, Any]:
    """Return all scores of a net on one part of the data.

    Args:
        net: what is scored.
        folder: the folder gesture of the data.
        file: the landmarks of the pictures' hands; their scores are left out where None.
        part: "choose" or "test".
        seed: of the palms, views and movements drawn.
        count: how many modelled windows are made.
    """
    rng = np.random.default_rng(seed)
    hands = recordings.hands(folder, part)
    pointing = hands.take(np.nonzero(hands.allowed[:, LABELS.index("point")])[0])
    found: dict[str, Any] = {
        "hands": of_hands(net, hands),
        "paths": of_paths(net, recordings.paths(folder, part), pointing, rng),
        "idle": of_idle(net, count // 2, rng),
        "model": of_model(net, count, rng),
    }
    if file is not None:
        found["pictures"] = of_pictures(net, recordings.pictures(file).of(recordings.PICTURES[part]))
        if part == "test":
            found["faces"] = of_faces(net, recordings.faces(file, part))
    return found


def summary(found: dict[str, Any]) -> float:
    """Return one number to choose weights by, 0..1: the mean of the recordings', the pictures', idle and modelled."""
    parts = [found["hands"]["held"]["all"], found["paths"]["all"], found["idle"], found["model"]["all"]]
    if "pictures" in found:
        parts.append(found["pictures"]["strict"])
    return float(np.mean(parts))
