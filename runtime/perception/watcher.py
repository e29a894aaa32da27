"""Follows one person over what is seen of them: emotion, short expressions, signs of the hand, presence.

Pure but for its models: times come with what is seen. What it keeps is bounded, whatever it is fed.
"""

import logging
import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from runtime.core.errors import UserError
from runtime.core.messages import (
    EmotionReading,
    Face,
    Gesture,
    Hand,
    MicroExpression,
    PresenceChanged,
    Sight,
)
from runtime.core.models import ModelRegistry
from runtime.perception import gesture
from runtime.perception.baseline import Baseline
from runtime.perception.gesture import Hands
from runtime.perception.micro_expression import MicroExpressions
from runtime.perception.mouth import MouthWatch, lips_apart
from runtime.perception.presence import LEFT_S, PresenceWatch
from runtime.perception.readings import FACE_MODEL, FaceReadings, face_confidence

log = logging.getLogger(__name__)

READ_S: Final = 0.2
"""Emotion is read this often at most."""
JUMP: Final = 0.8
"""A face that is this much of its own size away from where it was is another person's."""
HANDS_S: Final = 0.4
"""For so long hands are thought to be where they were seen."""
LOSES: Final = {gesture.MODEL_NAME: "signs of the hand", FACE_MODEL: "the emotion of faces"}
"""What isn't noticed where a model is missing."""

Notice = Gesture | EmotionReading | MicroExpression | PresenceChanged


class Watcher:
    """One session's watcher. Sessions of models that are None leave out what they would tell."""

    def __init__(self, gestures: Any = None, emotions: Any = None) -> None:
        self._gestures = gestures
        self._emotions = emotions
        self.forget()

    def forget(self) -> None:
        """Forget the person, as if nobody had been seen yet."""
        self._presence = PresenceWatch()
        self._mouth = MouthWatch()
        self._hands = None if self._gestures is None else Hands(self._gestures)
        self._hands_seen: tuple[Hand, ...] = ()
        self._hands_s = -math.inf
        self._seen_s = -math.inf
        self._read_s = -math.inf
        self._place: NDArray[np.float32] | None = None
        self._meet()

    def feed(self, sight: Sight) -> list[Notice]:
        """Take what one picture showed, in the order of time, and return what follows from it."""
        found: list[Notice | None] = []
        if sight.hands is not None:
            hands = tuple(hand for hand in sight.hands if np.isfinite(hand.landmarks).all())
            self._hands_seen, self._hands_s = hands, sight.time_s
            if self._hands is not None:
                found.append(self._hands.see(Sight(sight.time_s, sight.width, sight.height, None, hands)))
        if sight.faces is not None:
            face = next((face for face in sight.faces[:1] if np.isfinite(face.landmarks).all()), None)
            found.append(self._presence.feed(sight.time_s, face))
            if face is not None:
                found += self._look_at(sight.time_s, face)
        return [notice for notice in found if notice is not None]

    def _meet(self) -> None:
        """Begin anew with the face of another person."""
        self._baseline = Baseline()
        self._micro = MicroExpressions()
        self._face = None if self._emotions is None else FaceReadings(self._emotions)

    def _look_at(self, time_s: float, face: Face) -> list[Notice | None]:
        if self._is_another(time_s, face):
            self._meet()
        self._mouth.feed(time_s, lips_apart(face))
        if not face.weights.any():
            return []  # no blendshapes are known here
        shown = self._baseline.feed(time_s, face.weights)
        found: list[Notice | None] = [self._micro.feed(time_s, face.weights, face.head, self._mouth.moving)]
        if self._face is not None:
            self._face.add(time_s, shown)
            if not 0 <= time_s - self._read_s < READ_S - 1e-6:
                self._read_s = time_s
                found.append(self._face.read(time_s, self._confidence(time_s, face)))
        return found

    def _is_another(self, time_s: float, face: Face) -> bool:
        """Return whether this is another face than the one before; remember where it is."""
        points = face.landmarks[:, :2]
        low, high = points.min(axis=0), points.max(axis=0)
        place, before, gone_s = (low + high) / 2, self._place, time_s - self._seen_s
        self._place, self._seen_s = place, time_s
        size = max(float((high - low).max()), 1.0)
        jumped = before is not None and float(np.linalg.norm(place - before)) > JUMP * size
        return jumped or not 0 <= gone_s < LEFT_S

    def _confidence(self, time_s: float, face: Face) -> float:
        hands = self._hands_seen if 0 <= time_s - self._hands_s <= HANDS_S else ()
        return face_confidence(face, hands, self._baseline.known, self._mouth.moving)


def make_watcher(registry: ModelRegistry) -> Watcher:
    """Return a watcher with the models of a registry; one that is missing or damaged is logged and done without."""
    sessions, lost = {}, []
    for name, what in LOSES.items():
        try:
            sessions[name] = registry.load(name)
        except UserError as error:
            lost.append(f"{what} ({error.what})")
    if lost:
        log.warning("not noticed, as a model is missing: %s", "; ".join(lost))
    return Watcher(sessions.get(gesture.MODEL_NAME), sessions.get(FACE_MODEL))
