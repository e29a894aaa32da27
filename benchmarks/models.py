"""`python -m benchmarks models`: each model of assets/models in three precisions, on one thread and on two."""

import argparse
import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks.report import MAX_STEAL_SHARE, MachineLoad
from exporters.check import difference
from exporters.check import run as outputs_of
from exporters.examples import load_examples
from exporters.precision import to_int8
from runtime.core.device import CPU_PROVIDERS, PROFILES
from runtime.core.models import MANIFEST_NAME, MODELS_FOLDER, ModelEntry, ModelRegistry, open_session, read_manifest
from runtime.core.precision import without_casts

CALLS = 400
ROUNDS = 4
LOADS = 5
TRIES = 3
THREADS = (1, 2)
STORED = "as stored"
"""The file as it ships: FP16 weights, or those of 8 bits of a model that says so."""
MIN_GAIN = 1.1
"""INT8 must be so many times faster before it is worth a second thought..."""
MAX_CHANGE = 1e-2
"""...and say the same within this share of the output's scale, as the FP16 weights must."""

Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Row:
    """One model in one precision. Times in milliseconds; `change` is against FP32, of the output's scale."""

    model: str
    precision: str
    size_bytes: int
    score: str
    load_ms: float
    p50_ms: tuple[float, ...]
    p95_ms: tuple[float, ...]
    change: float
    same_class: float | None
    """The share of examples for which the greatest of the first output's numbers is the same."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("--folder", type=Path, default=MODELS_FOLDER, help="the models' folder [assets/models]")
    parser.add_argument("--output", type=Path, default=Path("out/models.json"), help="where the figures are written")
    parser.add_argument("--calls", type=int, default=CALLS, help=f"timed calls of each [{CALLS}]")


def run(args: argparse.Namespace) -> int:
    """Measure every model, print a table, write the figures."""
    entries = read_manifest(args.folder / MANIFEST_NAME)
    registry = ModelRegistry(PROFILES["edge"], args.folder)
    for name in entries:
        registry.load(name)  # refuses a file that is not the manifest's
    registry.close()
    for attempt in range(1, TRIES + 1):
        load = MachineLoad()
        rows = [row for entry in entries.values() for row in measure(entry, args.folder, args.calls)]
        steal, idle = load.shares()
        print(f"the host stole {steal:.1%} of the processor's time and {idle:.0%} of it was idle")
        if steal <= MAX_STEAL_SHARE or attempt == TRIES:
            break
        print("That is too much; measuring again.")
    Console(width=150).print(table(rows))
    for line in verdicts(rows):
        print(line)
    args.output.parent.mkdir(parents=True, exist_ok=True)
    figures = {"steal": steal, "idle": idle, "threads": THREADS, "rows": [asdict(row) for row in rows]}
    args.output.write_text(json.dumps(figures, indent=1) + "\n")
    print(f"wrote {args.output}")
    return 0


def measure(entry: ModelEntry, folder: Path, calls: int) -> list[Row]:
    """Return the model's row as it ships, in FP32 and in INT8."""
    file = (folder / entry.file).read_bytes()
    cases = [given for given, _ in load_examples(folder / f"{entry.name}.examples.npz")]
    model = onnx.load_model_from_string(file)
    forms = {
        STORED: file,
        "FP32": without_casts(model).SerializeToString(),
        "INT8": to_int8(model, cases),
    }
    times = _times(forms, cases, calls)
    exact = [outputs_of(open_session(forms["FP32"]), case) for case in cases]
    score = f"{entry.score} {entry.figures[entry.score]:.4g}" if entry.score in entry.figures else ""
    rows = []
    for precision, form in forms.items():
        session = open_session(form)
        found = [outputs_of(session, case) for case in cases]
        rows.append(
            Row(
                model=entry.name,
                precision=precision,
                size_bytes=len(form),
                score=score if precision == STORED else "",
                load_ms=float(np.median([_load_ms(form, cases[0]) for _ in range(LOADS)])),
                p50_ms=tuple(float(np.percentile(times[precision, count], 50)) for count in THREADS),
                p95_ms=tuple(float(np.percentile(times[precision, count], 95)) for count in THREADS),
                change=max(map(difference, exact, found)),
                same_class=_same_class(exact, found),
            )
        )
    return rows


def _times(forms: dict[str, bytes], cases: list[Arrays], calls: int) -> dict[tuple[str, int], list[float]]:
    """Return the milliseconds of each call by precision and threads; the forms take turns to meet the same host."""
    sessions = {
        (precision, count): open_session(form, count, CPU_PROVIDERS)
        for precision, form in forms.items()
        for count in THREADS
    }
    times: dict[tuple[str, int], list[float]] = {key: [] for key in sessions}
    for _ in range(ROUNDS):
        for key, session in sessions.items():
            for case in cases:
                session.run(None, case)
            for number in range(-(-calls // ROUNDS)):
                case = cases[number % len(cases)]
                begun = time.perf_counter()
                session.run(None, case)
                times[key].append((time.perf_counter() - begun) * 1_000)
    return times


def _load_ms(form: bytes, case: Arrays) -> float:
    begun = time.perf_counter()
    open_session(form).run(None, case)
    return (time.perf_counter() - begun) * 1_000


def _same_class(exact: list[Arrays], found: list[Arrays]) -> float | None:
    """Return how often the first output's greatest number stays the same one; None where it has only one."""
    name = next(iter(exact[0]))
    if exact[0][name].ndim == 0 or exact[0][name].shape[-1] < 2:
        return None
    same = [one[name].argmax(-1) == other[name].argmax(-1) for one, other in zip(exact, found, strict=True)]
    return float(np.concatenate([np.ravel(part) for part in same]).mean())


def table(rows: list[Row]) -> Table:
    """Return all rows as they are printed."""
    made = Table(title="models on the CPU; load is the session and its first run; ms a call as p50 / p95")
    made.add_column("model")
    made.add_column("weights")
    for heading in (
        "kB",
        "load ms",
        *(f"{count} thread{'s' * (count > 1)}" for count in THREADS),
        "change",
        "same max",
    ):
        made.add_column(heading, justify="right")
    made.add_column("score")
    for row in rows:
        calls = [f"{p50:.3f} / {p95:.3f}" for p50, p95 in zip(row.p50_ms, row.p95_ms, strict=True)]
        same = "" if row.same_class is None else f"{row.same_class:.1%}"
        cells = (f"{row.size_bytes / 1e3:.1f}", f"{row.load_ms:.1f}", *calls, f"{row.change:.1e}", same)
        first = row.precision == STORED
        made.add_row(row.model if first else "", row.precision, *cells, row.score, end_section=row.precision == "INT8")
    return made


def verdicts(rows: list[Row]) -> list[str]:
    """Return for each model whether INT8 would pay: faster on one thread, and saying the same."""
    by_key = {(row.model, row.precision): row for row in rows}
    lines = []
    for name in dict.fromkeys(row.model for row in rows):
        shipped, small = by_key[name, STORED], by_key[name, "INT8"]
        gain = shipped.p50_ms[0] / small.p50_ms[0]
        word = "would pay" if gain >= MIN_GAIN and small.change <= MAX_CHANGE else "does not pay"
        lines.append(f"{name}: INT8 {word}: {gain:.2f} times as fast, changed by {small.change:.1e} of its scale")
    return lines
