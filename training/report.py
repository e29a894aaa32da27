"""What a person sees of a training: progress bar, lines, curves as PNG, TensorBoard."""

import json
import logging
import math
import time
from pathlib import Path
from typing import Any

from tqdm import tqdm

from training import plots
from training.record import write_text

log = logging.getLogger(__name__)

DRAW_EVERY_S = 5.0
"""Drawing the curves takes longer than an epoch of a small net."""


class Report:
    """The report of one net's training into OUT/name.jsonl, OUT/name.png and OUT/tensorboard/name."""

    def __init__(self, out: Path, name: str, step: int, steps: int) -> None:
        self._out, self._name = out, name
        self._bar = tqdm(total=steps, initial=step, desc=name, disable=None)  # None: only on a terminal
        self._board = _board(out / "tensorboard" / name, step)
        self._drawn = -math.inf

    def step(self) -> None:
        """Move the progress bar on."""
        self._bar.update()

    def epoch(self, history: list[dict[str, float]], step: int, last: bool) -> None:
        """Tell the last row of a history; earlier ones are in the files already, or come with a resumed run."""
        row = history[-1]
        tqdm.write("  ".join([self._name, *(f"{name} {value:.4g}" for name, value in row.items())]))
        write_text(self._out / f"{self._name}.jsonl", "".join(json.dumps(line) + "\n" for line in history))
        if last or time.monotonic() - self._drawn > DRAW_EVERY_S:
            plots.loss_curves(history, self._out / f"{self._name}.png", self._name)
            self._drawn = time.monotonic()
        if self._board is not None:
            for name, value in row.items():
                self._board.add_scalar(name, value, step)

    def close(self) -> None:
        """Write what is left."""
        self._bar.close()
        if self._board is not None:
            self._board.close()


def _board(folder: Path, step: int) -> Any:
    """Return a writer for TensorBoard that takes the place of what came after `step`; None where it isn't installed."""
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        log.info("TensorBoard is not installed, so no log for it is written.")
        return None
    return SummaryWriter(str(folder), purge_step=step)
