"""What was noticed of the person, as the data of server-messages for a client that shows it."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from runtime.core.messages import Gesture, MicroExpression, Mood, PersonLeft, PresenceChanged, Sight

Noticed = Sight | Gesture | Mood | MicroExpression | PresenceChanged | PersonLeft
_OUTLINE: Final = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149, 150,
    136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip
_BROWS: Final = (70, 63, 105, 66, 107, 300, 293, 334, 296, 336)
_EYES: Final = (33, 160, 158, 133, 153, 144, 263, 387, 385, 362, 380, 373, 468, 473)
_LIPS: Final = (61, 40, 37, 0, 267, 270, 291, 321, 314, 17, 84, 91, 13, 14)
SHOWN: Final = np.array(_OUTLINE + _BROWS + _EYES + _LIPS)
"""The points of the face mesh that are told: enough to show, and a sixth of the bytes."""


def noticed(event: Noticed) -> dict[str, object]:
    """Return what was noticed of the person as a server-message's data; its `type` says what."""
    match event:
        case Sight():
            return _sight(event)
        case Gesture():
            return {"type": "gesture", "name": event.name, "confidence": round(event.confidence, 3)}
        case Mood():
            figures = {name: round(getattr(event, name), 3) for name in ("confidence", "valence", "arousal")}
            return {"type": "mood", "label": event.label, **figures}
        case MicroExpression():
            lasted_s = event.offset_s - event.onset_s
            return {"type": "micro-expression", "label": event.label, "lasted": round(lasted_s, 3)}
        case PresenceChanged():
            return {"type": "presence", "presence": event.presence.value}
        case PersonLeft():
            return {"type": "person-left"}


def _sight(sight: Sight) -> dict[str, object]:
    """Points as shares of the picture's width and height, x and y in turn; what was not looked for is left out."""
    seen: dict[str, object] = {"type": "sight"}
    size = np.array([sight.width, sight.height], np.float32)
    if sight.faces is not None:
        seen["faces"] = [_flat(face.landmarks[SHOWN, :2] / size) for face in sight.faces]
    if sight.hands is not None:
        seen["hands"] = [_flat(hand.landmarks / size) for hand in sight.hands]
    return seen


def _flat(points: NDArray[np.float32]) -> list[float]:
    return [round(float(value), 4) for value in points.ravel()]
