"""Gestures from hand landmarks: one hand in, the chance of each gesture out. Pure: reads no clock, keeps one second."""

import json
from collections import deque
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from runtime.core.errors import UserError
from runtime.perception import hand_features

MODEL_NAME: Final = "gesture"
MEMORY_S: Final = 1.1
"""A little over the window, so that its oldest step still has a sighting before it."""
FORGET_S: Final = 0.4
"""A hand that comes back later than this begins anew."""
NONE: Final = "none"


@dataclass(frozen=True)
class GestureGuess:
    """What a hand does at `time_s`: the gesture decided on ("none" where unsure), its chance, and the chance of all."""

    time_s: float
    name: str
    probability: float
    probabilities: dict[str, float]


class GestureReader:
    """Reads the gestures of one hand from the model's session (`ModelRegistry.load("gesture")`).

    Use one reader for each hand that is tracked. `mirrored` says whether the landmarks come from a mirrored picture;
    gestures are named as the person sees them ("left" is their left), whichever it is.
    """

    def __init__(self, session: Any, mirrored: bool = False) -> None:
        self._session = session
        self._flip = not mirrored
        self._times_s: deque[float] = deque()
        self._hands: deque[NDArray[np.float32]] = deque()
        metadata = session.get_modelmeta().custom_metadata_map
        try:
            self.labels: tuple[str, ...] = tuple(json.loads(metadata["labels"]))
            self.threshold = float(metadata["threshold"])
        except (KeyError, ValueError) as error:
            raise UserError(f"The gesture model lacks its metadata: {error!r}.", "Export it anew.") from None

    def feed(self, time_s: float, hand: ArrayLike) -> GestureGuess:
        """Take the hand as seen at `time_s` and say what it does.

        Args:
            time_s: when the picture was taken; later than the time fed before, else the reader begins anew.
            hand: 21 landmarks (x, y), shape (21, 2), in pixels or another unit that is the same on both axes.

        Raises:
            UserError: the hand has another shape, or numbers that are not finite.
        """
        points = np.asarray(hand, np.float32)
        if points.shape != (hand_features.LANDMARKS, 2) or not np.isfinite(points).all():
            raise UserError(f"A hand has 21 finite points (x, y); got shape {points.shape}.", "Pass (21, 2).")
        if self._times_s and not 0 < time_s - self._times_s[-1] <= FORGET_S:
            self.reset()
        self._times_s.append(time_s)
        self._hands.append(hand_features.mirrored(points) if self._flip else points)
        while time_s - self._times_s[0] > MEMORY_S:
            self._times_s.popleft()
            self._hands.popleft()
        window = hand_features.window(np.array(self._times_s), np.array(self._hands))
        (probabilities,) = self._session.run(None, {"window": window[None]})
        return self._decide(time_s, probabilities[0])

    def reset(self) -> None:
        """Forget the hand: call it when the hand is lost."""
        self._times_s.clear()
        self._hands.clear()

    def _decide(self, time_s: float, probabilities: NDArray[np.float32]) -> GestureGuess:
        best = int(probabilities.argmax())
        name = self.labels[best] if probabilities[best] >= self.threshold else NONE
        chances = dict(zip(self.labels, map(float, probabilities), strict=True))
        return GestureGuess(time_s, name, chances[name], chances)
