"""How hands move in front of a camera over about a second, and what such a movement may be called.

A motion is a shift of the palm and a turn of the hand at each sighting, both since the last one. As with shapes, a
movement on the border (a swipe not yet through, half a circle) may be called either way.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Rng = np.random.Generator

STILL: Final = ("still",)
"""Stands for whatever the hand's shape is called."""
LONGEST_S: Final = 1.15
CIRCLE_TURN_DEG, CIRCLE_HALF_DEG = 250.0, 130.0
SWIPE_PALMS, SWIPE_HALF_PALMS = 1.4, 0.5
WAVE_SWINGS, WAVE_HALF_SWINGS = 2.4, 0.8


@dataclass
class Motion:
    """A movement of n sightings: `times_s` (n,), rising; `shift` (n, 2), palms, y downwards; `turn` (n,), radians.

    `labels` are the names right for it; "still" stands for those of the hand's shape. The hand turns about a point
    `pivot` palms below the middle of its palm. `size` (n,) is the palm's, relative.
    """

    times_s: Array
    shift: Array
    labels: tuple[str, ...]
    turn: Array = field(default_factory=lambda: np.zeros(0))
    pivot: float = 0.0
    size: Array = field(default_factory=lambda: np.zeros(0))

    def __post_init__(self) -> None:
        count = len(self.times_s)
        self.turn = self.turn if len(self.turn) else np.zeros(count)
        self.size = self.size if len(self.size) else np.ones(count)


def sightings(rng: Rng, shortest_s: float = 0.0) -> Array:
    """Return times (n,) up to 0 of a camera of 8 to 32 frames a second that misses a frame now and then."""
    rate = rng.uniform(8, 32)
    span = LONGEST_S if rng.uniform() < 0.6 else rng.uniform(shortest_s, LONGEST_S)
    count = int(span * rate) + 1
    times = -np.arange(count - 1, -1, -1) / rate + rng.normal(0, 0.08 / rate, count)
    keep = rng.uniform(size=count) > 0.05
    keep[-1] = True
    return np.asarray(np.sort(times[keep] - times[-1]))


def hold(rng: Rng) -> Motion:
    """A hand that is held more or less still."""
    times = sightings(rng)
    velocity = rng.normal(0, 0.25, 2) * rng.uniform()
    return Motion(times, times[:, None] * velocity + _sway(times, 0.06, rng), STILL, _sway(times, 0.05, rng)[:, 0])


def wave(rng: Rng) -> Motion:
    """A hand waved from side to side, from the wrist, the elbow or the shoulder."""
    times = sightings(rng, 0.15)
    rate_hz = rng.uniform(1.2, 3.2)
    begin = times[0] if rng.uniform() < 0.6 else rng.uniform(-1.1, -0.05)
    going = np.clip((times - begin) / 0.12, 0, 1)
    phase = 2 * np.pi * rate_hz * times + rng.uniform(0, 2 * np.pi)
    beat = going * (np.sin(phase) + rng.uniform(0, 0.25) * np.sin(2 * phase + rng.uniform(0, 6)))
    pivot = rng.uniform(0.5, 4.0)
    swing = np.radians(rng.uniform(8, 40)) / max(1.0, pivot / 1.8)
    side = np.stack([beat * rng.uniform(0, 0.5), beat * rng.normal(0, 0.05)], -1)
    swings = 2 * rate_hz * (times[-1] - max(begin, times[0]))
    labels = _by_progress(swings, WAVE_HALF_SWINGS, WAVE_SWINGS, ("wave",))
    if WAVE_HALF_SWINGS < swings <= WAVE_SWINGS:
        labels += ("swipe_left", "swipe_right")  # one wide swing is one
    return Motion(times, side + _sway(times, 0.08, rng), labels, swing * beat, pivot)


def swipe(rng: Rng) -> Motion:
    """A hand swept to one side, begun and ended anywhere in the second."""
    times = sightings(rng, 0.2)
    lasts, ended = rng.uniform(0.18, 0.6), rng.uniform(-0.35, 0.12)
    way = rng.uniform(1.5, 5.0) * rng.choice([-1, 1])
    along = _smooth_step((times - (ended - lasts)) / lasts)
    slope, arch = rng.normal(0, 0.12), rng.normal(0, 0.12)
    shift = way * np.stack([along, slope * along + arch * 4 * along * (1 - along)], -1)
    done = abs(way) * (along[-1] - along[0])
    name = "swipe_right" if way > 0 else "swipe_left"
    labels = _by_progress(done, SWIPE_HALF_PALMS, SWIPE_PALMS, (name,))
    if labels == (name,) and ended < -0.2:
        labels = (name, "none", *STILL)
    turn = np.radians(rng.normal(0, 15)) * along * np.sign(way)
    return Motion(times, shift + _sway(times, 0.08, rng), labels, turn, rng.uniform(0, 3))


