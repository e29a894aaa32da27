"""The whole figure: background apart, from hair at the back to hair at the front."""

from exporters.ada import palette as c
from exporters.ada.canvas import (
    Canvas,
    Path,
    Point,
    body,
    brush,
    circle,
    closed,
    mix,
    moved,
    open_path,
    outline,
    outlined,
    skin,
    surface,
)
from exporters.ada.eyes import draw_brow, draw_eye
from exporters.ada.hair import draw_hair_back, draw_hair_front
from exporters.ada.mouth import draw_mouth, jaw_drop
from exporters.ada.state import State


def draw_background(canvas: Canvas) -> None:
    """Paint what never moves."""
    ground = Path().spline([body(-1500, -675), body(1500, -675)])
    ground.spline([body(1500, -675), body(1500, 925)], move=False)
    ground.spline([body(1500, 925), body(-1500, 925)], move=False).close()
    canvas.linear(ground, body(-500, -375), body(500, 625), [(c.BACKGROUND[0], 1, 0), (c.BACKGROUND[1], 1, 1)])
    stops = [(c.BACKGROUND[2], 1, 0), (c.BACKGROUND[3], 1, 1)]
    canvas.linear(circle(body(0, 55), 392), body(-300, -295), body(260, 445), stops)


def draw_figure(canvas: Canvas, state: State) -> None:
    """Paint the character in a state, at rest: the head's turn is added when the points are placed."""
    drop = jaw_drop(state)
    jaw = 0.60 * drop
    jaw_side = (state("jawLeft") - state("jawRight")) * 10
    draw_hair_back(canvas)
    _neck(canvas, jaw)
    _clothes(canvas)
    _ear(canvas)
    face = _face_outline(state, jaw, jaw_side)
    with canvas.clip(face):
        _shading(canvas, face, jaw, state)
    _nose(canvas, state)
    draw_mouth(canvas, state)
    for q in (-1, 1):
        draw_eye(canvas, q, state)
    for q in (-1, 1):
        draw_brow(canvas, q, state)
    draw_hair_front(canvas)


def _face_outline(state: State, jaw: float, jaw_side: float) -> Path:
    puff = state("cheekPuff") * 10

    def half(q: int) -> list[Point]:
        wide = puff + 3 * state("mouthSmileLeft" if q > 0 else "mouthSmileRight")
        return [
            outline(q * 98, -165, 38),
            outline(q * 141, -85, 32),
            outline(q * 149, -2, 32),
            outline(q * 147, 52, 36),
            outline(q * (136 + wide), 108, 40),
            outline(q * (110 + wide * 0.6) + jaw_side * 0.3, 168 + jaw * 0.40, 48),
            outline(q * 71 + jaw_side * 0.7, 213 + jaw * 0.85, 78),
            outline(q * 31 + jaw_side, 235 + jaw * 0.99, 100),
        ]

    return closed([outline(0, -195, 55), *half(1), outline(jaw_side, 241 + jaw, 106), *half(-1)[::-1]])


def _neck(canvas: Canvas, jaw: float) -> None:
    def between(x: float, y: float, share: float) -> Point:
        return mix(body(x, y, -10), outline(x, y, -10), share)

    left = [between(-67, 140, 1), between(-66, 210, 0.9), between(-66, 262, 0.55), between(-76, 318, 0.15)]
    right = [between(76, 318, 0.15), between(66, 262, 0.55), between(66, 210, 0.9), between(67, 140, 1)]
    neck = outlined(
        [*left, body(-108, 352), body(-190, 388)],
        [body(-190, 388), body(-120, 560)],
        [body(-120, 560), body(120, 560)],
        [body(120, 560), body(190, 388)],
        [body(190, 388), body(108, 352), *right],
    )
    canvas.linear(neck, body(-80, 300), body(90, 330), [(c.SKIN, 1, 0), ("#E3A98B", 1, 0.5), (c.SKIN_SHADE, 1, 1)])
    with canvas.clip(neck):
        shadow = outlined(
            [
                outline(-120, 120, 10),
                outline(-92, 205 + jaw * 0.5, 40),
                outline(-40, 262 + jaw * 0.9, 60),
                outline(20, 282 + jaw * 0.9, 70),
                outline(70, 262 + jaw * 0.8, 40),
                outline(110, 200, 20),
                outline(120, 120, 10),
            ]
        )
        canvas.linear(shadow, outline(-80, 200, 20), outline(80, 280, 20), [("#B26E5C", 0.9, 0), ("#8E4A44", 0.95, 1)])
        fade = (body(0, 290), body(0, 400))
        canvas.linear(
            brush([between(44, 256, 0.5), body(34, 316), body(16, 368), body(6, 392)], 7),
            *fade,
            [("#B5705E", 0, 0), ("#B5705E", 0.45, 1)],
        )
        canvas.linear(
            brush([between(-46, 262, 0.5), body(-34, 322), body(-18, 372), body(-8, 392)], 6),
            *fade,
            [("#C98873", 0, 0), ("#C98873", 0.45, 1)],
        )
        canvas.blob(body(0, 392), 26, 16, "#B5705E", 0.35)
        canvas.blob(body(-95, 398), 70, 22, "#FBE0C9", 0.5)


