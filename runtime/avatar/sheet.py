"""The contact sheet: the 28 standard states that every character must pass by eye."""

from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from runtime.avatar.renderer import Renderer, open_renderer
from runtime.core.blendshapes import weights
from runtime.core.messages import FaceState

COLUMNS: Final = 7
CELL: Final = 320
PREVIEW: Final = 512

_Head = tuple[float, float, float]
_Gaze = tuple[float, float]
_FRONT: Final[_Head] = (0.0, 0.0, 0.0)
_AHEAD: Final[_Gaze] = (0.0, 0.0)

STATES: Final[tuple[tuple[str, dict[str, float], _Head, _Gaze], ...]] = (
    ("neutral", {}, _FRONT, _AHEAD),
    ("aa", {"jawOpen": 0.62, "mouthLowerDown": 0.15, "mouthUpperUp": 0.1}, _FRONT, _AHEAD),
    (
        "eh",
        {"jawOpen": 0.32, "mouthStretch": 0.45, "mouthLowerDown": 0.3, "mouthUpperUp": 0.25, "mouthSmile": 0.1},
        _FRONT,
        _AHEAD,
    ),
    (
        "ee",
        {"jawOpen": 0.13, "mouthStretch": 0.5, "mouthSmile": 0.3, "mouthLowerDown": 0.5, "mouthUpperUp": 0.4},
        _FRONT,
        _AHEAD,
    ),
    ("oh", {"jawOpen": 0.42, "mouthFunnel": 0.75, "mouthPucker": 0.3}, _FRONT, _AHEAD),
    ("oo", {"jawOpen": 0.14, "mouthFunnel": 0.35, "mouthPucker": 0.85}, _FRONT, _AHEAD),
    (
        "m b p",
        {"jawOpen": 0.05, "mouthClose": 1.0, "mouthPress": 0.65, "mouthRollLower": 0.25, "mouthRollUpper": 0.2},
        _FRONT,
        _AHEAD,
    ),
    ("f v", {"jawOpen": 0.08, "mouthRollLower": 0.75, "mouthUpperUp": 0.5}, _FRONT, _AHEAD),
    ("th", {"jawOpen": 0.2, "tongueOut": 0.5, "mouthLowerDown": 0.3, "mouthUpperUp": 0.2}, _FRONT, _AHEAD),
    ("s z", {"jawOpen": 0.06, "mouthStretch": 0.3, "mouthLowerDown": 0.55, "mouthUpperUp": 0.4}, _FRONT, _AHEAD),
    ("sh ch", {"jawOpen": 0.1, "mouthFunnel": 0.7, "mouthLowerDown": 0.35, "mouthUpperUp": 0.3}, _FRONT, _AHEAD),
    (
        "happy",
        {"mouthSmile": 0.85, "jawOpen": 0.22, "cheekSquint": 0.6, "browInnerUp": 0.15, "browOuterUp": 0.25}
        | {"mouthUpperUp": 0.3},
        _FRONT,
        _AHEAD,
    ),
    ("warm", {"mouthSmile": 0.45, "cheekSquint": 0.2, "browInnerUp": 0.1}, _FRONT, _AHEAD),
    (
        "sad",
        {"mouthFrown": 0.75, "browInnerUp": 0.9, "eyeSquint": 0.2, "mouthShrugLower": 0.3, "eyeBlink": 0.12},
        _FRONT,
        _AHEAD,
    ),
    (
        "surprised",
        {"jawOpen": 0.5, "eyeWide": 0.9, "browInnerUp": 0.8, "browOuterUp": 0.8, "mouthFunnel": 0.25},
        _FRONT,
        _AHEAD,
    ),
    (
        "angry",
        {"browDown": 0.95, "eyeSquint": 0.4, "mouthPress": 0.6, "mouthFrown": 0.35, "noseSneer": 0.4},
        _FRONT,
        _AHEAD,
    ),
    (
        "thinking",
        {"browDownRight": 0.5, "mouthPress": 0.3, "mouthLeft": 0.5, "browOuterUpLeft": 0.8, "browInnerUp": 0.2}
        | {"eyeSquintRight": 0.35},
        (-5.0, 6.0, 4.0),
        (-0.6, 0.7),
    ),
    ("blink", {"eyeBlink": 1.0, "mouthSmile": 0.2}, _FRONT, _AHEAD),
    ("yaw -20", {"mouthSmile": 0.3}, (-20.0, 0.0, 0.0), _AHEAD),
    ("yaw -10, talking", {"jawOpen": 0.4, "mouthSmile": 0.2}, (-10.0, 0.0, -2.0), (0.2, 0.0)),
    ("yaw +20", {"mouthSmile": 0.3}, (20.0, 0.0, 0.0), _AHEAD),
    ("yaw +20, talking", {"jawOpen": 0.5, "mouthFunnel": 0.3}, (20.0, 0.0, 3.0), (-0.4, 0.0)),
    ("pitch +12", {"mouthSmile": 0.2}, (0.0, 12.0, 0.0), _AHEAD),
    ("pitch -12", {"mouthSmile": 0.2}, (0.0, -12.0, 0.0), (0.0, -0.2)),
    ("roll 10", {"mouthSmile": 0.4}, (6.0, 2.0, 10.0), _AHEAD),
    ("gaze left", {}, _FRONT, (-1.0, 0.0)),
    ("gaze right, down", {}, _FRONT, (0.8, -0.8)),
    (
        "wink (her left)",
        {"eyeBlinkLeft": 1.0, "mouthSmileLeft": 0.8, "cheekSquintLeft": 0.6, "browOuterUpRight": 0.4},
        (4.0, 0.0, 4.0),
        _AHEAD,
    ),
)


def state(name: str) -> FaceState:
    """Return a standard state by its name."""
    for label, shapes, head, gaze in STATES:
        if label == name:
            return FaceState(weights(shapes), head, gaze)
    raise KeyError(name)


def write_sheet(pack: str, path: Path) -> None:
    """Draw the standard states of a character into one PNG.

    Raises:
        UserError: the pack can't be used.
    """
    renderer = open_renderer(pack, 2 * CELL, 2 * CELL)
    renderer.load()
    cells = [_cell(renderer, name, FaceState(weights(shapes), head, gaze)) for name, shapes, head, gaze in STATES]
    renderer.close()
    rows = [np.hstack(cells[i : i + COLUMNS]) for i in range(0, len(cells), COLUMNS)]
    cv2.imwrite(str(path), np.vstack(rows), [cv2.IMWRITE_PNG_COMPRESSION, 9])


def write_preview(pack: str, path: Path) -> None:
    """Draw a character's friendly face as a PNG."""
    renderer = open_renderer(pack, PREVIEW, PREVIEW)
    renderer.load()
    cv2.imwrite(str(path), cv2.cvtColor(renderer.draw(state("warm")), cv2.COLOR_RGBA2BGR))
    renderer.close()


def _cell(renderer: Renderer, name: str, face: FaceState) -> NDArray[np.uint8]:
    large = cv2.cvtColor(renderer.draw(face), cv2.COLOR_RGBA2BGR)
    cell = cv2.resize(large, (CELL, CELL), interpolation=cv2.INTER_AREA)
    cv2.rectangle(cell, (0, 0), (14 + 9 * len(name), 22), (255, 255, 255), -1)
    cv2.putText(cell, name, (6, 16), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (40, 40, 40), 1, cv2.LINE_AA)
    return np.asarray(cell, np.uint8)
