"""Batches whose order and chance follow from the seed alone, so that training can go on anywhere in an epoch."""

import random
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

from runtime.core.errors import UserError


def mix(*numbers: int) -> int:
    """Return one seed of 32 bits made from several numbers, each 0 or more."""
    return int(np.random.SeedSequence(numbers).generate_state(1)[0])


def seed_all(seed: int) -> None:
    """Seed every generator that training may use: torch's on CPU and GPU, numpy's and Python's."""
    torch.default_generator.manual_seed(seed)
    # where CUDA isn't in use, torch would note the wish together with a stack trace, which takes long
    if torch.cuda.is_initialized():  # type: ignore[no-untyped-call]
        torch.cuda.manual_seed_all(seed)
    np.random.seed(seed)
    random.seed(seed)


def whole(batch: Any) -> Any:
    """Return a batch that is one already: the `collate` of data sets that draw whole batches by `__getitems__`."""
    return batch


class Draw(NamedTuple):
    """The number of an item, and the seed of the chance in it."""

    item: int
    seed: int


class Order(Sampler[list[Draw]]):
    """The batches of one epoch for one process of several; the others get the other items of the same batches.

    An incomplete last batch is left out: in another order, its items come the next time.
    """

    def __init__(
        self, items: int, batch_size: int, seed: int, weights: Tensor | None = None, rank: int = 0, world: int = 1
    ) -> None:
        if items < world or batch_size % world:
            raise UserError(
                f"{items} items in batches of {batch_size} can't be shared by {world} processes.",
                "Take another number of processes, or of items a batch.",
            )
        if weights is not None and len(weights) != items:
            raise UserError(f"There are {len(weights)} weights for {items} items.", "Give one for each item.")
        self._items, self._weights, self._seed = items, weights, seed
        self._size = min(batch_size, items // world * world)
        self._rank, self._world = rank, world
        self.epoch = 0
        self.start = 0
        """The batch to begin with."""

    def __len__(self) -> int:
        """Return the batches of a whole epoch."""
        return self._items // self._size

    def __iter__(self) -> Iterator[list[Draw]]:
        """Yield this process's share of each batch, from `start` on."""
        chance = torch.Generator().manual_seed(mix(self._seed, self.epoch))
        if self._weights is None:
            order = torch.randperm(self._items, generator=chance).tolist()
        else:
            order = torch.multinomial(self._weights.double(), self._items, True, generator=chance).tolist()
        for batch in range(self.start, len(self)):
            places = range(batch * self._size + self._rank, (batch + 1) * self._size, self._world)
            yield [Draw(order[place], mix(self._seed, self.epoch, place)) for place in places]


class Seeded(Dataset[Any]):
    """A data set whose items are drawn with their own seeds: the same in any process, worker or resumed run."""

    def __init__(self, items: Dataset[Any]) -> None:
        self._items = items

    def __getitems__(self, draws: list[Draw]) -> Any:
        """Return a batch of items; one seed for all where the data set takes a batch at once."""
        if hasattr(self._items, "__getitems__"):
            seed_all(draws[0].seed)
            return self._items.__getitems__([draw.item for draw in draws])
        return [self[draw] for draw in draws]

    def __getitem__(self, draw: Draw) -> Any:
        """Return one item."""
        seed_all(draw.seed)
        return self._items[draw.item]


def loader(items: Dataset[Any], order: Order, collate: Callable[..., Any] | None, workers: int, pin: bool) -> Any:
    """Return the loader of an order's batches."""
    return DataLoader(
        Seeded(items),
        batch_sampler=order,
        collate_fn=collate,
        num_workers=workers,
        persistent_workers=workers > 0,
        pin_memory=pin,
    )


def to_device(batch: Any, device: torch.device) -> Any:
    """Return a batch of nested tuples, lists and dicts with every tensor in it on the device."""
    if hasattr(batch, "to"):
        return batch.to(device, non_blocking=True)
    if isinstance(batch, dict):
        return {key: to_device(value, device) for key, value in batch.items()}
    if isinstance(batch, tuple) and hasattr(batch, "_fields"):
        return type(batch)(*(to_device(value, device) for value in batch))
    if isinstance(batch, (list, tuple)):
        return type(batch)(to_device(value, device) for value in batch)
    return batch
