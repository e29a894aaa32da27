"""Finds the hands in the pictures of gesture/hands and in the face clips, and writes their landmarks into one file.

The landmarks come from mediapipe 0.10.21, whose wheel carries the models. It needs an older protobuf than the rest of
the training does, so this program runs in an environment of its own and imports nothing of this project:

    python3.11 -m venv hands-venv
    hands-venv/bin/pip install --no-deps mediapipe==0.10.21
    hands-venv/bin/pip install "protobuf<5" "numpy>=2" absl-py attrs flatbuffers matplotlib opencv-python-headless
    hands-venv/bin/python training/gesture/extract.py --data DATA --out OUT/hands.npz

DATA is the folder that holds gesture/hands, face/clips and face/portraits; OUT is the out folder of the training.
The face clips go in twice: as the runtime sees them (tracking, confidence 0.5), and picture by picture at a confidence
so low (0.1) that the detector takes other things for hands; there, turned, scaled and mirrored at random too.
"""

import argparse
import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

STRICT = 0.5
LAX = 0.1
LAX_EVERY = 5
"""Of the clips, every fifth frame is looked at with the low confidence."""
VARIANTS = 4
"""How often each of these frames is looked at in another way."""
SEED = 0


def detector(confidence: float, tracking: bool) -> Any:
    """Return mediapipe's hand detector (the full models) for pictures, or for the frames of one video."""
    from mediapipe.python.solutions.hands import Hands

    return Hands(
        static_image_mode=not tracking,
        max_num_hands=2,
        model_complexity=1,
        min_detection_confidence=confidence,
        min_tracking_confidence=confidence,
    )


def hands_in(hands: Any, picture: NDArray[np.uint8]) -> list[NDArray[np.float32]]:
    """Return the hands of a BGR picture (h, w, 3): 21 landmarks each, (21, 2) float32 in pixels, y downwards."""
    height, width = picture.shape[:2]
    found = hands.process(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)).multi_hand_landmarks or []
    return [np.array([(p.x * width, p.y * height) for p in hand.landmark], np.float32) for hand in found]


def overlap(hand: NDArray[np.float32], box: NDArray[np.float32]) -> float:
    """Return the intersection over union of a hand's bounding box and a labelled `box` (x0, y0, x1, y1)."""
    low, high = hand.min(0), hand.max(0)
    both = float(np.prod(np.clip(np.minimum(high, box[2:]) - np.maximum(low, box[:2]), 0, None)))
    return both / float(np.prod(high - low) + np.prod(box[2:] - box[:2]) - both)


