"""Read faces once, with MediaPipe, into one .npz that the training of `blendshapes` and `face_emotion` needs.

    python3.11 -m venv /tmp/faces
    /tmp/faces/bin/pip install mediapipe==0.10.21 ai-edge-litert
    /tmp/faces/bin/python -m training.blendshapes.extract --data DIR --out out/training/face_features.npz

An environment of its own, because mediapipe==0.10.21 wants numpy < 2 and protobuf < 5, which the training does not.
ai-edge-litert reads the weights out of the bundle. On Linux mediapipe needs libGL (Debian: libgl1). DIR holds
face/clips/*.mp4, face/portraits/*.jpg and weights/face_landmarker_v2_with_blendshapes.task. It takes about 20 minutes.

For each frame of each clip, and for some changed copies of it (mirrored, turned, small and dark), the file holds:
landmarks of face mesh with iris, tracked as the runtime does it (`mesh`), landmarks and 52 blendshapes of the face
landmarker (`task`, `shapes`), and a face crop for the emotion teacher (`crops`, of the plain copy only). It also holds
the weights of the bundle's own blendshape net (`mixer/...`), which labels augmented landmarks.
"""

import argparse
import hashlib
import io
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runtime.core.blendshapes import BLENDSHAPES, INDEX
from runtime.core.errors import UserError

BUNDLE = "weights/face_landmarker_v2_with_blendshapes.task"
BUNDLE_SHA256 = "a4099af5c7096fedb10381a4e09010cc3b32b02ba305f6d40e4876fb0ec9d765"
VARIANTS = ("plain", "mirrored", "turned", "turned_mirrored", "small_dark")
CROP_PX = 144
CROP_FACES = 1.35
"""Side of the stored crop in sides of the face's box, so that the teacher can look a little beside it."""
TURN_DEGREES = 14.0
SMALL = 0.45
# The contour from brows to chin, where dlib's 68 landmarks lie: the box that the emotion net was trained on.
OUTLINE = (127, 234, 132, 58, 172, 150, 149, 148, 152, 377, 378, 379, 397, 288, 361, 454, 356)
BOX = (*OUTLINE, 70, 63, 105, 66, 107, 336, 296, 334, 293, 300)


@dataclass
class Rows:
    """What was read so far, one row a frame in which both see a face."""

    clip: list[str] = field(default_factory=list)
    variant: list[int] = field(default_factory=list)
    time_s: list[float] = field(default_factory=list)
    mesh: list[NDArray[np.float32]] = field(default_factory=list)
    task: list[NDArray[np.float32]] = field(default_factory=list)
    shapes: list[NDArray[np.float32]] = field(default_factory=list)
    crops: list[NDArray[np.uint8]] = field(default_factory=list)


