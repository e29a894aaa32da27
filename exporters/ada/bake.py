"""Baking: from the procedural figure to base, deltas and pair correctives."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from exporters.ada.canvas import Canvas
from exporters.ada.figure import draw_figure
from exporters.ada.state import State
from runtime.core.blendshapes import BLENDSHAPES

INPUTS = (*BLENDSHAPES, "gazeX", "gazeY")
SAMPLES = 2_600
TEST_SAMPLES = 400
RIDGE = 1e-3
MOVES = 0.02
"""A coordinate that never moves by more canvas units than this is fixed."""

_MOUTH = (
    "jawOpen mouthClose mouthFunnel mouthPucker mouthSmileLeft mouthSmileRight mouthFrownLeft mouthFrownRight"
    " mouthStretchLeft mouthStretchRight mouthUpperUpLeft mouthUpperUpRight mouthLowerDownLeft mouthLowerDownRight"
    " mouthPressLeft mouthPressRight mouthRollUpper mouthRollLower mouthShrugUpper mouthShrugLower tongueOut"
).split()
_EYE = "eyeBlink eyeSquint cheekSquint eyeWide mouthSmile".split()
_VISEMES: tuple[dict[str, float], ...] = (
    {"jawOpen": 0.7, "mouthLowerDown": 0.15, "mouthUpperUp": 0.1},
    {"jawOpen": 0.32, "mouthStretch": 0.45, "mouthLowerDown": 0.3, "mouthUpperUp": 0.25, "mouthSmile": 0.1},
    {"jawOpen": 0.13, "mouthStretch": 0.5, "mouthSmile": 0.3, "mouthLowerDown": 0.5, "mouthUpperUp": 0.4},
    {"jawOpen": 0.42, "mouthFunnel": 0.75, "mouthPucker": 0.3},
    {"jawOpen": 0.14, "mouthFunnel": 0.35, "mouthPucker": 0.85},
    {"jawOpen": 0.05, "mouthClose": 1.0, "mouthPress": 0.65, "mouthRollLower": 0.25, "mouthRollUpper": 0.2},
    {"jawOpen": 0.08, "mouthRollLower": 0.75, "mouthUpperUp": 0.5},
    {"jawOpen": 0.2, "tongueOut": 0.5, "mouthLowerDown": 0.3, "mouthUpperUp": 0.2},
    {"jawOpen": 0.06, "mouthStretch": 0.3, "mouthLowerDown": 0.55, "mouthUpperUp": 0.4},
    {"jawOpen": 0.1, "mouthFunnel": 0.7, "mouthLowerDown": 0.35, "mouthUpperUp": 0.3},
    {},
)


@dataclass(frozen=True)
class Baked:
    """The rig's arrays, and how far it is from the figure on states it was not fitted to (canvas units)."""

    arrays: dict[str, NDArray[Any]]
    error: dict[str, float]


def figure(values: NDArray[np.float64]) -> Canvas:
    """Draw the figure for one input vector."""
    canvas = Canvas()
    weights = dict(zip(BLENDSHAPES, values.tolist(), strict=False))
    draw_figure(canvas, State(weights, (float(values[-2]), float(values[-1]))))
    return canvas


def numbers(canvas: Canvas) -> NDArray[np.float64]:
    """Return what may move: all x, all y, all z, then radius x, radius y and opacity of each shape."""
    places = np.array([point[:3] for shape in canvas.shapes for point in (*shape.path.points, *shape.anchors)])
    scalars = np.array([(*shape.radii, shape.opacity) for shape in canvas.shapes])
    return np.concatenate((places.T.ravel(), scalars.ravel()))


def pairs() -> list[tuple[int, int]]:
    """Return the input pairs (squares too) that get a corrective."""
    index = {name: i for i, name in enumerate(INPUTS)}
    chosen = set(itertools.combinations_with_replacement([index[name] for name in _MOUTH], 2))
    for side in ("Left", "Right"):
        eye = [index[f"{name}{side}"] for name in _EYE] + [index["gazeX"], index["gazeY"]]
        chosen |= set(itertools.combinations_with_replacement(sorted(eye), 2))
        chosen.add((index["jawOpen"], index[f"cheekSquint{side}"]))
    return sorted(chosen)


def _states(count: int, seed: int) -> Iterator[NDArray[np.float64]]:
    """Yield random states as speech and expression make them, and single inputs on their own."""
    random = np.random.default_rng(seed)
    index = {name: i for i, name in enumerate(INPUTS)}

    def put(vector: NDArray[np.float64], name: str, value: float) -> None:
        for full in (name, f"{name}Left", f"{name}Right"):
            if full in index:
                vector[index[full]] = min(1.0, max(0.0, vector[index[full]] + value))

    for _ in range(count):
        vector = np.zeros(len(INPUTS))
        shares = random.dirichlet(np.full(3, 0.7)) * random.uniform(0.2, 1.2)
        for share, which in zip(shares, random.integers(0, len(_VISEMES), 3), strict=True):
            for name, value in _VISEMES[which].items():
                put(vector, name, share * value)
        extra = random.random(len(BLENDSHAPES)) * (random.random(len(BLENDSHAPES)) < 0.08)
        vector[: len(BLENDSHAPES)] = np.clip(vector[: len(BLENDSHAPES)] + extra, 0, 1)
        for name in ("mouthSmile", "mouthFrown", "eyeBlink", "eyeSquint", "cheekSquint", "browInnerUp", "eyeWide"):
            if random.random() < 0.2:
                put(vector, name, random.random() * (0.9 if name != "eyeBlink" else 1.0))
        vector[-2:] = random.uniform(-1, 1, 2)
        yield vector


def bake() -> Baked:
    """Fit the rig to the figure by ridge regression, and measure it on other states."""
    chosen = np.array(pairs())
    rest = figure(np.zeros(len(INPUTS)))
    base = numbers(rest)

    def sample(count: int, seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        inputs = np.array(list(_states(count, seed)))
        values = np.array(
            [numbers(figure(vector)) for vector in tqdm(inputs, desc="figure", leave=False, mininterval=5)]
        )
        return np.hstack((inputs, inputs[:, chosen[:, 0]] * inputs[:, chosen[:, 1]])), values - base

    features, values = sample(SAMPLES, 1)
    moving = np.flatnonzero(np.abs(values).max(axis=0) > MOVES)
    gram = features.T @ features + RIDGE * np.eye(features.shape[1])
    deltas = np.linalg.solve(gram, features.T @ values[:, moving])
    test, truth = sample(TEST_SAMPLES, 2)
    points = len(rest_kinds(rest))
    flat = moving < 2 * points
    off = np.abs(test @ deltas - truth[:, moving])[:, flat]
    error = {"mean": float(off.mean()), "p95": float(np.percentile(off, 95)), "max": float(off.max())}
    arrays: dict[str, NDArray[Any]] = {
        "base": base.astype(np.float32),
        "moving": moving.astype(np.int32),
        "deltas": np.where(np.abs(deltas) < 0.004, 0, deltas).astype(np.float16),
        "pairs": chosen.astype(np.int16),
        "kinds": rest_kinds(rest).astype(np.float32),
    }
    return Baked(arrays, error)


def rest_kinds(canvas: Canvas) -> NDArray[np.float64]:
    """Return (n, 3): how much each point is an outline point, a body point, and how far it sways."""
    return np.array([point[3:] for shape in canvas.shapes for point in (*shape.path.points, *shape.anchors)])
