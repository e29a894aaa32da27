"""The teacher: MediaPipe's own blendshape net in torch, and a correction that lets it read face mesh's landmarks.

The face landmarker finds landmarks with another net than the face mesh of the runtime. The two differ by a bias that
hangs on pose and expression, so the teacher's blendshape net reads face mesh badly until that bias is taken off.
"""

from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from runtime.core.blendshapes import BLENDSHAPES

SHAPES_OF_NET: Final = (
    "_neutral browDownLeft browDownRight browInnerUp browOuterUpLeft browOuterUpRight cheekPuff cheekSquintLeft "
    "cheekSquintRight eyeBlinkLeft eyeBlinkRight eyeLookDownLeft eyeLookDownRight eyeLookInLeft eyeLookInRight "
    "eyeLookOutLeft eyeLookOutRight eyeLookUpLeft eyeLookUpRight eyeSquintLeft eyeSquintRight eyeWideLeft "
    "eyeWideRight jawForward jawLeft jawOpen jawRight mouthClose mouthDimpleLeft mouthDimpleRight mouthFrownLeft "
    "mouthFrownRight mouthFunnel mouthLeft mouthLowerDownLeft mouthLowerDownRight mouthPressLeft mouthPressRight "
    "mouthPucker mouthRight mouthRollLower mouthRollUpper mouthShrugLower mouthShrugUpper mouthSmileLeft "
    "mouthSmileRight mouthStretchLeft mouthStretchRight mouthUpperUpLeft mouthUpperUpRight noseSneerLeft "
    "noseSneerRight"
).split()
"""What the net's outputs are, in their order. It knows no tongue."""
LAYERS: Final = 4
INPUT_SCALE: Final = 0.5
EPSILON: Final = 1e-6
COMPONENTS: Final = 40
"""Principal components of the landmarks that the correction is linear in; 0, 100 and 200 did worse (clips left out)."""
RIDGE: Final = 1e-3


class Mixer:
    """The blendshape net of the face landmarker: an MLP-Mixer (Tolstikhin et al., 2021) over 146 landmarks.

    Args:
        weights: the 47 constant tensors of face_blendshapes.tflite in the order in which it uses them.
    """

    def __init__(self, weights: list[NDArray[np.float32]]) -> None:
        self._weights = [torch.from_numpy(np.asarray(values, np.float32)) for values in weights]
        self._order = [SHAPES_OF_NET.index(name) if name in SHAPES_OF_NET else -1 for name in BLENDSHAPES]

    @torch.inference_mode()
    def __call__(self, points: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return (n, 52) weights of landmarks (n, 146, 2 or more) as `face_features.normalise` gives them."""
        plane = torch.from_numpy(np.ascontiguousarray(points[..., :2], np.float32))
        found = torch.cat([self._run(part) for part in torch.split(plane, 128)])
        weights = torch.zeros(len(found), len(BLENDSHAPES))
        known = [place for place, number in enumerate(self._order) if number >= 0]
        weights[:, known] = found[:, [self._order[place] for place in known]]
        return weights.numpy()

    def _run(self, points: Tensor) -> Tensor:
        w = self._weights
        x = (points * INPUT_SCALE).transpose(1, 2) @ w[0].T + w[1]
        x = x.transpose(1, 2) @ w[2].T + w[3]
        x = torch.cat((w[4].expand(len(x), 1, -1), x), 1)
        for layer in range(LAYERS):
            gain, up, up_bias, down, down_bias = w[5 + 10 * layer : 10 + 10 * layer]
            mixed = torch.relu(_norm(x, gain).transpose(1, 2) @ up.T + up_bias) @ down.T + down_bias
            x = x + mixed.transpose(1, 2)
            gain, up, up_bias, down, down_bias = w[10 + 10 * layer : 15 + 10 * layer]
            x = x + torch.relu(_norm(x, gain) @ up.T + up_bias) @ down.T + down_bias
        return torch.sigmoid(x[:, 0] @ w[45].T + w[46])


def _norm(x: Tensor, gain: Tensor) -> Tensor:
    centred = x - x.mean(-1, keepdim=True)
    return centred * torch.rsqrt(centred.square().mean(-1, keepdim=True) + EPSILON) * gain


class Correction:
    """What face mesh's landmarks lack to be the face landmarker's: ridge regression on their principal components.

    Args:
        mesh: (n, 146, 3) normalised landmarks of face mesh.
        task: (n, 146, 3) those that the landmarker found in the same pictures.
        share: (n,) weight of each, summing to 1.
    """

    def __init__(self, mesh: NDArray[np.float32], task: NDArray[np.float32], share: NDArray[np.float64]) -> None:
        flat, lack = mesh.reshape(len(mesh), -1), (task - mesh)[..., :2].reshape(len(mesh), -1)
        self._mean, self._constant = flat.mean(0), lack.mean(0)
        values, vectors = np.linalg.eigh(np.cov(flat - self._mean, rowvar=False))
        self._axes = vectors[:, -COMPONENTS:] / np.sqrt(np.maximum(values[-COMPONENTS:], 1e-12))
        parts = (flat - self._mean) @ self._axes
        weighted = parts.T * share
        ridge = RIDGE * np.eye(parts.shape[1])
        self._slope = np.linalg.solve(weighted @ parts + ridge, weighted @ (lack - self._constant))

    def __call__(self, mesh: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return (n, 146, 2): x and y of face mesh's landmarks (n, 146, 3), as the landmarker would put them."""
        parts = (mesh.reshape(len(mesh), -1) - self._mean) @ self._axes
        lack = self._constant + parts @ self._slope
        return np.asarray(mesh[..., :2] + lack.reshape(len(mesh), -1, 2), np.float32)
