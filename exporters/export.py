"""What a model hands over to be exported, and the one way from a trained net to a checked file in assets/models."""

import importlib
import json
import logging
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from numpy.typing import NDArray

from exporters.source import command_of, figures_of, read_result
from runtime.core.errors import UserError
from runtime.core.models import MODELS_FOLDER

if TYPE_CHECKING:
    from torch import Tensor, nn

    from exporters.check import Report

log = logging.getLogger(__name__)

OUT_FOLDER: Final = Path("out/training")
MIN_REAL = 20
CORE: Final = frozenset(
    "__main__ card check examples export graph manifest precision recurrent source verify ada".split()
)
"""The modules of this package that are no model."""

Arrays = dict[str, NDArray[Any]]


@dataclass
class Export:
    """One trained net and all that its file, its card and its check need.

    `inputs` holds real example inputs by their ONNX name, in the order in which `net.forward` takes them; an axis named
    in `dynamic` is open, and its example must be longer than 1. `real` holds at least 20 real inputs for the check.
    `metadata` goes into the file: labels, rates, normalisation, ... (JSON where structured); name, version, licence,
    training command, commit, data hashes and figures are added. `figures` are the numbers of the manifest and the
    card; where empty, they are the plain numbers of the training's `result.json`, down to `outer.inner`. `score` names
    the one of them that says best how good the model is; where empty, the first that begins with `student.`.
    """

    name: str
    net: "nn.Module"
    inputs: dict[str, "Tensor"]
    outputs: tuple[str, ...]
    dynamic: dict[str, dict[int, str]] = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)
    real: list[Arrays] = field(default_factory=list)
    warm_up: dict[str, tuple[int, ...]] = field(default_factory=dict)
    gflop: float = 0.01
    card: str = ""
    chunks: Callable[[Any], tuple[NDArray[Any], NDArray[Any]]] | None = None
    """For a streaming model: takes the session, returns what it says fed in chunks and fed whole; they must agree."""
    figures: dict[str, float] = field(default_factory=dict)
    score: str = ""
    weights: Literal["fp16", "int8"] = "fp16"
    """How they are stored."""
    version: str = "1"
    licence: str = "Apache-2.0"


def export(spec: Export, source: Path, folder: Path = MODELS_FOLDER) -> "Report":
    """Write the model's file, examples, card and manifest entry into `folder`; return what the check measured.

    Nothing is written where the check fails.

    Raises:
        UserError: the description has gaps, or a check of the file fails.
    """
    from exporters.card import write_card
    from exporters.check import check
    from exporters.examples import save_examples
    from exporters.graph import to_onnx, with_metadata
    from exporters.manifest import write_entry
    from exporters.precision import to_fp16_weights, to_int8_weights

    spec.net.eval()
    _refuse_gaps(spec)
    result = read_result(source)
    figures = spec.figures or figures_of(result)
    if not figures:
        raise UserError(f"{spec.name} has no figures.", f"Train it first: {source / 'result.json'} must hold them.")
    score = spec.score or next((name for name in figures if name.startswith("student.")), next(iter(figures)))
    if score not in figures:
        raise UserError(f"{spec.name} has no figure {score!r}.", f"There are: {', '.join(figures)}.")
    plain = to_onnx(spec)
    smaller = {"fp16": to_fp16_weights, "int8": to_int8_weights}[spec.weights]
    small = with_metadata(smaller(plain), metadata_of(spec, figures, result))
    report = check(spec, plain.SerializeToString(), small.SerializeToString())
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{spec.name}.onnx"
    path.write_bytes(small.SerializeToString())
    save_examples(spec, folder / f"{spec.name}.examples.npz")
    entry = write_entry(spec, path, figures, score)
    write_card(spec.card, entry, folder)
    return report


def metadata_of(spec: Export, figures: Mapping[str, float], result: Mapping[str, Any]) -> dict[str, str]:
    """Return everything that is written into the file, by key; all text, JSON where structured."""
    known = {key: result[key] for key in ("commit", "data", "profile", "seed") if key in result}
    written = {key: value if isinstance(value, str) else json.dumps(value) for key, value in known.items()}
    own = {"name": spec.name, "version": spec.version, "licence": spec.licence, "precision": spec.weights}
    if command := command_of(result):
        written["command"] = command
    return written | spec.metadata | own | {"figures": json.dumps(dict(figures))}


def models() -> list[str]:
    """Return the names of the models that can be exported: the modules of this package that are not its core."""
    import exporters

    return sorted(found.name for found in pkgutil.iter_modules(exporters.__path__) if found.name not in CORE)


def spec_of(name: str, source: Path) -> Export:
    """Return the description of a model whose training wrote into `source`.

    Raises:
        UserError: there is no such model, or it is not trained there.
    """
    if name not in models():
        raise UserError(f"There is no exporter {name!r}.", f"There are: {', '.join(models()) or 'none'}.")
    if not (source / "student.pt").is_file():
        raise UserError(f"{source} holds no student.pt.", f"Train it first: python -m training {name} --out {source}")
    spec: Export = importlib.import_module(f"exporters.{name}").spec(source)
    return spec


def _refuse_gaps(spec: Export) -> None:
    """Raise UserError where the description can't give a file that keeps its promises."""
    faults = []
    if len(spec.real) < MIN_REAL:
        faults.append(f"{len(spec.real)} real inputs, {MIN_REAL} are needed")
    if not spec.card.strip():
        faults.append("no card")
    if not spec.outputs:
        faults.append("no outputs")
    if fault := next(filter(None, (_unlike(spec, real) for real in spec.real)), None):
        faults.append(f"a real input {fault}")
    for name, axes in spec.dynamic.items():
        if name not in spec.inputs:
            faults.append(f"an open axis of {name}, which is no input")
        elif any(spec.inputs[name].shape[axis] < 2 for axis in axes):
            faults.append(f"an open axis of {name} has length 1 in its example; it must be longer")
    if spec.net.training:
        faults.append("a net in training mode")
    if faults:
        raise UserError(f"The export of {spec.name} has {'; '.join(faults)}.", f"Correct exporters/{spec.name}.py.")


def _unlike(spec: Export, real: Arrays) -> str:
    """Return how a real input differs from the example inputs in names and in the axes that aren't open; or nothing."""
    if list(real) != list(spec.inputs):
        return f"is named {', '.join(real)}, not {', '.join(spec.inputs)}"
    for name, example in spec.inputs.items():
        opened = spec.dynamic.get(name, {})
        wanted = [-1 if axis in opened else size for axis, size in enumerate(example.shape)]
        found = [-1 if axis in opened else size for axis, size in enumerate(real[name].shape)]
        if found != wanted:
            return f"{name} has the shape {list(real[name].shape)}, not {wanted} (-1: open)"
    return ""
