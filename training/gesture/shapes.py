"""Still hands in a picture and what each may be called, made by the kinematic hand model.

Every hand has a set of labels that are right for it. Most have one; a hand on the border between two (a pinch with
half-stretched fingers, an open palm seen almost from its edge) has both, and neither answer costs anything.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from runtime.perception.hand_features import LABELS
from training.gesture.hand_model import Pose, landmarks, pictured, turned

Rng = np.random.Generator
Array = NDArray[np.float64]
Sets = NDArray[np.bool_]

FLEX_DEG: Final[dict[str, tuple[tuple[float, float], ...]]] = {
    "e": ((-12, 18), (0, 18), (0, 12)),  # stretched
    "c": ((45, 95), (80, 112), (25, 75)),  # curled
    "n": ((5, 35), (10, 45), (5, 25)),  # nearly stretched
    "h": ((25, 45), (35, 60), (15, 30)),  # half bent, as at rest
    "m": ((35, 80), (45, 85), (20, 50)),  # between rest and fist
    "k": ((15, 65), (65, 110), (20, 75)),  # hooked, as in a loose fist
    "p": ((40, 70), (45, 80), (15, 45)),  # meets the thumb
    "t": ((50, 90), (10, 60), (5, 40)),  # bent at the root alone, as fingers that hang beside a pointing one
    "l": ((35, 90), (50, 110), (20, 70)),  # loosely curled
}
THUMB_DEG: Final[dict[str, tuple[tuple[float, float], ...]]] = {
    "o": ((35, 70), (25, 70), (20, 75), (0, 35)),  # out: the side angles of its three bones, and their rise
    "u": ((50, 85), (60, 100), (60, 115), (-5, 25)),  # straight up from a fist
    "r": ((15, 45), (10, 40), (5, 35), (15, 50)),  # at rest
}
THUMB_GOALS: Final[dict[str, tuple[tuple[float, float], ...]]] = {
    "t": ((-0.2, 0.15), (0.55, 0.9), (0.1, 0.3)),  # laid across the palm
    "f": ((-0.15, 0.2), (0.65, 0.95), (0.4, 0.6)),  # over curled fingers
    "s": ((0.3, 0.42), (0.8, 1.0), (0.15, 0.35)),  # along the index finger's side
    "i": ((0.1, 0.45), (0.7, 1.2), (0.35, 0.7)),  # before a curled index finger
}
TOUCH: Final = "x"
FRONT: Final = "front"
ANY: Final = "any"
THUMB: Final = "thumb"


@dataclass(frozen=True)
class Kind:
    """Hands of one kind: thumbs and fingers (index first) to choose from, what they may be called, how often, views."""

    thumbs: str
    fingers: tuple[str, ...]
    labels: tuple[str, ...]
    weight: float
    view: str = FRONT


NONE: Final = ("none",)
KINDS: Final = (
    Kind("o", ("eeee",), ("open_palm",), 2.0),
    Kind("os", ("eeee",), ("open_palm", "none"), 0.8, ANY),
    Kind("or", ("nnnn",), ("open_palm", "none"), 1.0, ANY),
    Kind("fs", ("cccc",), ("fist",), 2.0, ANY),
    Kind("fsr", ("kkkk", "kkcc", "kccc"), ("fist",), 0.8, ANY),
    Kind("i", ("kkkk", "cccc", "kkcc"), ("fist",), 0.8, ANY),
    Kind("fsri", ("mmmm", "mmcc"), ("fist", "none"), 1.5, ANY),
    Kind("fts", ("eccc",), ("point",), 2.0, ANY),
    Kind("ftso", ("ettt", "etcc"), ("point",), 1.0, ANY),
    Kind("o", ("eccc", "ekkk"), ("point", "none"), 0.6, ANY),
    Kind("fts", ("nccc", "nkkk", "ekkk"), ("point", "none"), 0.6, ANY),
    Kind("u", ("cccc",), (), 3.0, THUMB),
    Kind("ft", ("eecc",), ("victory",), 2.0),
    Kind("x", ("peee",), ("ok",), 2.0),
    Kind("x", ("plll",), ("pinch",), 1.6, ANY),
    Kind("x", ("pccc",), ("fist", "pinch"), 0.8, ANY),
    Kind("x", ("phhh", "pehh", "pleh"), ("ok", "pinch"), 0.3),
    Kind("t", ("eeee",), NONE, 1.2),
    Kind("tf", ("eeec",), NONE, 1.0),
    Kind("tf", ("ceee",), ("none", "ok"), 0.3),
    Kind("o", ("eecc", "eeec", "ecce", "ceee", "ccee", "cece"), NONE, 1.0),
    Kind("tf", ("ccce", "ecce", "cecc", "ccec", "ccee", "ecec", "ecee", "eece"), NONE, 1.0),
    Kind("o", ("ccce",), NONE, 0.3),
    Kind("or", ("hhhh",), NONE, 2.5, ANY),
    Kind("r", ("hhhl", "hehh"), NONE, 0.6, ANY),
    Kind("r", ("hlll", "lhhh"), ("none", "fist"), 0.4, ANY),
    Kind("r", ("ehhh", "nmmm"), ("none", "point"), 0.4, ANY),
)
"""Three and four raised fingers, horns and the like have no gesture here: they are none."""
SHORT_THUMB: Final = 0.35
UP_DEG, SIDE_DEG = 40.0, 60.0
VICTORY_DEG: Final = 8.0
NEAR: Final = 0.25
"""A fist whose thumb is seen so near to the index finger's tip (palms) may be taken for a pinch."""
SIDEWAYS: Final = 0.4
"""A half-bent hand may be taken for an open or a closed one where its palm is seen narrower than this."""
RING_PALMS2: Final = 0.16
"""A pinch with curled fingers is told from a fist by the ring of thumb and index: it must be seen this large."""


