"""The whole vocabulary that rooms speak to each other.

Units: times in seconds on the session's clock unless a name says otherwise; `offset` times count from the
start of their own utterance. Audio is mono float32 in -1..1. Arrays inside messages are never written to
after the message was made.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

# ---------------------------------------------------------------- capture


@dataclass(frozen=True, slots=True)
class AudioChunk:
    """Sound from a microphone: `samples` (n,) mono float32 at 16 kHz, n at most 1,600 (100 ms)."""

    samples: NDArray[np.float32]
    start_s: float


@dataclass(frozen=True, slots=True)
class CameraImage:
    """One camera picture: `rgb` (height, width, 3) uint8."""

    rgb: NDArray[np.uint8]
    time_s: float


# ------------------------------------------------------------- perception


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """Voice activity began; `time_s` is the estimated true onset, `seen_s` when it was decided."""

    time_s: float
    seen_s: float


@dataclass(frozen=True, slots=True)
class SpeechStopped:
    """Voice activity ended; `time_s` is the estimated true end, `seen_s` when it was decided."""

    time_s: float
    seen_s: float


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was understood so far in the user's present turn.

    `in_domain` is 0..1: how surely this is speech the recogniser can know (1 where it can't tell).
    `alternative` is the open-vocabulary reading where `text` comes from a narrow model.
    """

    text: str
    final: bool
    confidence: float = 1.0
    in_domain: float = 1.0
    alternative: str = ""


@dataclass(frozen=True, slots=True)
class EndOfTurn:
    """The user's spoken turn is over. `speech_end_s` is the estimated end of speech, `committed_s` the decision's time.

    `in_domain` and `alternative` as in `Transcript`.
    """

    text: str
    speech_end_s: float
    committed_s: float
    in_domain: float = 1.0
    alternative: str = ""


DOUBTFUL_DOMAIN: Final = 0.35


@dataclass(frozen=True, slots=True)
class UserTurn:
    """A committed turn of the user. `speech_end_s` is the estimated end of their speech.

    Where they made a sign instead of speaking, `action` is what it means to the persona: yes, no, next, ...
    """

    turn: int
    text: str
    speech_end_s: float
    committed_s: float
    spoken: bool = True
    in_domain: float = 1.0
    alternative: str = ""
    action: str = ""

    @property
    def doubtful(self) -> bool:
        """Whether a narrow recogniser may have misread it: then `alternative` is the likelier reading."""
        return self.spoken and self.in_domain < DOUBTFUL_DOMAIN


# ----------------------------------------------------- what the camera and the tone of voice tell


LANDMARKS_FACE: Final = 478
LANDMARKS_HAND: Final = 21


@dataclass(frozen=True, slots=True)
class Face:
    """One face in a camera picture.

    `landmarks` (478, 3) float32: mediapipe's face mesh with iris, x right and y down in pixels of the picture, z away
    from the viewer in the same unit. `weights` (52,) float32 ARKit blendshapes, 0..1. `head` is yaw, pitch and roll in
    degrees, with the signs of `FaceState`. `gaze` x, y in -1..1, (0, 0) into the camera. `distance_m` is an estimate
    from the size of the irises.
    """

    landmarks: NDArray[np.float32]
    weights: NDArray[np.float32]
    head: tuple[float, float, float]
    gaze: tuple[float, float]
    distance_m: float


@dataclass(frozen=True, slots=True)
class Hand:
    """One hand in a camera picture: `landmarks` (21, 2) float32 in pixels of the picture; `score` 0..1."""

    landmarks: NDArray[np.float32]
    right: bool
    score: float


@dataclass(frozen=True, slots=True)
class Sight:
    """What is seen in one camera picture of `width` x `height` pixels, taken at `time_s`.

    `faces` and `hands` are None where they were not looked for in this picture; the partner's face is the first.
    """

    time_s: float
    width: int
    height: int
    faces: tuple[Face, ...] | None = None
    hands: tuple[Hand, ...] | None = None


