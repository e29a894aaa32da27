"""The teacher: face-api's expression net in torch, with the tfjs weights that come with it.

A small densely connected net of depthwise separable convolutions (face-api.js, `denseBlock4` and a linear layer).
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from numpy.typing import NDArray
from torch import Tensor

from runtime.core.errors import UserError

LABELS: Final = ("neutral", "happy", "sad", "angry", "fearful", "disgusted", "surprised")
"""The net's outputs in their order, and those of our own model."""
NAME: Final = "face_expression_model"
SIDE_PX: Final = 112
MEAN_RGB: Final = (122.782, 117.001, 104.298)
BLOCKS: Final = 4


def read_weights(folder: Path) -> dict[str, Tensor]:
    """Return the weights of NAME by name, as float32: those kept as uint8 are scaled back.

    Raises:
        UserError: the files are missing or don't fit each other.
    """
    try:
        groups = json.loads((folder / f"{NAME}-weights_manifest.json").read_text(encoding="utf-8"))
        raw = (folder / f"{NAME}.bin").read_bytes()
        found, place = {}, 0
        for entry in (weight for group in groups for weight in group["weights"]):
            count, packed = int(np.prod(entry["shape"])), entry.get("quantization")
            values = np.frombuffer(raw, np.uint8 if packed else np.float32, count, place).astype(np.float32)
            place += count if packed else 4 * count
            if packed:
                values = values * packed["scale"] + packed["min"]
            found[str(entry["name"])] = torch.from_numpy(values.astype(np.float32).reshape(entry["shape"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(f"The weights in {folder} can't be read: {error!r}.", "Restore the folder.") from None
    if place != len(raw):
        raise UserError(f"{NAME}.bin in {folder} holds {len(raw)} bytes, not {place}.", "Restore the folder.")
    return found


class ExpressionNet:
    """Pictures of faces to logits of LABELS."""

    def __init__(self, weights: dict[str, Tensor]) -> None:
        # tfjs keeps (height, width, in, out) and (height, width, channels, 1); torch wants the channels first.
        self._weights = {
            name: value.permute(2, 3, 0, 1) if name.endswith("depthwise_filter") else value.permute(3, 2, 0, 1)
            if value.ndim == 4 else value
            for name, value in weights.items()
        }  # fmt: skip

    @torch.inference_mode()
    def __call__(self, faces: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return logits (n, 7) of faces (n, side, side, 3) RGB 0..255, scaled to 112 pixels a side."""
        found = [self._run(part) for part in torch.split(torch.from_numpy(np.ascontiguousarray(faces)), 64)]
        return np.asarray(torch.cat(found).numpy(), np.float32)

    def _run(self, faces: Tensor) -> Tensor:
        x = F.interpolate(faces.permute(0, 3, 1, 2).float(), (SIDE_PX, SIDE_PX), mode="bilinear", antialias=True)
        x = (x - torch.tensor(MEAN_RGB)[:, None, None]) / 255
        for block in range(BLOCKS):
            x = self._block(x, f"dense{block}", first=block == 0)
        logits: Tensor = F.avg_pool2d(x, 7).flatten(1) @ self._weights["fc/weights"] + self._weights["fc/bias"]
        return logits

    def _block(self, x: Tensor, name: str, first: bool) -> Tensor:
        w = self._weights
        if first:
            enter = F.conv2d(_padded(x, 2), w[f"{name}/conv0/filters"], w[f"{name}/conv0/bias"], stride=2)
        else:
            enter = self._separable(x, f"{name}/conv0", 2)
        total = F.relu(enter)
        for number in (1, 2, 3):
            total = total + self._separable(F.relu(total), f"{name}/conv{number}", 1)
        return F.relu(total)

    def _separable(self, x: Tensor, name: str, stride: int) -> Tensor:
        w = self._weights
        each = F.conv2d(_padded(x, stride), w[f"{name}/depthwise_filter"], stride=stride, groups=x.shape[1])
        return F.conv2d(each, w[f"{name}/pointwise_filter"], w[f"{name}/bias"])


def _padded(x: Tensor, stride: int) -> Tensor:
    """Return x padded as TensorFlow's "same" does for a kernel of 3: more at the end where it is uneven."""
    size = x.shape[-1]
    both = max((-(-size // stride) - 1) * stride + 3 - size, 0)
    return F.pad(x, (both // 2, both - both // 2) * 2)


def teach(
    net: ExpressionNet, crops: NDArray[np.uint8], scales: Sequence[float], crop_faces: float
) -> NDArray[np.float32]:
    """Return chances (n, 7) of faces: by the mean of the logits over several sizes of the face in the picture.

    Args:
        net: the teacher.
        crops: (n, side, side, 3), `crop_faces` times as wide as the face.
        scales: sides of the looked-at square in sides of the face, at most `crop_faces`.
        crop_faces: see there.
    """
    total = np.zeros((len(crops), len(LABELS)), np.float32)
    for scale in scales:
        side = round(crops.shape[1] * scale / crop_faces)
        low = (crops.shape[1] - side) // 2
        total += net(crops[:, low : low + side, low : low + side])
    return np.asarray(torch.softmax(torch.from_numpy(total / len(scales)), -1).numpy(), np.float32)
