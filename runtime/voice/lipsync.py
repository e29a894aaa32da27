"""The mouth from sound alone, for voices that come without phonemes: a recording, a remote voice. Any voice, streaming.

The net (`assets/models/lipsync.onnx`) is a causal recurrent one; it hears 80 ms further than what it draws.
"""

import json
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from runtime.core.blendshapes import weights
from runtime.core.errors import UserError
from runtime.core.mel import HOP_SAMPLES, LogMel
from runtime.core.messages import MOUTH_RATE_HZ

MODEL: Final = "lipsync"
RATE_HZ: Final = 16_000
CURVES_PER_S: Final = MOUTH_RATE_HZ
STEP_SAMPLES: Final = RATE_HZ // CURVES_PER_S
BANDS: Final = 40
AHEAD_STEPS: Final = 4
"""A curve at time t needs the sound up to t + 80 ms."""
SHAPES: Final = (
    "jawOpen",
    "mouthClose",
    "mouthPress",
    "mouthFunnel",
    "mouthPucker",
    "mouthStretch",
    "mouthSmile",
    "mouthUpperUp",
    "mouthRollUpper",
    "mouthLowerDown",
    "mouthRollLower",
    "tongueOut",
)
"""What the net gives, in its order; a name that exists only as a pair moves both sides."""
_SPREAD: Final = np.stack([weights({name: 1.0}) for name in SHAPES])
_MEL_FRAMES: Final = STEP_SAMPLES // HOP_SAMPLES
_MAX_STEPS_A_RUN: Final = 3_000


class LipSync:
    """One voice on its way. Fed in pieces of any size it gives what it gives fed whole.

    Curve k is the mouth at 0.02 k seconds after the first sample.
    """

    def __init__(self, session: Any) -> None:
        """Take the `onnxruntime.InferenceSession` of the model; it can be shared, as it keeps nothing between calls.

        Raises:
            UserError: it is another model.
        """
        described = session.get_modelmeta().custom_metadata_map
        if json.loads(described.get("shapes", "[]")) != list(SHAPES):
            raise UserError("The lipsync model gives other shapes than this version knows.", "Restore it.")
        self._session = session
        self._no_state = np.zeros(session.get_inputs()[1].shape, np.float32)
        self._mel = LogMel(BANDS)
        self.reset()

    def reset(self) -> None:
        """Forget the voice: the next sample is the first of another."""
        self._mel.reset()
        self._frames = np.zeros((0, BANDS), np.float32)
        self._state = self._no_state
        self._early = AHEAD_STEPS - 1
        self._fed = self._given = 0

    def feed(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """Take (n,) samples in -1..1 at 16 kHz; return the curves (k, 52) in 0..1 that are known with them."""
        self._fed += len(samples)
        curves = self._run(samples)
        self._given += len(curves)
        return curves

    def finish(self) -> NDArray[np.float32]:
        """Return the curves (k, 52) up to the last sample fed, as if silence followed, and forget the voice."""
        wanted = -(-self._fed // STEP_SAMPLES) - self._given
        rest = self._run(np.zeros((AHEAD_STEPS + 1) * STEP_SAMPLES, np.float32))[: max(0, wanted)]
        self.reset()
        return rest

    def _run(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        frames = np.concatenate([self._frames, self._mel.feed(samples)])
        steps = len(frames) // _MEL_FRAMES
        self._frames = frames[steps * _MEL_FRAMES :]
        stacked = frames[: steps * _MEL_FRAMES].reshape(1, steps, _MEL_FRAMES * BANDS)
        parts = [np.zeros((0, len(SHAPES)), np.float32)]
        for begin in range(0, steps, _MAX_STEPS_A_RUN):
            piece = stacked[:, begin : begin + _MAX_STEPS_A_RUN]
            curves, self._state = self._session.run(None, {"mel": piece, "state": self._state})
            parts.append(curves[0])
        made = np.concatenate(parts)
        skipped = min(self._early, len(made))
        self._early -= skipped
        whole: NDArray[np.float32] = (made[skipped:] @ _SPREAD).astype(np.float32)
        return whole


def mouth_curves(session: Any, audio: NDArray[np.float32], rate_hz: int) -> NDArray[np.float32]:
    """Return the mouth (k, 52) at 50/s of a whole recording: (n,) samples in -1..1 at `rate_hz`."""
    if rate_hz != RATE_HZ:
        import soxr

        audio = soxr.resample(audio, rate_hz, RATE_HZ)
    lips = LipSync(session)
    return np.concatenate([lips.feed(np.asarray(audio, np.float32)), lips.finish()])
