"""The vision process's part: looks at the pictures of all sessions, each with trackers of its own."""

import logging
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from runtime.core.device import PROFILES, Profile
from runtime.core.errors import UserError
from runtime.core.messages import Face, Sight
from runtime.core.models import ModelRegistry
from runtime.perception.vision.finders import FaceFinder, HandFinder, open_faces, open_hands
from runtime.perception.vision.pace import Look
from runtime.perception.vision.partner import PartnerChooser
from runtime.perception.vision.picture import SharedPicture
from runtime.perception.vision.pose import read_pose
from runtime.perception.vision.shapes import Shapes

log = logging.getLogger(__name__)

SERVICE: Final = "vision"
MAX_SESSIONS: Final = 16
"""Trackers of one camera take 85 MB."""
UNKNOWN_SESSION: Final = "No eyes are open for session"
_BLANK: Final = np.full((480, 640, 3), 127, np.uint8)


class Watcher(Protocol):
    """What follows one person over time: emotion, gestures, presence. It lives in the vision process."""

    def feed(self, sight: Sight) -> list[Any]:
        """Take what was seen and return the messages that follow from it; they must pickle."""

    def forget(self) -> None:
        """Forget the person."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The answer to a look: `messages` come from the watcher; the times are what the looking took, None if not done."""

    sight: Sight
    messages: tuple[Any, ...]
    faces_s: float | None
    hands_s: float | None


@dataclass(frozen=True, slots=True)
class _Finders:
    faces: FaceFinder
    hands: HandFinder

    def blank(self) -> None:
        """Look at nothing: whoever was tracked is lost, and the last picture is not kept inside MediaPipe."""
        self.faces.find(_BLANK, 0.0)
        self.hands.find(_BLANK, 0.0)

    def close(self) -> None:
        self.faces.close()
        self.hands.close()


@dataclass(slots=True)
class _Open:
    picture: SharedPicture
    finders: _Finders
    watcher: Watcher | None
    partner: PartnerChooser = field(default_factory=PartnerChooser)


class VisionService:
    """Eyes of all sessions. A worker service: one thread, `load` first, `close` last."""

    def __init__(
        self,
        face_task: str = "",
        hand_task: str = "",
        profile: Profile | None = None,
        watcher: Callable[[ModelRegistry], Watcher] | None = None,
        nice: int = 0,
    ) -> None:
        """Look with the task bundles (.task files) named, else with the models of mediapipe's wheel.

        `watcher` makes one for each session from the models of `profile`; it is called in the vision process and must
        pickle. `nice` lowers the priority of the thread that loads this, and so of all that MediaPipe starts.
        """
        self._face_task = Path(face_task) if face_task else None
        self._hand_task = Path(hand_task) if hand_task else None
        self._make_watcher = watcher
        self._nice = nice
        self._registry = ModelRegistry(profile or PROFILES["edge"])
        self._shapes = Shapes(self._registry)
        self._open: dict[str, _Open] = {}
        self._spare: list[_Finders] = []  # of sessions that ended: what MediaPipe gives back stays lost in the heap

    def load(self) -> None:
        """Load every model once.

        Raises:
            UserError: mediapipe is missing or can't be loaded, or a task bundle is none.
        """
        import cv2

        cv2.setNumThreads(1)
        if self._nice:
            os.nice(self._nice)
        self._spare.append(self._take_finders())
        self._shapes.load(needed=self._face_task is None)
        if self._make_watcher is not None:
            self._make_watcher(self._registry).forget()

    def open(self, session: str, shared_name: str) -> None:
        """Make eyes for `session`, which hands its pictures over in `shared_name`; a second open replaces the first.

        Raises:
            UserError: too many sessions, or there is no such memory.
        """
        self.close_session(session)
        if len(self._open) >= MAX_SESSIONS:
            raise UserError(f"This process already looks for {MAX_SESSIONS} sessions.", "End another session first.")
        picture = SharedPicture.attach(shared_name)
        try:
            watcher = self._make_watcher(self._registry) if self._make_watcher is not None else None
            self._open[session] = _Open(picture, self._take_finders(), watcher)
        except BaseException:
            picture.close()
            raise

    def look(self, session: str, width: int, height: int, time_s: float, look: Look) -> Seen:
        """Look at the picture of `width` x `height` that is in the session's memory, taken at `time_s`.

        Raises:
            UserError: the session was never opened here (or this process is a new one), or no picture is so large.
        """
        eyes = self._open.get(session)
        if eyes is None:
            raise UserError(f"{UNKNOWN_SESSION} {session[:80]!r}.", "Open them again.")
        rgb = eyes.picture.view(width, height)
        faces = hands = faces_s = hands_s = None
        started_s = time.perf_counter()
        if look.faces:
            faces = eyes.partner.choose(self._faces(eyes.finders.faces, rgb, time_s), time_s)
            faces_s = time.perf_counter() - started_s
        if look.hands:
            hands = tuple(eyes.finders.hands.find(rgb, time_s))
            hands_s = time.perf_counter() - started_s - (faces_s or 0.0)
        sight = Sight(time_s, width, height, faces, hands)
        messages = tuple(eyes.watcher.feed(sight)) if eyes.watcher is not None else ()
        return Seen(sight, messages, faces_s, hands_s)

    def forget(self, session: str) -> None:
        """Forget who was seen in `session`, as if its camera had just been switched on; unknown ones are ignored."""
        eyes = self._open.get(session)
        if eyes is None:
            return
        eyes.partner.forget()
        eyes.finders.blank()
        if eyes.watcher is not None:
            eyes.watcher.forget()

    def close_session(self, session: str) -> None:
        """End the eyes of `session`; unknown ones are ignored."""
        eyes = self._open.pop(session, None)
        if eyes is None:
            return
        eyes.picture.close()
        eyes.finders.blank()
        self._spare.append(eyes.finders)
        if eyes.watcher is not None:
            eyes.watcher.forget()

    def close(self) -> None:
        """End every session."""
        for session in list(self._open):
            self.close_session(session)
        for finders in self._spare:
            finders.close()
        self._spare.clear()

    def _take_finders(self) -> _Finders:
        """Return trackers for a camera; they have run before, so that their first picture is as fast as any."""
        if self._spare:
            return self._spare.pop()
        finders = _Finders(open_faces(self._face_task), open_hands(self._hand_task))
        finders.faces.start()
        finders.hands.start()
        finders.blank()
        return finders

    def _faces(self, finder: FaceFinder, rgb: NDArray[np.uint8], time_s: float) -> list[Face]:
        faces = []
        for found in finder.find(rgb, time_s):
            pose = read_pose(found.landmarks, rgb.shape[1], rgb.shape[0])
            if pose is None:
                continue
            weights = found.weights if found.weights is not None else self._shapes.read(found.landmarks)
            faces.append(Face(found.landmarks, weights, pose.head, pose.gaze, pose.distance_m))
        return faces
