"""Ada's eyes and brows. q = -1 is the viewer's left (the subject's right eye), +1 the viewer's right."""

import math
from collections.abc import Callable, Sequence

from exporters.ada import palette as c
from exporters.ada.canvas import (
    Canvas,
    Path,
    Point,
    Points,
    brush,
    circle,
    open_path,
    outlined,
    skin,
    surface,
    surface_depth,
)
from exporters.ada.state import State, clamp, lerp, side

_IRIS_RADIUS = 23.0
_UPPER = ((-36, 8), (-23, -13), (0, -24), (23, -18), (40, -4))
_LOWER = ((-36, 8), (-16, 16), (5, 18.5), (25, 12), (40, -4))
_SHUT = ((-36, 8), (-18, 13), (2, 16.5), (24, 11.5), (40, -1))


def draw_eye(canvas: Canvas, q: int, state: State) -> None:
    """Paint one eye with its lids and lashes."""
    name = side(q)
    gy = state.gaze[1]
    blink = clamp(state(f"eyeBlink{name}"))
    squint = clamp(
        0.75 * state(f"eyeSquint{name}") + 0.35 * state(f"cheekSquint{name}") + 0.22 * state(f"mouthSmile{name}")
    )
    wide = state(f"eyeWide{name}")
    rest = 0.15 * (1 - wide)
    lid = rest + (1 - rest) * blink + (0.19 * -gy + 0.05 * gy * gy) * (1 - blink)

    def at(u: float, v: float, lift: float = 0.0) -> Point:
        return skin(q * (70 + u * 1.10), 9 + v * 1.10, lift)

    open_lid = [(u, v - w * wide) for (u, v), w in zip(_UPPER, (0, 0, 6, 5, 0), strict=True)]
    lower = [(u, v + w * wide) for (u, v), w in zip(_LOWER, (0, 1.5, 2, 1.5, 0), strict=True)]
    inner = range(1, 4)
    lower = [(u, lerp(v, -2 + v * 0.35, 0.62 * squint)) if i in inner else (u, v) for i, (u, v) in enumerate(lower)]
    shut = [(u, lerp(v, v * 0.35 - 1, 0.62 * squint)) if i in inner else (u, v) for i, (u, v) in enumerate(_SHUT)]
    upper = [
        (lerp(a[0], b[0], lid), lerp(a[1], b[1], lid) + (4 * squint * (1 - lid) if i in inner else 0))
        for i, (a, b) in enumerate(zip(open_lid, shut, strict=True))
    ]
    top, bottom = [at(*p, 4) for p in upper], [at(*p, 3) for p in lower]
    crease = [(-37, 2), (-26, lerp(-22, -15, blink)), (0, lerp(-36 - 6 * wide, -27, blink))]
    crease += [(25, lerp(-29 - 5 * wide, -22, blink)), (46, -9)]
    fold = [at(*p, 5) for p in crease]
    canvas.linear(
        outlined(fold, [fold[-1], top[-1]], top[::-1]),
        at(0, -38),
        at(0, lerp(-18, 14, lid)),
        [("#C98873", 0.25, 0), ("#C07A67", 0.85, 1)],
    )
    canvas.blob(at(-4, lerp(-26, -8, blink), 8), 20, 9, "#FFE3D0", 0.35 * blink)
    with canvas.clip(outlined(top, bottom[::-1])):
        _eyeball(canvas, q, state, top, upper)
    canvas.stroke(open_path(bottom), "#F6C9B8", 2.6, 0.85, 1 - blink)
    canvas.stroke(open_path(bottom[1:]), "#7A3F3C", 1.5, 0.55)
    _lashes(canvas, at, upper, shut, blink)
    canvas.fill(brush(fold, 1.9, [0.1, 0.8, 1, 0.9, 0.2]), "#8E4A44", 0.75, 1 - 0.6 * blink)
    bag = [at(-22, 26 - 3 * squint), at(2, 31 - 4 * squint), at(28, 24 - 3 * squint)]
    canvas.fill(brush(bag, 2), c.SKIN_DEEP, 0.5, 1.4 * squint - 0.05)


