"""What the figure is drawn on: a recorder of shapes whose points carry depth.

A point is (x, y, z, silhouette, body, sway): its place at rest on the 1000x1000 canvas around the face's centre, how
much it moves as a silhouette point or a body point instead of a surface point (0..1 each), and how far it hangs by
gravity as hair does. All are linear, so splines of points carry them along.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Point = NDArray[np.float64]
Points = list[Point]
Stop = tuple[str, float, float]  # colour #RRGGBB, opacity 0..1, place 0..1

MOVE, LINE, CUBIC, CLOSE = 1, 2, 3, 0
_CIRCLE = 0.5522847498


def surface_depth(x: float, y: float) -> float:
    """Return the depth of the face's surface at (x, y)."""
    return 158 - 0.0036 * x * x - 0.0007 * (y - 60) ** 2


def surface(x: float, y: float, z: float) -> Point:
    """Return a point of the head at depth z, foreshortened as the head turns."""
    return np.array((x, y, z, 0.0, 0.0, 0.0))


def skin(x: float, y: float, lift: float = 0.0) -> Point:
    """Return a point on the face's surface, lifted off it by `lift`."""
    return surface(x, y, surface_depth(x, y) + lift)


def outline(x: float, y: float, z: float = 0.0, sway: float = 0.0) -> Point:
    """Return a point of a silhouette: it is shifted by its depth but not foreshortened."""
    return np.array((x, y, z, 1.0, 0.0, sway))


def body(x: float, y: float, z: float = 0.0) -> Point:
    """Return a point of the body: it breathes and turns a little with the head."""
    return np.array((x, y, z, 0.0, 1.0, 0.0))


def mix(a: Point, b: Point, share: float) -> Point:
    """Return the point `share` of the way from a to b."""
    return np.asarray(a + (b - a) * share)


def moved(points: Sequence[Point], dx: float, dy: float) -> Points:
    """Return points shifted on the canvas."""
    return [point + np.array((dx, dy, 0, 0, 0, 0)) for point in points]


@dataclass
class Path:
    """Commands and the points they use, as ThorVG takes them."""

    commands: list[int] = field(default_factory=list)
    points: Points = field(default_factory=list)

    def spline(self, through: Sequence[Point], move: bool = True, line: bool = False) -> "Path":
        """Add a Catmull-Rom spline, as cubic curves, through points."""
        if move or line:
            self.commands.append(MOVE if move else LINE)
            self.points.append(through[0])
        last = len(through) - 1
        for i in range(last):
            p0, p1, p2, p3 = (through[max(0, min(last, k))] for k in (i - 1, i, i + 1, i + 2))
            self.commands.append(CUBIC)
            self.points += [p1 + (p2 - p0) / 6, p2 - (p3 - p1) / 6, p2]
        return self

    def close(self) -> "Path":
        """Close the path."""
        self.commands.append(CLOSE)
        return self


def open_path(points: Sequence[Point]) -> Path:
    """Return an open spline."""
    return Path().spline(points)


def closed(points: Sequence[Point]) -> Path:
    """Return a closed spline through points."""
    path, n = Path([MOVE], [points[0]]), len(points)
    for i in range(n):
        p0, p1, p2, p3 = (points[k % n] for k in (i - 1, i, i + 1, i + 2))
        path.commands.append(CUBIC)
        path.points += [p1 + (p2 - p0) / 6, p2 - (p3 - p1) / 6, p2]
    return path.close()


def outlined(*parts: Sequence[Point]) -> Path:
    """Return a closed path of splines that share their end points."""
    path = Path()
    for index, part in enumerate(parts):
        path.spline(part, move=index == 0)
    return path.close()


def brush(points: Sequence[Point], width: float, profile: Sequence[float] | None = None) -> Path:
    """Return a brush stroke along points, `width` its greatest half width, thin at its ends unless told."""
    n, left, right = len(points), [], []
    for i, point in enumerate(points):
        before, after = points[max(i - 1, 0)], points[min(i + 1, n - 1)]
        dx, dy = after[0] - before[0], after[1] - before[1]
        length = math.hypot(dx, dy) or 1.0
        half = (profile[i] if profile else math.sin(math.pi * i / (n - 1))) * width
        normal = np.array((-dy / length * half, dx / length * half, 0, 0, 0, 0))
        left.append(point + normal)
        right.append(point - normal)
    return Path().spline(left).spline(right[::-1], move=False, line=True).close()


