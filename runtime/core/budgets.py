"""Budgets: what is promised of a measure, and whether measured values keep it."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from runtime.core.errors import UserError

BUDGETS_FILE: Final = Path(__file__).resolve().parents[2] / "benchmarks" / "budgets.toml"
LIMITS: Final = ("p50", "p95", "max", "min")


@dataclass(frozen=True)
class Verdict:
    """What was measured of one budget, in its unit, and what was over it (empty when it is kept)."""

    count: int
    p50: float
    p95: float
    over: tuple[str, ...]

    @property
    def kept(self) -> bool:
        """Whether every limit holds."""
        return not self.over


@dataclass(frozen=True)
class Budget:
    """The limits of one measure, in `unit`: on its percentiles, or on its worst value (`max`, `min`)."""

    name: str
    title: str
    unit: str
    p50: float | None = None
    p95: float | None = None
    max: float | None = None
    min: float | None = None

    def check(self, values: Sequence[float]) -> Verdict:
        """Return the verdict on measured values (n,); with no values no budget is kept."""
        if not values:
            return Verdict(0, float("nan"), float("nan"), ("nothing was measured",))
        p50, p95 = (float(np.percentile(values, q)) for q in (50, 95))
        over = []
        for name, value, limit in (("p50", p50, self.p50), ("p95", p95, self.p95), ("max", max(values), self.max)):
            if limit is not None and not value <= limit:
                over.append(f"{name} {value:.4g} {self.unit} is over {limit:g}")
        if self.min is not None and not min(values) >= self.min:
            over.append(f"min {min(values):.4g} {self.unit} is under {self.min:g}")
        return Verdict(len(values), p50, p95, tuple(over))


def load_budgets(profile: str, path: Path = BUDGETS_FILE) -> dict[str, Budget]:
    """Return the budgets of a device profile by name, in the file's order.

    Raises:
        UserError: the file can't be read, holds nothing for the profile, or an entry is wrong.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise UserError(f"The budgets in {path} can't be read: {error}.", "Mend the file.") from None
    if profile not in tables:
        raise UserError(f"{path} has no budgets for the profile {profile!r}.", f"It has {', '.join(tables)}.")
    return {name: _budget(name, entry, path) for name, entry in tables[profile].items()}


def _budget(name: str, entry: object, path: Path) -> Budget:
    good = isinstance(entry, dict) and {"title", "unit"} <= set(entry) <= {"title", "unit", *LIMITS}
    if not good or not isinstance(entry, dict) or not any(limit in entry for limit in LIMITS):
        raise UserError(
            f"The budget {name!r} in {path} is wrong.", f"It needs title, unit and one of {', '.join(LIMITS)}."
        )
    limits = {limit: float(entry[limit]) for limit in LIMITS if limit in entry}
    return Budget(name, str(entry["title"]), str(entry["unit"]), **limits)
