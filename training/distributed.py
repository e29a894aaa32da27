"""One process of several, as torchrun starts them; without it, the only one."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
import torch.distributed as dist


def rank() -> int:
    """Return this process's number, 0 for the one that evaluates and writes."""
    return int(os.environ.get("RANK", "0"))


def world() -> int:
    """Return how many processes train together."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def device() -> torch.device:
    """Return the device this process trains on: its own GPU where there is one, else the CPU."""
    if torch.cuda.is_available():
        return torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
    return torch.device("cpu")


@contextmanager
def group() -> Iterator[None]:
    """Join the processes that torchrun started, for as long as the block lasts; nothing where there is but one."""
    if world() == 1:
        yield
        return
    where = device()
    if where.type == "cuda":
        torch.cuda.set_device(where)
    dist.init_process_group("nccl" if where.type == "cuda" else "gloo")
    try:
        yield
    finally:
        dist.destroy_process_group()


def share(value: Any) -> Any:
    """Return the value that process 0 gives, in every process."""
    if world() == 1:
        return value
    box = [value]
    dist.broadcast_object_list(box)
    return box[0]


def mean(value: float, where: torch.device) -> float:
    """Return the mean of a number over all processes."""
    if world() == 1:
        return value
    total = torch.tensor(value, dtype=torch.float64, device=where)
    dist.all_reduce(total)
    return float(total) / world()


def wait() -> None:
    """Wait until every process is here, so that what process 0 wrote can be read."""
    if world() > 1:
        dist.barrier()
