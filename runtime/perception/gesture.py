"""Gestures from hand landmarks: what a hand does now, and when a sign of it is complete. Reads no clock of its own."""

import json
import math
from collections import deque
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from runtime.core.errors import UserError
from runtime.core.messages import Gesture, Sight
from runtime.perception import hand_features

MODEL_NAME: Final = "gesture"
MEMORY_S: Final = 1.1
"""A little over the window, so that its oldest step still has a sighting before it."""
FORGET_S: Final = 0.4
"""A hand that comes back later than this begins anew."""
NONE: Final = "none"
MOVEMENTS: Final = frozenset(name for name in hand_features.LABELS if name.startswith(("wave", "swipe", "circle")))

HOLD_S: Final = 0.19
"""So long a shape is seen without a break before it counts: three sightings at 10 a second, seven at 30."""
MOVED_HOLD_S: Final = 0.09
"""The same for a movement, which is over sooner."""
RELEASE_S: Final = 0.3
"""So long a sign has to be away before the same one counts again."""
COOL_DOWN_S: Final = 0.4
"""After a sign no other counts for this long, as the hand passes through other shapes on its way."""
MOVED_COOL_DOWN_S: Final = 1.0
"""The same after a movement: the hand goes back the other way."""


@dataclass(frozen=True)
class GestureGuess:
    """What a hand does at `time_s`: the gesture decided on ("none" where unsure), its chance, and the chance of all."""

    time_s: float
    name: str
    probability: float
    probabilities: dict[str, float]


class GestureReader:
    """Reads what one hand does from the model's session (`ModelRegistry.load("gesture")`).

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


class Signs:
    """Says when a sign is complete: held for a moment, once as long as it lasts, and none right after another."""

    def __init__(self) -> None:
        self._name = NONE
        self._since_s = self._last_s = -math.inf
        self._given: Gesture | None = None
        self._gone_s = -math.inf
        """When the sign given last was last seen."""

    def step(self, guess: GestureGuess) -> Gesture | None:
        """Take what the hand does now, in the order of time; return the sign that is complete with it, if one is."""
        now_s = guess.time_s
        if guess.name != self._name or not 0 < now_s - self._last_s <= FORGET_S:
            self._name, self._since_s = guess.name, now_s
        self._last_s = now_s
        hold_s = MOVED_HOLD_S if guess.name in MOVEMENTS else HOLD_S
        if guess.name == NONE or now_s - self._since_s < hold_s:
            return None
        if (given := self._given) is not None:
            if guess.name == given.name and self._since_s - self._gone_s <= RELEASE_S:
                self._gone_s = now_s
                return None
            wait_s = MOVED_COOL_DOWN_S if given.name in MOVEMENTS else COOL_DOWN_S
            if 0 <= now_s - given.time_s < wait_s:
                return None
        self._given, self._gone_s = Gesture(guess.name, guess.probability, now_s), now_s
        return self._given


class Hands:
    """Reads the signs of a person's two hands from what the camera sees. Both hands together sign once."""

    def __init__(self, session: Any, mirrored: bool = False) -> None:
        self._readers = {right: GestureReader(session, mirrored) for right in (False, True)}
        self._signs = {right: Signs() for right in (False, True)}
        self._last_s = -math.inf

    def see(self, sight: Sight) -> Gesture | None:
        """Return the sign that is complete with this picture, if one is; of two hands on one side the surer counts.

        Raises:
            UserError: a hand hasn't 21 finite landmarks.
        """
        hands = {hand.right: hand for hand in sorted(sight.hands or (), key=lambda hand: hand.score)}
        guesses = {right: self._readers[right].feed(sight.time_s, hand.landmarks) for right, hand in hands.items()}
        signs = [sign for right, guess in guesses.items() if (sign := self._signs[right].step(guess)) is not None]
        if not signs or 0 <= sight.time_s - self._last_s < COOL_DOWN_S:
            return None
        self._last_s = sight.time_s
        return max(signs, key=lambda sign: sign.confidence)
