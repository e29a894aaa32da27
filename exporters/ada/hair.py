"""Ada's hair: a mass behind, a sweep on either side and locks that hang apart, each swaying more towards its tip."""

from collections.abc import Sequence

from exporters.ada import palette as c
from exporters.ada.canvas import Canvas, Point, Points, along, brush, closed, moved, outline, outlined

_BACK_STRANDS = ((-186, -196, 0.5), (-160, -172, 0.35), (182, 196, 0.55), (158, 178, 0.35), (196, 214, 0.4))
# how far across, from, to, half width, colour, opacity
_LEFT_STRANDS = (
    (0.02, 0.03, 0.99, 5.5, "#231218", 0.70),
    (0.20, 0.02, 0.95, 4, "#2A161C", 0.42),
    (0.40, 0.02, 0.97, 5, "#2A161C", 0.42),
    (0.62, 0.03, 1, 4, "#2A161C", 0.40),
    (0.80, 0.05, 1, 5, "#2A161C", 0.40),
    (0.11, 0.06, 0.52, 4, "#A9644F", 0.55),
    (0.30, 0.08, 0.50, 5, "#C07C60", 0.50),
    (0.50, 0.10, 0.46, 4, "#C98663", 0.50),
    (0.70, 0.12, 0.46, 5, "#B9735A", 0.50),
    (0.90, 0.14, 0.52, 4, "#C98663", 0.55),
    (0.34, 0.14, 0.34, 2, "#F3C39C", 0.60),
    (0.55, 0.16, 0.34, 2.2, "#F3C39C", 0.55),
    (0.30, 0.62, 0.96, 4, "#8A4F45", 0.50),
    (0.70, 0.58, 0.97, 5, "#9A5A4C", 0.50),
    (0.50, 0.66, 0.92, 2.4, "#C07C60", 0.50),
    (0.10, 0.66, 0.97, 3, "#7A453F", 0.50),
)
_RIGHT_STRANDS = (
    (0.03, 0.03, 0.97, 4.5, "#231218", 0.70),
    (0.32, 0.03, 0.97, 4, "#2A161C", 0.45),
    (0.60, 0.03, 1, 4, "#2A161C", 0.40),
    (0.82, 0.03, 1, 4, "#2A161C", 0.40),
    (0.20, 0.12, 0.72, 4, "#9A5A4C", 0.55),
    (0.46, 0.12, 0.70, 5, "#A9644F", 0.50),
    (0.72, 0.14, 0.74, 5, "#9A5A4C", 0.50),
    (0.50, 0.24, 0.50, 2, "#E3A27C", 0.50),
)


def _hang(y: float) -> float:
    """Return how far hair at height y hangs freely: not at all above the ears, wholly at the tips."""
    return max(0.0, min(1.1, (y - 40) / 310))


def _hair(x: float, y: float, z: float = -40.0) -> Point:
    return outline(x, y, z, _hang(y))


def draw_hair_back(canvas: Canvas) -> None:
    """Paint the mass behind the head, in three hanging parts."""
    back = [(20, -238, -10), (92, -228, -20), (160, -182, -30), (194, -92, -40), (203, 10, -40), (208, 100, -40)]
    back += [(221, 185, -40), (214, 262, -40), (226, 326, -30), (206, 372, -30), (178, 404, -30), (150, 386, -36)]
    back += [(118, 404, -40), (60, 398, -60), (-60, 398, -60), (-116, 404, -40), (-150, 384, -36), (-184, 402, -30)]
    back += [(-216, 372, -30), (-234, 334, -30), (-214, 262, -40), (-224, 185, -40), (-210, 100, -40), (-203, 10, -40)]
    back += [(-194, -92, -40), (-160, -184, -30), (-92, -228, -20)]
    stops = [(c.HAIR, 1.0, 0.0), (c.HAIR_DARK, 1.0, 0.55), ("#1F1016", 1.0, 1.0)]
    canvas.linear(closed([_hair(*p) for p in back]), outline(-200, -200), outline(200, 330), stops)
    for x0, x1, alpha in _BACK_STRANDS:
        pts = [(x0, 40), (x0 * 1.03, 120), ((x0 + (x1 - x0) * 0.6) * 1.06, 210), (x1 * 0.98, 280), (x1 * 1.04, 345)]
        canvas.fill(brush([_hair(x, y) for x, y in pts], 6), c.HAIR_LIGHT, alpha)


def draw_hair_front(canvas: Canvas) -> None:
    """Paint the sweeps over the brow and the locks beside the face."""
    _left_sweep(canvas)
    _right_lock(canvas)
    _right_sweep(canvas)