def circle(centre: Point, radius_x: float, radius_y: float | None = None) -> Path:
    """Return an ellipse around a point."""
    rx, ry = radius_x, radius_x if radius_y is None else radius_y

    def at(x: float, y: float) -> Point:
        return np.asarray(centre + np.array((x * rx, y * ry, 0, 0, 0, 0)))

    k = _CIRCLE
    corners = [(1, 0, 1, k, k, 1), (0, 1, -k, 1, -1, k), (-1, 0, -1, -k, -k, -1), (0, -1, k, -1, 1, -k)]
    path = Path([MOVE], [at(1, 0)])
    for i, (_, _, ax, ay, bx, by) in enumerate(corners):
        x, y = corners[(i + 1) % 4][:2]
        path.commands.append(CUBIC)
        path.points += [at(ax, ay), at(bx, by), at(x, y)]
    return path.close()


def along(points: Sequence[Point], shares: Sequence[float]) -> Points:
    """Return the points at shares 0..1 of a Catmull-Rom spline through points."""
    n, out = len(points) - 1, []
    for share in shares:
        i = min(int(share * n), n - 1)
        f = share * n - i
        a, b, c, d = (points[max(0, min(n, k))] for k in (i - 1, i, i + 1, i + 2))
        out.append(0.5 * (2 * b + (c - a) * f + (2 * a - 5 * b + 4 * c - d) * f**2 + (3 * b - a - 3 * c + d) * f**3))
    return out


@dataclass
class Shape:
    """One recorded shape. `paint` is its fixed description; what moves is in points, anchors, radii and opacity."""

    path: Path
    paint: dict[str, object]
    anchors: Points = field(default_factory=list)
    radii: tuple[float, float] = (1.0, 1.0)
    opacity: float = 1.0
    clip: int = -1


class Canvas:
    """Records shapes in the order in which they are painted; a clip covers the shapes drawn inside its `with`."""

    def __init__(self) -> None:
        self.shapes: list[Shape] = []
        self._clips: list[int] = []

    def fill(self, path: Path, colour: str, alpha: float = 1.0, opacity: float = 1.0) -> None:
        """Paint in one colour; `alpha` is fixed, `opacity` may move and is brought to 0..1 when drawn."""
        self._add(Shape(path, {"kind": "solid", "colour": colour, "alpha": alpha}, opacity=opacity))

    def stroke(self, path: Path, colour: str, width: float, alpha: float = 1.0, opacity: float = 1.0) -> None:
        """Draw a line of a width."""
        paint = {"kind": "stroke", "colour": colour, "alpha": alpha, "width": width}
        self._add(Shape(path, paint, opacity=opacity))

    def linear(self, path: Path, start: Point, end: Point, stops: Sequence[Stop], opacity: float = 1.0) -> None:
        """Paint with a linear gradient between two points."""
        self._add(Shape(path, {"kind": "linear", "stops": list(stops)}, [start, end], opacity=opacity))

    def radial(self, path: Path, centre: Point, radius: float, stops: Sequence[Stop], opacity: float = 1.0) -> None:
        """Paint with a radial gradient around a point."""
        paint = {"kind": "radial", "stops": list(stops), "radius": radius}
        self._add(Shape(path, paint, [centre], opacity=opacity))

    def blob(
        self, centre: Point, rx: float, ry: float, colour: str, opacity: float, turn_deg: float = 0.0, hard: float = 0.0
    ) -> None:
        """Paint a soft ellipse."""
        stops = [(colour, 1.0, hard), (colour, 0.55, 0.5 + hard / 2), (colour, 0.0, 1.0)]
        paint = {"kind": "blob", "stops": stops, "turn_deg": turn_deg}
        self._add(Shape(Path(), paint, [centre], (rx, ry), opacity))

    def clip(self, path: Path) -> "Canvas":
        """Clip what is drawn inside the `with` to a path."""
        self._add(Shape(path, {"kind": "clip"}))
        self._clips.append(len(self.shapes) - 1)
        return self

    def __enter__(self) -> "Canvas":
        return self

    def __exit__(self, *_: object) -> None:
        self._clips.pop()

    def _add(self, shape: Shape) -> None:
        shape.clip = self._clips[-1] if self._clips else -1
        self.shapes.append(shape)
