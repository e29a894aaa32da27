"""Experiments for tests."""

from pathlib import Path

from runtime.experiments.experiment import Experiment

TWO = """
name = "shorter"
primary = "done"
minimum_effect = 0.1

[[variants]]
name = "long"

[[variants]]
name = "short"
"""


def written(folder: Path, text: str = TWO) -> Path:
    """Return the file of an experiment with this text."""
    path = folder / "shorter.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def experiment(*weights: int, name: str = "shorter", keep_days: int = 365) -> Experiment:
    """Return an experiment whose variants are a, b, ... with these weights, two of 1 without any."""
    variants = [{"name": "abcdef"[i], "weight": weight} for i, weight in enumerate(weights or (1, 1))]
    fields = {"name": name, "minimum_effect": 0.1, "keep_days": keep_days, "variants": variants}
    return Experiment.model_validate(fields)
