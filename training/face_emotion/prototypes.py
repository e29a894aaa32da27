"""Expressions that the clips lack, made of facial action units after EMFACS, as windows of blendshapes.

Source of the combinations: Friesen and Ekman, EMFACS-7 (1983); Ekman, Friesen and Hager, FACS Investigator's Guide
(2002). Action units are put into the ARKit blendshapes that move the same parts of the face. Valence and arousal of the
classes follow their places in the circumplex (Russell, 1980); the numbers are ours.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from runtime.core.blendshapes import BLENDSHAPES, INDEX, weights
from runtime.perception.face_features import WINDOW_STEPS
from training.face_emotion.face_api import LABELS

Range = tuple[float, float]
PROTOTYPES: Final[dict[str, tuple[dict[str, Range], ...]]] = {
    "happy": (  # 6 + 12, with or without 25 + 26
        {"mouthSmile": (0.35, 0.95), "cheekSquint": (0, 0.5), "eyeSquint": (0, 0.5)},
        {"mouthSmile": (0.5, 1), "jawOpen": (0.05, 0.4), "mouthUpperUp": (0.1, 0.6), "eyeSquint": (0.1, 0.6)},
    ),
    "sad": (  # 1 + 4 + 15, 1 + 4 + 17
        {"browInnerUp": (0.25, 0.9), "browDown": (0, 0.35), "mouthFrown": (0.15, 0.7), "mouthShrugLower": (0, 0.5)},
        {"browInnerUp": (0.1, 0.5), "mouthFrown": (0.3, 0.9), "mouthShrugLower": (0.1, 0.7), "eyeBlink": (0, 0.4)},
    ),
    "angry": (  # 4 + 5 + 7 + 23 or 24, 4 + 7 + 10 + 25
        {"browDown": (0.45, 1), "eyeSquint": (0.2, 0.7), "mouthPress": (0.15, 0.7), "mouthRollLower": (0, 0.4)},
        {"browDown": (0.5, 1), "eyeWide": (0, 0.3), "mouthPress": (0, 0.5), "noseSneer": (0, 0.4)},
        {"browDown": (0.5, 1), "jawOpen": (0.1, 0.5), "mouthUpperUp": (0.1, 0.5), "mouthLowerDown": (0.2, 0.7)},
    ),
    "fearful": (  # 1 + 2 + 4 + 5 + 20 + 25 or 26
        {"browInnerUp": (0.35, 0.9), "browOuterUp": (0.05, 0.4), "eyeWide": (0.3, 0.9), "mouthStretch": (0.25, 0.8)},
        {"browInnerUp": (0.4, 0.9), "eyeWide": (0.3, 0.9), "mouthStretch": (0.25, 0.8), "jawOpen": (0.1, 0.5)},
    ),
    "disgusted": (  # 9 or 10 + 15 or 16
        {"mouthUpperUp": (0.35, 0.9), "noseSneer": (0, 0.7), "browDown": (0.1, 0.5), "mouthFrown": (0, 0.4)},
        {"mouthUpperUp": (0.3, 0.9), "eyeSquint": (0.2, 0.7), "browDown": (0.1, 0.6), "mouthLowerDown": (0, 0.5)},
    ),
    "surprised": (  # 1 + 2 + 5 + 26 or 27
        {"browInnerUp": (0.35, 1), "browOuterUp": (0.35, 1), "eyeWide": (0.15, 0.8), "jawOpen": (0.1, 0.7)},
        {"browInnerUp": (0.3, 0.9), "browOuterUp": (0.2, 0.9), "jawOpen": (0.25, 0.8), "mouthFunnel": (0, 0.3)},
    ),
}  # fmt: skip
ASIDE: Final = {"mouthPress": 0.15, "mouthPucker": 0.25, "jawOpen": 0.12, "mouthSmile": 0.12, "browInnerUp": 0.15,
                "browDown": 0.12, "eyeSquint": 0.3, "mouthShrugLower": 0.15, "browOuterUp": 0.12}  # fmt: skip
"""What may be there besides, at most: faces at rest and in speech aren't blank."""
UNSEEN: Final = ("cheekSquint", "noseSneer")
"""The face landmarker hardly ever gives these, so most prototypes must do without."""
UNSEEN_SHARE: Final = 0.8
ONE_SIDED: Final = 0.35
"""How much weaker one side of the face may be."""
NOISE: Final = 0.015
PLACES: Final = np.array([(0.0, 0.0), (0.8, 0.4), (-0.6, -0.4), (-0.6, 0.7), (-0.6, 0.6), (-0.7, 0.3), (0.1, 0.8)])
"""Valence and arousal (7, 2), in -1..1, of LABELS when they are shown fully."""


def draw(count: int, rng: np.random.Generator) -> tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.float32]]:
    """Return windows (count, 6, 52) beyond the neutral face, their classes (count,), and valence, arousal (count, 2).

    All classes are equally likely. An expression is held, comes or fades within the window; eyes blink in some.
    """
    kinds = rng.integers(len(LABELS), size=count)
    shapes = np.stack([_expression(LABELS[kind], rng) for kind in kinds])
    strength = np.sqrt((shapes**2).sum(-1) / 1.2).clip(0.25, 1.0)
    held = _course(count, rng)
    aside = np.stack([weights({name: rng.uniform(0, most) * (rng.random() < 0.4) for name, most in ASIDE.items()})
                      for _ in range(count)])  # fmt: skip
    windows = np.maximum(shapes[:, None] * held, aside[:, None])
    blink = [INDEX["eyeBlinkLeft"], INDEX["eyeBlinkRight"]]
    closed = (rng.random((count, WINDOW_STEPS)) < 0.08) * rng.uniform(0.3, 0.9, (count, 1))
    windows[..., blink] = np.maximum(windows[..., blink], closed[..., None])
    windows = windows + rng.normal(0, NOISE, windows.shape)
    places = PLACES[kinds] * (strength * held.mean((1, 2)))[:, None]
    return windows.clip(0, 1).astype(np.float32), kinds.astype(np.int64), places.astype(np.float32)


def _expression(name: str, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return one full expression, (52,)."""
    if name == "neutral":
        return np.zeros(len(BLENDSHAPES))
    choices = PROTOTYPES[name]
    values = {part: rng.uniform(*span) for part, span in choices[int(rng.integers(len(choices)))].items()}
    if rng.random() < UNSEEN_SHARE:
        values = {part: value for part, value in values.items() if part not in UNSEEN}
    vector = weights(values).astype(np.float64)
    weaker = "Left" if rng.random() < 0.5 else "Right"
    share = 1 - rng.uniform(0, ONE_SIDED) * (rng.random() < 0.5)
    return np.asarray(vector * np.array([share if shape.endswith(weaker) else 1.0 for shape in BLENDSHAPES]))


def _course(count: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return how much of the expression is there at each step, (count, 6, 1): held, coming or fading."""
    steps = np.linspace(0, 1, WINDOW_STEPS)
    least = np.where(rng.random(count) < 0.6, 1.0, rng.uniform(0.3, 0.9, count))[:, None]
    rising = least + (1 - least) * steps
    return np.where(rng.random((count, 1)) < 0.5, rising, rising[:, ::-1])[..., None]
