"""A small training with every kind of chance in it: drawn items, noise from three generators, dropout."""

import argparse
import os
import random
import signal
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import Dataset

from training import distributed
from training.loop import Loop
from training.run import Fit, Run

ITEMS, WIDTH = 40, 6


class Noisy(Dataset[tuple[Tensor, Tensor]]):
    """Points on both sides of a plane, moved a little each time one is drawn."""

    def __init__(self) -> None:
        points = torch.Generator().manual_seed(1)
        self.points = torch.randn(ITEMS, WIDTH, generator=points)
        self.sides = (self.points[:, 0] > 0).long()

    def __len__(self) -> int:
        return ITEMS

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        noise = torch.randn(WIDTH) + torch.from_numpy(np.random.randn(WIDTH)).float() + random.random()
        return self.points[index] + 0.1 * noise, self.sides[index]


def entropy(net: nn.Module, batch: Any) -> Tensor:
    """Return the cross-entropy of a batch."""
    points, sides = batch
    return nn.functional.cross_entropy(net(points), sides)


def toy(**changes: Any) -> Fit:
    """Return a fit of a small net to the noisy points."""
    items = Noisy()

    def evaluate(net: nn.Module) -> dict[str, float]:
        assert not net.training
        return {"accuracy": float((net(items.points).argmax(dim=1) == items.sides).float().mean())}

    dropout = changes.pop("dropout", 0.2)
    torch.manual_seed(3)
    net = nn.Sequential(nn.Linear(WIDTH, 16), nn.BatchNorm1d(16) if dropout else nn.Identity(), nn.ReLU())
    net.extend([nn.Dropout(dropout), nn.Linear(16, 2)])
    given = {"epochs": 4, "batch_size": 8, "rate": 0.02, "patience": 99, "ema": 0.9} | changes
    return Fit("toy", net, entropy, items, evaluate, "accuracy", **given)


def run(out: Path, **changes: Any) -> Run:
    """Return a run on the CPU into a folder."""
    return Run("toy", out, out, device=torch.device("cpu"), **changes)


def main() -> None:
    """Train the toy; killed by itself before `--die-at` steps are done."""
    words = argparse.ArgumentParser()
    words.add_argument("out", type=Path)
    words.add_argument("--die-at", type=int)
    words.add_argument("--dropout", type=float, default=0.2)
    given = words.parse_args()
    torch.set_num_threads(1)
    fit = toy(dropout=given.dropout, workers=1, accumulate=2, weights=torch.arange(1.0, ITEMS + 1))
    loop_step = Loop._step

    def step(self: Loop, group: list[Any]) -> Tensor:
        if self.progress.step == given.die_at:
            os.kill(os.getpid(), signal.SIGKILL)
        return loop_step(self, group)

    Loop._step = step  # type: ignore[method-assign]
    with distributed.group():
        run(given.out).fit(fit)


if __name__ == "__main__":
    import training.loop

    training.loop.SAVE_EVERY_S = 0.0
    main()