@dataclass
class Shapes:
    """Still hands: `points` (n, 21, 2) float32, y downwards, and the labels right for each, `allowed` (n, 14) bool."""

    points: NDArray[np.float32]
    allowed: Sets

    def __len__(self) -> int:
        return len(self.points)

    def take(self, which: NDArray[np.int64]) -> "Shapes":
        """Return the hands of these numbers."""
        return Shapes(self.points[which], self.allowed[which])


def joined(parts: list[Shapes]) -> Shapes:
    """Return all hands of the parts as one."""
    return Shapes(np.concatenate([p.points for p in parts]), np.concatenate([p.allowed for p in parts]))


def labels_set(labels: tuple[str, ...], count: int) -> Sets:
    """Return the same set of labels `count` times, (count, 14)."""
    return np.tile(np.isin(np.array(LABELS), labels), (count, 1))


def modelled(count: int, rng: Rng) -> Shapes:
    """Return about `count` hands of all kinds by their weights (a few drop out: thumbs that couldn't reach)."""
    total = sum(kind.weight for kind in KINDS)
    parts = [of_kind(kind, max(1, round(count * kind.weight / total)), rng) for kind in KINDS]
    return joined([*parts, not_hands(max(1, count // 20), rng)])


def of_kind(kind: Kind, count: int, rng: Rng) -> Shapes:
    """Return up to `count` hands of a kind."""
    pose = _pose(kind, count, rng)
    space = landmarks(pose, rng)
    reached = ~pose.touch | (np.linalg.norm(space[:, 4] - space[:, 8], axis=1) < 0.06)
    spin, pitch, roll, away = _view(kind.view, count, rng)
    upright = np.full(count, kind.view != THUMB)
    flat = pictured(turned(space, spin, pitch, roll, upright), np.exp(rng.uniform(np.log(2.8), np.log(20), count)))
    allowed = labels_set(kind.labels, count)
    if kind.view == THUMB:
        allowed = _thumb_labels(flat)
    if kind.labels == ("victory",):
        allowed[_angle_deg(flat, 5, 8, 9, 12) < VICTORY_DEG, 0] = True
    if kind.labels == ("pinch",):
        hidden = _area(flat[:, 1:9]) < RING_PALMS2
        allowed[hidden] |= labels_set(("none", "fist"), int(hidden.sum()))
    if kind.thumbs == "i":
        allowed[np.linalg.norm(flat[:, 4] - flat[:, 8], axis=1) < NEAR] |= labels_set(("none", "pinch"), 1)[0]
    if "h" in kind.fingers[0] and kind.view == ANY:
        allowed[np.abs(np.cos(spin)) < SIDEWAYS] |= labels_set(("open_palm", "fist"), 1)[0]
    allowed[away, 0] = True
    flat += (rng.normal(0, 1, flat.shape) * rng.uniform(0, 0.04, (count, 1, 1))).astype(np.float32)
    return Shapes(flat, allowed).take(np.nonzero(reached)[0])


def not_hands(count: int, rng: Rng) -> Shapes:
    """Return what a detector makes of things that are no hands: hands pressed flat, twisted and torn; all are none."""
    picks = [KINDS[i] for i in rng.choice(len(KINDS), 8)]
    raw = joined([of_kind(kind, count // 6 + 1, rng) for kind in picks]).points
    raw = raw[rng.permutation(len(raw))[:count]].astype(np.float64)
    turn = rng.uniform(0, 2 * np.pi, len(raw))
    across = np.stack([np.cos(turn), np.sin(turn)], -1)[:, None]
    press = rng.uniform(0.05, 0.25, (len(raw), 1, 1))
    flat = raw - (1 - press) * (raw * across).sum(-1, keepdims=True) * across
    flat += rng.normal(0, 1, flat.shape) * rng.uniform(0.01, 0.15, (len(raw), 1, 1))
    return Shapes(flat.astype(np.float32), labels_set(NONE, len(raw)))


def _pose(kind: Kind, count: int, rng: Rng) -> Pose:
    fingers = np.array([list(code) for code in kind.fingers])[rng.integers(len(kind.fingers), size=count)]
    flex = np.empty((count, 4, 3))
    alike = rng.uniform(size=(count, 1, 3))  # fingers bend together, more or less
    own = rng.uniform(size=(count, 4, 3))
    share = rng.uniform(0.2, 0.8, (count, 1, 1))
    at = share * alike + (1 - share) * own
    for code, ranges in FLEX_DEG.items():
        low, high = np.array(ranges).T
        flex = np.where((fingers == code)[..., None], low + (high - low) * at, flex)
    fan = rng.uniform(-2, 16, (count, 1)) * np.array([1.0, 0.1, -0.8, -1.6]) + rng.normal(0, 2, (count, 4))
    if kind.labels == ("victory",):
        fan[:, 0] += rng.uniform(4, 14, count)
        fan[:, 1] -= rng.uniform(4, 12, count)
    thumbs = np.array(list(kind.thumbs))[rng.integers(len(kind.thumbs), size=count)]
    thumb, goal = np.zeros((count, 3, 2)), np.full((count, 3), np.nan)
    start = np.array(THUMB_DEG["r"])
    thumb[..., 0], thumb[..., 1] = np.radians(start[:3].mean(1)), np.radians(start[3].mean())
    for code, spans in THUMB_DEG.items():
        low, high = np.array(spans).T
        drawn = np.radians(rng.uniform(low, high, (count, 4)))
        angles = np.stack([drawn[:, :3], np.repeat(drawn[:, 3:], 3, 1)], -1)
        thumb = np.where((thumbs == code)[:, None, None], angles, thumb)
    for code, spans in THUMB_GOALS.items():
        low, high = np.array(spans).T
        goal = np.where((thumbs == code)[:, None], rng.uniform(low, high, (count, 3)), goal)
    return Pose(np.radians(flex), np.radians(fan), thumb, goal, thumbs == TOUCH)


def _view(view: str, count: int, rng: Rng) -> tuple[Array, Array, Array, Sets]:
    """Return spin, pitch and roll in radians, and which hands are seen from so far off that they may go unnamed."""
    spin = np.clip(rng.normal(0, 25, count), -60, 60) + 180 * rng.integers(2, size=count)
    if view != FRONT:
        spin = rng.uniform(-180, 180, count)
    pitch = np.clip(rng.normal(0, 25, count), -60, 60)
    away = rng.uniform(size=count) < 0.1
    pitch[away] = rng.uniform(60, 85, int(away.sum())) * rng.choice([-1, 1], int(away.sum()))
    if view == FRONT:
        edge = rng.uniform(size=count) < 0.07
        spin[edge] = rng.uniform(60, 100, int(edge.sum())) * rng.choice([-1, 1], int(edge.sum()))
        away |= edge
    steep = rng.uniform(size=count) < 0.3
    over = 180 * rng.integers(2, size=count) if view == THUMB else 0
    roll = np.where(steep, rng.uniform(-180, 180, count), rng.normal(0, 18, count) + over)
    return np.radians(spin), np.radians(pitch), np.radians(roll), away


def _thumb_labels(flat: NDArray[np.float32]) -> Sets:
    """Return what fists with a stretched thumb may be called, by where it points in the picture."""
    way = flat[:, 4] - flat[:, 2]
    from_up = np.degrees(np.abs(np.arctan2(way[:, 0], -way[:, 1])))
    seen = np.linalg.norm(way, axis=1) >= SHORT_THUMB
    allowed = np.zeros((len(flat), len(LABELS)), bool)
    allowed[:, LABELS.index("thumb_up")] = from_up < SIDE_DEG
    allowed[:, LABELS.index("thumb_down")] = from_up > 180 - SIDE_DEG
    clear = (from_up < UP_DEG) | (from_up > 180 - UP_DEG)
    allowed[:, 0] = ~clear | ~seen
    allowed[:, LABELS.index("fist")] = ~seen
    return allowed


def _area(ring: NDArray[np.float32]) -> Array:
    """Return the area within thumb and index finger (n, 8, 2), each from its root to its tip."""
    corners = np.concatenate([ring[:, :4], ring[:, :3:-1]], 1)  # up the thumb, down the finger
    after = np.roll(corners, -1, 1)
    cross = (corners[..., 0] * after[..., 1] - corners[..., 1] * after[..., 0]).sum(1)
    area: Array = np.abs(cross) / 2
    return area


def _angle_deg(flat: NDArray[np.float32], a0: int, a1: int, b0: int, b1: int) -> Array:
    one, other = flat[:, a1] - flat[:, a0], flat[:, b1] - flat[:, b0]
    turn = np.arctan2(one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0], (one * other).sum(1))
    degrees: Array = np.degrees(np.abs(turn))
    return degrees
