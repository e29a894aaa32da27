"""One run of `python -m training NAME`: what a model's `train(run)` gets, and what it hands to the loop."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.utils.data import Dataset

from runtime.core.errors import UserError
from training import cards, distributed
from training.batches import mix, seed_all
from training.cleaning import reviewed
from training.record import Record, write_file

if TYPE_CHECKING:
    from training.privacy import Privacy

log = logging.getLogger(__name__)


@dataclass
class Fit:
    """One net to train. Its files are OUT/name.best.pt (weights), .state.pt (to resume), .png (curves) and .jsonl."""

    name: str
    net: nn.Module
    loss: Callable[[nn.Module, Any], Tensor]
    """From the net and a batch on the device to the mean over the batch, a scalar."""
    train: Dataset[Any]
    """By index. Chance in it comes from torch, numpy or random, which are seeded anew for each item drawn."""
    evaluate: Callable[[nn.Module], dict[str, float]]
    """Figures of the averaged weights on data that the net never learns from; called in eval mode without gradients."""
    best: str
    """The key of `evaluate` to be as high as can be: it picks the weights kept, and when to stop."""
    epochs: int = 30
    batch_size: int = 64
    """Of all processes together."""
    rate: float = 1e-3
    """The learning rate at its peak, after the warm-up; from there it falls along a cosine to zero."""
    weight_decay: float = 0.01
    warm_up: float = 0.05
    """Share of all steps."""
    accumulate: int = 1
    """Batches a step."""
    ema: float = 0.999
    clip: float = 1.0
    """Highest norm of the gradient."""
    patience: int = 8
    """Evaluations without a gain after which training stops."""
    collate: Callable[..., Any] | None = None
    weights: Tensor | None = None
    """How often each item is drawn, relative to the others, shape (items,)."""
    samples: Callable[[nn.Module, Path], None] | None = None
    """Draws a picture of what the net does now into a PNG, at each evaluation."""
    private: "Privacy | None" = None
    beside: nn.Module | None = None
    """Trained along with the net and not kept: the projection of a hint, the head of an auxiliary task."""
    evaluate_every: int = 1
    """Epochs."""
    workers: int = 0
    """Processes that load data."""


@dataclass
class Run:
    """One run of one model's training. Everything it writes goes below `out`."""

    name: str
    data: Path
    out: Path
    smoke: bool = False
    """A few steps on a little data, to see that everything works."""
    resume: bool = False
    seed: int = 0
    device: torch.device = field(default_factory=distributed.device)
    precision: str = "auto"
    """`auto`, `fp32`, `bf16` or `fp16`."""
    reviews: Path | None = None
    """The folder of the data sets' reviews; DATA/reviews where None."""

    def __post_init__(self) -> None:
        if self.reviews is not None and not self.reviews.is_dir():
            raise UserError(f"There is no folder {self.reviews} of reviews.", "Name the one that clean wrote into.")
        self._places: dict[str, Path] = {}
        seed_all(mix(self.seed))
        self.record = Record(self.name, self.out, smoke=self.smoke, seed=self.seed)

    def fit(self, fit: Fit) -> nn.Module:
        """Train a net, or go on with it, or take the finished one where the run resumes.

        Returns:
            The net with its best averaged weights, in eval mode, on `device`.

        Raises:
            UserError: what is there to resume was made with other settings, or the precision isn't there.
        """
        from training import loop

        return loop.train(self, fit)

    def note(self, **figures: Any) -> None:
        """Put figures into OUT/result.json: anything that JSON takes."""
        self.record.note(figures)

    def save_student(self, net: nn.Module, config: dict[str, Any]) -> Path:
        """Write OUT/student.pt, which the exporter reads: `nets.build(config)` makes the net that takes its `state`."""
        path = self.out / "student.pt"
        if distributed.rank() != 0:
            return path
        state = {key: value.detach().cpu() for key, value in net.state_dict().items()}
        student = {"state": state, "config": config, "model": self.name}
        write_file(path, lambda part: torch.save(student, part))
        return path

    def folder(self, relative: str) -> Path:
        """Return a folder or a file of the data, after noting its card, its hash and its review in the record.

        It is DATA/relative itself, or OUT/reviewed/relative where a review drops or relabels something in it.

        Raises:
            UserError: it isn't there, has no card, or isn't what its card describes; or the review can't be followed.
        """
        if relative not in self._places:
            cache = self.out / "data_hashes.json" if distributed.rank() == 0 else None
            self.record.data |= cards.check(self.data, relative, cache)
            self._places[relative] = self._reviewed(relative)
        return self._places[relative]

    def _reviewed(self, relative: str) -> Path:
        review = reviewed.review_of(self.data, relative, self.reviews or self.data / reviewed.REVIEWS_FOLDER)
        if not review.changed():
            return self.data / relative
        into, obeyed = self.out / "reviewed", None
        if distributed.rank() == 0:
            obeyed = reviewed.obey(self.data, relative, review, into).record()
            log.info("The review of %s: %s.", relative, ", ".join(f"{obeyed[kind]} {kind}" for kind in reviewed.KINDS))
        self.record.reviews[relative] = distributed.share(obeyed)
        return into / relative