def _clothes(canvas: Canvas) -> None:
    chain = [body(-70, 352, 10), body(-46, 398, 16), body(0, 424, 20), body(46, 398, 16), body(70, 352, 10)]
    canvas.stroke(open_path(chain), c.GOLD, 2.2, 0.95)
    canvas.fill(circle(body(0, 431, 22), 7.5), "#C98F35")
    canvas.fill(circle(body(-1, 430, 22), 6), "#F3D08A")
    collar = [body(-96, 362), body(-104, 430, 10), body(-50, 478, 18), body(0, 488, 20)]
    collar += [body(50, 478, 18), body(104, 430, 10), body(96, 362)]
    bottom = [[body(96, 362), body(200, 640)], [body(200, 640), body(-200, 640)], [body(-200, 640), body(-96, 362)]]
    canvas.linear(
        outlined(collar, *bottom),
        body(-120, 420),
        body(120, 560),
        [(c.TOP, 1, 0), ("#EBD6BE", 1, 0.5), (c.TOP_SHADE, 1, 1)],
    )
    hem = [body(-112, 404, 8), body(-52, 473, 18), body(0, 485, 20), body(52, 473, 18), body(112, 404, 8)]
    canvas.stroke(open_path(hem), "#FFF6EA", 5, 0.9)
    canvas.stroke(open_path(moved(hem, 0, 9)), "#BE9D82", 2, 0.45)
    for x in (-40, 30):
        canvas.fill(brush([body(x, 520, 16), body(x * 0.8 + 6, 560, 16), body(x * 0.5, 600, 16)], 4), "#B99377", 0.35)
    for q in (-1, 1):
        _coat(canvas, q)
    canvas.fill(brush([body(-130, 362), body(-236, 396), body(-308, 432), body(-344, 490)], 3.2), "#8FD0CF", 0.6)
    canvas.fill(brush([body(240, 395), body(310, 430), body(350, 494), body(366, 570)], 3.2), "#F0A486", 0.55)


