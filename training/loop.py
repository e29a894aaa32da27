"""The one training loop: mixed precision, several processes, averaged weights, early stopping, exact resume.

No state of chance is carried from step to step. Each item and each step seeds all generators anew, from the run's seed
and its own number. So a resumed run needs to know only where it was, and on a CPU ends with the same weights exactly.
"""

import copy
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

from runtime.core.errors import UserError
from training import distributed
from training.augment import chance
from training.batches import Order, loader, mix, seed_all, to_device
from training.optimizer import TYPES, adamw, average, choose_precision, schedule
from training.record import write_file
from training.report import Report
from training.run import Fit, Run

SAVE_EVERY_S = 60.0
"""Most that a kill can cost; the state is also saved after each epoch."""
SETTINGS: Final = tuple(
    "epochs batch_size rate weight_decay warm_up accumulate ema clip patience evaluate_every".split()
)
"""What of a fit has to be the same for a run to go on."""


@dataclass
class Progress:
    """Where a training is: `batch` batches into `epoch`, after `step` steps in all."""

    epoch: int = 0
    batch: int = 0
    step: int = 0
    loss: float = 0.0
    """Sum over this epoch's batches."""
    seconds: float = 0.0
    best: float = -math.inf
    best_epoch: int = 0
    stale: int = 0
    """Evaluations since the best."""
    finished: bool = False
    history: list[dict[str, float]] = field(default_factory=list)


class Objective(nn.Module):
    """Net and loss as one module, so that processes share gradients whatever of the net the loss calls."""

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
    best = loop.finish()
    seed_all(mix(run.seed))  # what follows begins alike, whether this fit was trained, resumed or found
    return best