def _left_sweep(canvas: Canvas) -> None:
    inner = [(40, -200, 92), (2, -158, 118), (-48, -112, 116), (-96, -64, 94), (-130, 0, 60), (-145, 60, 30)]
    inner += [(-150, 120, 16), (-158, 190, 10), (-142, 258, 16), (-128, 330, 20)]
    outer = [(40, -262, 40), (-22, -274, 20), (-102, -256, 0), (-170, -194, -12), (-206, -98, -18), (-212, 0, -18)]
    outer += [(-202, 88, -12), (-224, 172, -6), (-222, 256, 2), (-180, 338, 16)]
    near, far = [_hair(*p) for p in inner], [_hair(*p) for p in outer]
    tip = _hair(-134, 382, 24)
    shadow = outlined(moved([*near[7:], tip], 10, 10), moved([tip, *far[:6:-1]], 10, 10))
    canvas.fill(shadow, "#0A1A1E", 0.28)
    mass = outlined([*near, tip], [tip, *far[::-1]], [far[0], near[0]])
    stops = [("#6B3C3A", 1.0, 0.0), (c.HAIR, 1.0, 0.3), ("#3B2127", 1.0, 0.6), ("#4F2C2E", 1.0, 0.8)]
    canvas.linear(mass, outline(-40, -260), outline(-190, 300), [*stops, (c.HAIR_DARK, 1, 1)])
    with canvas.clip(mass):
        canvas.blob(outline(-112, -168, 20), 128, 58, "#B8704F", 0.62, -44)
        canvas.blob(outline(-96, -186, 20), 84, 22, "#EBAF86", 0.50, -42)
        canvas.blob(_hair(-196, 196, 0), 34, 74, c.HAIR_LIGHT, 0.65, 8)
    _strands(canvas, near, far, _LEFT_STRANDS)
    lock = [_hair(-176, 120, 4), _hair(-196, 200, 4), _hair(-170, 280, 8), _hair(-186, 350, 8), _hair(-206, 388, 4)]
    canvas.linear(
        brush(lock, 15, [0.2, 0.9, 1, 0.7, 0.05]),
        outline(-170, 120),
        outline(-200, 380),
        [("#5A3334", 0.0, 0), ("#6B3C3A", 0.9, 0.35), (c.HAIR, 1, 1)],
    )
    canvas.fill(brush([p + (lock[0] * 0) for p in moved(lock[1:4], -4, 0)], 2.4), "#C07C60", 0.5)


def _right_lock(canvas: Canvas) -> None:
    """Paint the lock that falls over the shoulder on the viewer's right."""
    lock = [_hair(186, 60, -20), _hair(200, 150, -16), _hair(186, 230, -10), _hair(204, 310, -6), _hair(178, 384, -4)]
    canvas.fill(brush(moved(lock[1:], 7, 8), 17, [0.3, 0.9, 0.8, 0.05]), "#0A1A1E", 0.25)
    canvas.linear(
        brush(lock, 22, [0.25, 0.85, 1, 0.8, 0.05]),
        outline(180, 60),
        outline(200, 380),
        [(c.HAIR_DARK, 1, 0), ("#4F2C2E", 1, 0.5), (c.HAIR_DARK, 1, 1)],
    )
    for shift, colour, alpha in ((-7, "#9A5A4C", 0.55), (3, "#C07C60", 0.4), (9, "#231218", 0.5)):
        canvas.fill(brush(moved(lock[:4], shift, 6), 2.6), colour, alpha)


def _right_sweep(canvas: Canvas) -> None:
    inner = [(36, -200, 92), (74, -166, 98), (108, -120, 80), (132, -70, 54), (147, -18, 22), (156, 22, 0)]
    outer = [(36, -262, 40), (92, -262, 14), (150, -222, -8), (190, -140, -16), (206, -40, -22), (196, 44, -30)]
    near, far = [outline(*p) for p in inner], [outline(*p) for p in outer]
    # The lower edge leaves the ear free: it runs up and over it instead of being cut out by the ear's shape.
    edge = [near[-1], outline(158, -6, -6), outline(172, -14, -14), outline(182, 12, -22), far[-1]]
    mass = outlined(near, edge, far[::-1], [far[0], near[0]])
    stops = [("#5C3335", 1.0, 0.0), ("#452629", 1.0, 0.45), (c.HAIR_DARK, 1.0, 1.0)]
    canvas.linear(mass, outline(60, -250), outline(190, 20), stops)
    with canvas.clip(mass):
        canvas.blob(outline(128, -158, 10), 74, 30, "#A9644F", 0.55, 52)
        _strands(canvas, near, far, _RIGHT_STRANDS)
    canvas.fill(brush(along(far, [0.25, 0.45, 0.65, 0.85, 1]), 2.6), "#F7BE98", 0.75)


def _strands(
    canvas: Canvas, near: Points, far: Points, strands: Sequence[tuple[float, float, float, float, str, float]]
) -> None:
    """Paint strands that run along a mass of hair, `across` of the way from its near to its far edge."""
    for across, start, end, width, colour, alpha in strands:
        shares = [start + (end - start) * k / 5 for k in range(6)]
        line = [a + (b - a) * across for a, b in zip(along(near, shares), along(far, shares), strict=True)]
        canvas.fill(brush(line, width), colour, alpha)