def _eyeball(canvas: Canvas, q: int, state: State, top: Points, upper: list[tuple[float, float]]) -> None:
    gx, gy = state.gaze

    def at(u: float, v: float, lift: float = 0.0) -> Point:
        return skin(q * (70 + u * 1.10), 9 + v * 1.10, lift)

    white = [(c.SCLERA, 1.0, 0.0), ("#F4EAE4", 1.0, 0.6), (c.SCLERA_SHADE, 1.0, 1.0)]
    canvas.radial(circle(at(2, 0), 62, 48), at(2, 0), 44, white)
    x, y = q * 70 + gx * 15, 7 - gy * 10
    depth = surface_depth(q * 70, 8) + 10
    narrow = math.cos(math.radians(gx * 32))

    def iris(dx: float, dy: float) -> Point:
        return surface(x + dx * narrow, y + dy, depth)

    stops = [(c.IRIS_LIGHT, 1.0, 0.1), (c.IRIS, 1.0, 0.5), ("#2F6B69", 1.0, 0.78), (c.IRIS_DARK, 1.0, 0.98)]
    ring = circle(iris(0, 0), _IRIS_RADIUS * narrow, _IRIS_RADIUS)
    canvas.radial(ring, iris(0, 5), _IRIS_RADIUS * 1.15, stops)
    fibres = Path()
    for k in range(14):
        angle = k * 2 * math.pi / 14 + 0.2
        ends = [
            iris(11 * math.cos(angle), 11 * math.sin(angle)),
            iris(18 * math.cos(angle + 0.06), 18 * math.sin(angle + 0.06)),
        ]
        fibres.spline(ends)
    canvas.stroke(fibres, "#CFEBD2", 1.1, 0.35)
    canvas.fill(circle(iris(0, 0), 10.2 * narrow, 10.2), c.PUPIL)
    canvas.stroke(circle(iris(0, 0), (_IRIS_RADIUS - 0.8) * narrow, _IRIS_RADIUS - 0.8), "#122E33", 2.2, 0.85)
    canvas.fill(brush([iris(-13, 11), iris(-5, 16.5), iris(5, 16.5), iris(13, 11)], 3.2), "#D8F2D6", 0.55)
    shade = [at(u, v + (10 if 0 < i < 4 else 1), 6) for i, (u, v) in enumerate(upper)]
    canvas.fill(outlined(top, [top[-1], shade[-1]], shade[::-1]), "#3A1C2A", 0.34)
    canvas.fill(circle(iris(-7, -8.75), 5.5, 4.75), "#FFFFFF", 0.96)
    canvas.fill(circle(iris(7.5, 7.5), 2.6), "#FFFFFF", 0.75)
    canvas.blob(at(-34, 8), 9, 7, "#D9837A", 0.75)


def _lashes(
    canvas: Canvas,
    place: Callable[..., Point],
    upper: Sequence[tuple[float, float]],
    shut: Sequence[tuple[float, float]],
    blink: float,
) -> None:
    widths = [1.2, 3.6, 5.6, 6.4]
    tip = place(50, -13 + 10 * blink, 2)
    top = [place(upper[0][0] - 1, upper[0][1] - 1, 5)]
    top += [place(u + (1.5 if i > 1 else 0), v - widths[i + 1], 5) for i, (u, v) in enumerate(upper[1:4])]
    top += [place(42, upper[4][1] - 5.5 + 2 * blink, 4), tip]
    bottom = [tip, place(39, upper[4][1] + 2.0, 4)]
    bottom += [place(u, v + 0.6, 5) for u, v in upper[3:0:-1]] + [place(upper[0][0] - 1, upper[0][1] - 1, 5)]
    canvas.fill(outlined(top, bottom), c.LASH)
    for u, v, du, dv in ((30, -13, 10, -9), (37, -8, 12, -7)):
        base = lerp(v, shut[3][1] - 3, blink)
        lash = [
            place(u, base, 5),
            place(u + du * 0.6, base + lerp(dv * 0.45, 4, blink), 5),
            place(u + du + 3, base + lerp(dv * 1.15, 7, blink), 3),
        ]
        canvas.fill(brush(lash, 2.1, [1, 0.7, 0.05]), c.LASH)


def draw_brow(canvas: Canvas, q: int, state: State) -> None:
    """Paint one brow, and the folds that it makes."""
    name = side(q)
    raised, lowered, arched = state("browInnerUp"), state(f"browDown{name}"), state(f"browOuterUp{name}")

    def at(u: float, v: float) -> Point:
        t = clamp((u + 40) / 96)
        inward, outer = 1 - t, clamp(t * 1.3)
        lift = outer * outer * (3 - 2 * outer)
        y = v - raised * (20 * inward**1.3 + 3) + lowered * (17 * inward + 6) - arched * 15 * lift
        x = u - lowered * 7 * inward + raised * 2 * inward
        return skin(q * (70 + x * 1.06), 8 + y, 8)

    top = [(-37, -54), (-18, -61), (8, -67), (31, -66), (58, -49)]
    bottom = [(58, -49), (33, -57), (8, -56), (-16, -50), (-38, -43.5)]
    shape = outlined([at(*p) for p in top], [at(*p) for p in bottom], [at(-38, -43.5), at(-41, -48.5), at(-37, -54)])
    canvas.linear(shape, at(-40, -50), at(56, -56), [("#8A5F52", 0.85, 0), (c.BROW, 0.95, 0.34), (c.BROW, 0.95, 1)])
    for u, v, du, dv in ((-36, -46, 3, -7), (-29, -48, 5, -8), (-20, -51, 7, -8)):
        canvas.fill(brush([at(u, v), at(u + du * 0.5, v + dv * 0.6), at(u + du, v + dv)], 1.2), "#2B171C", 0.45)
    frown = [skin(q * 13, -46, 10), skin(q * 11, -34, 12), skin(q * 13, -22, 14)]
    canvas.fill(brush(frown, 2.2), c.SKIN_DEEP, 0.6, 1.1 * lowered - 0.1)
    if q > 0:
        for y in (-104, -90):
            canvas.fill(brush([skin(-34, y + 2), skin(0, y - 3), skin(34, y + 2)], 1.8), "#B96E5A", 0.4, raised - 0.25)
