"""What the loop draws: stretches of three seconds, disturbed as rooms, microphones and voices do."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.data import Dataset

from runtime.core.mel import POWER_FLOOR
from runtime.voice.lipsync import BANDS, SHAPES
from training.lipsync.nets import DELAY
from training.lipsync.speech import Take

STEPS: Final = 150
WARM_UP_STEPS: Final = 10
"""At a stretch's beginning nobody could know what was said before: it does not count."""
_NOISE_SHARE: Final = 0.03
Item = tuple[Tensor, Tensor, Tensor, Tensor]


class Stretches(Dataset[Item]):
    """Random stretches of takes: mel (153, 80), shapes (150, 12), their weights (12,), closed (150,).

    `known` weights that are zero and `closed` below zero do not count.
    """

    def __init__(self, takes: Sequence[Take], count: int, disturbed: bool = True) -> None:
        """Draw `count` stretches an epoch, each take as often as its length and worth say."""
        self._takes = list(takes)
        self._count = count
        self._disturbed = disturbed
        length = np.array([take.steps for take in self._takes], np.float64)
        self._ends = np.cumsum(length) / length.sum()

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> Item:
        take = self._takes[min(int(np.searchsorted(self._ends, np.random.random())), len(self._takes) - 1)]
        begin = np.random.randint(max(1, take.steps - STEPS + 1))
        take = cut(take, begin)
        mel = take.mel
        if self._disturbed:
            if np.random.random() < _NOISE_SHARE:
                take = silent(take)
                mel = noise(len(take.mel))
            mel = disturbed(mel)
        arrays = (mel, take.shapes, take.known, take.closed)
        return tuple(torch.from_numpy(np.ascontiguousarray(a, np.float32)) for a in arrays)  # type: ignore[return-value]


def cut(take: Take, begin: int) -> Take:
    """Return `STEPS` steps of a take from `begin`, with silence where it is shorter; the mouth rests there."""
    missing = max(0, begin + STEPS - take.steps)
    mel = take.mel[begin : begin + STEPS + DELAY]
    quiet = np.full((STEPS + DELAY - len(mel), mel.shape[1]), np.log(POWER_FLOOR), np.float32)
    closed = np.pad(take.closed[begin : begin + STEPS], (0, missing))
    shapes = np.pad(take.shapes[begin : begin + STEPS], ((0, missing), (0, 0)))
    return replace(take, mel=np.concatenate([mel, quiet]), shapes=shapes, closed=closed)


def silent(take: Take) -> Take:
    """Return a take in which the mouth rests."""
    return replace(
        take,
        shapes=np.zeros_like(take.shapes),
        closed=np.zeros_like(take.closed),
        known=np.ones(len(SHAPES), np.float32),
    )


def noise(steps: int) -> NDArray[np.float32]:
    """Return the log-mel (steps, 80) of a steady noise of some colour, as loud as speech at most."""
    level = np.random.uniform(-14.0, 0.0) + smooth(BANDS, 2.0)
    grain = np.log(np.random.gamma(4.0, 0.25, (2 * steps, BANDS)))
    return (level + grain).reshape(steps, 2 * BANDS).astype(np.float32)


def disturbed(mel: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return log-mel steps (n, 80) as another throat, microphone and place would give them."""
    frames = mel.reshape(-1, BANDS).astype(np.float64)
    if np.random.random() < 0.7:
        frames = stretched(frames, float(np.random.uniform(0.86, 1.16)))
    frames = frames + smooth(BANDS, 0.8) + np.random.uniform(-3.5, 3.0)
    if np.random.random() < 0.7:
        frames = np.logaddexp(frames, noise(len(mel)).reshape(-1, BANDS) - np.random.uniform(0.0, 8.0))
    frames = frames + 0.15 * np.random.standard_normal(frames.shape)
    if np.random.random() < 0.3:
        low = np.random.randint(BANDS - 4)
        frames[:, low : low + np.random.randint(1, 5)] = frames.mean()
    disturbed_mel: NDArray[np.float32] = np.maximum(frames, np.log(POWER_FLOOR)).astype(np.float32)
    return disturbed_mel.reshape(len(mel), 2 * BANDS)


def stretched(frames: NDArray[np.float64], factor: float) -> NDArray[np.float64]:
    """Return frames (n, bands) with the spectrum stretched, as a shorter or longer vocal tract would.

    Source: N. Jaitly and G. Hinton, "Vocal tract length perturbation improves speech recognition" (2013), here on the
    mel scale itself.
    """
    places = np.clip(np.arange(BANDS) * factor, 0, BANDS - 1)
    low = np.minimum(places.astype(int), BANDS - 2)
    share = places - low
    return np.asarray(frames[:, low] * (1 - share) + frames[:, low + 1] * share)


def smooth(bands: int, size: float) -> NDArray[np.float64]:
    """Return a smooth random curve over the bands: the response of a microphone, the colour of a noise."""
    return np.interp(np.linspace(0, 4, bands), np.arange(5), np.random.normal(0.0, size, 5))


def taught(takes: Sequence[Take], teacher: nn.Module, device: torch.device) -> list[Take]:
    """Return the takes as the teacher sees their mouth; what is known of it counts as much as what it says."""
    found = []
    teacher.eval()
    with torch.no_grad():
        for take in takes:
            shapes, logit = (value[0].cpu().numpy() for value in teacher(_batch(take.mel, device)))
            chance = 1 / (1 + np.exp(-logit[DELAY:]))
            trust = np.minimum(take.known, 1.0) / 2
            closed = np.where(take.closed < 0, chance, (take.closed + chance) / 2)
            mixed = trust * take.shapes + (1 - trust) * shapes[DELAY:]
            found.append(
                replace(
                    take,
                    shapes=mixed.astype(np.float32),
                    closed=closed.astype(np.float32),
                    known=np.maximum(1.0, take.known),
                )
            )
    return found


def seen(net: nn.Module, take: Take) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return what a net in eval mode says of a take: shapes (steps, 12) in 0..1, logits of closed lips (steps,)."""
    device = next(net.parameters()).device
    with torch.no_grad():
        shapes, logit = net(_batch(take.mel, device))
    return shapes[0, DELAY:].cpu().numpy(), logit[0, DELAY:].cpu().numpy()


def _batch(mel: NDArray[Any], device: torch.device) -> Tensor:
    return torch.from_numpy(np.asarray(mel, np.float32))[None].to(device)
