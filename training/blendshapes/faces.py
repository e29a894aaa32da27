"""The faces that `extract.py` read: rows of landmarks and blendshapes, by clip and by changed copy of it."""

import hashlib
import importlib.util
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from runtime.core.errors import UserError
from training.run import Run

log = logging.getLogger(__name__)

FILE_NAME: Final = "face_features.npz"
COMMAND: Final = "python -m training.blendshapes.extract --data DIR --out OUT/face_features.npz"


@dataclass(frozen=True)
class Faces:
    """One row a frame of a clip, or a portrait, in which both detectors see a face; n rows."""

    clip: NDArray[np.str_]
    """(n,) name of the file without its ending."""
    variant: NDArray[np.int8]
    """(n,) 0 is the plain picture; others see `extract.VARIANTS`."""
    time_s: NDArray[np.float64]
    mesh: NDArray[np.float32]
    """(n, 478, 3) landmarks of face mesh in pixels, as the runtime finds them."""
    task: NDArray[np.float32]
    """(n, 478, 3) landmarks of the face landmarker."""
    shapes: NDArray[np.float32]
    """(n, 52) blendshapes of the face landmarker."""
    crops: NDArray[np.uint8]
    """(plain rows, 144, 144, 3) RGB of the face, for the plain rows in their order."""
    mixer: list[NDArray[np.float32]]
    """The weights of the landmarker's blendshape net."""

    def rows(self, kept: NDArray[np.bool_]) -> "Faces":
        """Return some rows; `kept` (n,)."""
        return Faces(
            self.clip[kept],
            self.variant[kept],
            self.time_s[kept],
            self.mesh[kept],
            self.task[kept],
            self.shapes[kept],
            self.crops[kept[self.variant == 0]],
            self.mixer,
        )

    @property
    def clips(self) -> list[str]:
        """Names of the videos; portraits have a single plain frame."""
        names, counts = np.unique(self.clip[self.variant == 0], return_counts=True)
        return [str(name) for name, count in zip(names, counts, strict=True) if count > 1]


def find(run: Run) -> Path:
    """Return the extracted file: in --out, beside it, or in --data; made now where mediapipe can be imported.

    Raises:
        UserError: it is nowhere, and mediapipe isn't installed here.
    """
    places = [folder / FILE_NAME for folder in (run.out, run.out.parent, run.data)]
    if there := [path for path in places if path.is_file()]:
        return there[0]
    if importlib.util.find_spec("mediapipe") is None or importlib.util.find_spec("ai_edge_litert") is None:
        raise UserError(
            f"{places[0]} is missing: what mediapipe 0.10.21 sees in the faces.",
            f"In an environment with mediapipe==0.10.21 run: {COMMAND}; its first lines say how to make one.",
        )
    from training.blendshapes.extract import VARIANTS, extract

    log.info("reading the faces, which takes about 20 minutes")
    extract(run.data, places[0], len(VARIANTS))
    return places[0]


def load(path: Path, data: Path | None = None, crops: bool = False) -> Faces:
    """Return what `extract.py` wrote.

    Args:
        path: the file.
        data: where given, the clips, portraits and weights in it must be those that were read.
        crops: whether the pictures are needed.

    Raises:
        UserError: the file is damaged, or was made of other data.
    """
    try:
        with np.load(path) as held:
            sources = [str(line).rsplit(" ", 1) for line in held["sources"]]
            rows = {name: held[name] for name in ("clip", "variant", "time_s", "mesh", "task", "shapes")}
            plain = int((rows["variant"] == 0).sum())
            pictures = held["crops"] if crops else np.zeros((plain, 0, 0, 3), np.uint8)
            mixer = [held[name] for name in sorted(held.files) if name.startswith("mixer/")]
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise UserError(f"{path} can't be read: {error}.", f"Make it again: {COMMAND}") from None
    if data is not None:
        _refuse_others(path, data, sources)
    return Faces(**rows, crops=pictures, mixer=mixer)


def _refuse_others(path: Path, data: Path, sources: list[list[str]]) -> None:
    folders = {".mp4": "face/clips", ".jpg": "face/portraits", ".task": "weights"}
    for name, wanted in sources:
        source = data / folders[Path(name).suffix] / name
        if not source.is_file() or hashlib.sha256(source.read_bytes()).hexdigest() != wanted:
            raise UserError(f"{path} was read from another {name} than {source}.", f"Make it again: {COMMAND}")
