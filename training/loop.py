"""The one training loop: mixed precision, several processes, averaged weights, early stopping, exact resume.

Nothing of chance is kept from step to step. Each item and each step seeds the generators anew, from the run's seed and
its own number; so a resumed run needs to know only where it was, and ends with the same weights, bit by bit on a CPU.
"""

import copy
import json
import logging
import math
import time
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader
from tqdm import tqdm

from runtime.core.errors import UserError
from training import distributed, plots
from training.batches import Order, loader, mix, seed_all, to_device
from training.record import write_text
from training.run import Fit, Run

log = logging.getLogger(__name__)

SAVE_EVERY_S = 60.0
"""Most that a kill can cost; the state is also saved after each evaluation."""
DRAW_EVERY_S = 5.0
"""Drawing curves takes longer than an epoch of a small net."""
TYPES: Final = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


@dataclass
class Progress:
    """Where a training is: `batch` batches into `epoch`, after `step` steps in all."""

    epoch: int = 0
    batch: int = 0
    step: int = 0
    loss: float = 0.0
    """Sum over the batches of this epoch."""
    seconds: float = 0.0
    best: float = -math.inf
    best_epoch: int = 0
    stale: int = 0
    """Evaluations since the best."""
    finished: bool = False
    history: list[dict[str, float]] = field(default_factory=list)


class Objective(nn.Module):
    """Net and loss as one module, so that several processes share gradients whatever the loss calls in the net."""

    def __init__(self, net: nn.Module, fit: Fit) -> None:
        super().__init__()
        self.net, self.beside, self._loss = net, fit.beside, fit.loss

    def forward(self, batch: Any) -> Tensor:
        """Return the loss of a batch, a scalar."""
        return self._loss(self.net, batch)


def train(run: Run, fit: Fit) -> nn.Module:
    """Train a net as `Run.fit` describes."""
    loop = Loop(run, fit)
    if run.resume:
        loop.load()
    if not loop.progress.finished:
        loop.train()
    seed_all(mix(run.seed, run.seed))  # what follows begins alike, however this fit was reached
    return loop.finish()


