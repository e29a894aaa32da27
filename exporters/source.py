"""What training left behind: the student's weights and result.json."""

import json
import math
import pickle
import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from runtime.core.errors import UserError

if TYPE_CHECKING:
    from torch import nn

FOLDER_FLAGS: Final = ("--data", "--out")


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
    except pickle.UnpicklingError:
        raise UserError(f"{path} is no checkpoint of a student.", "Train the model again.") from None
    except (OSError, EOFError, RuntimeError, KeyError, TypeError, ValueError) as error:
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


def filled_card(card: Callable[[dict[str, Any]], str], source: Path) -> str:
    """Return the card that `card` makes of the figures in `source`/result.json.

    Raises:
        UserError: the figures that it needs aren't all there.
    """
    try:
        return card(read_result(source).get("figures", {}))
    except (KeyError, TypeError) as error:
        raise UserError(f"{source / 'result.json'} lacks scores: {error!r}.", "Train in full profile first.") from None


def figures_of(result: Mapping[str, Any]) -> dict[str, float]:
    """Return the plain numbers under a result's `figures`; those of an object within are named `outer.inner`.

    Objects further in (figures by class, by group) are for the card, where its owner puts them in words.
    """
    figures = result.get("figures", {})
    within = {key: values for key, values in figures.items() if isinstance(values, Mapping)}
    return dict(_plain(figures)) | {
        f"{outer}.{inner}": value for outer, values in within.items() for inner, value in _plain(values)
    }


def command_of(result: Mapping[str, Any]) -> str:
    """Return the command of the training, with DIR for the folders of the machine it ran on; empty where unknown."""
    words = shlex.split(str(result.get("command", "")))
    for number, word in enumerate(words):
        flag, equals, value = word.partition("=")
        if equals and (flag in FOLDER_FLAGS or Path(value).is_absolute()):
            words[number] = f"{flag}=DIR"
        elif (number and words[number - 1] in FOLDER_FLAGS) or Path(word).is_absolute():
            words[number] = "DIR"
    return " ".join(words)


def _plain(values: Mapping[str, Any]) -> list[tuple[str, float]]:
    found: list[tuple[str, float]] = []
    for key, value in values.items():
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            found.append((key, float(value)))
    return found
