"""A small extracted file of made faces: three clips and a portrait, with a random net in the mixer's shape."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np

SIZES: tuple[tuple[int, ...], ...] = (
    (96, 146), (96,), (64, 2), (64,), (64,),
    *(((64,), (384, 97), (384,), (97, 384), (97,), (64,), (256, 64), (256,), (64, 256), (64,)) * 4),
    (52, 64), (52,),
)  # fmt: skip
CLIPS = ("d0", "d1", "d2")
FRAMES = 24


def mixer_weights(seed: int = 0) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [rng.normal(0, 1 / np.sqrt(size[-1]), size).astype(np.float32) for size in SIZES]


def write(data: Path, path: Path) -> Path:
    """Write made data into `data` and what was read from them into `path`."""
    rng = np.random.default_rng(1)
    names = [f"{clip}.mp4" for clip in CLIPS] + ["s0.jpg", "face_landmarker_v2_with_blendshapes.task"]
    folders = {".mp4": "face/clips", ".jpg": "face/portraits", ".task": "weights"}
    sources = []
    for name in names:
        file = data / folders[Path(name).suffix] / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(name.encode())
        sources.append(f"{name} {hashlib.sha256(name.encode()).hexdigest()}")
    clip = [name for name in CLIPS for _ in range(FRAMES)] + ["s0"]
    head = rng.normal(0, 50, (478, 3))
    mesh = (head + rng.normal(0, 1, (len(clip), 478, 3))).astype(np.float32)
    held: dict[str, Any] = {
        "clip": np.array(clip),
        "variant": np.zeros(len(clip), np.int8),
        "time_s": np.array([index / 25 for _ in CLIPS for index in range(FRAMES)] + [0.0]),
        "mesh": mesh,
        "task": mesh + np.float32(0.5),
        "shapes": rng.random((len(clip), 52)).astype(np.float32),
        "crops": rng.integers(0, 255, (len(clip), 144, 144, 3)).astype(np.uint8),
        "sources": np.array(sources),
    }
    held |= {f"mixer/{number:02d}": values for number, values in enumerate(mixer_weights())}
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, **held)
    return path
