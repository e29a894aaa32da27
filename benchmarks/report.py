"""Budgets: read, compared with what was measured, printed and written down."""

import json
import platform
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from rich.console import Console
from rich.table import Table

BUDGETS = Path(__file__).with_name("budgets.toml")
MAX_STEAL_SHARE = 0.05


@dataclass(frozen=True)
class Result:
    """One measure against its budget. `measured` and `budget` map p50, p95, max or min to numbers in `unit`."""

    name: str
    title: str
    unit: str
    measured: dict[str, float]
    budget: dict[str, float]
    count: int

    @property
    def kept(self) -> bool:
        """Whether every limit is kept; a measure without samples is not."""
        if not self.count:
            return False
        return all(
            self.measured[limit] >= value if limit == "min" else self.measured[limit] <= value
            for limit, value in self.budget.items()
        )


def check(profile: str, samples: Mapping[str, Sequence[float]], path: Path = BUDGETS) -> list[Result]:
    """Compare samples by measure with the profile's budgets; `max` and `min` are of their mean."""
    budgets = tomllib.loads(path.read_text())[profile]
    results = []
    for name, entry in budgets.items():
        values = np.asarray(samples.get(name, ()), float)
        limits = {key: float(entry[key]) for key in ("p50", "p95", "max", "min") if key in entry}
        measured = {
            "p50": float(np.percentile(values, 50)) if values.size else float("nan"),
            "p95": float(np.percentile(values, 95)) if values.size else float("nan"),
            "max": float(values.mean()) if values.size else float("nan"),
            "min": float(values.mean()) if values.size else float("nan"),
        }
        measured = {key: measured[key] for key in limits}
        results.append(Result(name, entry["title"], entry["unit"], measured, limits, int(values.size)))
    return results


def table(results: Sequence[Result], title: str) -> Table:
    """Lay results out as a table for a terminal."""
    out = Table(title=title)
    for column in ("measure", "p50", "p95", "budget", "samples", "verdict"):
        out.add_column(column, justify="left" if column in ("measure", "verdict") else "right")
    for result in results:
        single = result.measured.get("max", result.measured.get("min"))
        out.add_row(
            result.title,
            f"{result.measured.get('p50', single or 0.0):.4g} {result.unit}",
            f"{result.measured['p95']:.4g} {result.unit}" if "p95" in result.measured else "",
            ", ".join(f"{limit} {value:g}" for limit, value in result.budget.items()),
            str(result.count),
            "[green]kept" if result.kept else "[red]OVER BUDGET",
        )
    return out


class MachineLoad:
    """Shares of processor time since construction that the host stole or left idle, from /proc/stat."""

    def __init__(self) -> None:
        self._before = psutil.cpu_times()

    def shares(self) -> tuple[float, float]:
        """Return (steal, idle) as shares of all processor time, 0..1."""
        now = psutil.cpu_times()
        total = sum(now) - sum(self._before) or 1.0
        steal = getattr(now, "steal", 0.0) - getattr(self._before, "steal", 0.0)
        return steal / total, (now.idle - self._before.idle) / total


def write(path: Path, results: Sequence[Result], details: Mapping[str, Any]) -> None:
    """Write results, the machine and details as JSON."""
    machine = {"processor": platform.processor() or platform.machine(), "cores": psutil.cpu_count()}
    body = {"machine": machine, "results": [asdict(r) | {"kept": r.kept} for r in results], **details}
    path.write_text(json.dumps(body, indent=1) + "\n")


def show(*parts: Any) -> None:
    """Print to the terminal."""
    console = Console()
    for part in parts:
        console.print(part)
