"""Emotion of a face: half a second of blendshapes to 7 expressions, valence and arousal."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from training.run import Run

SUMMARY = "half a second of blendshapes to 7 expressions, valence and arousal, taught by face-api's net and by EMFACS"
DATA = (
    "face/clips",
    "face/portraits",
    "weights/face_landmarker_v2_with_blendshapes.task",
    "weights/face_api",
)
EXTRACTED = DATA[:2]


def train(run: "Run") -> None:
    """Train the student, and one more for each clip left out, on which it is scored."""
    from training.face_emotion import learn

    learn.train(run)
