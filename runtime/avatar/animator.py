"""From what is heard and what the character is doing to one face: the only path to a picture, speaking or not."""

import math

import numpy as np
from numpy.typing import NDArray

from runtime.avatar.accents import Accents
from runtime.avatar.behaviour import LONGEST_STEP_S, Behaviour
from runtime.avatar.coarticulation import LEAD_S, MouthTrack
from runtime.avatar.curves import CurveTrack
from runtime.avatar.expression import Expression, blend
from runtime.avatar.motion import Spring, settle
from runtime.core.blendshapes import INDEX
from runtime.core.messages import Affect, FaceCue, FaceState, FrameRequest

MAX_CUES = 64
RELEASE_RATE_HZ = 45.0
"""How fast the mouth lets go of what it was doing when the source changes: 3 % are left after 120 ms."""
_RELEASE_RATES_HZ = np.repeat([RELEASE_RATE_HZ, 12.0, 9.0], [52, 1, 3])  # mouth, brows, head
_RELEASED_S = 1.2
_MOST_SPEED = np.repeat([8.0, 2.0, 20.0], [52, 1, 3])  # carried over a change, a second
_LEAP_S = 0.015
_FRAME_S = 0.04
_HEAD_LIMIT_DEG = np.array([20.0, 12.0, 10.0])
_BLINK = [INDEX["eyeBlinkLeft"], INDEX["eyeBlinkRight"]]
_WIDE = [INDEX["eyeWideLeft"], INDEX["eyeWideRight"]]
_BROWS = np.zeros(52)
_BROWS[[INDEX["browOuterUpLeft"], INDEX["browOuterUpRight"]]] = 1.0
_BROWS[INDEX["browInnerUp"]] = 0.8
_MOUTH, _BROW, _HEAD = slice(0, 52), 52, slice(53, 56)


class _Speech:
    """One cue, ready to be read at any offset."""

    def __init__(self, cue: FaceCue, seed: int) -> None:
        self.affect: Affect = cue.affect
        self.duration_s = cue.duration_s
        self._mouth = CurveTrack(cue.mouth) if cue.mouth is not None else MouthTrack(cue.phonemes, cue.duration_s)
        self._accents = Accents(cue.phonemes, (seed + 7919 * cue.cue) & 0xFFFFFFFF)

    def at(self, offset_s: float) -> NDArray[np.float64]:
        """Return mouth weights, brow raise and head turn in one vector (56,)."""
        vector = np.empty(56)
        vector[_MOUTH] = self._mouth.at(offset_s)
        vector[_BROW], vector[_HEAD] = self._accents.at(offset_s)
        return vector


class Animator:
    """The face of one session. `cue` tells it of utterances ahead; `step` gives the face at a time."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._cues: dict[int, _Speech] = {}
        self._behaviour = Behaviour(seed)
        self._expression = Expression()
        self._speaking = Spring(np.zeros(1))
        self._time_s = math.nan
        self._cue = -1
        self._offset_s = 0.0
        self._was_speaking = False
        self._shown = np.zeros(56)
        self._speed = np.zeros(56)
        self._left_gap, self._left_speed, self._left_at_s = np.zeros(56), np.zeros(56), -math.inf

    def cue(self, cue: FaceCue) -> None:
        """Learn an utterance before it plays; forget those before `retire_before`."""
        for number in [n for n in self._cues if n < cue.retire_before]:
            del self._cues[number]
        while len(self._cues) >= MAX_CUES:
            del self._cues[min(self._cues)]
        self._cues[cue.cue] = _Speech(cue, self._seed)

    def step(self, request: FrameRequest) -> FaceState:
        """Return the face at `request.media_time_s`; a time before the last one counts as the last one."""
        time_s = request.media_time_s
        if math.isnan(self._time_s):
            self._time_s = time_s
        time_s = max(time_s, self._time_s)
        dt_s = time_s - self._time_s
        speech = self._cues.get(request.cue) if request.cue >= 0 else None
        spoken = self._read(speech, request, time_s, dt_s)
        self._time_s = time_s
        heard = speech is not None and -LEAD_S <= request.offset_s < speech.duration_s
        if self._was_speaking and not heard:
            self._behaviour.phrase_ended(time_s)
        self._was_speaking = heard
        short_s = min(dt_s, LONGEST_STEP_S)
        self._speaking.step(np.array([1.0 if heard else 0.0]), short_s, 14.0)
        if request.react is not None:
            self._behaviour.react(request.react)
        bearing = self._behaviour.step(time_s, request.manner, heard)
        affect = speech.affect if speech is not None and heard else None
        feeling, lean = self._expression.step(short_s, affect, request.feeling)
        mouth = np.clip(spoken[_MOUTH], 0.0, 1.0).astype(np.float32)
        face = blend(mouth, feeling + bearing.weights, float(self._speaking.value[0]))
        face += spoken[_BROW] * _BROWS
        face[_BLINK] = 1.0 - (1.0 - face[_BLINK]) * (1.0 - bearing.lids)
        face[_WIDE] *= 1.0 - bearing.lids
        head = bearing.head + lean + spoken[_HEAD]
        return FaceState(
            weights=np.clip(face, 0.0, 1.0).astype(np.float32),
            head=_triple(_limited(head)),
            gaze=(float(bearing.gaze[0]), float(bearing.gaze[1])),
            breath=bearing.breath,
        )

    def _read(self, speech: _Speech | None, request: FrameRequest, time_s: float, dt_s: float) -> NDArray[np.float64]:
        """Return what speech does to the face (56,), bridging from what was shown when its source changes or leaps."""
        number = request.cue if speech is not None else -1
        source = speech.at(request.offset_s) if speech is not None else np.zeros(56)
        leaps = number >= 0 and abs(request.offset_s - self._offset_s - dt_s) > _LEAP_S
        if number != self._cue or leaps:
            # The return began one frame ago, so that this frame already moves.
            self._left_gap, self._left_speed = self._shown - source, self._speed
            self._left_at_s = time_s - min(dt_s, _FRAME_S)
        self._cue, self._offset_s = number, request.offset_s
        since_s = time_s - self._left_at_s
        shown = source
        if since_s < _RELEASED_S:
            shown = source + settle(self._left_gap, self._left_speed, since_s, _RELEASE_RATES_HZ)
        if dt_s > 0.0:
            speed = (shown - self._shown) / max(dt_s, 0.01)
            self._speed = np.clip(speed, -_MOST_SPEED, _MOST_SPEED)
        self._shown = shown
        return shown


def _limited(head: NDArray[np.float64]) -> NDArray[np.float64]:
    """Hold (yaw, pitch, roll) softly within limits."""
    return np.asarray(_HEAD_LIMIT_DEG * np.tanh(head / _HEAD_LIMIT_DEG))


def _triple(values: NDArray[np.float64]) -> tuple[float, float, float]:
    return (float(values[0]), float(values[1]), float(values[2]))
