"""`python -m benchmarks vision --data DIR`: seeing on real pictures: its cost, how fast it acts, how often it errs."""

import argparse
import asyncio
import itertools
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

from benchmarks import visit
from benchmarks.hands import FINGERS, FPS, HELD, MOVEMENTS, SIGNS, HandPicture, Picture, pictures, video
from benchmarks.report import MachineLoad, judge
from benchmarks.visit import Samples
from runtime.capture.file import read_recording
from runtime.core.device import PROFILES
from runtime.core.errors import UserError
from runtime.core.messages import Face, Gesture, Sight
from runtime.core.models import ModelRegistry
from runtime.perception.vision.finders import open_faces, open_hands
from runtime.perception.vision.pose import read_pose
from runtime.perception.vision.shapes import Shapes
from runtime.perception.watcher import Watcher, make_watcher

FACES_HZ, HANDS_HZ = 15, 10
HOLD_S: Final = 1.2
MOVES: Final = 0.02
"""A blendshape moves in a clip where its standard deviation by the teacher is above this."""
WALL_S: Final = 3.0
EACH: Final = 8
"""So many hands make each movement."""
LIVE: Final = {"wave": 4, "swipe_left": 4, "swipe_right": 4, "circle_clockwise": 4}
"""How many hands make each movement before the running character; `LIVE_HELD` more are held up."""
LIVE_HELD: Final = {5: 6, 1: 6}
"""By the number of fingers."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("--data", type=Path, required=True, help="folder with face/clips, gesture/hands and weights")
    parser.add_argument("--output", type=Path, default=Path("out/vision.json"), help="where the figures are written")


def run(args: argparse.Namespace) -> int:
    """Measure, print, write; return 1 if a budget is not kept."""
    clips = sorted((args.data / "face" / "clips").glob("*.mp4"))
    if not clips:
        raise UserError(f"There are no clips in {args.data / 'face' / 'clips'}.", "See docs/data.md.")
    samples = Samples(list)
    details: dict[str, Any] = {}
    load = MachineLoad()
    hands = list(pictures(args.data / "gesture" / "hands"))
    wall = _wall(clips[0])
    details["reactions_ms"] = asyncio.run(visit.sign(wall, list(_live(hands, wall)), samples))
    details["load"] = asyncio.run(visit.load(wall, samples))
    asyncio.run(visit.mirror(list(itertools.islice(_video(clips[0]), 100)), samples))
    details["false_gestures"] = _false_gestures(clips, samples)
    details["signs"] = _signs(hands, samples)
    details["movements"] = _movements(hands, wall, samples)
    teacher = args.data / "weights" / "face_landmarker_v2_with_blendshapes.task"
    if teacher.is_file():
        details["agreement"] = _agreement(clips, teacher, samples)
    steal, idle = load.shares()
    print(f"processor time stolen {steal:.1%}, idle {idle:.1%}")
    return 0 if judge("vision", samples, {**details, "steal": steal, "idle": idle}, args.output) else 1


def _false_gestures(clips: list[Path], samples: Samples) -> dict[str, Any]:
    """Count signs where there are none: every clip as it is, mirrored, from further off and tilted."""
    watcher, found, minutes = _watcher(), [], 0.0
    faces, hands = open_faces(None), open_hands(None)
    for path in clips:
        name, video = path.stem, list(_video(path))
        for view in range(4):
            watcher.forget()
            for frame, picture in enumerate(video):
                time_s = frame / FPS
                sight = _look(faces, hands, _seen_from(picture, view), frame, time_s, samples)
                found += [(name, view, m.name) for m in watcher.feed(sight) if isinstance(m, Gesture)]
            minutes += len(video) / FPS / 60
            faces.close()
            hands.close()
    samples["false_gestures_per_min"].append(len(found) / minutes)
    return {"minutes": minutes, "found": found}


def _signs(hands: list[HandPicture], samples: Samples) -> dict[str, int]:
    """Hold up each picture of a hand for a while: which sign is read, if any?"""
    table, missed, wrong = Counter[str](), [], []
    for hand in hands:
        if hand.fingers not in SIGNS:
            continue
        read = _read([hand.pixels] * round(HOLD_S * HANDS_HZ), HANDS_HZ)
        table[f"{hand.fingers} fingers, {'+'.join(read) or 'nothing'}"] += 1
        missed.append(not read)
        wrong.append(any(name not in SIGNS[hand.fingers] for name in read))
    samples["missed_signs"].append(100.0 * float(np.mean(missed)))
    samples["wrong_signs"].append(100.0 * float(np.mean(wrong)))
    return dict(sorted(table.items()))


def _movements(hands: list[HandPicture], wall: list[Picture], samples: Samples) -> dict[str, int]:
    """Move hands before a face: which signs are read? Any but the movement is a wrong one."""
    table, missed, wrong = Counter[str](), [], []
    for name in MOVEMENTS:
        for hand in _with(hands, FINGERS[name])[:EACH]:
            read = _read(video(hand, MOVEMENTS[name], wall), FPS)
            table[f"{name}, {'+'.join(read) or 'nothing'}"] += 1
            missed.append(name not in read)
            wrong.append(bool(set(read) - {name}))
    samples["missed_movements"].append(100.0 * float(np.mean(missed)))
    samples["wrong_movements"].append(100.0 * float(np.mean(wrong)))
    return dict(sorted(table.items()))


def _read(frames: list[Picture], rate_hz: int) -> list[str]:
    """Return the signs that are read in a video, looked at for hands as often as the runtime does."""
    watcher, finder, read = _watcher(), open_hands(None), []
    for number, picture in enumerate(frames):
        if int((number + 1) * HANDS_HZ / rate_hz) > int(number * HANDS_HZ / rate_hz):
            time_s = number / rate_hz
            sight = Sight(time_s, picture.shape[1], picture.shape[0], None, tuple(finder.find(picture, time_s)))
            read += [notice.name for notice in watcher.feed(sight) if isinstance(notice, Gesture)]
    finder.close()
    return read


def _with(hands: list[HandPicture], fingers: int) -> list[HandPicture]:
    """Return hands that show so many fingers, some of each recording."""
    shown = [hand for hand in hands if hand.fingers == fingers]
    return shown[:: max(1, len(shown) // EACH)]


def _live(hands: list[HandPicture], wall: list[Picture]) -> Iterator[list[Picture]]:
    """Yield videos of signs in turn."""
    shown = [(MOVEMENTS[name], hand) for name, count in LIVE.items() for hand in _with(hands, FINGERS[name])[:count]]
    shown += [(HELD, hand) for fingers, count in LIVE_HELD.items() for hand in _with(hands, fingers)[:count]]
    order = np.random.default_rng(0).permutation(len(shown))
    for number in order:
        movement, hand = shown[number]
        yield video(hand, movement, wall)


def _wall(clip: Path) -> list[Picture]:
    """Return pictures of 640x480 pixels in which the person of a clip sits to the right."""
    frames = []
    for face in itertools.islice(_video(clip), round(WALL_S * FPS)):
        frame = np.full((480, 640, 3), 150, np.uint8)
        frame[20:260, 390:630] = cv2.resize(face, (240, 240))
        frames.append(frame)
    return frames


def _agreement(clips: list[Path], bundle: Path, samples: Samples) -> dict[str, float]:
    """Compare our blendshapes with the task bundle's own on the same pictures, by shape that moves."""
    shapes = Shapes(ModelRegistry(PROFILES["edge"]))
    shapes.load()
    by_clip: dict[str, float] = {}
    every: list[float] = []
    for path in clips:
        ours, theirs = [], []
        mesh, teacher = open_faces(None), open_faces(bundle)
        for frame, picture in enumerate(_video(path)):
            mine, other = mesh.find(picture, frame / FPS), teacher.find(picture, frame / FPS)
            if len(mine) == len(other) == 1 and other[0].weights is not None:
                ours.append(shapes.read(mine[0].landmarks))
                theirs.append(other[0].weights)
        mesh.close()
        teacher.close()
        a, b = np.array(ours), np.array(theirs)
        moving = np.flatnonzero(b.std(0) > MOVES)
        rs = [float(np.corrcoef(a[:, i], b[:, i])[0, 1]) for i in moving if a[:, i].std() > 0]
        every += rs
        by_clip[path.stem] = float(np.mean(rs)) if rs else float("nan")
    samples["blendshape_r"].append(float(np.mean(every)))
    return by_clip


