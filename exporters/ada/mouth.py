"""Ada's mouth: lips from profiles, and behind them the cavity, tongue and teeth.

The inner edge of a lip is y(t) = lerp(corner, centre, (1 - |t|^p)^(1/q)) over t = -1..1 from the viewer's left corner
to the right; a lip's thickness is (1 - |t|^2.1)^0.72 with a cupid's dip.
"""

import math
from dataclasses import dataclass

from exporters.ada import palette as c
from exporters.ada.canvas import Canvas, Path, Point, Points, brush, circle, closed, moved, open_path, outlined, skin
from exporters.ada.state import State, clamp, lerp, side

_ALONG_INNER = (-1, -0.86, -0.62, -0.32, 0, 0.32, 0.62, 0.86, 1)
_BUILT_IN_SMILE = 0.36


def jaw_drop(state: State) -> float:
    """Return by how much the lower teeth sink, in canvas units."""
    return 64 * clamp(state("jawOpen")) * (1 - 0.15 * state("mouthClose"))


@dataclass(frozen=True)
class _Lips:
    """The mouth's measures in one state; lists run from the viewer's left to the right."""

    left: tuple[float, float]
    right: tuple[float, float]
    upper_y: float
    lower_y: float
    upper_thickness: float
    lower_thickness: float
    round: float
    upper_square: float
    lower_square: float
    forward: float
    opening: float  # 0 closed, 1 wide enough to look in
    smile: tuple[float, float]

    @property
    def middle(self) -> float:
        return 0.5 * (self.left[0] + self.right[0])

    @property
    def half(self) -> float:
        return 0.5 * (self.right[0] - self.left[0])

    def corner_y(self, t: float) -> float:
        return lerp(self.left[1], self.right[1], (t + 1) / 2)

    def _edge(self, t: float, centre: float, square: float) -> float:
        share = max(0.0, 1 - abs(t) ** (2 + square)) ** (1 / (1.35 + 0.65 * self.round))
        bow = 3.2 * (1 - clamp(self.opening)) * math.exp(-((t / 0.42) ** 2))
        return lerp(self.corner_y(t), centre, share) + bow

    def upper(self, t: float) -> float:
        return self._edge(t, self.upper_y, self.upper_square)

    def lower(self, t: float) -> float:
        return self._edge(t, self.lower_y, self.lower_square)

    def at(self, x: float, y: float, lift: float = 0.0) -> Point:
        """Return the point of the lips' surface, pushed forward as they protrude."""
        bulge = self.forward * (1 - abs((x - self.middle) / (self.half + 6)) ** 2)
        return skin(x, y, lift + bulge + 8)


def _measure(state: State) -> _Lips:
    jaw, closing = clamp(state("jawOpen")), clamp(state("mouthClose"))
    funnel, pucker = clamp(state("mouthFunnel")), clamp(state("mouthPucker"))
    drop = jaw_drop(state)
    relaxed = _BUILT_IN_SMILE * (1 - pucker) * (1 - funnel) * (1 - state.mean("mouthFrown"))
    smile = {q: relaxed + (1 - relaxed) * state(f"mouthSmile{side(q)}") for q in (-1, 1)}
    mean_smile = 0.5 * (smile[-1] + smile[1])
    raised, lowered, press = state.mean("mouthUpperUp"), state.mean("mouthLowerDown"), state.mean("mouthPress")
    shrug_upper, shrug_lower = state("mouthShrugUpper"), state("mouthShrugLower")
    roll_upper, roll_lower = state("mouthRollUpper"), state("mouthRollLower")
    sideways = (state("mouthLeft") - state("mouthRight")) * 14
    jaw_side = (state("jawLeft") - state("jawRight")) * 10

    def corner(q: int) -> tuple[float, float]:
        name = side(q)
        frown, stretch = state(f"mouthFrown{name}"), state(f"mouthStretch{name}")
        dimple = state(f"mouthDimple{name}")
        x = 53 + 15 * smile[q] + 13 * stretch + 7 * dimple - 18 * funnel * (1 - 0.35 * pucker) - 23 * pucker
        x -= 8 * jaw * (1 - stretch) * (1 - 0.5 * smile[q])
        y = 157.5 + 0.30 * drop * (1 - 0.45 * smile[q]) * (1 - 0.8 * closing) - 17 * smile[q] + 13 * frown
        y += stretch + dimple - 4.5 * raised * (1 - frown) + 1.5 * lowered
        return q * x + sideways + jaw_side * 0.4, y

    left, right = corner(-1), corner(1)
    gap = drop * (1 - 0.97 * closing)
    parted = 1 - closing
    upper = 159.5 - 8 * raised - 7 * funnel * (1 - 0.75 * closing) - 5 * pucker * parted - 3.5 * jaw * parted
    upper += -2.5 * mean_smile * min(1.0, gap / 20 + raised + lowered) - 4 * shrug_upper + press
    lower = 160.5 + drop * closing * 0.55 + gap + 13 * lowered + 8 * funnel * (1 - 0.75 * closing)
    lower += 6 * pucker * parted - 5 * shrug_lower * parted - 2.0 * roll_lower * parted
    upper += drop * closing * 0.50
    opening = (lower - upper - 1) / 10
    if lower < upper:
        upper = lower = 0.5 * (upper + lower)
    rounding = clamp(0.8 * funnel + pucker + 0.12 * jaw)
    square = 1.4 * clamp(raised + 0.4 * mean_smile) * (1 - rounding)
    slim = 1 - 0.45 * press
    upper_thick = 14.6 * (
        slim - 0.28 * mean_smile - 0.75 * roll_upper + 0.34 * pucker + 0.20 * funnel + 0.1 * shrug_upper
    )
    lower_thick = 19.6 * (slim - 0.25 * mean_smile - 0.62 * roll_lower + 0.26 * pucker + 0.18 * funnel)
    stretch = state.mean("mouthStretch")
    return _Lips(
        left=left,
        right=right,
        upper_y=upper,
        lower_y=lower,
        upper_thickness=max(1.5, (upper_thick - 2.9 * stretch) * (1 - 0.12 * jaw)),
        lower_thickness=max(2.0, (lower_thick - 2.9 * stretch) * (1 - 0.10 * jaw)),
        round=rounding,
        upper_square=square,
        lower_square=0.8 * lowered,
        forward=10 * pucker + 9 * funnel,
        opening=opening,
        smile=(smile[-1], smile[1]),
    )


