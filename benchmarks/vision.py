"""`python -m benchmarks vision --data DIR`: seeing on real pictures: its cost, how fast it acts, how often it errs."""

import argparse
import asyncio
import csv
import itertools
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import psutil
from numpy.typing import NDArray

from benchmarks.report import MachineLoad, judge
from runtime.capture.file import read_recording
from runtime.core.clock import now, sleep_until
from runtime.core.device import PROFILES
from runtime.core.errors import UserError
from runtime.core.messages import CameraImage, Face, Gesture, Sight
from runtime.core.models import ModelRegistry
from runtime.core.settings import load_settings
from runtime.engine import Engine
from runtime.mirroring import MirrorSession
from runtime.perception.vision.finders import open_faces, open_hands
from runtime.perception.vision.pose import read_pose
from runtime.perception.vision.shapes import Shapes
from runtime.perception.watcher import Watcher, make_watcher
from runtime.session import Session

Picture = NDArray[np.uint8]
FPS: Final = 25
FACES_HZ, HANDS_HZ = 15, 10
HELD_OUT: Final = ("1528664299.56", "5", "996")
"""The recordings of hands that neither taught the gesture model nor chose its weights."""
SIGNS: Final = {0: ("fist",), 1: ("point", "thumb_up", "thumb_down"), 2: ("victory",), 5: ("open_palm",)}
"""What so many raised fingers may be called; 3 and 4 have no name."""
HOLD_S: Final = 1.2
EVERY: Final = 3
VISIBLE_S: Final = 0.08
"""A movement of the face is seen about so long after it began: a third of it has been done."""
TALK: Final = ("what are your opening hours", "where is the cafe", "how much is a ticket", "tell me about the garden")
MOVES: Final = 0.02
"""A blendshape moves in a clip where its standard deviation by the teacher is above this."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("--data", type=Path, required=True, help="folder with face/clips, gesture/hands and weights")
    parser.add_argument("--output", type=Path, default=Path("out/vision.json"), help="where the figures are written")


def run(args: argparse.Namespace) -> int:
    """Measure, print, write; return 1 if a budget is not kept."""
    clips = sorted((args.data / "face" / "clips").glob("*.mp4"))
    if not clips:
        raise UserError(f"There are no clips in {args.data / 'face' / 'clips'}.", "See docs/data.md.")
    samples: dict[str, list[float]] = defaultdict(list)
    details: dict[str, Any] = {}
    load = MachineLoad()
    videos = {path.stem: list(_video(path)) for path in clips}
    palms = [picture for picture, fingers in _hands(args.data / "gesture" / "hands") if fingers == 5]
    asyncio.run(_talk(next(iter(videos.values())), palms, samples))
    asyncio.run(_mirror(next(iter(videos.values())), samples))
    details["false_gestures"] = _false_gestures(videos, samples)
    details["signs"] = _signs(args.data / "gesture" / "hands", samples)
    teacher = args.data / "weights" / "face_landmarker_v2_with_blendshapes.task"
    if teacher.is_file():
        details["agreement"] = _agreement(videos, teacher, samples)
    steal, idle = load.shares()
    print(f"processor time stolen {steal:.1%}, idle {idle:.1%}")
    return 0 if judge("vision", samples, {**details, "steal": steal, "idle": idle}, args.output) else 1


# ------------------------------------------------------------ live, with the real processes


async def _talk(video: list[Picture], palms: list[Picture], samples: dict[str, list[float]]) -> None:
    """Let somebody be seen while the character speaks, and stop it by an open palm again and again."""
    async with Engine(load_settings({}, environment={}), PROFILES["edge"]) as engine:
        await engine.until_seeing()
        session = await engine.open_session()
        assert isinstance(session, Session)
        session.perceive(show=True)
        seen: list[tuple[float, Any]] = []
        tasks = [
            asyncio.create_task(_follow(session, seen)),
            asyncio.create_task(_draw(session, seen, samples["reaction_ms"])),
        ]
        begun, cpu_s = time.monotonic(), _senses_s(engine)
        for turn, palm in enumerate(palms):
            await session.ask(TALK[turn % len(TALK)])
            await _show(session, video, 2.5)
            await _show(session, [palm], HOLD_S)
        took_s = time.monotonic() - begun
        samples["cpu_cores"].append((_senses_s(engine) - cpu_s) / took_s)
        sights = [event for _, event in seen if isinstance(event, Sight)]
        samples["faces_per_s"].append(sum(sight.faces is not None for sight in sights) / took_s)
        samples["hands_per_s"].append(sum(sight.hands is not None for sight in sights) / took_s)
        await _end(tasks)
        await session.close()


async def _mirror(video: list[Picture], samples: dict[str, list[float]]) -> None:
    async with Engine(load_settings({"mode": "mirror"}, environment={}), PROFILES["edge"]) as engine:
        await engine.until_seeing()
        session = await engine.open_session()
        assert isinstance(session, MirrorSession)

        async def draw() -> None:
            start_s = now()
            for frame in itertools.count():
                await sleep_until(start_s + frame / FPS)
                if await session.draw_frame(frame / FPS) is not None and session.delay_s is not None:
                    samples["mirror_ms"].append(session.delay_s * 1_000)

        task = asyncio.create_task(draw())
        await _show(session, video, 2.0, 30)
        samples["mirror_ms"].clear()  # the first pictures open the eyes
        await _show(session, video, 10.0, 30)
        await _end([task])
        await session.close()


async def _show(session: Session | MirrorSession, pictures: list[Picture], seconds: float, fps: int = FPS) -> None:
    """Be a camera for a while; the pictures are shown again and again, each a little different, as by a real one."""
    random, start_s = np.random.default_rng(0), now()
    for frame in range(round(seconds * fps)):
        await sleep_until(start_s + frame / fps)
        picture = pictures[frame % len(pictures)].copy()
        picture[::16, random.integers(picture.shape[1])] ^= 1
        session.see(CameraImage(picture, now()))


async def _follow(session: Session, seen: list[tuple[float, Any]]) -> None:
    async for event in session.events():
        seen.append((now(), event))  # noqa: PERF401 - the events never end


async def _draw(session: Session, seen: list[tuple[float, Any]], reactions_ms: list[float]) -> None:
    """Be a display, and note when the answer to each sign was to be seen."""
    start_s, known, awaited = now(), 0, list[tuple[float, float]]()
    for frame in itertools.count():
        await sleep_until(start_s + frame / FPS)
        for told_s, event in seen[known:]:
            if isinstance(event, Gesture):
                awaited.append((event.time_s, told_s))
        known = len(seen)
        session.read_audio(48_000 // FPS)
        begun_s = now()
        if await session.draw_frame(frame / FPS) is None:
            continue
        done = [(sign_s, told_s) for sign_s, told_s in awaited if begun_s >= told_s + VISIBLE_S]
        reactions_ms += [(now() - sign_s) * 1_000 for sign_s, _ in done]
        awaited = [entry for entry in awaited if entry not in done]


def _senses_s(engine: Engine) -> float:
    """Return the processor time that the process that sees has taken so far."""
    workers = engine.status()["workers"]
    assert isinstance(workers, dict)
    times = psutil.Process(workers["senses"]["pid"]).cpu_times()
    return float(times.user + times.system)


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


# ------------------------------------------------------------ picture by picture


def _false_gestures(videos: dict[str, list[Picture]], samples: dict[str, list[float]]) -> dict[str, Any]:
    """Count signs where there are none: every clip as it is, mirrored, from further off and tilted."""
    watcher, found, minutes = _watcher(), [], 0.0
    faces, hands = open_faces(None), open_hands(None)
    for name, video in videos.items():
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


def _signs(folder: Path, samples: dict[str, list[float]]) -> dict[str, Any]:
    """Hold up each picture of a hand for a while: which sign is read, if any?"""
    watcher, hands, table = _watcher(), open_hands(None), defaultdict[str, int](int)
    missed: list[bool] = []
    wrong: list[bool] = []
    for picture, fingers in _hands(folder):
        if fingers not in SIGNS:
            continue
        watcher.forget()
        hands.close()
        read = ""
        for look in range(round(HOLD_S * HANDS_HZ)):
            time_s = look / HANDS_HZ
            sight = Sight(time_s, picture.shape[1], picture.shape[0], None, tuple(hands.find(picture, time_s)))
            read = next((m.name for m in watcher.feed(sight) if isinstance(m, Gesture)), read)
        table[f"{fingers} fingers, {read or 'nothing'}"] += 1
        missed.append(not read)
        wrong.append(bool(read) and read not in SIGNS[fingers])
    hands.close()
    samples["missed_signs"].append(100.0 * float(np.mean(missed)))
    samples["wrong_signs"].append(100.0 * float(np.mean(wrong)))
    return dict(sorted(table.items()))


def _agreement(videos: dict[str, list[Picture]], bundle: Path, samples: dict[str, list[float]]) -> dict[str, float]:
    """Compare our blendshapes with the task bundle's own on the same pictures, by shape that moves."""
    shapes = Shapes(ModelRegistry(PROFILES["edge"]))
    shapes.load()
    by_clip: dict[str, float] = {}
    every: list[float] = []
    for name, video in videos.items():
        ours, theirs = [], []
        mesh, teacher = open_faces(None), open_faces(bundle)
        for frame, picture in enumerate(video):
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
        by_clip[name] = float(np.mean(rs)) if rs else float("nan")
    samples["blendshape_r"].append(float(np.mean(every)))
    return by_clip


def _look(
    faces: Any, hands: Any, picture: Picture, frame: int, time_s: float, samples: dict[str, list[float]]
) -> Sight:
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


def _hands(folder: Path) -> Iterator[tuple[Picture, int]]:
    """Return every third picture of one hand in the recordings held out, and how many fingers it shows."""
    with (folder / "labels.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["file"].split("_pic")[0] in HELD_OUT]
    hands = Counter(row["file"] for row in rows)
    for row in [row for row in rows if hands[row["file"]] == 1][::EVERY]:
        picture = cv2.imread(str(folder / row["file"]))
        if picture is not None:
            yield np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8), int(row["label"][0])