def labelled(folder: Path) -> dict[str, list[Any]]:
    """Return one entry for each labelled hand of the pictures: picture, count of raised fingers, found, landmarks."""
    rows: dict[str, list[Any]] = {"picture": [], "count": [], "found": [], "hand": []}
    by_file: dict[str, list[tuple[int, NDArray[np.float32]]]] = {}
    with (folder / "labels.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            box = np.array([row["xmin"], row["ymin"], row["xmax"], row["ymax"]], np.float32)
            by_file.setdefault(row["file"], []).append((int(row["label"][0]), box))
    hands = detector(STRICT, tracking=False)
    for name, boxes in by_file.items():
        picture = cv2.imread(str(folder / name))
        if picture is None:
            print(f"{name} is missing")
            continue
        found = hands_in(hands, np.asarray(picture, np.uint8))
        for count, box in boxes:
            best = max(range(len(found)), key=lambda i: overlap(found[i], box), default=-1)
            hit = best >= 0 and overlap(found[best], box) >= 0.3
            rows["picture"].append(name)
            rows["count"].append(count)
            rows["found"].append(hit)
            rows["hand"].append(found.pop(best) if hit else np.zeros((21, 2), np.float32))
    return rows


def frames(clip: Path) -> Iterator[NDArray[np.uint8]]:
    """Yield the frames of a video, (h, w, 3) BGR."""
    video = cv2.VideoCapture(str(clip))
    while True:
        ok, picture = video.read()
        if not ok:
            return
        yield np.asarray(picture, np.uint8)


def varied(picture: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return a picture turned by up to 50 degrees, scaled by 0.5 to 1.6, brighter or darker, perhaps mirrored."""
    height, width = picture.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), rng.uniform(-50, 50), np.exp(rng.uniform(-0.7, 0.47)))
    seen = cv2.warpAffine(picture, turn, (width, height), borderMode=cv2.BORDER_REPLICATE)
    light = cv2.LUT(seen, (255 * np.linspace(0, 1, 256) ** np.exp(rng.normal(0, 0.3))).astype(np.uint8))
    return np.asarray(light[:, ::-1] if rng.uniform() < 0.5 else light, np.uint8)


def faces(folder: Path) -> dict[str, NDArray[Any]]:
    """Return what is taken for hands in the face clips and portraits, and how many pictures of each were looked at.

    Arrays: `name` of the clips and portraits, `looked` (n, 2): how many frames and pictures of each; `tracked_name`,
    `tracked_frame` and `tracked_hand` of each find with tracking; `lax_name`, `lax_varied` (was the picture turned and
    scaled) and `lax_hand` of each find at low confidence.
    """
    lax, rng = detector(LAX, tracking=False), np.random.default_rng(SEED)
    tracked: list[tuple[str, int, NDArray[np.float32]]] = []
    loose: list[tuple[str, bool, NDArray[np.float32]]] = []
    looked: dict[str, list[int]] = {}

    def look(name: str, picture: NDArray[np.uint8]) -> None:
        for variant in range(1 + VARIANTS):
            looked[name][1] += 1
            found = hands_in(lax, varied(picture, rng) if variant else picture)
            loose.extend((name, variant > 0, hand) for hand in found)

    for clip in sorted((folder / "clips").glob("*.mp4")):
        tracker, looked[clip.stem] = detector(STRICT, tracking=True), [0, 0]
        for index, picture in enumerate(frames(clip)):
            looked[clip.stem][0] += 1
            tracked += [(clip.stem, index, hand) for hand in hands_in(tracker, picture)]
            if index % LAX_EVERY == 0:
                look(clip.stem, picture)
    for path in sorted((folder / "portraits").glob("*.jpg")):
        looked[path.stem] = [0, 0]
        look(path.stem, np.asarray(cv2.imread(str(path)), np.uint8))
    return {
        "name": np.array(list(looked), np.str_),
        "looked": np.array(list(looked.values()), np.int64),
        "tracked_name": np.array([name for name, _, _ in tracked], np.str_),
        "tracked_frame": np.array([index for _, index, _ in tracked], np.int64),
        "tracked_hand": np.array([hand for _, _, hand in tracked], np.float32).reshape(-1, 21, 2),
        "lax_name": np.array([name for name, _, _ in loose], np.str_),
        "lax_varied": np.array([varied_ for _, varied_, _ in loose], np.bool_),
        "lax_hand": np.array([hand for _, _, hand in loose], np.float32).reshape(-1, 21, 2),
    }


def main() -> None:
    """Write OUT/hands.npz."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="the data folder")
    parser.add_argument("--out", type=Path, required=True, help="the file to write, for example OUT/hands.npz")
    wanted = parser.parse_args()
    rows = labelled(wanted.data / "gesture" / "hands")
    arrays = {name: np.array(values) for name, values in rows.items()}
    arrays.update(faces(wanted.data / "face"))
    wanted.out.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(wanted.out, **arrays)  # type: ignore[arg-type]
    print(f"{arrays['found'].sum()} of {len(arrays['found'])} labelled hands found")
    frames_seen, pictures_seen = arrays["looked"].sum(0)
    print(f"{len(arrays['tracked_hand'])} hands in {frames_seen} frames of face clips as tracked")
    print(f"{len(arrays['lax_hand'])} in {pictures_seen} pictures of faces at the low confidence")


if __name__ == "__main__":
    main()