@dataclass(frozen=True, slots=True)
class Gesture:
    """A sign of the hand that is complete at `time_s`, such as open_palm or swipe_left (their own left)."""

    name: str
    confidence: float
    time_s: float


EMOTIONS: Final = ("neutral", "happy", "sad", "angry", "afraid", "disgusted", "surprised", "bored")
"""Every class that a face, a voice or words can show. A face shows no boredom here, and a voice no surprise."""


@dataclass(frozen=True, slots=True)
class EmotionReading:
    """What one source ("face", "voice" or "text") shows at `time_s`.

    `chances` by name of `EMOTIONS` sum to 1. `valence` and `arousal` are -1..1, None where the source can't tell.
    `confidence` 0..1 is how much the source itself can be believed now.
    """

    source: str
    time_s: float
    chances: dict[str, float]
    valence: float | None
    arousal: float | None
    confidence: float


@dataclass(frozen=True, slots=True)
class Mood:
    """How the person seems to feel at `time_s`, from all sources: `label` is one of `EMOTIONS` or "unknown".

    `confidence` is 0..1 and 0 where unknown; `valence` and `arousal` are -1..1, 0 where nothing is known.
    """

    label: str = "unknown"
    confidence: float = 0.0
    valence: float = 0.0
    arousal: float = 0.0
    time_s: float = 0.0


@dataclass(frozen=True, slots=True)
class MicroExpression:
    """A movement of the face that came and went within half a second: its likeliest emotion and its times."""

    label: str
    onset_s: float
    apex_s: float
    offset_s: float


class Presence(StrEnum):
    """Whether somebody is there, and whether they look this way."""

    AWAY = "away"
    HERE = "here"
    LOOKING = "looking"


@dataclass(frozen=True, slots=True)
class PresenceChanged:
    """`presence` holds since `time_s`."""

    presence: Presence
    time_s: float


# ---------------------------------------------------------------- persona


@dataclass(frozen=True, slots=True)
class Affect:
    """How something is said or felt: `label` one of neutral, warm, calm, happy, sad, concerned, surprised, curious,
    angry; `intensity` 0..1; valence and arousal -1..1."""

    label: str = "neutral"
    intensity: float = 0.5
    valence: float = 0.0
    arousal: float = 0.0


@dataclass(frozen=True, slots=True)
class Phrase:
    """A speakable piece of an answer, cut where a voice can start: one clause or sentence, at most 240 characters.

    `act` says what the phrase does: answer, greet, ask, repair, fallback, farewell, backchannel, error. `source` is
    the entry of knowledge that it comes from, `offers` are the entries that it asks the person to choose from.
    """

    text: str
    affect: Affect = field(default_factory=Affect)
    act: str = "answer"
    source: str = ""
    offers: tuple[str, ...] = ()


# ------------------------------------------------------------------ voice


MOUTH_RATE_HZ: Final = 50
"""Curves of a mouth that come without phonemes: so many a second."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """What is said with a voice that is there already, such as a recording: `audio` (n,) mono float32 at `rate_hz`."""

    text: str
    audio: NDArray[np.float32]
    rate_hz: int
    affect: Affect = field(default_factory=Affect)


@dataclass(frozen=True, slots=True)
class TimedPhoneme:
    """An IPA phoneme as espeak-ng writes it (`ɑː`, `tʃ`, `b`; `_` is a pause), stressed 0, 1 (primary) or 2."""

    symbol: str
    start_s: float
    end_s: float
    stress: int = 0


@dataclass(frozen=True, slots=True)
class TimedWord:
    """A word of an utterance; `chars` are its first and one-past-last character in the utterance's text."""

    text: str
    start_s: float
    end_s: float
    chars: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Utterance:
    """A phrase made sound. `audio` (n,) mono float32 at `rate_hz`; phonemes and words in order, offsets in seconds.

    A voice that knows no phonemes has none; its `mouth` is (k, 52) ARKit weights, `MOUTH_RATE_HZ` a second.
    """

    text: str
    audio: NDArray[np.float32]
    rate_hz: int
    phonemes: tuple[TimedPhoneme, ...]
    words: tuple[TimedWord, ...]
    affect: Affect = field(default_factory=Affect)
    mouth: NDArray[np.float32] | None = None

    @property
    def duration_s(self) -> float:
        """Length of the audio in seconds."""
        return len(self.audio) / self.rate_hz


