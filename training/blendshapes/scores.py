"""How well blendshape curves follow the teacher's."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from runtime.core.blendshapes import BLENDSHAPES
from training.measures import correlation

MOVES: Final = 0.05
"""A shape moves in a clip where its standard deviation is above this."""


def report(wanted: NDArray[np.float32], got: NDArray[np.float32], clip: NDArray[np.str_]) -> dict[str, Any]:
    """Return Pearson's r over the shapes that move.

    `r`: the mean over all pairs of a clip and a shape that moves in it, each over that clip's frames alone, so that a
    difference between people counts for nothing. `r_pooled`: the mean over the shapes that move, each over the frames
    of all clips. `error`: the mean absolute difference. `clips`: the mean r of each clip; `shapes`: of each shape.

    Args:
        wanted: (n, 52), the bundle's weights.
        got: (n, 52).
        clip: (n,) whose frame each is.
    """
    pairs = [
        (str(name), shape, correlation(wanted[clip == name, shape], got[clip == name, shape]))
        for name in np.unique(clip)
        for shape in np.flatnonzero(wanted[clip == name].std(0) > MOVES)
    ]
    moving = np.flatnonzero(wanted.std(0) > MOVES)
    by_clip, by_shape = {p[0] for p in pairs}, {p[1] for p in pairs}
    return {
        "r": float(np.mean([r for _, _, r in pairs])),
        "r_pooled": float(np.mean([correlation(wanted[:, shape], got[:, shape]) for shape in moving])),
        "error": float(np.abs(wanted - got).mean()),
        "pairs": len(pairs),
        "clips": {name: float(np.mean([r for own, _, r in pairs if own == name])) for name in sorted(by_clip)},
        "shapes": {
            BLENDSHAPES[shape]: float(np.mean([r for _, own, r in pairs if own == shape])) for shape in sorted(by_shape)
        },
    }
