"""Who of several people is talked to: the nearest one who looks this way, and the same one as long as they stay."""

from typing import Final

import numpy as np

from runtime.core.messages import Face
from runtime.perception.presence import looks_here

HOLD_S: Final = 0.8
"""A partner not found for less than this is thought to be there still."""
TAKE_OVER_S: Final = 1.0
"""So long another must have been the better choice before they become the partner."""
NEARER: Final = 0.7
"""Another who looks this way is the better choice if this much nearer, or if the partner looks away."""
REACH: Final = 0.8
"""A face is the one seen before if its middle has moved by less than this share of its size."""


class PartnerChooser:
    """Keeps a partner among the faces of successive pictures of one camera."""

    def __init__(self) -> None:
        self._place: tuple[float, float, float] | None = None
        self._seen_s = 0.0
        self._rival: tuple[float, float, float] | None = None
        self._rival_since_s = 0.0

    def choose(self, faces: list[Face], time_s: float) -> tuple[Face, ...] | None:
        """Return the faces with the partner's first, the others by distance.

        None while the partner is not among them but was a moment ago: who is who can't be told from this picture.
        """
        by_distance = sorted(faces, key=lambda face: (not looks_here(face), face.distance_m))
        partner = _find(self._place, by_distance)
        if partner is None and self._place is not None and faces and 0 <= time_s - self._seen_s < HOLD_S:
            return None
        if partner is None:
            if not faces:
                if self._place is not None and not 0 <= time_s - self._seen_s < HOLD_S:
                    self.forget()
                return ()
            partner = by_distance[0]
            self._rival = None
        else:
            partner = self._taken_over(partner, by_distance[0], time_s)
        self._place, self._seen_s = _place(partner), time_s
        return (partner, *(face for face in by_distance if face is not partner))

    def forget(self) -> None:
        """Have no partner."""
        self._place = self._rival = None

    def _taken_over(self, partner: Face, best: Face, time_s: float) -> Face:
        """Return who is the partner now: `best` once they have been the better choice for long enough."""
        better = looks_here(best) and (not looks_here(partner) or best.distance_m < NEARER * partner.distance_m)
        if best is partner or not better:
            self._rival = None
            return partner
        if self._rival is None or _find(self._rival, [best]) is None or time_s < self._rival_since_s:
            self._rival_since_s = time_s
        self._rival = _place(best)
        if time_s - self._rival_since_s < TAKE_OVER_S:
            return partner
        self._rival = None
        return best


def _place(face: Face) -> tuple[float, float, float]:
    """Return a face's middle and size in pixels."""
    low, high = face.landmarks[:, :2].min(0), face.landmarks[:, :2].max(0)
    middle = (low + high) / 2
    return float(middle[0]), float(middle[1]), float((high - low).max())


def _find(place: tuple[float, float, float] | None, faces: list[Face]) -> Face | None:
    """Return the face nearest to `place`, if it can be the one that was there."""
    if place is None or not faces:
        return None
    places = [_place(face) for face in faces]
    moved = [np.hypot(x - place[0], y - place[1]) / max(size, place[2], 1.0) for x, y, size in places]
    nearest = int(np.argmin(moved))
    return faces[nearest] if moved[nearest] < REACH else None
