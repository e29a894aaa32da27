"""Who is there and whether they look this way. Pure: reads no clock.

A state is told only after it was seen for a while, so one lost picture, a blink or a glance aside is nothing. Nothing
is said of whether a face is alive: a photo that is held up is present.
"""

from typing import Final

import numpy as np

from runtime.core.blendshapes import INDEX
from runtime.core.messages import Face, Presence, PresenceChanged

CAME_S: Final = 0.5
LEFT_S: Final = 2.0
LOOKS_S: Final = 0.5
LOOKS_AWAY_S: Final = 0.8
"""How long a state must hold before it is told. Leaving takes longest: it ends a conversation."""
LOST_S: Final = 0.4
"""A face that is lost no longer was there all the time, and looked as it looked before."""
SURE: Final = 0.7
"""Looks are averaged over time, 1 for a look this way: above this share somebody looks here, below the rest not."""
PICTURE_S: Final = 0.5
"""A picture stands for the time since the one before it, but for no more than this."""

YAW_DEGREES: Final = 20.0
PITCH_DEGREES: Final = 25.0
"""Who looks this way: the camera is seldom where the character is, and is off more in height than to the side."""
STILL: Final = 1.4
"""Who looks this way does so until they turn by this factor further."""
GAZE_DEGREES: Final = 30.0
"""A gaze of 1 is so far past the camera."""
GAZE_SHARE: Final = 0.6
"""How much the eyes count beside the head: they say more, but are seen less surely."""
LIDS_DOWN: Final = 0.5
"""Behind lids that are lower the gaze isn't known; then the head alone counts."""

_LIDS: Final = (INDEX["eyeBlinkLeft"], INDEX["eyeBlinkRight"])


def turned_away(face: Face) -> float:
    """Return how far a face looks past the camera: below 1 it looks this way."""
    yaw, pitch, _ = face.head
    if max(face.weights[lid] for lid in _LIDS) < LIDS_DOWN:
        yaw += GAZE_SHARE * (face.gaze[0] * GAZE_DEGREES - yaw)
        pitch += GAZE_SHARE * (face.gaze[1] * GAZE_DEGREES - pitch)
    return float(np.hypot(yaw / YAW_DEGREES, pitch / PITCH_DEGREES))


def looks_here(face: Face) -> bool:
    """Whether a face looks this way, judged by this one picture."""
    return turned_away(face) < 1.0


class PresenceWatch:
    """Says when somebody came, looks this way, turned away or left."""

    def __init__(self) -> None:
        self.presence = Presence.AWAY
        self._last_s: float | None = None
        self._there_s = self._lost_s = 0.0
        self._looks = 0.0
        self._looked = False

    def feed(self, time_s: float, face: Face | None) -> PresenceChanged | None:
        """Take the partner's face, None where no face is seen; return the change that is sure now, if one is."""
        passed_s = 0.0 if self._last_s is None else min(max(time_s - self._last_s, 0.0), PICTURE_S)
        self._last_s = time_s
        self._lost_s = 0.0 if face is not None else self._lost_s + passed_s
        self._there_s = 0.0 if self._lost_s > LOST_S else self._there_s + (passed_s if face is not None else 0.0)
        self._average(passed_s, face)
        presence = self._judge()
        if presence is self.presence:
            return None
        self.presence = presence
        return PresenceChanged(presence, time_s)

    def _average(self, passed_s: float, face: Face | None) -> None:
        """Let the share of looks follow the face, at a pace that makes it sure after just the times set."""
        if face is None and self._lost_s <= LOST_S:
            return
        self._looked = face is not None and turned_away(face) < (STILL if self._looked else 1.0)
        holds_s = LOOKS_S if self._looked else LOOKS_AWAY_S
        self._looks += (self._looked - self._looks) * (1 - (1 - SURE) ** (passed_s / holds_s))

    def _judge(self) -> Presence:
        if self._lost_s >= LEFT_S or (self.presence is Presence.AWAY and self._there_s < CAME_S):
            return Presence.AWAY
        if self._looks >= SURE:
            return Presence.LOOKING
        return Presence.HERE if self._looks <= 1 - SURE or self.presence is Presence.AWAY else self.presence