class Loop:
    """The training of one net."""

    def __init__(self, run: Run, fit: Fit) -> None:
        self.run, self.fit, self.progress = run, fit, Progress()
        self.precision = choose_precision(run.precision, run.device)
        self.net = fit.net.to(run.device)
        self.averaged = copy.deepcopy(self.net).eval().requires_grad_(False)
        self.scaler = torch.amp.GradScaler(run.device.type, enabled=self.precision == "fp16")
        if fit.private is None:
            self._prepare()
        else:
            self._prepare_privately()
        self.steps_an_epoch = math.ceil(len(self.loader) / fit.accumulate)
        self.settings = {
            **{name: getattr(fit, name) for name in SETTINGS},
            "items": len(fit.train),  # type: ignore[arg-type]
            "parameters": sum(p.numel() for p in self.net.parameters()),
            "precision": self.precision,
            "seed": run.seed,
        }

    def _prepare(self) -> None:
        run, fit = self.run, self.fit
        net = self.net
        if distributed.world() > 1 and run.device.type == "cuda":
            net = nn.SyncBatchNorm.convert_sync_batchnorm(net)  # type: ignore[no-untyped-call]
        objective = Objective(net, fit).to(run.device)
        self.optimizer: torch.optim.Optimizer = adamw(objective, fit)
        rank, world = distributed.rank(), distributed.world()
        self.order = Order(len(fit.train), fit.batch_size, run.seed, fit.weights, rank, world)  # type: ignore[arg-type]
        self.loader = loader(fit.train, self.order, fit.collate, fit.workers, pin=run.device.type == "cuda")
        self.objective: nn.Module = objective
        if world > 1:
            devices = [run.device] if run.device.type == "cuda" else None
            self.objective = DistributedDataParallel(objective, device_ids=devices)

    def _prepare_privately(self) -> None:
        """Hand net, optimizer and loader to DP-SGD. Its noise is worth nothing if it can be had again from a seed."""
        fit, private = self.fit, self.fit.private
        assert private is not None
        if distributed.world() > 1 or fit.accumulate > 1 or fit.weights is not None or fit.beside is not None:
            raise UserError(
                "Private training takes one process, one batch a step, and neither weights nor a net beside.",
                "Leave these out, or train without privacy.",
            )
        self.precision = "fp32"
        self.scaler = torch.amp.GradScaler(self.run.device.type, enabled=False)
        self.order = Order(len(fit.train), fit.batch_size, self.run.seed)  # type: ignore[arg-type]
        plain = DataLoader(fit.train, fit.batch_size, shuffle=True, collate_fn=fit.collate)
        net, self.optimizer, self.loader = private.attach(self.net, adamw(self.net, fit), plain, fit.epochs)
        self.objective = Objective(net, fit)

    # -- the epochs -----------------------------------------------------------------------------------------------

    def train(self) -> None:
        """Train to the end, from wherever `progress` is."""
        progress, total = self.progress, self.fit.epochs * self.steps_an_epoch
        self.bar = tqdm(total=total, initial=progress.step, desc=self.fit.name, disable=None if _main() else True)
        self.board = _board(self._path("tensorboard"), progress.step) if _main() else None
        self._drawn = -math.inf
        self._started = self._saved = time.monotonic()
        while not progress.finished:
            self._epoch()
            self._end_of_epoch()
        self.bar.close()
        if self.board is not None:
            self.board.close()

    def _epoch(self) -> None:
        progress = self.progress
        self.objective.train()
        if self.fit.private is not None:
            torch.seed()
        self.order.epoch, self.order.start = progress.epoch, progress.batch
        lost = torch.zeros((), dtype=torch.float64, device=self.run.device)
        batches = iter(self.loader)
        while progress.batch < len(self.loader):
            group = list(islice(batches, self.fit.accumulate))
            lost += self._step(group)
            progress.batch += len(group)
            progress.step += 1
            self.bar.update()
            if time.monotonic() - self._saved > SAVE_EVERY_S:
                progress.loss, lost = progress.loss + float(lost), torch.zeros_like(lost)
                self.save()
        progress.loss += float(lost)

    def _step(self, group: list[Any]) -> Tensor:
        """Take one step by the gradients of a group of batches, and return the sum of their losses."""
        fit, progress = self.fit, self.progress
        total, rate = fit.epochs * self.steps_an_epoch, fit.rate
        for parameters in self.optimizer.param_groups:
            parameters["lr"] = rate * schedule(progress.step, total, fit.warm_up)
        lost = torch.zeros((), dtype=torch.float64, device=self.run.device)
        for number, batch in enumerate(group):
            if fit.private is None:
                seed_all(mix(self.run.seed, progress.step, number, distributed.rank()))
            with self._alone(number + 1 < len(group)), self._autocast():
                loss = self.objective(to_device(batch, self.run.device))
                self.scaler.scale(loss / len(group)).backward()
            lost += loss.detach()
        if fit.private is None:  # DP-SGD clips by itself, each item's gradient
            self.scaler.unscale_(self.optimizer)
            nn.utils.clip_grad_norm_(self.objective.parameters(), fit.clip)
        self.scaler.step(self.optimizer)
        self.scaler.update()
        self.optimizer.zero_grad(set_to_none=True)
        # the average of few steps reaches back less far, or it would still hold the untrained weights
        average(self.averaged, self.net, min(fit.ema, (1 + progress.step) / (10 + progress.step)))
        return lost

    def _alone(self, more_to_come: bool) -> AbstractContextManager[None]:
        """Keep gradients in this process while more batches of the step are to come."""
        if more_to_come and isinstance(self.objective, DistributedDataParallel):
            return self.objective.no_sync()
        return nullcontext()

    def _autocast(self) -> torch.autocast:
        wanted = TYPES[self.precision]
        return torch.autocast(self.run.device.type, wanted, enabled=wanted is not torch.float32)

    def _end_of_epoch(self) -> None:
        progress, fit = self.progress, self.fit
        batches = max(1, len(self.loader))
        loss = distributed.mean(progress.loss / batches, self.run.device)
        if not math.isfinite(loss):
            raise UserError(f"The loss of {fit.name} is {loss} in epoch {progress.epoch + 1}.", "Lower the rate.")
        progress.epoch, progress.batch, progress.loss = progress.epoch + 1, 0, 0.0
        rate = self.optimizer.param_groups[0]["lr"]
        row = {"epoch": progress.epoch, "loss": loss, "rate": rate, "seconds": round(self._lap(), 2)}
        progress.history.append(row)
        last = progress.epoch >= fit.epochs
        if last or progress.epoch % fit.evaluate_every == 0:
            row |= distributed.share(self._evaluate() if _main() else None)
            value = row[fit.best]
            if value > progress.best or progress.best_epoch == 0:
                progress.best, progress.best_epoch, progress.stale = value, progress.epoch, 0
                self._keep()
            else:
                progress.stale += 1
        progress.finished = last or progress.stale >= fit.patience
        self._report(row)
        self.save()

    @torch.no_grad()
    def _evaluate(self) -> dict[str, float]:
        seed_all(self.run.seed)
        found = {name: float(value) for name, value in self.fit.evaluate(self.averaged).items()}
        if self.fit.best not in found:
            raise UserError(f"{self.fit.name} is to be best by {self.fit.best}, which evaluate lacks.", "Mend it.")
        if self.fit.samples is not None:
            self.fit.samples(self.averaged, self._path("samples") / f"{self.progress.epoch:04}.png")
        self.averaged.eval()
        return found

    def _report(self, row: dict[str, float]) -> None:
        if not _main():
            return
        history = self.progress.history
        write_text(self._path(".jsonl"), "".join(json.dumps(line) + "\n" for line in history))
        if self.progress.finished or time.monotonic() - self._drawn > DRAW_EVERY_S:
            plots.loss_curves(history, self._path(".png"), self.fit.name)
            self._drawn = time.monotonic()
        if self.board is not None:
            for name, value in row.items():
                self.board.add_scalar(name, value, self.progress.step)
        shown = "  ".join(f"{name} {value:.4g}" for name, value in row.items())
        tqdm.write(f"{self.fit.name}  {shown}")

    # -- what is kept ---------------------------------------------------------------------------------------------

    def _path(self, suffix: str) -> Path:
        """Return OUT/name.suffix, or the folder OUT/suffix/name."""
        if suffix.startswith("."):
            return self.run.out / (self.fit.name + suffix)
        folder = self.run.out / suffix / self.fit.name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _lap(self) -> float:
        now = time.monotonic()
        self.progress.seconds += now - self._started
        self._started = now
        return self.progress.seconds

    def _keep(self) -> None:
        if _main():
            write_tensors(self._path(".best.pt"), self.averaged.state_dict())

    def save(self) -> None:
        """Write all that `load` needs to go on from here."""
        self._lap()
        self._saved = time.monotonic()
        if not _main():
            return
        state = {
            "settings": self.settings,
            "progress": asdict(self.progress),
            "net": self.net.state_dict(),
            "beside": self.fit.beside.state_dict() if self.fit.beside else None,
            "averaged": self.averaged.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "scaler": self.scaler.state_dict(),
            "private": self.fit.private.state_dict() if self.fit.private else None,
        }
        write_tensors(self._path(".state.pt"), state)

    def load(self) -> None:
        """Go on where an earlier run into the same folder was, if there was one.

        Raises:
            UserError: it had other settings.
        """
        path = self._path(".state.pt")
        if not path.exists():
            return
        state = torch.load(path, map_location=self.run.device, weights_only=True)
        if other := [name for name, value in self.settings.items() if state["settings"].get(name) != value]:
            raise UserError(f"{path} was made with another {', '.join(other)}.", "Leave out --resume to begin anew.")
        self.progress = Progress(**state["progress"])
        self.net.load_state_dict(state["net"])
        if self.fit.beside is not None:
            self.fit.beside.load_state_dict(state["beside"])
        self.averaged.load_state_dict(state["averaged"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.scaler.load_state_dict(state["scaler"])
        if self.fit.private is not None:
            self.fit.private.load_state_dict(state["private"])

    def finish(self) -> nn.Module:
        """Return the net with the best averaged weights, in eval mode; and note in the record how it came about."""
        distributed.wait()
        progress, fit = self.progress, self.fit
        done: dict[str, Any] = {
            **self.settings,
            "epochs_run": progress.epoch,
            "steps": progress.step,
            "seconds": round(progress.seconds, 1),
            "device": str(self.run.device),
            "processes": distributed.world(),
            "threads": torch.get_num_threads(),
            "best": progress.history[progress.best_epoch - 1],
        }
        if fit.private is not None:
            done["privacy"] = fit.private.figures()
            fit.private.detach()
        self.run.record.fits[fit.name] = done
        self.run.record.write()
        best = torch.load(self._path(".best.pt"), map_location=self.run.device, weights_only=True)
        fit.net.load_state_dict(best)
        return fit.net.eval()


SETTINGS: Final = tuple(
    "epochs batch_size rate weight_decay warm_up accumulate ema clip patience evaluate_every".split()
)


def choose_precision(wanted: str, device: torch.device) -> str:
    """Return the precision to compute in: as wanted, or for `auto` the fastest that the device has.

    Raises:
        UserError: the device can't.
    """
    on_gpu = device.type == "cuda"
    if wanted == "auto":
        if not on_gpu:
            return "fp32"
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp16"
    if wanted == "bf16" and on_gpu and not torch.cuda.is_bf16_supported(including_emulation=False):
        raise UserError("This GPU has no bf16.", "Use --precision fp16.")
    return wanted


def adamw(module: nn.Module, fit: Fit) -> torch.optim.AdamW:
    """Return the optimizer: no decay of biases, norms and other vectors, which it would only shift."""
    learnt = [p for p in module.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in learnt if p.ndim > 1], "weight_decay": fit.weight_decay},
        {"params": [p for p in learnt if p.ndim <= 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW([group for group in groups if group["params"]], lr=fit.rate)


def schedule(step: int, total: int, warm_up: float) -> float:
    """Return the share of the peak rate at a step, 0..1: a straight rise, then half a cosine down to zero."""
    rise = max(1, round(total * warm_up))
    if step < rise:
        return (step + 1) / (rise + 1)
    return 0.5 * (1 + math.cos(math.pi * (step - rise) / max(1, total - rise)))


@torch.no_grad()
def average(averaged: nn.Module, net: nn.Module, decay: float) -> None:
    """Move the averaged weights towards the net's, which keep a share of `decay`. Buffers are copied."""
    for mean, new in zip(averaged.parameters(), net.parameters(), strict=True):
        mean.lerp_(new, 1 - decay)
    for kept, newer in zip(averaged.buffers(), net.buffers(), strict=True):
        kept.copy_(newer)


def write_tensors(path: Path, state: Any) -> None:
    """Write such that the file is the old or the new one, whole, whenever the process may end."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".part")
    torch.save(state, beside)
    beside.replace(path)


def _main() -> bool:
    return distributed.rank() == 0


def _board(folder: Path, step: int) -> Any:
    """Return a writer for TensorBoard, or None where it isn't installed."""
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        log.info("TensorBoard is not installed: no log for it is written.")
        return None
    return SummaryWriter(str(folder), purge_step=step)
