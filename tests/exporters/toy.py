"""A small streaming net with a description that can be exported in a second or two."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from exporters.export import Arrays, Export

BANDS, HIDDEN, CLASSES = 12, 24, 5
RESULT = {
    "command": "python -m training toy --data /home/someone/data --out=/tmp/toy --seed 3",
    "commit": "abc",
    "profile": "full",
    "seed": 3,
    "data": {"speech/some": {"sha256": "00"}},
    "figures": {
        "split": "whole speakers",
        "teacher": {"accuracy": 0.75},
        "student": {"accuracy": 0.5, "by_class": {"joy": 0.25}},
        "works": True,
        "confusion": [[1, 2]],
    },
}


class Toy(nn.Module):
    """Frames (1, time, bands) and a state (2, 1, hidden) to chances (1, time, classes) and the next state."""

    def __init__(self) -> None:
        super().__init__()
        self.into = nn.Linear(BANDS, HIDDEN)
        self.gru = nn.GRU(HIDDEN, HIDDEN, num_layers=2, batch_first=True)
        self.out = nn.Linear(HIDDEN, CLASSES)

    def forward(self, frames: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        steps, after = self.gru(torch.relu(self.into(frames)), state)
        return self.out(steps).softmax(-1), after


def real(count: int = 20) -> list[Arrays]:
    chance = np.random.default_rng(1)
    return [
        {
            "frames": chance.standard_normal((1, 2 + number % 3, BANDS)).astype(np.float32),
            "state": chance.uniform(-1, 1, (2, 1, HIDDEN)).astype(np.float32),
        }
        for number in range(count)
    ]


def in_chunks(session: Any) -> tuple[NDArray[Any], NDArray[Any]]:
    frames = np.random.default_rng(2).standard_normal((1, 9, BANDS)).astype(np.float32)
    state, pieces = np.zeros((2, 1, HIDDEN), np.float32), []
    for begin, end in ((0, 4), (4, 5), (5, 9)):
        out, state = session.run(None, {"frames": frames[:, begin:end], "state": state})
        pieces.append(out)
    whole = session.run(None, {"frames": frames, "state": np.zeros((2, 1, HIDDEN), np.float32)})[0]
    return np.concatenate(pieces, 1), whole


def toy(**changes: Any) -> Export:
    torch.manual_seed(0)
    values: dict[str, Any] = {
        "name": "toy",
        "net": Toy().eval(),
        "inputs": {"frames": torch.randn(1, 6, BANDS), "state": torch.zeros(2, 1, HIDDEN)},
        "outputs": ("chances", "next_state"),
        "dynamic": {"frames": {1: "time"}},
        "metadata": {"labels": json.dumps(["a", "b", "c", "d", "e"])},
        "real": real(),
        "gflop": 0.001,
        "card": "What it is for, and what not.",
        "chunks": in_chunks,
    }
    return Export(**(values | changes))


def trained(folder: Path) -> Path:
    """Write a training's result into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "result.json").write_text(json.dumps(RESULT))
    return folder
