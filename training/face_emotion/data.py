"""What is learnt from: windows of the clips with the teacher's chances, and windows of made expressions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from runtime.core.blendshapes import BLENDSHAPES
from runtime.perception.face_features import WINDOW_S, windows
from training.augment import chance
from training.augment.mirror import partners
from training.blendshapes.extract import CROP_FACES
from training.blendshapes.faces import Faces
from training.face_emotion import prototypes
from training.face_emotion.face_api import LABELS, ExpressionNet, teach
from training.face_emotion.prototypes import PLACES

SCALES: Final = (1.0, 1.1, 1.2)
"""Sizes of the picture that the teacher looks at, in sides of the face's box."""
CALM_PERCENT: Final = 20.0
"""A clip's neutral face: this percentile of each shape over its frames. It needs no labels."""
VALIDATION_SHARE: Final = 0.15
"""The end of each clip that is learnt from picks the weights."""
STRENGTH: Final = (0.8, 1.25)
OFFSET: Final = 0.02
"""Standard deviation of what a face may be off its neutral one, by shape: another person, a neutral face half known."""


@dataclass(frozen=True)
class Seen:
    """Windows of the clips, one ending at each frame; n rows."""

    clip: NDArray[np.str_]
    raw: NDArray[np.float32]
    """(n, 6, 52) blendshapes as they are."""
    calm: NDArray[np.float32]
    """(n, 52) the neutral face of each row's clip."""
    chances: NDArray[np.float32]
    """(n, 7) the teacher's, its mean over the window."""
    late: NDArray[np.bool_]
    """(n,) the end of a clip."""

    def rows(self, kept: NDArray[np.bool_]) -> "Seen":
        """Return some rows; `kept` (n,)."""
        return Seen(self.clip[kept], self.raw[kept], self.calm[kept], self.chances[kept], self.late[kept])

    def beyond(self) -> NDArray[np.float32]:
        """Return the windows beyond the neutral face (n, 6, 52), as the runtime hands them over."""
        return np.asarray(np.maximum(self.raw - self.calm[:, None], 0), np.float32)


def seen(faces: Faces, net: ExpressionNet) -> Seen:
    """Return the windows of all clips, with what the teacher says of the pictures in them."""
    plain = faces.variant == 0
    chances = teach(net, faces.crops, SCALES, CROP_FACES)
    clip, time_s, shapes = faces.clip[plain], faces.time_s[plain], faces.shapes[plain]
    parts = []
    for name in faces.clips:
        own = clip == name
        times, frames = time_s[own], shapes[own]
        first = np.searchsorted(times, times - WINDOW_S, side="right")
        smooth = [chances[own][start : end + 1].mean(0) for end, start in enumerate(first)]
        calm = np.percentile(frames, CALM_PERCENT, axis=0).astype(np.float32)
        late = np.arange(len(times)) >= (1 - VALIDATION_SHARE) * len(times)
        parts.append(
            Seen(
                clip[own],
                windows(times, frames, times),
                np.tile(calm, (len(times), 1)),
                np.array(smooth, np.float32),
                late,
            )
        )
    return Seen(*(np.concatenate([getattr(part, name) for part in parts]) for name in Seen.__dataclass_fields__))


class Items(Dataset[tuple[Tensor, Tensor, Tensor]]):
    """Windows of clips and made ones, drawn in whole batches: mirrored, stronger or weaker, of people a little off."""

    def __init__(self, known: Seen, made: int, rng: np.random.Generator) -> None:
        shapes, kinds, places = prototypes.draw(made, rng)
        zero = np.zeros((made, len(BLENDSHAPES)), np.float32)
        self._windows = torch.from_numpy(np.concatenate([known.raw, shapes]))
        self._calm = torch.from_numpy(np.concatenate([known.calm, zero]))
        self._chances = torch.from_numpy(np.concatenate([known.chances, _soft(kinds)]))
        self._places = torch.from_numpy(np.concatenate([places_of(known.chances), places]))
        self._partners = torch.from_numpy(partners(BLENDSHAPES))

    def __len__(self) -> int:
        return len(self._windows)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor, Tensor]:
        """Return a window (6, 52), chances (7,), and valence and arousal (2,)."""
        one: tuple[Tensor, Tensor, Tensor] = tuple(part[0] for part in self.__getitems__([index]))
        return one

    def __getitems__(self, indices: Sequence[int]) -> Any:
        """Return a batch: windows (n, 6, 52), chances (n, 7), and valence and arousal (n, 2)."""
        at = torch.as_tensor(indices)
        found, calm = self._windows[at], self._calm[at]
        if chance.is_on():
            # most often the neutral face is known and taken off, as in the runtime; sometimes half or not at all
            pick, part = torch.rand(len(at), 1), torch.rand(len(at), 1)
            share = torch.where(pick < 0.6, 1.0, torch.where(pick < 0.85, 0.3 + 0.8 * part, 0.0))
            strength = STRENGTH[0] + (STRENGTH[1] - STRENGTH[0]) * torch.rand(len(at), 1, 1)
            off = OFFSET * torch.randn(len(at), 1, len(BLENDSHAPES))
            found = ((found - (share * calm)[:, None]).clamp(min=0) * strength + off).clamp(0, 1)
            flip = torch.rand(len(at)) < 0.5
            found[flip] = found[flip][..., self._partners]
        return found, self._chances[at], self._places[at]


def places_of(chances: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return valence and arousal (n, 2) expected under chances (n, 7)."""
    return np.asarray(chances @ PLACES, np.float32)


def _soft(kinds: NDArray[np.int64], sure: float = 0.9) -> NDArray[np.float32]:
    """Return chances (n, 7) that name classes (n,), surely but for a rest shared by all."""
    rest = (1 - sure) / len(LABELS)
    return np.asarray(np.eye(len(LABELS))[kinds] * sure + rest, np.float32)
