"""What training left behind: the student's weights and result.json."""

import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runtime.core.errors import UserError

if TYPE_CHECKING:
    from torch import nn


def load_student(source: Path, build: Callable[[dict[str, Any]], "nn.Module"]) -> tuple["nn.Module", dict[str, Any]]:
    """Return the student of `source`/student.pt in eval mode on the CPU, and the configuration it was built from.

    Raises:
        UserError: the file is missing, is no checkpoint of a student, or does not fit the net that `build` makes.
    """
    import torch

    path = source / "student.pt"
    try:
        saved = torch.load(path, map_location="cpu", weights_only=True)
        net = build(saved["config"])
        net.load_state_dict(saved["state"])
    except FileNotFoundError:
        raise UserError(f"{path} is missing.", "Train the model first.") from None
    except (OSError, RuntimeError, KeyError, TypeError, ValueError) as error:
        raise UserError(f"{path} does not fit its net: {error}.", "Train the model again.") from None
    return net.eval(), dict(saved["config"])


def read_result(source: Path) -> dict[str, Any]:
    """Return `source`/result.json; empty where there is none. Raises UserError where it can't be read."""
    path = source / "result.json"
    if not path.is_file():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"{path} can't be read: {error}.", "Train the model again.") from None
    if not isinstance(found, dict):
        raise UserError(f"{path} holds no object.", "Train the model again.")
    return found


def figures_of(result: Mapping[str, Any]) -> dict[str, float]:
    """Return the plain numbers under a result's `figures`; those of an object within are named `outer.inner`."""
    return dict(_flat(result.get("figures", {})))


def _flat(values: Mapping[str, Any], prefix: str = "") -> list[tuple[str, float]]:
    found: list[tuple[str, float]] = []
    for key, value in values.items():
        if isinstance(value, Mapping):
            found += _flat(value, f"{prefix}{key}.")
        elif isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            found.append((prefix + key, float(value)))
    return found
