"""Blendshapes: face mesh landmarks to 52 ARKit weights, distilled from MediaPipe's face landmarker."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from training.run import Run

SUMMARY = "478 face landmarks to 52 ARKit blendshapes, taught by MediaPipe's face landmarker"
DATA = ("face/clips", "face/portraits", "weights/face_landmarker_v2_with_blendshapes.task")
EXTRACTED = DATA[:2]


def train(run: "Run") -> None:
    """Train the student, and one more for each pair of clips left out, on which it is scored."""
    from training.blendshapes import learn

    learn.train(run)
