"""What the character's face is to show."""

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from runtime.core.messages.feeling import Affect
from runtime.core.messages.speech import TimedPhoneme


class Manner(StrEnum):
    """What the character is doing when it does not speak; speech itself is shown by cues."""

    IDLE = "idle"
    LISTENING = "listening"
    THINKING = "thinking"


@dataclass(frozen=True, slots=True)
class FaceCue:
    """The mouth and face of one utterance, sent before it plays. `cue` numbers it within the session.

    Where `mouth` is there, (k, 52) weights as in `Utterance`, it counts and not the phonemes.

    The renderer looks it up when asked to draw (`FrameRequest.cue`) and forgets it with `retire_before`.
    """

    cue: int
    phonemes: tuple[TimedPhoneme, ...]
    duration_s: float
    affect: Affect
    retire_before: int = 0
    mouth: NDArray[np.float32] | None = None


class Reaction(StrEnum):
    """A short movement in answer to what the person did."""

    NOD = "nod"
    SYMPATHY = "sympathy"
    BRIGHTEN = "brighten"
    HALT = "halt"
    GLANCE_LEFT = "glance_left"
    GLANCE_RIGHT = "glance_right"


@dataclass(frozen=True, slots=True)
class React:
    """`reaction` began at `media_time_s`; each has a time of its own."""

    reaction: Reaction
    media_time_s: float


@dataclass(frozen=True, slots=True)
class FrameRequest:
    """Draw the character at `media_time_s` (0 at session start, only ever rising).

    `cue` and `offset_s` say what is heard then: `offset_s` below 0 means the cue starts in -offset_s; cue -1 is
    silence. `feeling` is on the face between utterances. `react` is the latest reaction, however long ago it began.
    """

    media_time_s: float
    cue: int
    offset_s: float
    manner: Manner
    feeling: Affect = field(default_factory=Affect)
    react: React | None = None


@dataclass(frozen=True, slots=True)
class FaceState:
    """What every renderer draws: ARKit `weights` (52,) float32; head yaw, pitch, roll in degrees (yaw > 0 turns to the
    subject's left, the viewer's right; pitch > 0 up; roll > 0 leans to the viewer's right);
    gaze x, y in -1..1 (x > 0 to the viewer's right, y > 0 up); breath 0..1."""

    weights: NDArray[np.float32]
    head: tuple[float, float, float] = (0.0, 0.0, 0.0)
    gaze: tuple[float, float] = (0.0, 0.0)
    breath: float = 0.0
