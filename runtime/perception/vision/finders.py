"""Faces and hands in a picture, found by MediaPipe: by the models in its wheel, or by a task bundle's.

Face mesh: Kartynnik et al. 2019, Grishchenko et al. 2020; hands: Zhang et al. 2020. Each finder tracks from picture to
picture, so each camera has its own.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from runtime.core.blendshapes import BLENDSHAPES, INDEX
from runtime.core.messages import LANDMARKS_FACE, LANDMARKS_HAND, Hand
from runtime.perception.vision.graph import Graph
from runtime.perception.vision.library import bindings, package_folder
from runtime.perception.vision.wire import classifications, landmarks

MAX_FACES: Final = 4
MAX_HANDS: Final = 2
SURE_HAND: Final = 0.9
"""A hand is one where the landmark model is so sure of it. MediaPipe's own 0.5 takes cheeks and hair for hands: in face
clips such finds stay below 0.9 but for moments, hands in pictures have 0.98, those moved fast 0.7 and more."""

_PRESENCE: Final = "[mediapipe.ThresholdingCalculatorOptions.ext] {{\n      threshold: {}\n"


@dataclass(frozen=True, slots=True)
class FoundFace:
    """A face as MediaPipe gives it: `landmarks` as in `messages.Face`; `weights` (52,) where the backend tells them."""

    landmarks: NDArray[np.float32]
    weights: NDArray[np.float32] | None = None


class FaceFinder(Protocol):
    """Finds faces in the pictures of one camera."""

    def start(self) -> None:
        """Load the models. Raises UserError."""

    def find(self, rgb: NDArray[np.uint8], time_s: float) -> list[FoundFace]:
        """Return at most four faces of a picture (height, width, 3) RGB."""

    def close(self) -> None:
        """Give the models back."""


class HandFinder(Protocol):
    """Finds hands in the pictures of one camera."""

    def start(self) -> None:
        """Load the models. Raises UserError."""

    def find(self, rgb: NDArray[np.uint8], time_s: float) -> list[Hand]:
        """Return at most two hands of a picture (height, width, 3) RGB."""

    def close(self) -> None:
        """Give the models back."""


class MeshFaces:
    """The wheel's face mesh with irises."""

    def __init__(self) -> None:
        path = package_folder() / "modules" / "face_landmark" / "face_landmark_front_cpu.binarypb"
        side = {"num_faces": MAX_FACES, "with_attention": True, "use_prev_landmarks": True}
        self._graph = Graph({"binary_graph_path": str(path)}, "image", ("multi_face_landmarks",), side)

    def start(self) -> None:
        """See `FaceFinder.start`."""
        self._graph.start()

    def find(self, rgb: NDArray[np.uint8], time_s: float) -> list[FoundFace]:
        """See `FaceFinder.find`."""
        messages = self._graph.run(rgb, time_s).get("multi_face_landmarks", [])
        return [FoundFace(face) for face in _whole_faces(messages, rgb)]

    def close(self) -> None:
        """See `FaceFinder.close`."""
        self._graph.close()


class TaskFaces:
    """A face landmarker bundle (.task), which tells blendshapes too."""

    def __init__(self, bundle: Path) -> None:
        graph, outputs = "face_landmarker.FaceLandmarkerGraph", ("norm_landmarks", "blendshapes")
        text = _task_graph(
            graph,
            {"NORM_LANDMARKS": outputs[0], "BLENDSHAPES": outputs[1]},
            bundle,
            f"face_detector_graph_options {{ min_detection_confidence: 0.5 num_faces: {MAX_FACES} }}"
            "face_landmarks_detector_graph_options { min_detection_confidence: 0.5 }",
        )
        self._graph = Graph({"graph_config": text}, "image_in", outputs, as_image=True)

    def start(self) -> None:
        """See `FaceFinder.start`."""
        self._graph.start()

    def find(self, rgb: NDArray[np.uint8], time_s: float) -> list[FoundFace]:
        """See `FaceFinder.find`."""
        found = self._graph.run(rgb, time_s)
        faces = _whole_faces(found.get("norm_landmarks", []), rgb)
        shapes = [_weights(message) for message in found.get("blendshapes", [])]
        return [FoundFace(face, shapes[i] if len(shapes) == len(faces) else None) for i, face in enumerate(faces)]

    def close(self) -> None:
        """See `FaceFinder.close`."""
        self._graph.close()


class LiteHands:
    """The wheel's hands, in the lighter of its two sizes."""

    def __init__(self) -> None:
        side = {"num_hands": MAX_HANDS, "model_complexity": 0, "use_prev_landmarks": True}
        outputs = ("multi_hand_landmarks", "multi_handedness")
        self._graph = Graph({"graph_config": _lite_hands()}, "image", outputs, side)

    def start(self) -> None:
        """See `HandFinder.start`."""
        self._graph.start()

    def find(self, rgb: NDArray[np.uint8], time_s: float) -> list[Hand]:
        """See `HandFinder.find`."""
        found = self._graph.run(rgb, time_s)
        # This graph takes pictures for mirrored ones, which ours are not: its left is their right.
        return _hands(found.get("multi_hand_landmarks", []), found.get("multi_handedness", []), "Left", rgb)

    def close(self) -> None:
        """See `HandFinder.close`."""
        self._graph.close()


