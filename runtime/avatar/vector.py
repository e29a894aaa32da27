"""The vector renderer: a baked rig places the points, ThorVG draws the shapes."""

import ctypes
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runtime.avatar.pack import Pack
from runtime.avatar.rig import Rig
from runtime.avatar.thorvg import ABGR8888, ROUND, ColorStop, Matrix, ThorVg, thorvg
from runtime.core.errors import UserError
from runtime.core.messages import FaceState

ZOOM = 1.10
TOP_CUT = 0.055
"""The canvas is shown this much larger than it is, and this share of the picture's height is cut off at its top."""
CUBIC, MOVE, CLOSE = 3, 1, 0
_K = 0.5522847498
_HALF = np.array([(1, _K), (_K, 1), (0, 1), (-_K, 1), (-1, _K), (-1, 0)], np.float32)
_UNIT_CIRCLE = np.concatenate((np.array([(1, 0)], np.float32), _HALF, -_HALF))
_CIRCLE_COMMANDS = np.array([MOVE, CUBIC, CUBIC, CUBIC, CUBIC, CLOSE], np.uint8)


@dataclass(slots=True)
class _Shape:
    """One retained ThorVG shape and where its numbers are."""

    handle: int
    kind: str
    first: int
    points: int
    commands: NDArray[np.uint8]
    anchors: int
    scalars: int  # radius x, radius y, opacity
    stops: Any = None
    radius: float = 0.0
    turn: tuple[float, float] = (1.0, 0.0)
    opacity: int = -1


