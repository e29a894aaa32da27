"""The state the figure is drawn for, read by name."""

from collections.abc import Mapping

Weights = Mapping[str, float]


def clamp(value: float, low: float = 0.0, high: float = 1.0) -> float:
    """Return value brought into low..high."""
    return min(high, max(low, value))


def lerp(a: float, b: float, share: float) -> float:
    """Return the value `share` of the way from a to b."""
    return a + (b - a) * share


def side(q: int) -> str:
    """Return the subject's side of the viewer's left (q = -1) or right (+1): the subject's left is on the right."""
    return "Left" if q > 0 else "Right"


class State:
    """Blendshape weights by ARKit name, and gaze x (viewer's right) and y (up), -1..1."""

    def __init__(self, weights: Weights, gaze: tuple[float, float] = (0.0, 0.0)) -> None:
        self._weights = weights
        self.gaze = gaze

    def __call__(self, name: str) -> float:
        """Return a weight by its name, 0 if it is not set."""
        return self._weights.get(name, 0.0)

    def mean(self, name: str) -> float:
        """Return the mean of a pair."""
        return 0.5 * (self(f"{name}Left") + self(f"{name}Right"))
