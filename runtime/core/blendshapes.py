"""The 52 ARKit blendshape names, in ARKit's order. Left and right are the subject's own.

Source: Apple, ARFaceAnchor.BlendShapeLocation.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

BLENDSHAPES: Final[tuple[str, ...]] = (
    "eyeBlinkLeft",
    "eyeLookDownLeft",
    "eyeLookInLeft",
    "eyeLookOutLeft",
    "eyeLookUpLeft",
    "eyeSquintLeft",
    "eyeWideLeft",
    "eyeBlinkRight",
    "eyeLookDownRight",
    "eyeLookInRight",
    "eyeLookOutRight",
    "eyeLookUpRight",
    "eyeSquintRight",
    "eyeWideRight",
    "jawForward",
    "jawLeft",
    "jawRight",
    "jawOpen",
    "mouthClose",
    "mouthFunnel",
    "mouthPucker",
    "mouthLeft",
    "mouthRight",
    "mouthSmileLeft",
    "mouthSmileRight",
    "mouthFrownLeft",
    "mouthFrownRight",
    "mouthDimpleLeft",
    "mouthDimpleRight",
    "mouthStretchLeft",
    "mouthStretchRight",
    "mouthRollLower",
    "mouthRollUpper",
    "mouthShrugLower",
    "mouthShrugUpper",
    "mouthPressLeft",
    "mouthPressRight",
    "mouthLowerDownLeft",
    "mouthLowerDownRight",
    "mouthUpperUpLeft",
    "mouthUpperUpRight",
    "browDownLeft",
    "browDownRight",
    "browInnerUp",
    "browOuterUpLeft",
    "browOuterUpRight",
    "cheekPuff",
    "cheekSquintLeft",
    "cheekSquintRight",
    "noseSneerLeft",
    "noseSneerRight",
    "tongueOut",
)
INDEX: Final[Mapping[str, int]] = {name: i for i, name in enumerate(BLENDSHAPES)}


def weights(values: Mapping[str, float]) -> NDArray[np.float32]:
    """Return the (52,) weight vector for `values`.

    A name without Left or Right that only exists as a pair (``mouthSmile``) sets both sides.

    Raises:
        KeyError: a name is no ARKit blendshape.
    """
    vector = np.zeros(len(BLENDSHAPES), np.float32)
    for name, value in values.items():
        if name in INDEX:
            vector[INDEX[name]] = value
        elif f"{name}Left" in INDEX:
            vector[INDEX[f"{name}Left"]] = vector[INDEX[f"{name}Right"]] = value
        else:
            raise KeyError(f"{name!r} is not an ARKit blendshape; see runtime/core/blendshapes.py for the 52 names")
    return vector