def _look(faces: Any, hands: Any, picture: Picture, frame: int, time_s: float, samples: Samples) -> Sight:
    """Look at a picture as often for faces and hands as the runtime does, and note the cost."""
    sight_faces = sight_hands = None
    if _due(frame, FACES_HZ):
        begun = time.perf_counter()
        found = faces.find(picture, time_s)
        samples["face_ms"].append((time.perf_counter() - begun) * 1_000)
        poses = [(one, read_pose(one.landmarks, picture.shape[1], picture.shape[0])) for one in found]
        none = np.zeros(52, np.float32)
        sight_faces = tuple(Face(one.landmarks, none, p.head, p.gaze, p.distance_m) for one, p in poses if p)
    if _due(frame, HANDS_HZ):
        begun = time.perf_counter()
        sight_hands = tuple(hands.find(picture, time_s))
        samples["hands_ms"].append((time.perf_counter() - begun) * 1_000)
    return Sight(time_s, picture.shape[1], picture.shape[0], sight_faces, sight_hands)


def _due(frame: int, rate_hz: int) -> bool:
    return int((frame + 1) * rate_hz / FPS) > int(frame * rate_hz / FPS)


def _seen_from(picture: Picture, view: int) -> Picture:
    height, width = picture.shape[:2]
    if view == 1:
        return np.ascontiguousarray(picture[:, ::-1])
    if view in (2, 3):
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), 0.0 if view == 2 else 10.0, 0.6 if view == 2 else 0.9)
        return np.asarray(cv2.warpAffine(picture, turn, (width, height), borderValue=(90, 90, 90)), np.uint8)
    return picture


def _watcher() -> Watcher:
    return make_watcher(ModelRegistry(PROFILES["edge"]))


def _video(path: Path) -> Iterator[Picture]:
    for image in read_recording(path).iter_images():
        yield image.rgb
