"""What a session tells its client, and what was heard of an answer."""

from dataclasses import dataclass, field

from runtime.core.messages.feeling import MicroExpression, Mood
from runtime.core.messages.hearing import SpeechStarted, SpeechStopped, Transcript, UserTurn
from runtime.core.messages.seeing import Gesture, PresenceChanged, Sight


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
