"""Changed copies of pictures: turned, scaled, shifted, mirrored, relit, blurred, noisy, with their landmarks."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from training.augment import chance
from training.augment.chance import Range

Picture = NDArray[np.uint8]
LEAST_BLUR_PX = 0.2
"""Below that a Gaussian blur changes nothing that 8 bits hold."""


@dataclass(frozen=True)
class Draw:
    """What is done to one picture."""

    rotation_deg: float = 0.0
    """Counter-clockwise as seen."""
    scale: float = 1.0
    shift_x: float = 0.0
    """Share of the width."""
    shift_y: float = 0.0
    """Share of the height, downwards."""
    mirrored: bool = False
    gain: float = 1.0
    gamma: float = 1.0
    blur_px: float = 0.0
    """Standard deviation of the Gaussian."""
    noise: float = 0.0
    """Standard deviation, as a share of full scale."""


@dataclass(frozen=True)
class PictureChange:
    """How pictures may change; `draw` throws the dice, `apply` does it, a call does both."""

    rotation_deg: float = 10.0
    """Up to that many degrees either way."""
    scale: Range = (0.9, 1.1)
    shift: float = 0.05
    """Up to that share of width and height either way."""
    mirror_chance: float = 0.5
    gain: Range = (0.7, 1.3)
    gamma: Range = (0.8, 1.25)
    blur_px: Range = (0.0, 1.2)
    noise: Range = (0.0, 0.03)
    partner: NDArray[np.int64] | None = None
    """For each landmark the one on the other side (`FACE_MESH_PARTNERS` for a face); none for a hand."""

    def draw(self, rng: np.random.Generator) -> Draw:
        """Return what shall be done to one picture."""
        turn, shift = self.rotation_deg, self.shift
        return Draw(
            rotation_deg=chance.between((-turn, turn), rng),
            scale=chance.between(self.scale, rng),
            shift_x=chance.between((-shift, shift), rng),
            shift_y=chance.between((-shift, shift), rng),
            mirrored=bool(rng.random() < self.mirror_chance),
            gain=chance.between(self.gain, rng),
            gamma=chance.between(self.gamma, rng),
            blur_px=chance.between(self.blur_px, rng),
            noise=chance.between(self.noise, rng),
        )

    def __call__(
        self, picture: Picture, points: NDArray[Any] | None = None, rng: np.random.Generator | None = None
    ) -> tuple[Picture, NDArray[Any] | None, Draw]:
        """Return a changed copy of a picture and of its landmarks, and what was done (`mirrored` swaps labels too).

        Args:
            picture: shape (height, width) or (height, width, channels), uint8.
            points: shape (points, 2 or 3): x, y (and z) in pixels.
            rng: where chance comes from; numpy's own generator, which the training loop seeds, when not given.
        """
        if not chance.is_on():
            return picture, points, Draw()
        rng = chance.fresh() if rng is None else rng
        draw = self.draw(rng)
        return self.apply(picture, draw, rng), None if points is None else self.move(points, picture, draw), draw

    def apply(self, picture: Picture, draw: Draw, rng: np.random.Generator) -> Picture:
        """Return the picture with `draw` done to it; what comes in at the edges is a reflection."""
        height, width = picture.shape[:2]
        whole = matrix(draw, width, height)
        moved = cv2.warpAffine(picture, whole, (width, height), borderMode=cv2.BORDER_REFLECT_101)
        changed = relight(np.asarray(moved, dtype=np.uint8), draw.gain, draw.gamma)
        if draw.blur_px >= LEAST_BLUR_PX:
            changed = np.asarray(cv2.GaussianBlur(changed, (0, 0), draw.blur_px), dtype=np.uint8)
        return add_noise(changed, draw.noise, rng)

    def move(self, points: NDArray[Any], picture: Picture, draw: Draw) -> NDArray[Any]:
        """Return landmarks where `draw` puts them; z, where there is one, is scaled."""
        height, width = picture.shape[:2]
        moved = points.astype(np.float64)
        moved[:, :2] = moved[:, :2] @ matrix(draw, width, height)[:, :2].T + matrix(draw, width, height)[:, 2]
        moved[:, 2:] *= draw.scale
        if draw.mirrored and self.partner is not None:
            moved = moved[self.partner]
        return moved.astype(points.dtype if points.dtype.kind == "f" else np.float64)


def matrix(draw: Draw, width: int, height: int) -> NDArray[np.float64]:
    """Return the affine map from old to new pixels, shape (2, 3): turn and scale about the centre, shift, mirror."""
    centre = ((width - 1) / 2, (height - 1) / 2)
    whole = np.eye(3)
    whole[:2] = cv2.getRotationMatrix2D(centre, draw.rotation_deg, draw.scale)
    whole[:2, 2] += (draw.shift_x * width, draw.shift_y * height)
    if draw.mirrored:
        whole = np.array([[-1.0, 0.0, width - 1], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]) @ whole
    return whole[:2]


def relight(picture: Picture, gain: float, gamma: float) -> Picture:
    """Return the picture with each value v (share of full scale) changed to `gain * v ** gamma`, held within 0 to 1."""
    values = np.linspace(0.0, 1.0, 256)
    table = np.clip(np.rint(255 * gain * values**gamma), 0, 255).astype(np.uint8)
    return table[picture]


def add_noise(picture: Picture, deviation: float, rng: np.random.Generator) -> Picture:
    """Return the picture with Gaussian noise of that standard deviation (share of full scale) on every value."""
    if deviation <= 0:
        return picture
    noisy = picture + 255 * deviation * rng.standard_normal(picture.shape, dtype=np.float32)
    return np.clip(np.rint(noisy), 0, 255).astype(np.uint8)
