"""Left and right swapped: in the names of labels and of values, and in sets of numbered landmarks."""

import re
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

_SIDES: Final = re.compile(
    r"counter[-_ ]?clockwise|anti[-_ ]?clockwise|clockwise"  # turning is mirrored too
    r"|(?<![a-z])left(?![a-z])|(?<![a-z])right(?![a-z])"
    r"|(?-i:(?<=[a-z])(?:Left|Right)(?![a-z]))"  # in camel case alone: `bright` has no side
    r"|(?<=_[ud])[lr]$|(?<=_)[lr]$",
    re.IGNORECASE,
)
_OPPOSITE: Final = {"left": "right", "right": "left", "l": "r", "r": "l"}


def mirrored_label(label: str) -> str:
    """Return the name of what a mirror shows: `swipe left` becomes `swipe right`, `eyeBlinkLeft` `eyeBlinkRight`.

    Knows left and right as words and as parts of camel-case names, clockwise and counter-clockwise, and the endings
    `_l` and `_r` (also `_ul`, `_dr`). Other names stay as they are.
    """
    return _SIDES.sub(_opposite, label)


def _opposite(found: re.Match[str]) -> str:
    word = found[0]
    small = word.lower()
    if small == "clockwise":
        return "Counter-clockwise" if word[0].isupper() else "counter-clockwise"
    if small.endswith("clockwise"):
        return "Clockwise" if word[0].isupper() else "clockwise"
    other = _OPPOSITE[small]
    return other.upper() if word.isupper() else other.capitalize() if word[0].isupper() else other


def partners(names: Sequence[str]) -> NDArray[np.int64]:
    """Return for each name the place of its mirror image among `names`, shape (names,): a permutation.

    Spelling with a space, a hyphen or an underscore is one and the same. A name whose opposite is not among `names`
    keeps its own place, so a set of values must hold both sides to be mirrored rightly.

    Raises:
        ValueError: a side is there without the other.
    """
    places = {_plain(name): place for place, name in enumerate(names)}
    lonely = [name for name in names if _plain(mirrored_label(name)) not in places]
    if lonely:
        raise ValueError(f"no opposite side for {', '.join(lonely)}")
    return np.array([places[_plain(mirrored_label(name))] for name in names], dtype=np.int64)


def _plain(name: str) -> str:
    return re.sub(r"[-_ ]", "", name).lower()


def mirror_values(values: NDArray[Any], names: Sequence[str]) -> NDArray[Any]:
    """Return named values, shape (..., names), as a mirror shows them: the left one's under the right one's name."""
    return values[..., partners(names)]


def mirror_points(points: NDArray[Any], width: float, partner: NDArray[np.int64] | None = None) -> NDArray[Any]:
    """Return landmarks, shape (..., points, 2 or 3), as the mirrored picture shows them.

    Args:
        points: x first. In pixels (centres at whole numbers), or in shares of the width, or relative to an origin.
        width: what x counts to: pixels minus 1 for pixels, 1.0 for shares, 0.0 for points relative to an origin.
        partner: for each landmark the one on the other side, where numbers mean sides (a face); none for a hand, whose
            thumb stays its thumb.
    """
    mirrored = points.copy() if partner is None else points[..., partner, :]
    mirrored[..., 0] = width - mirrored[..., 0]
    return mirrored
