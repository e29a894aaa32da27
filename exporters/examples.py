"""Examples kept beside a model, for its check without torch and for INT8's ranges.

They are no recordings: each is a mean, with weights drawn at random, of three of the real inputs.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from runtime.core.errors import UserError

if TYPE_CHECKING:
    from exporters.export import Export

SEED: Final = 20
MOST, FEWEST, ROOM_BYTES = 16, 4, 256_000
SEPARATOR: Final = "|"

Arrays = dict[str, NDArray[Any]]


def mixed(real: list[Arrays], count: int) -> list[Arrays]:
    """Return `count` inputs, each mixed of three real ones of one shape (of fewer where there are no three).

    Numbers are averaged with random weights and rounded to float16; whole numbers and flags are taken from one of the
    three, drawn for each element.
    """
    generator = np.random.default_rng(SEED)
    found = []
    for number in range(count):
        first = real[number % len(real)]
        alike = [one for one in real if all(one[name].shape == first[name].shape for name in first)]
        chosen = [alike[index] for index in generator.choice(len(alike), min(3, len(alike)), replace=False)]
        weights = generator.dirichlet(np.full(len(chosen), 3.0))
        found.append({name: _mix([one[name] for one in chosen], weights, generator) for name in first})
    return found


def _mix(values: list[NDArray[Any]], weights: NDArray[np.float64], generator: np.random.Generator) -> NDArray[Any]:
    stacked = np.stack(values)
    if stacked.dtype.kind != "f" or np.isin(stacked, (0, 1)).all():
        picked = generator.choice(len(values), stacked.shape[1:], p=weights)
        return np.ascontiguousarray(np.take_along_axis(stacked, picked[None], 0)[0])
    mean = np.tensordot(weights, stacked.astype(np.float64), 1).astype(stacked.dtype)
    if np.abs(mean).max(initial=0) < np.finfo(np.float16).max:
        mean = mean.astype(np.float16).astype(stacked.dtype)
    return mean


def save_examples(spec: "Export", path: Path) -> None:
    """Write 4 to 16 mixed inputs and what torch says to them."""
    from exporters.check import torch_outputs

    size = sum(array.nbytes for array in spec.real[0].values())
    kept: Arrays = {}
    for number, case in enumerate(mixed(spec.real, min(MOST, max(FEWEST, ROOM_BYTES // max(1, size))))):
        parts = {f"{number}{SEPARATOR}in{SEPARATOR}{name}": array for name, array in case.items()}
        parts |= {
            f"{number}{SEPARATOR}out{SEPARATOR}{name}": array for name, array in torch_outputs(spec, case).items()
        }
        kept |= parts
    np.savez_compressed(path, **kept)  # type: ignore[arg-type]


def load_examples(path: Path) -> list[tuple[Arrays, Arrays]]:
    """Return the examples of a model as pairs of inputs and torch's outputs.

    Raises:
        UserError: the file is missing or no such file.
    """
    pairs: dict[str, tuple[Arrays, Arrays]] = {}
    try:
        with np.load(path) as held:
            for key in held.files:
                number, side, name = key.split(SEPARATOR)
                pairs.setdefault(number, ({}, {}))[side == "out"][name] = held[key]
    except (OSError, ValueError, EOFError) as error:
        raise UserError(f"{path} can't be read: {error}.", "Export the model again.") from None
    return list(pairs.values())
