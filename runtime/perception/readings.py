"""What the models of face and voice say, as readings of emotion: with how far each can be believed now."""

import json
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from runtime.core.errors import UserError
from runtime.core.messages import EmotionReading, Face, Hand
from runtime.core.models import file_metadata
from runtime.perception.face_features import BlendshapeWindow
from runtime.perception.voice_emotion import VoiceEmotionReading

FACE_MODEL: Final = "face_emotion"
OTHER_NAMES: Final = {"fearful": "afraid"}
"""What the face's model calls otherwise than `EMOTIONS`."""
FRONTAL_DEGREES: Final = 25.0
SIDEWAYS_DEGREES: Final = 60.0
"""A face is believed fully up to the first turn and not at all from the second."""
FAR_M: Final = 2.5
"""Beyond, a face is believed less, as it has fewer pixels."""
SPEAKING: Final = 0.6
"""A mouth that speaks makes faces that mean nothing; so much of the belief is left."""
COVERED: Final = 0.3
"""With more of a hand's points before the face, the face isn't believed."""


class FaceReadings:
    """Reads one person's face with the model `face_emotion`.

    The model takes half a second of blendshapes beyond the person's neutral face, (1, 6, 52) as `BlendshapeWindow`
    gives them. Its first output is the chances of the `labels` in its metadata, (1, labels); a second one, where there
    is one, valence and arousal, (1, 2).
    """

    def __init__(self, session: Any) -> None:
        """Take a loaded session. Raises UserError where its metadata lack the labels."""
        self._session = session
        self._input = session.get_inputs()[0].name
        self._window = BlendshapeWindow()
        try:
            labels = json.loads(file_metadata(session)["labels"])
            self.labels: tuple[str, ...] = tuple(OTHER_NAMES.get(label, label) for label in labels)
        except (KeyError, ValueError) as error:
            raise UserError(f"The model {FACE_MODEL} lacks its metadata: {error!r}.", "Export it anew.") from None

    def add(self, time_s: float, shown: NDArray[np.float32]) -> None:
        """Take blendshapes (52,) beyond the neutral face."""
        self._window.add(time_s, shown)

    def read(self, time_s: float, confidence: float) -> EmotionReading | None:
        """Return what the last half second shows; None before the first frame."""
        features = self._window.features()
        if features is None:
            return None
        chances, *feelings = self._session.run(None, {self._input: features[None]})
        named = dict(zip(self.labels, map(float, chances[0]), strict=True))
        valence, arousal = map(float, feelings[0][0]) if feelings else (None, None)
        return EmotionReading("face", time_s, named, valence, arousal, confidence)


def face_confidence(face: Face, hands: tuple[Hand, ...], known: float, speaking: bool) -> float:
    """Return 0..1 how far a face can be believed: turned here, near, uncovered, and its neutral face `known`."""
    turn = max(abs(face.head[0]), abs(face.head[1]))
    frontal = np.clip((SIDEWAYS_DEGREES - turn) / (SIDEWAYS_DEGREES - FRONTAL_DEGREES), 0, 1)
    near = min(1.0, FAR_M / max(face.distance_m, 1e-3))
    if any(_before(hand, face) > COVERED for hand in hands):
        return 0.0
    return float(frontal * near * known * (SPEAKING if speaking else 1.0))


def voice_reading(voice: VoiceEmotionReading, time_s: float, speech_s: float) -> EmotionReading:
    """Return the reading of a voice that spoke for `speech_s` until `time_s`; two seconds are believed fully."""
    believed = float(np.clip(speech_s / 2, 0, 1))
    return EmotionReading("voice", time_s, voice.probabilities, None, 2 * voice.arousal - 1, believed)


def _before(hand: Hand, face: Face) -> float:
    """Return the share of a hand's points that lie before the face, 0..1."""
    low, high = face.landmarks[:, :2].min(axis=0), face.landmarks[:, :2].max(axis=0)
    return float(((hand.landmarks > low) & (hand.landmarks < high)).all(axis=1).mean())
