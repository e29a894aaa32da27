"""Training that keeps its examples private: DP-SGD (Abadi et al. 2016) by Opacus, and its accountant's epsilon."""

import contextlib
import math
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from torch import nn
from torch.optim import Optimizer
from torch.utils.data import DataLoader, WeightedRandomSampler

from runtime.core.errors import UserError

ACCOUNTANT: Final = "prv"
"""Numerical composition of privacy loss (Gopi et al. 2021): tighter than Rényi accounting."""
LEAST_BATCHES: Final = 2
"""Fewer batches an epoch leave nothing to sample, and so nothing that sampling amplifies."""
LEAST_BATCH: Final = 16
"""A batch drawn by chance is empty once in exp(its mean size) times: at 16 once in nine million."""


@dataclass
class Privacy:
    """DP-SGD for one training: each example's gradient is clipped, noise is added, batches are drawn by chance alone.

    The promise is about single examples: with or without any one of them, the trained weights are nearly as likely,
    by a factor of exp(epsilon) but for a chance of delta. It spans the examples of the training loader, and all epochs.
    """

    target_epsilon: float
    """The budget of the whole training. Up to about 1 is strong, beyond about 10 says little."""
    delta: float
    """Chance that the promise fails; well below 1 / number of examples."""
    max_grad_norm: float = 1.0
    """Each example's gradient is shortened to this L2 norm. Lower means less noise and slower learning."""
    noise_multiplier: float = field(default=0.0, init=False)
    """Standard deviation of the noise over `max_grad_norm`, chosen by `attach`."""
    _engine: Any = field(default=None, init=False, repr=False)
    _hooks: Any = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        if not (self.target_epsilon > 0 and math.isfinite(self.target_epsilon)):
            raise UserError(f"target_epsilon is {self.target_epsilon}.", "Give a finite number above 0, say 8.")
        if not 0 < self.delta < 1:
            raise UserError(f"delta is {self.delta}.", "Give a number above 0 and below 1, say 1e-5.")
        if not (self.max_grad_norm > 0 and math.isfinite(self.max_grad_norm)):
            raise UserError(f"max_grad_norm is {self.max_grad_norm}.", "Give a finite number above 0, say 1.")

    def attach(
        self, net: nn.Module, optimizer: Optimizer, loader: DataLoader[Any], epochs: int
    ) -> tuple[nn.Module, Optimizer, DataLoader[Any]]:
        """Make a training private: train with what is returned, one step a batch, on a loss that is the batch's mean.

        Args:
            net: every part of it must treat the examples of a batch apart (no batch normalisation). It is returned
                itself, so its state keeps its names; hooks on it collect each example's gradient until `detach`.
            optimizer: over exactly the net's parameters. The one returned clips, adds noise, then steps as this one.
            loader: over the training examples. The one returned draws each example with the same chance, on its own,
                for each batch (Poisson sampling), so the sizes of its batches vary.
            epochs: how many the noise must last for; ending early spends less.

        Raises:
            UserError: the net, the loader or the budget can't be made private.
        """
        from opacus import PrivacyEngine
        from opacus.accountants.utils import get_noise_multiplier
        from opacus.validators import ModuleValidator

        self._check_loader(loader, epochs)
        # Opacus's hooks fire so by design on a first layer, whose input needs no gradient.
        warnings.filterwarnings("ignore", message="Full backward hook is firing")
        net.train()
        if faults := ModuleValidator.validate(net, strict=False):
            told = " ".join(str(fault).splitlines()[0] for fault in faults)
            raise UserError(
                f"This net can't be trained privately: {told}",
                "Use layers that treat the examples of a batch apart, GroupNorm or LayerNorm in place of BatchNorm.",
            )
        with _quiet():
            self._engine = PrivacyEngine(accountant=ACCOUNTANT)
            rate = 1 / len(loader)
            try:
                self.noise_multiplier = get_noise_multiplier(
                    target_epsilon=self.target_epsilon,
                    target_delta=self.delta,
                    sample_rate=rate,
                    steps=epochs * len(loader),
                    accountant=ACCOUNTANT,
                    epsilon_tolerance=0.01 * self.target_epsilon,
                )
                self._hooks, private, sampled = self._engine.make_private(
                    module=net,
                    optimizer=optimizer,
                    data_loader=loader,
                    noise_multiplier=self.noise_multiplier,
                    max_grad_norm=self.max_grad_norm,
                    wrap_model=False,
                )
            except ValueError as error:
                raise UserError(
                    f"This training can't be made private: {error}.",
                    "Allow a higher epsilon, and give the optimizer exactly the net's parameters.",
                ) from None
        return net, private, sampled

    def _check_loader(self, loader: DataLoader[Any], epochs: int) -> None:
        if epochs < 1:
            raise UserError("A private training needs at least one epoch.", "Raise the number of epochs.")
        if isinstance(loader.sampler, WeightedRandomSampler):
            raise UserError(
                "Sampling weights and private training exclude each other: the promise needs equal chances.",
                "Take the weights out, and weight the classes in the loss instead.",
            )
        examples = len(loader.dataset)  # type: ignore[arg-type]
        if len(loader) < LEAST_BATCHES or examples // len(loader) < LEAST_BATCH:
            raise UserError(
                f"{examples} examples in batches of {loader.batch_size} can't be trained privately.",
                f"Take batches of at least {LEAST_BATCH}, several of them an epoch, or more data.",
            )
        if self.delta >= 1 / examples:
            raise UserError(
                f"delta {self.delta:g} is too great for {examples} examples: publishing one of them would keep it.",
                f"Take at most {0.1 / examples:.0e}.",
            )

    def epsilon(self) -> float:
        """Return the epsilon that all steps so far have spent, at `delta`; 0 before the first step.

        Raises:
            UserError: nothing was attached yet.
        """
        accountant = self._accountant()
        if not accountant.history:
            return 0.0
        with _quiet():
            return float(accountant.get_epsilon(delta=self.delta))

    def figures(self) -> dict[str, float | str]:
        """Return what a result should tell: epsilon, delta, the noise and how it was counted."""
        return {
            "epsilon": self.epsilon(),
            "delta": self.delta,
            "target_epsilon": self.target_epsilon,
            "noise_multiplier": self.noise_multiplier,
            "max_grad_norm": self.max_grad_norm,
            "accountant": ACCOUNTANT,
            "unit": "one example of the training set",
        }

    def state_dict(self) -> dict[str, Any]:
        """Return what was spent so far. A training that goes on after a stop must go on counting from it."""
        return {"accountant": dict(self._accountant().state_dict())}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on counting from `state_dict()` of the training that was stopped, after `attach`."""
        self._accountant().load_state_dict(state["accountant"])

    def detach(self) -> None:
        """Take the hooks off the net, so that it can be copied and exported. What was spent stays known."""
        if self._hooks is not None:
            self._hooks.cleanup()
            self._hooks = None

    def _accountant(self) -> Any:
        if self._engine is None:
            raise UserError("No training was made private yet.", "Call attach first.")
        return self._engine.accountant


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Leave out Opacus's note on its random generator, which docs/train-with-privacy.md tells, and numerical asides."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
