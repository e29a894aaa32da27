"""The baked rig of a vector character: from a face state to the places of all its points, in numpy alone.

Shape coordinates are polynomials of the inputs (base, one delta an input, one an input pair), fitted when the pack was
made. The head's turn is applied to the points afterwards, exactly: they carry depth.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runtime.core.blendshapes import INDEX
from runtime.core.messages import FaceState

Array = NDArray[np.float32]

CENTRE = (500.0, 405.0)
FOCAL = 2400.0
PIVOT = (60.0, -20.0)  # pitch turns about this height and depth
NECK_Y = 210.0  # roll turns about this height
YAW_GAIN = 0.86
HANG = 115.0  # how far the tips of the hair keep hanging down when the head leans


class Rig:
    """Places points. `points` is (n, 2) on the character's canvas; `scalars` are radii and opacities."""

    def __init__(self, arrays: dict[str, NDArray[Any]], inputs: list[str]) -> None:
        self._base = arrays["base"].astype(np.float32)
        self._moving = arrays["moving"].astype(np.int64)
        self._deltas = arrays["deltas"].astype(np.float32)
        self._pairs = arrays["pairs"].astype(np.int64)
        kinds = arrays["kinds"].astype(np.float32)
        self._count = len(kinds)
        self._outline, self._body, self._sway = kinds[:, 0].copy(), kinds[:, 1].copy(), kinds[:, 2].copy()
        # Inputs that this runtime does not know stay 0.
        self._weights = [(i, INDEX[name]) for i, name in enumerate(inputs) if name in INDEX]
        self._to, self._from = (np.array(x, int) for x in zip(*self._weights, strict=True))
        self._gaze = [inputs.index(name) if name in inputs else -1 for name in ("gazeX", "gazeY")]
        self._inputs = len(inputs)
        self.values = self._base.copy()

    def place(self, state: FaceState) -> tuple[Array, Array]:
        """Return (points, scalars) for a state."""
        inputs = np.zeros(self._inputs, np.float32)
        inputs[self._to] = state.weights[self._from]
        for slot, value in zip(self._gaze, state.gaze, strict=True):
            if slot >= 0:
                inputs[slot] = min(1.0, max(-1.0, value))
        features = np.concatenate((inputs, inputs[self._pairs[:, 0]] * inputs[self._pairs[:, 1]]))
        self.values[self._moving] = self._base[self._moving] + features @ self._deltas
        coordinates = self.values[: 3 * self._count].reshape(3, self._count)
        return self._turn(coordinates, state), self.values[3 * self._count :]

    def _turn(self, rest: Array, state: FaceState) -> Array:
        yaw_deg, pitch_deg, roll_deg = state.head
        yaw, pitch, roll = math.radians(yaw_deg * YAW_GAIN), math.radians(pitch_deg), math.radians(roll_deg)
        sy, cy, sp, cp = math.sin(yaw), math.cos(yaw), math.sin(pitch), math.cos(pitch)
        sr, cr = math.sin(roll), math.cos(roll)
        x, y, z = rest
        x = x + self._sway * (HANG * sr - 14.0 * sy)
        # A surface point turns about the vertical axis; an outline point is only shifted by its depth.
        turned_x = np.where(self._outline > 0, x + z * sy, x * cy + z * sy)
        turned_z = np.where(self._outline > 0, z, z * cy - x * sy)
        dy, dz = y - PIVOT[0], turned_z - PIVOT[1]
        cp_y = np.where(self._outline > 0, 1.0, cp)
        nod_y = dy * cp_y - dz * sp + PIVOT[0] - NECK_Y
        depth = np.where(self._outline > 0, 0.0, dy * sp + dz * cp + PIVOT[1])
        near = FOCAL / (FOCAL - depth)
        head_x = CENTRE[0] + yaw_deg * 0.55 + roll_deg * 0.5
        head_y = CENTRE[1] - 2.2 * state.breath + abs(yaw_deg) * 0.05 - pitch_deg * 0.3
        out = np.empty((self._count, 2), np.float32)
        share = 1 - self._body
        out[:, 0] = share * (head_x + (turned_x * cr - nod_y * sr) * near)
        out[:, 1] = share * (head_y + (turned_x * sr + nod_y * cr + NECK_Y) * near)
        out[:, 0] += self._body * (
            CENTRE[0] + roll_deg * 0.15 + yaw_deg * 0.2 + x + z * math.sin(math.radians(yaw_deg * 0.3))
        )
        out[:, 1] += self._body * (CENTRE[1] - 30 - 3.5 * state.breath + y)
        return out