class VectorRenderer:
    """Draws a vector pack at one size."""

    def __init__(self, pack: Pack, width: int, height: int) -> None:
        self._pack = pack
        self._width, self._height = width, height
        self._scale = height / pack.manifest.canvas[1] * ZOOM
        self._shift = (width / 2 - pack.manifest.canvas[0] / 2 * self._scale, -height * TOP_CUT)
        self._shapes: list[_Shape] = []
        self._canvas = 0
        self._drawn: tuple[Any, ...] | None = None

    def load(self) -> None:
        """Build the shapes and draw the background once."""
        self._library = thorvg()
        description = self._pack.json("vector/shapes.json")
        palette = [_rgb(colour) for colour in self._pack.json("vector/palette.json")]
        self._buffer = np.zeros((self._height, self._width, 4), np.uint8)
        try:
            self._background = self._paint_background(description["background"], palette)
            rig = self._pack.json("rig.json")
            self._rig = Rig(self._pack.arrays("vector/points.npz"), list(rig["inputs"]))
            self._canvas, self._shapes = self._build(description["figure"], palette)
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise UserError(
                f"The character pack {self._pack.manifest.id!r} is broken: {error!r}.", "Get it anew."
            ) from error

    def draw(self, state: FaceState) -> NDArray[np.uint8]:
        """See `Renderer.draw`. An unchanged state is not drawn again."""
        key = (state.weights.tobytes(), state.head, state.gaze, state.breath)
        if key == self._drawn:
            return self._buffer
        points, scalars = self._rig.place(state)
        pixels = np.ascontiguousarray(points * self._scale + self._shift, np.float32)
        self._update(pixels, scalars)
        np.copyto(self._buffer, self._background)
        self._library.canvas_update(self._canvas)
        self._library.canvas_draw(self._canvas, False)
        self._library.canvas_sync(self._canvas)
        self._drawn = key
        return self._buffer

    def close(self) -> None:
        """Destroy the canvas with its shapes."""
        if self._canvas:
            self._library.canvas_destroy(self._canvas)
            self._canvas, self._shapes = 0, []

    # ------------------------------------------------------------ inside

    def _build(self, shapes: list[dict[str, Any]], palette: list[tuple[int, int, int]]) -> tuple[int, list[_Shape]]:
        """Make a canvas with the shapes in their order; those under one clip share a scene."""
        library = self._library
        canvas = library.swcanvas_create(0)
        library.swcanvas_set_target(canvas, self._buffer.ctypes.data, self._width, self._width, self._height, ABGR8888)
        root = library.scene_new()
        scenes: dict[int, int] = {-1: root}
        made: list[_Shape] = []
        first = 0
        for number, description in enumerate(shapes):
            shape = self._shape(library, description, palette, first, 3 * number)
            first += shape.points + description["anchors"]
            parent = scenes[description["clip"]]
            if shape.kind == "clip":
                scene = library.scene_new()
                library.paint_set_clip(scene, shape.handle)
                library.scene_add(parent, scene)
                scenes[number] = scene
            else:
                library.scene_add(parent, shape.handle)
            made.append(shape)
        library.canvas_add(canvas, root)
        return canvas, made

    def _shape(
        self, library: ThorVg, item: dict[str, Any], palette: list[tuple[int, int, int]], first: int, scalars: int
    ) -> _Shape:
        handle, kind = library.shape_new(), item["kind"]
        commands = _CIRCLE_COMMANDS if kind == "blob" else np.array(item["commands"], np.uint8)
        shape = _Shape(handle, kind, first, item["points"], commands, first + item["points"], scalars)
        if kind == "clip":
            library.shape_set_fill_color(handle, 255, 255, 255, 255)
        elif kind == "solid":
            library.shape_set_fill_color(handle, *palette[item["colour"]], round(255 * item["alpha"]))
        elif kind == "stroke":
            library.shape_set_stroke_width(handle, item["width"] * self._scale)
            library.shape_set_stroke_color(handle, *palette[item["colour"]], round(255 * item["alpha"]))
            library.shape_set_stroke_cap(handle, ROUND)
            library.shape_set_stroke_join(handle, ROUND)
        else:
            stops = [ColorStop(at, *palette[colour], round(255 * alpha)) for colour, alpha, at in item["stops"]]
            shape.stops = (ColorStop * len(stops))(*stops)
            shape.radius = item.get("radius", 1.0) * self._scale
        if kind == "blob":
            turn = math.radians(item["turn_deg"])
            shape.turn = (math.cos(turn), math.sin(turn))
            library.shape_append_path(
                handle, commands.ctypes.data, len(commands), _UNIT_CIRCLE.ctypes.data, len(_UNIT_CIRCLE)
            )
            gradient = library.radial_gradient_new()
            library.radial_gradient_set(gradient, 0, 0, 1, 0, 0, 0)
            library.gradient_set_color_stops(gradient, shape.stops, len(shape.stops))
            library.shape_set_gradient(handle, gradient)
        return shape

    def _update(self, pixels: NDArray[np.float32], scalars: NDArray[np.float32]) -> None:
        """Give every shape its new points, gradient and opacity."""
        library = self._library
        address, xy = pixels.ctypes.data, pixels.tolist()
        values = scalars.tolist()
        for shape in self._shapes:
            opacity = min(255, max(0, round(255 * values[shape.scalars + 2])))
            if opacity != shape.opacity:
                library.paint_set_opacity(shape.handle, opacity)
                shape.opacity = opacity
            if opacity == 0:
                continue
            if shape.kind == "blob":
                self._place_blob(shape, xy[shape.anchors], values[shape.scalars], values[shape.scalars + 1])
                continue
            library.shape_reset(shape.handle)
            library.shape_append_path(
                shape.handle,
                shape.commands.ctypes.data,
                len(shape.commands),
                address + shape.first * 8,
                shape.points,
            )
            if shape.stops is not None:
                self._set_gradient(shape, xy)

    def _place_blob(self, shape: _Shape, centre: list[float], rx: float, ry: float) -> None:
        (cos, sin), scale = shape.turn, self._scale
        rx, ry = max(0.01, rx) * scale, max(0.01, ry) * scale
        matrix = Matrix(cos * rx, -sin * ry, centre[0], sin * rx, cos * ry, centre[1], 0, 0, 1)
        self._library.paint_set_transform(shape.handle, ctypes.byref(matrix))

    def _set_gradient(self, shape: _Shape, xy: list[list[float]]) -> None:
        library = self._library
        if shape.kind == "linear":
            gradient = library.linear_gradient_new()
            library.linear_gradient_set(gradient, *xy[shape.anchors], *xy[shape.anchors + 1])
        else:
            x, y = xy[shape.anchors]
            gradient = library.radial_gradient_new()
            library.radial_gradient_set(gradient, x, y, shape.radius, x, y, 0)
        library.gradient_set_color_stops(gradient, shape.stops, len(shape.stops))
        library.shape_set_gradient(shape.handle, gradient)

    def _paint_background(self, part: dict[str, Any], palette: list[tuple[int, int, int]]) -> NDArray[np.uint8]:
        """Draw what never moves, once."""
        canvas, shapes = self._build(part["shapes"], palette)
        points = np.array(part["places"], np.float32) * self._scale + self._shift
        self._shapes = shapes
        self._update(np.ascontiguousarray(points, np.float32), np.array(part["scalars"], np.float32))
        self._library.canvas_update(canvas)
        self._library.canvas_draw(canvas, True)
        self._library.canvas_sync(canvas)
        self._library.canvas_destroy(canvas)
        return self._buffer.copy()


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