class Loop:
    """The training of one net."""

    def __init__(self, run: Run, fit: Fit) -> None:
        self.run, self.fit, self.progress = run, fit, Progress()
        self.net = fit.net.to(run.device)
        self.averaged = copy.deepcopy(self.net).eval().requires_grad_(False)
        self.precision = choose_precision(run.precision, run.device) if fit.private is None else "fp32"
        self.scaler = torch.amp.GradScaler(run.device.type, enabled=self.precision == "fp16")
        self.order = Order(
            len(fit.train),  # type: ignore[arg-type]
            fit.batch_size,
            run.seed,
            fit.weights,
            distributed.rank(),
            distributed.world(),
        )
        self.optimizer: torch.optim.Optimizer
        self.objective: nn.Module
        if fit.private is None:
            self._prepare()
        else:
            self._prepare_privately()
        self.steps = fit.epochs * math.ceil(len(self.loader) / fit.accumulate)
        self.settings = {
            **{name: getattr(fit, name) for name in SETTINGS},
            "items": len(fit.train),  # type: ignore[arg-type]
            "parameters": sum(weight.numel() for weight in self.net.parameters()),
            "precision": self.precision,
            "seed": run.seed,
            "data": {name: data["sha256"] for name, data in sorted(run.record.data.items())}
            | {f"{name}, reviewed": review["sha256"] for name, review in sorted(run.record.reviews.items())},
        }

    def _prepare(self) -> None:
        run, fit, net = self.run, self.fit, self.net
        on_gpu = run.device.type == "cuda"
        if distributed.world() > 1 and on_gpu:
            net = nn.SyncBatchNorm.convert_sync_batchnorm(net)  # type: ignore[no-untyped-call]
        self.objective = Objective(net, fit).to(run.device)
        self.optimizer = adamw(self.objective, fit)
        self.loader = loader(fit.train, self.order, fit.collate, fit.workers, pin=on_gpu)
        if distributed.world() > 1:
            self.objective = DistributedDataParallel(self.objective, device_ids=[run.device] if on_gpu else None)

    def _prepare_privately(self) -> None:
        fit, private = self.fit, self.fit.private
        assert private is not None
        if distributed.world() > 1 or fit.accumulate > 1 or fit.weights is not None or fit.beside is not None:
            raise UserError(
                "Private training takes one process, one batch a step, and neither weights nor a module beside.",
                "Leave these out, or train without privacy.",
            )
        plain = DataLoader(fit.train, fit.batch_size, shuffle=True, collate_fn=fit.collate)
        net, self.optimizer, self.loader = private.attach(self.net, adamw(self.net, fit), plain, fit.epochs)
        self.objective = Objective(net, fit)

    def train(self) -> None:
        """Train to the end, from wherever `progress` is."""
        main = distributed.rank() == 0
        self.report = Report(self.run.out, self.fit.name, self.progress.step, self.steps) if main else None
        self._counted = self._saved = time.monotonic()
        while not self.progress.finished:
            self._epoch()
            self._end_epoch()
        if self.report is not None:
            self.report.close()

    def _epoch(self) -> None:
        progress = self.progress
        self.objective.train()
        if self.fit.private is not None:
            torch.seed()  # noise that can be had again from a known seed would protect nobody
        self.order.epoch, self.order.start = progress.epoch, progress.batch
        # in double precision, so that the sum doesn't depend on how often it was saved in between
        lost = torch.zeros((), dtype=torch.float64, device=self.run.device)
        batches = iter(self.loader)
        while progress.batch < len(self.loader):
            group = list(islice(batches, self.fit.accumulate))
            lost += self._step(group)
            progress.batch += len(group)
            progress.step += 1
            if self.report is not None:
                self.report.step()
            if time.monotonic() - self._saved > SAVE_EVERY_S:
                progress.loss, lost = progress.loss + float(lost), torch.zeros_like(lost)
                self.save()
        progress.loss += float(lost)

    def _step(self, group: list[Any]) -> Tensor:
        """Take one step by the gradients of a group of batches, and return the sum of their losses."""
        fit, step = self.fit, self.progress.step
        for weights in self.optimizer.param_groups:
            weights["lr"] = fit.rate * schedule(step, self.steps, fit.warm_up)
        lost = torch.zeros((), dtype=torch.float64, device=self.run.device)
        for number, batch in enumerate(group):
            if fit.private is None:
                seed_all(mix(self.run.seed, step, number, distributed.rank()))
            with self._shared(number + 1 == len(group)):
                with self._autocast():
                    loss = self.objective(to_device(batch, self.run.device))
                self.scaler.scale(loss / len(group)).backward()
            lost += loss.detach()
        if fit.private is None:  # otherwise each item's gradient is clipped by itself
            self.scaler.unscale_(self.optimizer)
            nn.utils.clip_grad_norm_(self.objective.parameters(), fit.clip)
        self.scaler.step(self.optimizer)
        self.scaler.update()
        self.optimizer.zero_grad(set_to_none=True)
        # the average of the first steps reaches back less far, or it would still hold the untrained weights
        average(self.averaged, self.net, min(fit.ema, (1 + step) / (10 + step)))
        return lost

    def _shared(self, last: bool) -> AbstractContextManager[None]:
        """Share gradients with the other processes in the last batch of a step alone."""
        if isinstance(self.objective, DistributedDataParallel) and not last:
            return self.objective.no_sync()
        return nullcontext()

    def _autocast(self) -> torch.autocast:
        kind = TYPES[self.precision]
        return torch.autocast(self.run.device.type, kind, enabled=kind is not torch.float32)

    def _end_epoch(self) -> None:
        progress, fit = self.progress, self.fit
        loss = distributed.mean(progress.loss / len(self.loader), self.run.device)
        progress.epoch, progress.batch, progress.loss = progress.epoch + 1, 0, 0.0
        if not math.isfinite(loss):
            raise UserError(f"The loss of {fit.name} is {loss} in epoch {progress.epoch}.", "Lower its rate.")
        self._count()
        row = {"epoch": progress.epoch, "loss": loss, "rate": self.optimizer.param_groups[0]["lr"]}
        row["seconds"] = round(progress.seconds, 2)
        last = progress.epoch >= fit.epochs
        if last or progress.epoch % fit.evaluate_every == 0:
            row |= distributed.share(self._evaluate() if distributed.rank() == 0 else None)
            self._judge(row[fit.best])
        progress.history.append(row)
        progress.finished = last or progress.stale >= fit.patience
        if self.report is not None:
            self.report.epoch(progress.history, progress.step, progress.finished)
        self.save()

    @torch.no_grad()
    def _evaluate(self) -> dict[str, float]:
        seed_all(mix(self.run.seed))
        with chance.off():  # a net is judged by data as they are
            found = {name: float(value) for name, value in self.fit.evaluate(self.averaged).items()}
        if self.fit.best not in found:
            raise UserError(f"{self.fit.name} is to be best by {self.fit.best}, which its evaluation lacks.", "Add it.")
        if self.fit.samples is not None:
            folder = self.run.out / "samples" / self.fit.name
            folder.mkdir(parents=True, exist_ok=True)
            self.fit.samples(self.averaged.eval(), folder / f"{self.progress.epoch:04}.png")
        self.averaged.eval()
        return found

    def _judge(self, value: float) -> None:
        """Keep the averaged weights if they are the best so far."""
        progress = self.progress
        if value > progress.best or progress.best_epoch == 0:
            progress.best, progress.best_epoch, progress.stale = value, progress.epoch, 0
            if distributed.rank() == 0:
                write_file(self._path("best"), lambda path: torch.save(self.averaged.state_dict(), path))
        else:
            progress.stale += 1

    def _count(self) -> None:
        """Bring the seconds of the training up to now."""
        now = time.monotonic()
        self.progress.seconds += now - self._counted
        self._counted = now

    def _path(self, what: str) -> Path:
        return self.run.out / f"{self.fit.name}.{what}.pt"

    def save(self) -> None:
        """Write all that `load` needs to go on from here."""
        self._count()
        self._saved = self._counted
        if distributed.rank() != 0:
            return
        fit = self.fit
        state = {
            "settings": self.settings,
            "progress": asdict(self.progress),
            "net": self.net.state_dict(),
            "beside": fit.beside.state_dict() if fit.beside else None,
            "averaged": self.averaged.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "scaler": self.scaler.state_dict(),
            "private": fit.private.state_dict() if fit.private else None,
        }
        write_file(self._path("state"), lambda path: torch.save(state, path))

    def load(self) -> None:
        """Go on where an earlier run into the same folder was, if there was one.

        Raises:
            UserError: it had other settings or other data.
        """
        path, fit = self._path("state"), self.fit
        if not path.exists():
            return
        state = torch.load(path, map_location=self.run.device, weights_only=True)
        if other := [name for name, value in self.settings.items() if state["settings"].get(name) != value]:
            raise UserError(f"{path} was made with another {', '.join(other)}.", "Leave out --resume to begin anew.")
        self.progress = Progress(**state["progress"])
        self.net.load_state_dict(state["net"])
        self.averaged.load_state_dict(state["averaged"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.scaler.load_state_dict(state["scaler"])
        if fit.beside is not None:
            fit.beside.load_state_dict(state["beside"])
        if fit.private is not None:
            fit.private.load_state_dict(state["private"])

    def finish(self) -> nn.Module:
        """Return the net with the best averaged weights, in eval mode, and note in the record how they came about."""
        distributed.wait()
        progress, fit = self.progress, self.fit
        done: dict[str, Any] = {name: value for name, value in self.settings.items() if name not in ("data", "seed")}
        done |= {
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
        self.net.load_state_dict(torch.load(self._path("best"), map_location=self.run.device, weights_only=True))
        return self.net.eval()