class TaskHands:
    """A hand landmarker bundle (.task)."""

    def __init__(self, bundle: Path) -> None:
        graph, outputs = "hand_landmarker.HandLandmarkerGraph", ("landmarks", "handedness")
        text = _task_graph(
            graph,
            {"LANDMARKS": outputs[0], "HANDEDNESS": outputs[1]},
            bundle,
            f"hand_detector_graph_options {{ min_detection_confidence: 0.5 num_hands: {MAX_HANDS} }}"
            f"hand_landmarks_detector_graph_options {{ min_detection_confidence: {SURE_HAND} }}",
        )
        self._graph = Graph({"graph_config": text}, "image_in", outputs, as_image=True)

    def start(self) -> None:
        """See `HandFinder.start`."""
        self._graph.start()

    def find(self, rgb: NDArray[np.uint8], time_s: float) -> list[Hand]:
        """See `HandFinder.find`."""
        found = self._graph.run(rgb, time_s)
        # Other than the wheel's graph, the bundles' takes pictures as they are (mediapipe-samples issue 450).
        return _hands(found.get("landmarks", []), found.get("handedness", []), "Right", rgb)

    def close(self) -> None:
        """See `HandFinder.close`."""
        self._graph.close()


def open_faces(bundle: Path | None) -> FaceFinder:
    """Return a finder by the bundle where one is given, else by the wheel's models."""
    return TaskFaces(bundle) if bundle else MeshFaces()


def open_hands(bundle: Path | None) -> HandFinder:
    """Return a finder by the bundle where one is given, else by the wheel's models."""
    return TaskHands(bundle) if bundle else LiteHands()


def _lite_hands() -> str:
    """Return the text of the wheel's graph of hands, set to `SURE_HAND`, which its side packets can't say."""
    path = package_folder() / "modules" / "hand_landmark" / "hand_landmark_tracking_cpu.binarypb"
    config = bindings().validated_graph_config.ValidatedGraphConfig()
    config.initialize(binary_graph_path=str(path))
    before, option, after = str(config.text_config).partition(_PRESENCE.format(0.5))
    assert option, "the version of mediapipe is checked"
    return before + _PRESENCE.format(SURE_HAND) + after


def _task_graph(graph: str, outputs: dict[str, str], bundle: Path, options: str) -> str:
    """Return the text of a graph of one task: what MediaPipe's own Python code would build, thresholds included."""
    package, _, _ = graph.partition(".")
    extension = f"mediapipe.tasks.vision.{package}.proto.{graph.partition('.')[2]}Options.ext"
    file_name = "".join(f"\\{byte:03o}" for byte in os.fsencode(bundle.resolve()))  # safe whatever is in the name
    streams = " ".join(f'output_stream: "{tag}:{name}"' for tag, name in outputs.items())
    return (
        f'input_stream: "IMAGE:image_in" {streams} '
        f'node {{ calculator: "mediapipe.tasks.vision.{graph}" input_stream: "IMAGE:image_in" {streams} '
        f"options {{ [{extension}] {{ "
        f'base_options {{ model_asset {{ file_name: "{file_name}" }} use_stream_mode: true }} '
        f"{options} min_tracking_confidence: 0.5 }} }} }}"
    )


def _whole_faces(messages: list[bytes], rgb: NDArray[np.uint8]) -> list[NDArray[np.float32]]:
    return [face for message in messages if len(face := _in_pixels(message, rgb)) == LANDMARKS_FACE]


def _hands(points: list[bytes], sides: list[bytes], right: str, rgb: NDArray[np.uint8]) -> list[Hand]:
    hands = []
    for message, side in zip(points, sides, strict=False):
        hand, labels = _in_pixels(message, rgb), classifications(side)
        if len(hand) == LANDMARKS_HAND and labels:
            hands.append(Hand(hand[:, :2].copy(), labels[0][0] == right, labels[0][1]))
    return hands


def _in_pixels(message: bytes, rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return landmarks (n, 3) in pixels, none if a number is not finite: a shape that went mad is no sighting."""
    height, width = rgb.shape[:2]
    points = landmarks(message) * np.array([width, height, width], np.float32)
    return points if np.isfinite(points).all() else points[:0]


def _weights(message: bytes) -> NDArray[np.float32]:
    """Return a bundle's blendshapes as ARKit's 52; it knows `_neutral`, which ARKit does not, and no tongue."""
    weights = np.zeros(len(BLENDSHAPES), np.float32)
    for name, score in classifications(message):
        if name in INDEX:
            weights[INDEX[name]] = min(max(score, 0.0), 1.0)
    return weights