def draw_mouth(canvas: Canvas, state: State) -> None:
    """Paint the mouth in a state."""
    lips = _measure(state)
    mid, half = lips.middle, lips.half
    top = [lips.at(mid + t * half, lips.upper(t)) for t in _ALONG_INNER]
    bottom = [lips.at(mid + t * half, lips.lower(t)) for t in _ALONG_INNER]
    _around(canvas, lips, state)
    inside = outlined(top, bottom[::-1])
    with canvas.clip(inside):
        _inside(canvas, lips, state, inside, top)
    _lips(canvas, lips, state, top, bottom)


def _around(canvas: Canvas, lips: _Lips, state: State) -> None:
    """Paint the soft shading and the folds around the mouth."""
    canvas.blob(skin(lips.middle, lips.lower_y + lips.lower_thickness + 13, 10), 34, 9, c.SKIN_DEEP, 0.40)
    rounded = clamp(state("mouthPucker") + state("mouthFunnel"))
    for q, (x, y), smile in ((-1, lips.left, lips.smile[0]), (1, lips.right, lips.smile[1])):
        name = side(q)
        canvas.blob(skin(x + q * 8, y + 1, 4), 13, 13, c.SKIN_DEEP, 0.32 * (1 - 0.6 * rounded))
        fold = 1.2 * (smile - 0.42) + 0.7 * state(f"mouthDimple{name}") + 0.5 * state(f"noseSneer{name}")
        fold += 0.15 * state(f"mouthStretch{name}")
        line = [
            skin(q * 40, 103, 6),
            skin(q * (58 + 4 * smile), 118 - 4 * smile, 4),
            skin(q * (69 + 9 * smile), 144 - 6 * smile, 2),
            skin(q * (70 + 9 * smile), 166 - 4 * smile, 2),
        ]
        canvas.fill(brush(line, 6.5, [0.05, 0.8, 0.9, 0.05]), "#C9836C", 0.38, fold)
        canvas.fill(brush(line, 2.4, [0.05, 0.9, 0.8, 0.05]), c.SKIN_DEEP, 0.36, fold)


