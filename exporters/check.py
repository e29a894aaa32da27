"""What every exported file must pass: torch's outputs on real inputs, chunked as whole, names and shapes as said.

Differences are measured against an output's own scale, which is its greatest absolute value in torch, at least 1.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from runtime.core.errors import UserError
from runtime.core.models import open_session

if TYPE_CHECKING:
    from exporters.export import Export

FP32_TOLERANCE: Final = 1e-4
"""For the graph as such: FP32 weights against torch's FP32, of the output's scale."""
STORED_TOLERANCE: Final = {"fp32": FP32_TOLERANCE, "fp16": 1e-2, "int8": 2e-2}
"""For what ships: weights rounded to 11 or 8 bits against torch's FP32 weights, of the output's scale."""
CHUNK_TOLERANCE: Final = 1e-4
"""For a stream fed in pieces against the same fed whole, of its scale."""

Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Report:
    """What a check measured: greatest differences, each of its output's scale; `chunked` where the model streams."""

    name: str
    size_bytes: int
    inputs: int
    fp32: float
    stored: float
    weights: str
    chunked: float | None

    def line(self) -> str:
        """Return it as one sentence."""
        stream = "" if self.chunked is None else f", in chunks against whole {self.chunked:.1e}"
        return (
            f"{self.name}: {self.size_bytes:,} bytes; off torch by at most {self.fp32:.1e} in FP32 and "
            f"{self.stored:.1e} with {self.weights.upper()} weights on {self.inputs} real inputs{stream}"
        )


def check(spec: "Export", plain: bytes, small: bytes) -> Report:
    """Compare both precisions of a model with torch. `small` is what ships.

    Raises:
        UserError: names or shapes are not those of `spec`, or a difference is over its tolerance.
    """
    cases = [*spec.real, {name: tensor.numpy() for name, tensor in spec.inputs.items()}]
    wanted = [torch_outputs(spec, case) for case in cases]
    full, shipped = open_session(plain), open_session(small)
    check_names(spec, shipped)
    fp32 = max(map(difference, wanted, [run(full, case) for case in cases]))
    stored = max(map(difference, wanted, [run(shipped, case) for case in cases]))
    chunked = None
    if spec.chunks is not None:
        pieces, whole = spec.chunks(shipped)
        chunked = difference({"stream": np.asarray(whole)}, {"stream": np.asarray(pieces)})
    for what, found, tolerance in (
        ("in FP32 differs from torch", fp32, FP32_TOLERANCE),
        (f"with {spec.weights.upper()} weights differs from torch", stored, STORED_TOLERANCE[spec.weights]),
        ("fed in chunks differs from fed whole", chunked or 0.0, CHUNK_TOLERANCE),
    ):
        if not found <= tolerance:
            raise UserError(
                f"{spec.name} {what} by {found:.2e} of its scale; {tolerance:.0e} is allowed.",
                f"Look at the net and at exporters/{spec.name}.py.",
            )
    return Report(spec.name, len(small), len(cases), fp32, stored, spec.weights, chunked)


def torch_outputs(spec: "Export", case: Mapping[str, NDArray[Any]]) -> Arrays:
    """Return what the net says to one input, by the name of the output."""
    import torch

    with torch.no_grad():
        found = spec.net(*(torch.from_numpy(np.ascontiguousarray(case[name])) for name in spec.inputs))
    tensors = found if isinstance(found, tuple | list) else (found,)
    if len(tensors) != len(spec.outputs):
        raise UserError(
            f"{spec.name} gives {len(tensors)} outputs, {len(spec.outputs)} are named.",
            f"Correct exporters/{spec.name}.py.",
        )
    return {name: tensor.numpy() for name, tensor in zip(spec.outputs, tensors, strict=True)}


def run(session: Any, case: Mapping[str, NDArray[Any]]) -> Arrays:
    """Return a session's outputs by name."""
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(None, dict(case)), strict=True))


def difference(wanted: Mapping[str, NDArray[Any]], found: Mapping[str, NDArray[Any]]) -> float:
    """Return the greatest difference over all outputs, each of its own scale.

    It is infinite where shapes differ, and where a value found is no finite number.
    """
    worst = 0.0
    for name, values in wanted.items():
        other = found.get(name)
        if other is None or other.shape != values.shape or not np.isfinite(other).all():
            return float("inf")
        if values.size:
            scale = max(1.0, float(np.abs(values).max()))
            worst = max(worst, float(np.abs(values.astype(np.float64) - other).max()) / scale)
    return worst


def check_names(spec: "Export", session: Any) -> None:
    """Raise UserError where a session's inputs and outputs are not those of `spec`, with its open axes and no other."""
    faults: list[str] = []
    found = {value.name: value for value in session.get_inputs()}
    if list(found) != list(spec.inputs):
        faults.append(f"inputs {list(found)}, not {list(spec.inputs)}")
    for name in spec.inputs.keys() & found.keys():
        wanted: Sequence[int | str] = [
            spec.dynamic.get(name, {}).get(axis, size) for axis, size in enumerate(spec.inputs[name].shape)
        ]
        if list(found[name].shape) != list(wanted):
            faults.append(f"{name} has the shape {found[name].shape}, not {list(wanted)}")
    outputs = [value.name for value in session.get_outputs()]
    if outputs != list(spec.outputs):
        faults.append(f"outputs {outputs}, not {list(spec.outputs)}")
    if faults:
        raise UserError(f"{spec.name}: {'; '.join(faults)}.", "An axis that is open must be used as open by the net.")