def changed(rgb: NDArray[np.uint8], variant: str) -> NDArray[np.uint8]:
    """Return a picture (height, width, 3) uint8 changed as the variant's name says."""
    import cv2

    height, width = rgb.shape[:2]
    if "mirrored" in variant:
        rgb = rgb[:, ::-1]
    if "turned" in variant:
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), TURN_DEGREES, 1.0)
        rgb = cv2.warpAffine(rgb, turn, (width, height), borderMode=cv2.BORDER_REPLICATE)  # type: ignore[assignment]
    if variant == "small_dark":
        rgb = cv2.resize(rgb, None, fx=SMALL, fy=SMALL, interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
        rgb = (rgb * 0.5).astype(np.uint8)
    return np.ascontiguousarray(rgb)


def pixels(points: Any, rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return MediaPipe's normalised landmarks as (478, 3) in pixels: x right, y down, z away from the viewer."""
    height, width = rgb.shape[:2]
    return np.array([(p.x * width, p.y * height, p.z * width) for p in points], np.float32)


def crop(rgb: NDArray[np.uint8], mesh: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return the face (144, 144, 3) uint8: the box from brows to chin, made square, 1.35 times as wide."""
    import cv2

    points = mesh[BOX, :2]
    low, high = points.min(0), points.max(0)
    side = float((high - low).max()) * CROP_FACES
    scale = CROP_PX / side
    corner = (low + high) / 2 - side / 2
    matrix = np.array([[scale, 0, -corner[0] * scale], [0, scale, -corner[1] * scale]])
    quality = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.warpAffine(rgb, matrix, (CROP_PX, CROP_PX), flags=quality), np.uint8)


def frames(path: Path) -> Iterator[tuple[float, NDArray[np.uint8]]]:
    """Yield time in seconds and RGB of each frame of a video, or of a picture alone."""
    import cv2

    if path.suffix == ".mp4":
        video = cv2.VideoCapture(str(path))
        rate = video.get(cv2.CAP_PROP_FPS)
        if not rate:
            raise UserError(f"{path} can't be read as a video.", "Restore the file.")
        number = 0
        while True:
            there, bgr = video.read()
            if not there:
                return
            yield number / rate, np.ascontiguousarray(bgr[..., ::-1])
            number += 1
    picture = cv2.imread(str(path))
    if picture is None:
        raise UserError(f"{path} can't be read as a picture.", "Restore the file.")
    yield 0.0, np.ascontiguousarray(picture[..., ::-1])


def read(path: Path, variant: int, landmarker: Any, rows: Rows) -> tuple[int, int]:
    """Add the frames of one file in one variant to `rows`; returns how many were used, of how many."""
    import mediapipe

    still, seen, total = path.suffix != ".mp4", 0, 0
    tracker = mediapipe.solutions.face_mesh.FaceMesh(static_image_mode=still, refine_landmarks=True, max_num_faces=1)
    for time_s, original in frames(path):
        total += 1
        rgb = changed(original, VARIANTS[variant])
        found = landmarker.detect(mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=rgb))
        tracked = tracker.process(rgb).multi_face_landmarks
        if not found.face_landmarks or not tracked:
            continue
        shapes = np.zeros(len(BLENDSHAPES), np.float32)
        for category in found.face_blendshapes[0]:
            if category.category_name in INDEX:  # "_neutral" is none of ARKit's
                shapes[INDEX[category.category_name]] = category.score
        mesh = pixels(tracked[0].landmark, rgb)
        rows.clip.append(path.stem)
        rows.variant.append(variant)
        rows.time_s.append(time_s)
        rows.mesh.append(mesh)
        rows.task.append(pixels(found.face_landmarks[0], rgb))
        rows.shapes.append(shapes)
        rows.crops.append(crop(rgb, mesh) if variant == 0 else np.zeros((0,), np.uint8))
        seen += 1
    tracker.close()
    return seen, total


def mixer_weights(bundle: bytes) -> dict[str, NDArray[np.float32]]:
    """Return the constant tensors of the bundle's blendshape net, in the order in which it uses them.

    Key `mixer/NN`: convolutions' kernels as (out, in), biases and normalisations' gains as (n,).
    """
    from ai_edge_litert.interpreter import Interpreter

    net = zipfile.ZipFile(io.BytesIO(bundle)).read("face_blendshapes.tflite")
    interpreter = Interpreter(model_content=net)
    interpreter.allocate_tensors()
    used: list[int] = []
    # Each weight is stored as float16 and widened by an operation of its own; that one's input is the weight.
    narrow = {o["outputs"][0]: o["inputs"][0] for o in interpreter._get_ops_details() if o["op_name"] == "DEQUANTIZE"}
    for operation in interpreter._get_ops_details():
        if operation["op_name"] in ("CONV_2D", "CONCATENATION", "MUL"):
            wide = [k for k in operation["inputs"] if k in narrow]
            used += [narrow[k] for k in wide if k not in used and interpreter.get_tensor(narrow[k]).size > 1]
    found: dict[str, NDArray[np.float32]] = {}
    for number, index in enumerate(used):
        values = np.asarray(interpreter.get_tensor(index), np.float32)
        kernel = values.ndim == 4 and values.shape[1] == values.shape[2] == 1 and values.shape[0] > 1
        found[f"mixer/{number:02d}"] = values.reshape(values.shape[0], -1) if kernel else values.reshape(-1)
    return found


def extract(data: Path, out: Path, variants: int) -> None:
    """Read all clips and portraits below `data` and write `out`. Raises UserError where one is missing or damaged."""
    from mediapipe.tasks import python as tasks
    from mediapipe.tasks.python import vision

    bundle = data / BUNDLE
    if not bundle.is_file() or hashlib.sha256(bundle.read_bytes()).hexdigest() != BUNDLE_SHA256:
        raise UserError(f"{bundle} is missing or is another file.", "Fetch it as docs on the data set say.")
    sources = [*sorted((data / "face/clips").glob("*.mp4")), *sorted((data / "face/portraits").glob("*.jpg"))]
    if not sources:
        raise UserError(f"{data} has no face/clips/*.mp4 and no face/portraits/*.jpg.", "Name another --data.")
    options = vision.FaceLandmarkerOptions(
        base_options=tasks.BaseOptions(model_asset_buffer=bundle.read_bytes()), output_face_blendshapes=True
    )
    rows = Rows()
    with vision.FaceLandmarker.create_from_options(options) as landmarker:
        for path in sources:
            for variant in range(variants):
                seen, total = read(path, variant, landmarker, rows)
                print(f"{path.name} {VARIANTS[variant]}: a face in {seen} of {total} frames", flush=True)
    plain = [picture for picture in rows.crops if picture.size]
    out.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        out,
        clip=np.array(rows.clip),
        variant=np.array(rows.variant, np.int8),
        time_s=np.array(rows.time_s),
        mesh=np.array(rows.mesh),
        task=np.array(rows.task),
        shapes=np.array(rows.shapes),
        crops=np.array(plain),
        sources=np.array([f"{p.name} {hashlib.sha256(p.read_bytes()).hexdigest()}" for p in [*sources, bundle]]),
        **mixer_weights(bundle.read_bytes()),  # type: ignore[arg-type]
    )


def main() -> None:
    """Parse the command line and extract."""
    parser = argparse.ArgumentParser(prog="python -m training.blendshapes.extract", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--data", type=Path, required=True, help="folder with face/ and weights/")
    parser.add_argument("--out", type=Path, required=True, help="the .npz to write")
    parser.add_argument("--variants", type=int, default=len(VARIANTS), choices=range(1, len(VARIANTS) + 1))
    arguments = parser.parse_args()
    try:
        extract(arguments.data, arguments.out, arguments.variants)
    except UserError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