def _inside(canvas: Canvas, lips: _Lips, state: State, inside: Path, top: Points) -> None:
    """Paint the cavity, the tongue and the teeth; all fade in as the mouth opens."""
    mid, half, opening = lips.middle, lips.half, lips.opening
    drop, jaw = jaw_drop(state), clamp(state("jawOpen"))
    rounded = clamp(state("mouthFunnel") + state("mouthPucker"))
    lowered, out = state.mean("mouthLowerDown"), clamp(state("tongueOut"))
    dark = [(c.CAVITY_DARK, 1.0, 0.0), (c.CAVITY_DARK, 1.0, 0.35), (c.CAVITY, 1.0, 1.0)]
    canvas.linear(inside, skin(mid, lips.upper_y), skin(mid, lips.lower_y), dark, opening)
    floor = 161 + drop * 0.93
    tongue_y, height = floor + 3 - 8 * out, 24 + 8 * jaw
    width = min(half * 0.80, 36) * (1 - 0.12 * rounded)
    canvas.linear(
        closed(_tongue(mid, tongue_y, width, height)),
        skin(mid, tongue_y - height * 0.7),
        skin(mid, tongue_y + 16),
        [("#C95F64", 1, 0), (c.TONGUE_DARK, 1, 1)],
        opening,
    )
    groove = [skin(mid, tongue_y - height * 0.6, 2), skin(mid, tongue_y - height * 0.2, 3), skin(mid, tongue_y + 8, 2)]
    canvas.fill(brush(groove, 2), "#7E2A35", 0.5, opening)
    _lower_teeth(canvas, mid, half, floor - 3 + 9 * rounded * (1 - clamp(lowered * 2)), opening)
    edge = 172.0 - 7 * state("mouthFunnel") - 5 * state("mouthPucker") - 3.0 * clamp((drop - 20) / 44)
    _upper_teeth(canvas, mid, half, edge, opening)
    shade = moved(top, 0, 5.5)
    canvas.fill(outlined(top, [top[-1], shade[-1]], shade[::-1]), "#4A1A24", 0.42, opening)
    tip_y = lerp(floor + 6, lips.lower_y - 1, 0.5)
    tip = [(-0.8, tip_y + 20, 0), (-0.75, tip_y - 4, 2), (-0.4, edge - 4, 4), (0, edge - 6, 6), (0.4, edge - 4, 4)]
    tip += [(0.75, tip_y - 4, 2), (0.8, tip_y + 20, 0)]
    canvas.linear(
        closed([skin(mid + u * width, y, lift) for u, y, lift in tip]),
        skin(mid, edge),
        skin(mid, lips.lower_y + 6),
        [("#DE7E7C", 1, 0), (c.TONGUE_DARK, 1, 1)],
        4 * (out - 0.15),
    )


def _tongue(mid: float, y: float, width: float, height: float) -> Points:
    shape = [(-1, 14, -6), (-0.78, -0.45, -4), (-0.3, -0.74, 0), (0, -0.66, 2), (0.3, -0.74, 0), (0.78, -0.45, -4)]
    points = [skin(mid + u * width, y + (v if abs(v) > 1 else v * height), lift) for u, v, lift in shape]
    return [*points, skin(mid + width, y + 14, -6), skin(mid, y + 30, 0)]


def _lower_teeth(canvas: Canvas, mid: float, half: float, y: float, opacity: float) -> None:
    wide = min(40, half * 0.84)
    row = [skin(mid + u * wide, y + v, lift) for u, v, lift in ((-1, 5, -10), (-0.55, 1.4, -2), (0, 0, 2))]
    row += [skin(mid + u * wide, y + v, lift) for u, v, lift in ((0.55, 1.4, -2), (1, 5, -10))]
    right, left = skin(mid + wide, y + 28, -10), skin(mid - wide, y + 28, -10)
    stops = [("#A98F88", 1.0, 0.0), ("#E6DACF", 1.0, 0.3), ("#E9DDD2", 1.0, 0.65), ("#9C827C", 1.0, 1.0)]
    canvas.linear(
        outlined(row, [row[-1], right], [right, left], [left, row[0]]),
        skin(mid - wide, y),
        skin(mid + wide, y),
        stops,
        opacity,
    )
    gaps = Path()
    for k in range(-3, 4):
        gaps.spline([skin(mid + k * 8.4, y), skin(mid + k * 8.4, y + 16)])
    canvas.stroke(gaps, "#B79F96", 1.1, 0.7, opacity)


def _upper_teeth(canvas: Canvas, mid: float, half: float, y: float, opacity: float) -> None:
    wide = min(44, half * 0.88)
    row = [skin(mid - wide, y - 7, -8), skin(mid - wide * 0.6, y - 1.5, -2), skin(mid - 8, y + 0.8, 2)]
    row += [skin(mid, y + 0.3, 3), skin(mid + 8, y + 0.8, 2), skin(mid + wide * 0.6, y - 1.5, -2)]
    row += [skin(mid + wide, y - 7, -8)]
    right, left = skin(mid + wide, 130, -8), skin(mid - wide, 130, -8)
    stops = [("#B79D95", 1.0, 0.0), (c.TOOTH, 1.0, 0.28), (c.TOOTH, 1.0, 0.66), ("#AB908A", 1.0, 1.0)]
    canvas.linear(
        outlined(row, [row[-1], right], [right, left], [left, row[0]]),
        skin(mid - wide, y),
        skin(mid + wide, y),
        stops,
        opacity,
    )
    gaps = Path()
    for k in range(-3, 4):
        x = mid + k * 10.2 * (1 - 0.03 * abs(k))
        gaps.spline([skin(x, y - 16, 2 - abs(k)), skin(x, y - 0.6 - 0.3 * k * k, 2 - abs(k))])
    canvas.stroke(gaps, "#CDB9AE", 1.1, 0.75, opacity)


