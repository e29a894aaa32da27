"""Changed copies of landmarks, one set or a sequence: turned, scaled, shifted, shaken, mirrored, slower, faster."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from training.augment import chance, mirror
from training.augment.chance import Range


@dataclass(frozen=True)
class Draw:
    """What is done to one set or sequence."""

    rotation_deg: float = 0.0
    """From x to y: clockwise as seen where y grows downwards."""
    yaw_deg: float = 0.0
    """About the y axis. Only points with z."""
    pitch_deg: float = 0.0
    """About the x axis. Only points with z."""
    scale: float = 1.0
    shift: tuple[float, ...] = (0.0, 0.0, 0.0)
    noise: float = 0.0
    mirrored: bool = False
    speed: float = 1.0


@dataclass(frozen=True)
class LandmarkChange:
    """How landmarks may change; `draw` throws the dice, `apply` does it, a call does both.

    Lengths (`shift`, `noise`) are shares of the set's size: the root of its mean squared distance from its centre.
    """

    rotation_deg: float = 15.0
    turn_deg: float = 10.0
    """Up to that many degrees either way out of the picture's plane, for points with z."""
    scale: Range = (0.9, 1.1)
    shift: float = 0.0
    noise: float = 0.02
    """Standard deviation on each coordinate."""
    mirror_chance: float = 0.0
    partner: NDArray[np.int64] | None = None
    """For each landmark the one on the other side; none for a hand."""
    about: Literal["centre", "origin"] = "centre"
    """The still point of turning, scaling and mirroring: `origin` for points relative to a wrist."""
    speed: Range = (1.0, 1.0)
    """Of a sequence; at 2 it takes half the frames. Asked for by `apply` with a sequence only."""

    def draw(self, rng: np.random.Generator) -> Draw:
        """Return what shall be done to one set or sequence."""
        turn, out, far = self.rotation_deg, self.turn_deg, self.shift
        return Draw(
            rotation_deg=chance.between((-turn, turn), rng),
            yaw_deg=chance.between((-out, out), rng),
            pitch_deg=chance.between((-out, out), rng),
            scale=chance.between(self.scale, rng),
            shift=tuple(rng.uniform(-far, far, 3)),
            noise=self.noise,
            mirrored=bool(rng.random() < self.mirror_chance),
            speed=chance.between(self.speed, rng),
        )

    def __call__(
        self, points: NDArray[Any], rng: np.random.Generator | None = None
    ) -> tuple[NDArray[np.float32], Draw]:
        """Return a changed copy of landmarks, and what was done (`mirrored` swaps labels too).

        Args:
            points: shape (points, 2 or 3), or (frames, points, 2 or 3) for a sequence, changed as one.
            rng: where chance comes from; numpy's own generator, which the training loop seeds, when not given.
        """
        if not chance.is_on():
            return points.astype(np.float32), Draw()
        rng = chance.fresh() if rng is None else rng
        draw = self.draw(rng)
        return self.apply(points, draw, rng), draw

    def apply(self, points: NDArray[Any], draw: Draw, rng: np.random.Generator) -> NDArray[np.float32]:
        """Return the landmarks with `draw` done to them."""
        moved = points.astype(np.float64)
        dims = moved.shape[-1]
        middle = moved.reshape(-1, dims).mean(0) if self.about == "centre" else np.zeros(dims)
        centred = moved.reshape(-1, dims) - moved.reshape(-1, dims).mean(0)
        size = float(np.sqrt((centred**2).sum(-1).mean()))
        moved = moved - middle
        if draw.mirrored:
            moved = mirror.mirror_points(moved, 0.0, self.partner)
        moved = draw.scale * moved @ rotation(draw, dims).T
        if moved.ndim == 3 and draw.speed != 1.0:
            moved = change_speed(moved, draw.speed)
        moved += draw.noise * size * rng.standard_normal(moved.shape)
        return (moved + middle + size * np.array(draw.shift[:dims])).astype(np.float32)


def rotation(draw: Draw, dims: int) -> NDArray[np.float64]:
    """Return the rotation of a draw, shape (dims, dims): in the plane, then (3 dims) yaw, then pitch."""
    c, s = np.cos(np.radians(draw.rotation_deg)), np.sin(np.radians(draw.rotation_deg))
    if dims == 2:
        return np.array([[c, -s], [s, c]])
    plane = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
    c, s = np.cos(np.radians(draw.yaw_deg)), np.sin(np.radians(draw.yaw_deg))
    yaw = np.array([[c, 0.0, s], [0.0, 1.0, 0.0], [-s, 0.0, c]])
    c, s = np.cos(np.radians(draw.pitch_deg)), np.sin(np.radians(draw.pitch_deg))
    pitch = np.array([[1.0, 0.0, 0.0], [0.0, c, -s], [0.0, s, c]])
    turned: NDArray[np.float64] = pitch @ yaw @ plane
    return turned


def change_speed(sequence: NDArray[Any], speed: float) -> NDArray[np.float64]:
    """Return a sequence, shape (frames, ...), played `speed` times as fast, in about frames / speed frames.

    Linear between frames; the first and the last frame stay. Serves curves beside a sound of changed speed, too.
    """
    frames = len(sequence)
    times = np.linspace(0.0, frames - 1, max(1, round((frames - 1) / speed) + 1))
    before = np.minimum(times.astype(int), max(frames - 2, 0))
    share = (times - before).reshape(-1, *[1] * (sequence.ndim - 1))
    after = np.minimum(before + 1, frames - 1)
    mixed: NDArray[np.float64] = sequence[before] * (1 - share) + sequence[after] * share
    return mixed