def _coat(canvas: Canvas, q: int) -> None:
    shoulder = [body(q * x, y) for x, y in ((84, 338), (150, 366), (236, 392), (312, 428), (352, 492), (372, 600))]
    coat = outlined(
        shoulder,
        [body(q * 372, 600), body(q * 372, 660)],
        [body(q * 372, 660), body(q * 60, 660)],
        [body(q * 60, 660), body(q * 96, 520, 14), body(q * 112, 430, 10), body(q * 84, 338)],
    )
    if q < 0:
        stops = [(c.COAT_LIGHT, 1.0, 0.0), (c.COAT, 1.0, 0.55), (c.COAT_DARK, 1.0, 1.0)]
        canvas.linear(coat, body(-330, 380), body(-80, 640), stops)
    else:
        stops = [(c.COAT, 1.0, 0.0), ("#1A4852", 1.0, 0.5), (c.COAT_DARK, 1.0, 1.0)]
        canvas.linear(coat, body(90, 380), body(360, 640), stops)
    seam = [body(q * 286, 414), body(q * 276, 480), body(q * 282, 550), body(q * 290, 620)]
    canvas.fill(brush(seam, 3.2), c.COAT_DARK, 0.6)
    upper = [body(q * 84, 334), body(q * 118, 366, 6), body(q * 168, 420, 10)]
    lower = [body(q * 176, 462, 14), body(q * 120, 540, 18), body(q * 58, 640, 18)]
    inner = [body(q * 58, 640, 18), body(q * 84, 540, 18), body(q * 104, 440, 12), body(q * 84, 334)]
    parts = [
        upper,
        [body(q * 168, 420, 10), body(q * 142, 438, 14)],
        [body(q * 142, 438, 14), body(q * 176, 462, 14)],
        lower,
        inner,
    ]
    canvas.fill(outlined(*(moved(part, q * 5, 6) for part in parts)), "#0B2328", 0.35)
    light = c.COAT_LIGHT if q < 0 else "#276570"
    stops = [(light, 1.0, 0.0), (c.COAT, 1.0, 0.6), (c.COAT_DARK, 1.0, 1.0)]
    canvas.linear(outlined(*parts), body(q * 80, 340), body(q * 150, 600), stops)
    edge = "#6FB0B5" if q < 0 else "#3F8089"
    canvas.stroke(open_path(upper), edge, 2, 0.6)
    canvas.stroke(open_path(lower), edge, 2, 0.5)


def _ear(canvas: Canvas) -> None:
    shell: tuple[tuple[float, ...], ...] = (
        (138, 2, 0),
        (150, -14, -14),
        (163, -10, -24),
        (167, 14, -26),
        (162, 44, -20),
    )
    shell += ((167, 14, -26), (162, 44, -20), (154, 66, -10), (147, 80, -4), (138, 78, 2), (136, 40, 2))
    canvas.linear(
        closed([surface(*p) for p in shell]),
        surface(138, 0, -10),
        surface(168, 60, -20),
        [("#DDA085", 1, 0), ("#CE8D74", 1, 1)],
    )
    fold = [surface(145, 6, -8), surface(154, -4, -16), surface(160, 8, -20), surface(158, 32, -18)]
    canvas.fill(brush([*fold, surface(151, 50, -10)], 2.6), c.SKIN_DEEP, 0.75)
    hollow = [surface(145, 26, -6), surface(151, 18, -12), surface(153, 34, -12), surface(147, 48, -4)]
    canvas.fill(closed(hollow), "#8E4A44", 0.55)
    canvas.fill(circle(surface(148, 86, -4), 6.5), "#B97F2C")
    canvas.fill(circle(surface(147, 85, -4), 5), "#F6D58E")


