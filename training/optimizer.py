"""How weights move: AdamW, its schedule, the running average of the weights, and the precision of it all."""

import math
from typing import TYPE_CHECKING, Final

import torch
from torch import nn

from runtime.core.errors import UserError

if TYPE_CHECKING:
    from training.run import Fit

TYPES: Final = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


def adamw(module: nn.Module, fit: "Fit") -> torch.optim.AdamW:
    """Return the optimizer: no decay of biases, norms and other vectors, which it would only shift."""
    learnt = [weight for weight in module.parameters() if weight.requires_grad]
    groups = [
        {"params": [weight for weight in learnt if weight.ndim > 1], "weight_decay": fit.weight_decay},
        {"params": [weight for weight in learnt if weight.ndim <= 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW([group for group in groups if group["params"]], lr=fit.rate)


def schedule(step: int, steps: int, warm_up: float) -> float:
    """Return the share of the peak rate at a step, 0..1: a straight rise, then half a cosine down to zero.

    Args:
        step: from 0.
        steps: of the whole training.
        warm_up: the share of them in which the rate rises.
    """
    rise = max(1, round(steps * warm_up))
    if step < rise:
        return (step + 1) / (rise + 1)
    return 0.5 * (1 + math.cos(math.pi * (step - rise) / max(1, steps - rise)))


@torch.no_grad()
def average(averaged: nn.Module, net: nn.Module, decay: float) -> None:
    """Move averaged weights towards a net's: they keep a share of `decay`. Buffers are copied."""
    for mean, new in zip(averaged.parameters(), net.parameters(), strict=True):
        mean.lerp_(new, 1 - decay)
    for kept, newer in zip(averaged.buffers(), net.buffers(), strict=True):
        kept.copy_(newer)


def choose_precision(wanted: str, device: torch.device) -> str:
    """Return the precision to compute in: as wanted, or for `auto` the fastest that the device has.

    Raises:
        UserError: the device has not what is wanted.
    """
    if device.type != "cuda":
        return "fp32" if wanted == "auto" else wanted
    has_bf16 = torch.cuda.is_bf16_supported(including_emulation=False)
    if wanted == "bf16" and not has_bf16:
        raise UserError("This GPU has no bf16.", "Use --precision fp16.")
    if wanted == "auto":
        return "bf16" if has_bf16 else "fp16"
    return wanted
