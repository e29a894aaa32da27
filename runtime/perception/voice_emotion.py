"""The emotion in a voice: 2 s of speech to seven classes and arousal, whatever is said and however loud."""

import json
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from runtime.core.errors import UserError
from runtime.perception.voice_features import FEATURES_VERSION, voice_features

MODEL_NAME: Final = "voice_emotion"
LABELS: Final = ("neutral", "happy", "sad", "angry", "afraid", "disgusted", "bored")


@dataclass(frozen=True)
class VoiceEmotionReading:
    """What the voice of one window sounds like. A guess about the voice, not a fact about the person."""

    label: str
    """The likeliest of `LABELS`."""
    probabilities: dict[str, float]
    """Calibrated, one for each of `LABELS`; they sum to 1."""
    arousal: float
    """0 (drowsy) to 1 (agitated)."""


class VoiceEmotion:
    """Reads the emotion of a window of speech with a loaded ONNX session. Keeps nothing between calls."""

    def __init__(self, session: Any) -> None:
        """Take the session of the model `voice_emotion`; its metadata names the classes.

        Raises:
            UserError: the metadata name none, or the model was made for other features than those computed here.
        """
        self._session = session
        metadata = session.get_modelmeta().custom_metadata_map
        try:
            self.labels: tuple[str, ...] = tuple(json.loads(metadata["labels"]))
            version = int(metadata["features_version"])
        except (KeyError, ValueError) as error:
            raise UserError(f"The voice_emotion model lacks its metadata: {error!r}.", "Export it anew.") from None
        if version != FEATURES_VERSION:
            raise UserError(
                f"The voice_emotion model is made for version {version} of the features, not {FEATURES_VERSION}.",
                "Train and export it anew.",
            )

    def read(self, samples: NDArray[np.float32]) -> VoiceEmotionReading | None:
        """Return the reading of (n,) samples in -1..1 at 16 kHz; of more than 2 s of speech, the last 2 s are heard.

        None where there are less than 0.5 s of sound or nothing but quiet. Whether the sound is speech is for the
        caller to know: of anything else the reading means nothing.
        """
        features = voice_features(samples)
        if features is None:
            return None
        emotion, arousal = self._session.run(["emotion", "arousal"], {"features": features[None]})
        probabilities = dict(zip(self.labels, map(float, emotion[0]), strict=True))
        best = max(probabilities, key=lambda label: probabilities[label])
        return VoiceEmotionReading(best, probabilities, float(arousal[0]))