def _shading(canvas: Canvas, face: Path, jaw: float, state: State) -> None:
    base = [(c.SKIN_LIGHT, 1.0, 0.0), ("#F3C7A8", 1.0, 0.35), (c.SKIN, 1.0, 0.62), ("#D99A7F", 1.0, 1.0)]
    canvas.linear(face, outline(-130, -120, 60), outline(130, 215, 60), base)
    shade = [("#C77F69", 0.0, 0.0), ("#C77F69", 0.20, 0.45), ("#B4675A", 0.66, 1.0)]
    canvas.linear(face, skin(66, 40), outline(152, 70, 20), shade)
    edge = [("#C9836C", 0.55, 0.0), ("#D9977C", 0.12, 0.6), ("#D9977C", 0.0, 1.0)]
    canvas.linear(face, outline(-152, 40, 20), outline(-96, 50, 40), edge)
    under = [("#B96E5E", 0.55, 0.0), ("#C9836C", 0.15, 0.55), ("#D9977C", 0.0, 1.0)]
    canvas.linear(face, outline(0, 246 + jaw, 100), outline(-4, 196 + jaw, 100), under)
    lifted = 0.5 * state.mean("cheekSquint") + 0.5 * state.mean("mouthSmile")
    canvas.blob(skin(-30, -100), 110, 70, "#FFEBD8", 0.55)
    canvas.blob(skin(-86, 58 - 8 * lifted), 46, 31, "#FFE9D6", 0.60, -20)
    canvas.blob(skin(78, 60 - 8 * lifted), 32, 23, "#FFDDC4", 0.42, 20)
    canvas.blob(skin(-6, 214 + jaw * 0.95, 14), 34, 20, "#FFE0C8", 0.5)
    glow = 0.36 + 0.20 * lifted
    canvas.blob(skin(-92, 84 - 8 * lifted), 54, 38, c.BLUSH, glow, -14)
    canvas.blob(skin(92, 84 - 8 * lifted), 48, 38, c.BLUSH, glow, 14)
    canvas.blob(skin(0, 96, 40), 34, 22, c.BLUSH, 0.20)
    for q in (-1, 1):
        canvas.blob(skin(q * 66, -14), 58, 34, "#B8705E", 0.34 if q < 0 else 0.40, -q * 4)
        canvas.blob(skin(q * 40, -6), 22, 32, c.SKIN_DEEP, 0.24)
        canvas.blob(skin(q * 70, 34), 40, 14, "#B8705E", 0.16)
    cast = [
        outline(46, -230, 60),
        skin(10, -146),
        skin(-42, -98),
        skin(-90, -46),
        skin(-124, 22),
        outline(-142, 94, 40),
    ]
    canvas.linear(
        outlined(
            cast,
            [cast[-1], outline(-200, 100)],
            [outline(-200, 100), outline(-150, -240)],
            [outline(-150, -240), cast[0]],
        ),
        skin(-60, -140),
        skin(-40, -92),
        [("#B06452", 0.65, 0), ("#B06452", 0.5, 1)],
    )
    cast = [outline(30, -230, 60), skin(74, -158), skin(112, -100), skin(126, -40), outline(150, 10, 30)]
    canvas.fill(outlined(cast, [cast[-1], outline(200, -100)], [outline(200, -100), cast[0]]), c.SKIN_DEEP, 0.45)


def _nose(canvas: Canvas, state: State) -> None:
    dy = -4 * state.mean("noseSneer")
    canvas.blob(surface(25, 34, 158), 13, 56, "#B96E5A", 0.34)
    canvas.blob(surface(33, 84, 150), 14, 22, "#B96E5A", 0.34)
    canvas.blob(surface(-24, 40, 158), 10, 50, "#C98570", 0.22)
    canvas.blob(surface(-32, 88, 152), 10, 18, "#C98570", 0.2)
    under: tuple[tuple[float, ...], ...] = (
        (-29, 99 + dy, 176),
        (-16, 103, 198),
        (0, 110, 206),
        (16, 103, 198),
        (29, 99 + dy, 176),
    )
    under += ((16, 103, 198), (29, 99 + dy, 176), (20, 116 + dy * 0.5, 178), (0, 121, 186), (-20, 116 + dy * 0.5, 178))
    canvas.linear(
        closed([surface(*p) for p in under]),
        surface(0, 96, 206),
        surface(0, 122, 190),
        [("#C77F69", 0.25, 0), ("#A85F50", 0.85, 1)],
    )
    canvas.blob(surface(12, 124, 160), 34, 12, c.SKIN_DEEP, 0.35)
    for q in (-1, 1):
        wing = ((27, 86 + dy, 182), (34, 95 + dy, 170), (33, 107 + dy, 166), (25, 112 + dy, 174))
        canvas.fill(brush([surface(q * x, y, z) for x, y, z in wing], 2.4), "#8E4A44", 0.55 if q < 0 else 0.75)
        hole = ((8, 111 + dy * 0.4, 196), (15, 106 + dy * 0.7, 192), (22, 108 + dy, 184), (17, 113.5 + dy * 0.7, 184))
        canvas.fill(closed([surface(q * x, y, z) for x, y, z in hole]), "#6B2E2E", 0.85)
    canvas.blob(surface(-5, 84, 208), 13, 11, "#FFF3E6", 0.85)
    canvas.blob(surface(-5, 30, 188), 8, 46, "#FFF0E0", 0.62)
    canvas.blob(surface(-22, 92, 188), 7, 7, "#FFE7D4", 0.4)
    canvas.blob(skin(0, 133, 10), 8, 13, "#B96E5A", 0.28)
