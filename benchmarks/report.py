"""What was measured against what is promised: a table, a JSON file, an exit status."""

import json
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

from runtime.core.budgets import load_budgets

MAX_STEAL_SHARE = 0.05


class MachineLoad:
    """Shares of processor time since construction that the host stole or left idle, from /proc/stat."""

    def __init__(self) -> None:
        self._before = psutil.cpu_times()

    def shares(self) -> tuple[float, float]:
        """Return (steal, idle) as shares of all processor time, 0..1."""
        after = psutil.cpu_times()
        total = (sum(after) - sum(self._before)) or 1.0
        steal = getattr(after, "steal", 0.0) - getattr(self._before, "steal", 0.0)
        return steal / total, (after.idle - self._before.idle) / total


def judge(
    profile: str,
    samples: Mapping[str, Sequence[float]],
    details: Mapping[str, Any],
    path: Path | None,
    title: str = "",
) -> bool:
    """Print each measure against its budget, write all of it to `path` as JSON, return whether all are kept."""
    table = Table(title=title or f"profile {profile}")
    for column in ("measure", "p50", "p95", "budget", "samples", "verdict"):
        table.add_column(column, justify="left" if column in ("measure", "verdict") else "right")
    body: dict[str, Any] = {"machine": {"processor": platform.machine(), "cores": psutil.cpu_count()}, **details}
    body["results"] = []
    kept = True
    for budget in load_budgets(profile).values():
        values = list(samples.get(budget.name, ()))
        verdict = budget.check(values)
        kept &= verdict.kept
        limits = {k: v for k in ("p50", "p95", "max", "min") if (v := getattr(budget, k)) is not None}
        table.add_row(
            budget.title,
            f"{verdict.p50:.4g} {budget.unit}",
            f"{verdict.p95:.4g} {budget.unit}",
            ", ".join(f"{name} {value:g}" for name, value in limits.items()),
            str(verdict.count),
            "[green]kept" if verdict.kept else f"[red]{'; '.join(verdict.over)}",
        )
        measured = {"p50": verdict.p50, "p95": verdict.p95, "count": verdict.count, "values": values}
        body["results"].append({"name": budget.name, "unit": budget.unit, **measured, "kept": verdict.kept})
    Console(width=150).print(table)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(body, indent=1) + "\n")
        print(f"wrote {path}")
    return kept