def circle(rng: Rng) -> Motion:
    """A hand that draws circles in the air, with the finger, the forearm or the arm."""
    times = sightings(rng, 0.2)
    rate_hz = rng.uniform(0.75, 2.2) * rng.choice([-1, 1])
    begin = times[0] if rng.uniform() < 0.7 else rng.uniform(-1.1, -0.05)
    gone = np.maximum(times - max(begin, times[0]), 0) if begin > times[0] else times - times[0]
    phase = 2 * np.pi * rate_hz * gone + rng.uniform(0, 2 * np.pi)
    radii = np.exp(rng.uniform(np.log(0.22), np.log(1.4))) * rng.uniform(0.65, 1.0, 2)[rng.permutation(2)]
    lean = rng.uniform(0, np.pi)
    across = np.array([[np.cos(lean), -np.sin(lean)], [np.sin(lean), np.cos(lean)]])
    round_ = np.stack([np.cos(phase), np.sin(phase)], -1) * radii @ across.T
    drift = times[:, None] * rng.normal(0, 0.2, 2)
    name = "circle_clockwise" if rate_hz > 0 else "circle_counterclockwise"  # y points down
    turned_deg = 360 * abs(rate_hz) * float(gone[-1])
    labels = _by_progress(turned_deg, CIRCLE_HALF_DEG, CIRCLE_TURN_DEG, (name,))
    return Motion(times, round_ + drift + _sway(times, 0.05, rng), labels, _sway(times, 0.1, rng)[:, 0], 2.0)


def other(rng: Rng) -> Motion:
    """Any other movement: up and down, towards the camera, aside slowly, the beats of someone who talks."""
    times = sightings(rng, 0.15)
    size = np.ones(len(times))
    choice = rng.integers(4)
    if choice == 0:  # a straight way, not to one side
        angle = np.radians(rng.uniform(50, 130)) * rng.choice([-1, 1])
        lasts = rng.uniform(0.2, 1.0)
        along = _smooth_step((times - rng.uniform(-0.9, 0.1) + lasts / 2) / lasts)
        shift = rng.uniform(0.5, 4.0) * along[:, None] * np.array([np.cos(angle), np.sin(angle)])
    elif choice == 1:  # aside, but slowly
        shift = times[:, None] * np.array([rng.uniform(0.3, 0.9) * rng.choice([-1, 1]), rng.normal(0, 0.4)])
    elif choice == 2:  # beats, more up and down than aside
        phase = 2 * np.pi * rng.uniform(0.6, 2.5) * times + rng.uniform(0, 6)
        shift = np.stack([rng.uniform(0, 0.3) * np.sin(phase + rng.choice([0, np.pi])), np.sin(phase)], -1)
        shift *= rng.uniform(0.1, 0.9)
    else:  # to the camera or from it
        size = np.exp(rng.normal(0, 0.5) * times / LONGEST_S)
        shift = times[:, None] * rng.normal(0, 0.4, 2)
    turn = _sway(times, 0.25 * rng.uniform(), rng)[:, 0]
    return Motion(times, shift + _sway(times, 0.15, rng), ("none", *STILL), turn, rng.uniform(0, 3), size)


KINDS: Final[dict[str, Callable[[Rng], Motion]]] = {
    "hold": hold,
    "wave": wave,
    "swipe": swipe,
    "circle": circle,
    "other": other,
}


def tip_path(path_px: Array, palm_px: float, rate_hz: float, labels: tuple[str, ...]) -> Motion:
    """Return the motion of a hand whose fingertip was recorded at `path_px` (n, 2), at `rate_hz` frames a second.

    Sightings where the recorder had lost the tip are left out: it wrote the picture's corner there, and the path jumps.
    """
    seen = longest_run(path_px)
    times = (np.arange(len(path_px)) - len(path_px) + 1.0)[seen] / rate_hz
    return Motion(times - times[-1], (path_px[seen] - path_px[seen][-1]) / palm_px, labels)


def longest_run(path_px: Array, jump_px: float = 150.0) -> NDArray[np.int64]:
    """Return the numbers of the points of the longest part of a path (n, 2) without a jump."""
    jumps = np.nonzero(np.linalg.norm(np.diff(path_px, axis=0), axis=1) > jump_px)[0] + 1
    parts = np.split(np.arange(len(path_px)), jumps)
    return max(parts, key=len)


def _by_progress(done: float, half: float, whole: float, names: tuple[str, ...]) -> tuple[str, ...]:
    if done >= whole:
        return names
    return (*names, "none", *STILL) if done > half else ("none", *STILL)


def _smooth_step(at: Array) -> Array:
    """Return the way of a hand that moves with least jerk, 0..1 (Flash and Hogan, 1985)."""
    x = np.clip(at, 0, 1)
    return np.asarray(x**3 * (10 - 15 * x + 6 * x**2))


def _sway(times: Array, size: float, rng: Rng) -> Array:
    """Return a slow unrest (n, 2) of about `size`."""
    phase = 2 * np.pi * rng.uniform(0.2, 1.2, (2, 2)) * times[:, None, None] + rng.uniform(0, 6, (2, 2))
    return np.asarray((np.sin(phase) * rng.normal(0, size / 2, (2, 2))).sum(-1))