# ----------------------------------------------------------------- avatar


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


# --------------------------------------------------------------- delivery


@dataclass(frozen=True, slots=True)
class PlayoutMark:
    """What has been heard so far of a turn: whole words only. `finished` when nothing of the turn is left."""

    turn: int
    heard: str
    time_s: float
    finished: bool = False


@dataclass(frozen=True, slots=True)
class Interrupted:
    """The user barged in. `cause` is speech, text, click or gesture; `heard` is what they heard of the turn."""

    turn: int
    cause: str
    heard: str
    time_s: float


# ------------------------------------------------- what a session tells its client


@dataclass(frozen=True, slots=True)
class BotText:
    """A phrase of the answer, as written; sent when it is about to be heard. `act` and `source` as in `Phrase`."""

    turn: int
    text: str
    act: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class BotWord:
    """A word of the answer, sent when its first sample plays."""

    turn: int
    text: str


@dataclass(frozen=True, slots=True)
class PictureShown:
    """The answer is about a picture, now: its `file` as the persona lists it, `alt` for who can't see it."""

    turn: int
    file: str
    caption: str
    alt: str


@dataclass(frozen=True, slots=True)
class BotStartedSpeaking:
    """First sample of a turn's answer plays."""

    turn: int
    time_s: float


@dataclass(frozen=True, slots=True)
class BotStoppedSpeaking:
    """Last sample of a turn's answer has played, or it was cut off."""

    turn: int
    time_s: float


@dataclass(frozen=True, slots=True)
class TurnReport:
    """Times of one turn's marks (name -> session time in s) and its stages (name -> duration in s)."""

    turn: int
    question: str
    answer: str
    marks: dict[str, float]
    stages: dict[str, float]


@dataclass(frozen=True, slots=True)
class Perception:
    """What a session may notice of the person besides their words; all that it may not is dropped unread.

    `camera`: their face and hands. `emotion`: how they seem to feel, from face, voice and words. `show`: the client
    is told what is seen, to draw it over the person's own picture.
    """

    camera: bool = True
    emotion: bool = True
    show: bool = False


@dataclass(frozen=True, slots=True)
class PersonLeft:
    """The person went away: what was said is forgotten, and the next one is met anew."""

    time_s: float


@dataclass(frozen=True, slots=True)
class VariantChosen:
    """Whoever comes now meets this variant of the experiment under way; `came_back` if they were here before."""

    variant: str
    came_back: bool = False


@dataclass(frozen=True, slots=True)
class KeepToken:
    """The person agreed to be remembered: their client keeps this token and shows it at the next visit.

    "" has it throw away the one it has. It is a secret: never logged, and never told to anybody else.
    """

    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something went wrong that a person should know: where, what, what to do; `fatal` ends the session."""

    room: str
    what: str
    remedy: str = ""
    fatal: bool = False


SessionEvent = (
    SpeechStarted
    | SpeechStopped
    | Transcript
    | UserTurn
    | BotText
    | BotWord
    | PictureShown
    | BotStartedSpeaking
    | BotStoppedSpeaking
    | Interrupted
    | PlayoutMark
    | TurnReport
    | Sight
    | Gesture
    | Mood
    | MicroExpression
    | PresenceChanged
    | PersonLeft
    | VariantChosen
    | KeepToken
    | Trouble
)