def _lips(canvas: Canvas, lips: _Lips, state: State, top: Points, bottom: Points) -> None:
    mid, half = lips.middle, lips.half
    rounded = clamp(state("mouthPucker") + state("mouthFunnel"))
    dip = min(0.24, 13 / max(20.0, half))
    extra = (half + 4 + 5.5 * state("mouthPucker") + 3 * state("mouthFunnel")) / half

    def over(t: float) -> float:
        cupid = 1 - 0.24 * math.exp(-((t / (dip * 0.8)) ** 2))
        cupid += 0.10 * math.exp(-(((abs(t) - dip * 1.5) / (dip * 1.1)) ** 2))
        return lips.upper_thickness * math.pow(max(0.0, 1 - abs(t) ** 2.1), 0.72) * cupid

    def under(t: float) -> float:
        return lips.lower_thickness * math.pow(max(0.0, 1 - abs(t) ** 2.3), 0.66)

    ts = (-1, -0.88, -0.66, -0.42, -dip * 1.4, 0, dip * 1.4, 0.42, 0.66, 0.88, 1)
    outer_top = [lips.at(mid + t * half * extra, lips.upper(t) - over(t)) for t in ts]
    back = (1.0, 0.88, 0.66, 0.4, 0.14, -0.14, -0.4, -0.66, -0.88, -1)
    outer_bottom = [lips.at(mid + t * half * extra, lips.lower(t) + under(t)) for t in back]
    forward, low, high = lips.forward, lips.lower_y, lips.upper_y
    join_right, join_left = [bottom[-1], outer_bottom[0]], [outer_bottom[-1], bottom[0]]
    stops = [("#A8484A", 1.0, 0.0), (c.LIP_LOWER, 1.0, 0.38), ("#CC6C64", 1.0, 0.7), ("#B85A55", 1.0, 1.0)]
    lower_lip = outlined(bottom, join_right, outer_bottom, join_left)
    canvas.linear(lower_lip, skin(mid, low - 2, forward), skin(mid, low + lips.lower_thickness + 3, forward), stops)
    upper_lip = outlined(outer_top, [outer_top[-1], top[-1]], top[::-1], [top[0], outer_top[0]])
    stops = [("#C4645E", 1.0, 0.0), (c.LIP_UPPER, 1.0, 0.5), (c.LIP_UPPER_DARK, 1.0, 1.0)]
    canvas.linear(upper_lip, skin(mid, high - lips.upper_thickness - 2, forward), skin(mid, high + 3, forward), stops)
    shine = (1 - 0.6 * state("mouthRollLower")) * (1 - 0.4 * state.mean("mouthPress"))
    centre = skin(mid - half * 0.12, low + lips.lower_thickness * 0.42, forward + 10)
    canvas.blob(centre, half * 0.42, 5.5 * shine + 0.1, "#FFD9CC", 0.75)
    peak = 14 - 5 * state("mouthPucker") - 2 * state("mouthFunnel")
    shade_y = high - lips.upper_thickness * 0.62 + 2 * (1 - clamp(lips.opening))
    canvas.blob(skin(mid - peak * 0.9, shade_y, forward + 8), 9, 3.4, "#F0A090", 0.5)
    seam = [0.35, 0.6, 0.85, 0.95, 1, 0.95, 0.85, 0.6, 0.35]
    canvas.fill(brush(top, 2.3, seam), c.LIP_LINE, 0.95, 1 - lips.opening)
    canvas.stroke(open_path(top), c.LIP_LINE, 1.4, 0.55, lips.opening)
    for q, (x, y) in ((-1, lips.left), (1, lips.right)):
        canvas.fill(circle(skin(x + q * 1.5, y + 0.5, 8), 2.4), "#6E2A2E", 0.7, 1 - 1.6 * rounded)
    canvas.stroke(open_path(outer_bottom[1:-1]), "#A04A46", 1.0, 0.35)
