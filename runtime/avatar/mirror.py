"""The person's own face on the character: calibrated, smoothed, and at rest without a jump when the face is lost."""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from runtime.avatar.motion import Spring
from runtime.core.blendshapes import weights
from runtime.core.messages import Face, FaceState, FrameRequest

CALIBRATE_S: Final = 1.0
"""The median of so much of a new face counts as its rest."""
NEW_FACE_AFTER_S: Final = 2.0
"""A face that comes back later than this is calibrated anew."""
LOST_AFTER_S: Final = 0.4
"""So long without a face the last one is held; then the character goes to rest."""
CAMERA_RATE_HZ: Final = 45.0
REST_RATE_HZ: Final = 6.0
LONGEST_STEP_S: Final = 0.5
GAZE_DEG: Final = 30.0
"""How far eyes are turned at a gaze of 1."""
_MOST_REST: Final = 0.5
"""A rest above this is no rest but an expression held through the calibration; as much is taken off, no more."""
_REST: Final = np.concatenate([weights({"mouthSmile": 0.14, "cheekSquint": 0.06}).astype(np.float64), np.zeros(5)])
_HEAD, _GAZE = slice(52, 55), slice(55, 57)
# Of weights 0..1, head in degrees, gaze -1..1.
_MIN_CUTOFF_HZ: Final = np.repeat([1.6, 1.2, 1.6], [52, 3, 2])
_BETA: Final = np.repeat([4.0, 0.08, 2.0], [52, 3, 2])
_SPEED_CUTOFF_HZ: Final = 1.0


class OneEuro:
    """A low-pass filter that follows fast movement closely and stills slow jitter.

    Source: Casiez, Roussel and Vogel, "1 € Filter", CHI 2012.
    """

    def __init__(self, min_cutoff_hz: NDArray[np.float64], beta: NDArray[np.float64]) -> None:
        """Take, for each channel, the cutoff at rest and how much it rises by speed (Hz per unit a second)."""
        self._min_cutoff_hz, self._beta = min_cutoff_hz, beta
        self._time_s = math.nan
        self._value = np.zeros_like(beta)
        self._speed = np.zeros_like(beta)

    def feed(self, time_s: float, value: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the filtered value at `time_s`; a time not after the last one changes nothing."""
        if math.isnan(self._time_s):
            self._time_s, self._value = time_s, value.copy()
        dt_s = time_s - self._time_s
        if dt_s > 0.0:
            self._time_s = time_s
            speed = (value - self._value) / dt_s
            self._speed += _share(np.full_like(speed, _SPEED_CUTOFF_HZ), dt_s) * (speed - self._speed)
            cutoff_hz = self._min_cutoff_hz + self._beta * np.abs(self._speed)
            self._value = self._value + _share(cutoff_hz, dt_s) * (value - self._value)
        return self._value

    def reset(self) -> None:
        """Begin anew with the next value."""
        self._time_s = math.nan
        self._speed[:] = 0.0


def _share(cutoff_hz: NDArray[np.float64], dt_s: float) -> NDArray[np.float64]:
    turn = 2.0 * math.pi * cutoff_hz * dt_s
    return np.asarray(turn / (turn + 1.0))


class MirrorAnimator:
    """Stands in for `Animator` where the person moves the character: `see` takes their face, `step` gives the state.

    Left and right stay the person's own: the smile of their left corner is one of the character's left corner.
    """

    def __init__(self) -> None:
        self._filter = OneEuro(_MIN_CUTOFF_HZ, _BETA)
        self._spring = Spring(_REST)
        self._seen_s = -math.inf
        self._calibration: list[NDArray[np.float64]] = []
        self._begun_s = math.nan
        self._rest = np.zeros(57)
        self._goal: NDArray[np.float64] | None = None
        self._unseen_s = 0.0
        self._time_s = math.nan

    def see(self, time_s: float, face: Face) -> None:
        """Take the face as seen at `time_s`, on the camera's clock; older ones than the last are dropped."""
        if time_s <= self._seen_s:
            return
        if time_s - self._seen_s > NEW_FACE_AFTER_S:
            self._begun_s, self._calibration = time_s, []
            self._filter.reset()
        self._seen_s = time_s
        eyes = np.array(face.gaze) - np.array(face.head[:2]) / GAZE_DEG  # in the head, not past the camera
        vector = np.concatenate([face.weights, face.head, eyes]).astype(np.float64)
        if not np.isfinite(vector).all():
            return
        if time_s - self._begun_s <= CALIBRATE_S:
            self._calibration.append(vector)
            self._rest = np.median(self._calibration, axis=0)
            self._rest[:52] = np.minimum(self._rest[:52], _MOST_REST)
        self._goal = self._filter.feed(time_s, self._relative(vector))
        self._unseen_s = 0.0

    def step(self, request: FrameRequest) -> FaceState:
        """Return the state at `request.media_time_s`; nothing else of the request counts."""
        if math.isnan(self._time_s):
            self._time_s = request.media_time_s
        dt_s = min(max(request.media_time_s - self._time_s, 0.0), LONGEST_STEP_S)
        self._time_s = max(self._time_s, request.media_time_s)
        self._unseen_s += dt_s
        if self._goal is not None and self._unseen_s > LOST_AFTER_S:
            self._goal = None
        if self._goal is None:
            self._spring.step(_REST, dt_s, REST_RATE_HZ)
        else:
            self._spring.step(self._goal, dt_s, CAMERA_RATE_HZ)
        value = self._spring.value
        head, gaze = value[_HEAD], np.clip(value[_GAZE], -1.0, 1.0)
        return FaceState(
            np.clip(value[:52], 0.0, 1.0).astype(np.float32),
            (float(head[0]), float(head[1]), float(head[2])),
            (float(gaze[0]), float(gaze[1])),
        )

    def _relative(self, vector: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return weights above the person's rest, stretched to the whole range; head and gaze from their rest."""
        free = vector - self._rest
        free[:52] = np.clip(free[:52], 0.0, None) / (1.0 - self._rest[:52])
        return free
