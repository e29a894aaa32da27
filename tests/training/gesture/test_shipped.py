"""The model that ships, on a simulated camera: modelled hands rest, sign and rest again."""

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from runtime.core.device import PROFILES
from runtime.core.messages import Hand, Sight
from runtime.core.models import ModelRegistry
from runtime.perception.gesture import MODEL_NAME, Hands
from runtime.perception.hand_features import palm_centre, palm_size
from training.gesture.shapes import KINDS, of_kind

RATE_HZ = 10
SIGNS = ("open_palm", "fist", "point", "victory", "ok", "pinch")


@pytest.fixture(scope="module")
def registry() -> ModelRegistry:
    found = ModelRegistry(PROFILES["edge"])
    if MODEL_NAME not in found.entries():
        pytest.skip("the gesture model doesn't ship")
    return found


def shapes(label: str, count: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Hands of one label alone, 80 pixels wide about (0, 0)."""
    kind = next(kind for kind in KINDS if kind.labels == (label,) and (label != "none" or "h" in kind.fingers[0]))
    hands = of_kind(kind, 4 * count, rng)
    points = hands.points[hands.allowed.sum(1) == 1][:count]
    unit = (points - palm_centre(points)[:, None]) / palm_size(points)[:, None, None]
    return np.asarray(80 * unit, np.float32)


def stream(poses: list[NDArray[np.float32]], hold_s: float, rng: np.random.Generator) -> list[Sight]:
    """One hand seen at 10 Hz: each pose is held, then turns into the next within 0.3 s; it drifts and trembles."""
    frames = []
    for now, then in pairwise([*poses, poses[-1]]):
        frames += [now] * round(hold_s * RATE_HZ)
        frames += [(now + share * (then - now)).astype(np.float32) for share in (0.25, 0.75)]
    sights = []
    for number, frame in enumerate(frames):
        time_s = number / RATE_HZ
        drift = 30 * np.sin(2 * np.pi * np.array([0.11, 0.17]) * time_s)
        points = 320 + drift + frame + rng.normal(0, 0.8, frame.shape)
        sights.append(Sight(time_s, 640, 480, hands=(Hand(points.astype(np.float32), True, 0.9),)))
    return sights


def read(registry: ModelRegistry, sights: list[Sight]) -> list[tuple[str, float]]:
    hands = Hands(registry.load(MODEL_NAME), mirrored=True)
    return [(sign.name, sign.time_s) for sight in sights if (sign := hands.see(sight)) is not None]


def test_signs_held_for_a_second_are_read(registry: ModelRegistry) -> None:
    rng, read_right, shown = np.random.default_rng(0), 0, 0
    waits_s = []
    for label in SIGNS:
        for sign, rest in zip(shapes(label, 20, rng), shapes("none", 20, rng), strict=True):
            found = read(registry, stream([rest, sign, rest], 1.0, rng))
            times = [time_s for name, time_s in found if name == label and 1.0 <= time_s <= 2.4]
            read_right, shown = read_right + bool(times), shown + 1
            waits_s += [time_s - 1.2 for time_s in times[:1]]
    print(f"{read_right} of {shown} signs read, {np.median(waits_s):.2f} s (median) after the hand had its shape")
    assert read_right / shown >= 0.9
    assert np.median(waits_s) <= 0.25


def test_a_hand_at_rest_hardly_ever_signs(registry: ModelRegistry) -> None:
    rng = np.random.default_rng(1)
    sights = stream(list(shapes("none", 100, rng)), 1.6, rng)
    false = read(registry, sights)
    minutes = sights[-1].time_s / 60
    print(f"{len(false)} false signs in {minutes:.1f} minutes of a resting hand: {false}")
    assert len(false) / minutes <= 2
