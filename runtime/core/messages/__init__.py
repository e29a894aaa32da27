"""The whole vocabulary that rooms speak to each other.

Units: times in seconds on the session's clock unless a name says otherwise; `offset` times count from the
start of their own utterance. Audio is mono float32 in -1..1. Arrays inside messages are never written to
after the message was made.
"""

from runtime.core.messages.events import (
    BotStartedSpeaking,
    BotStoppedSpeaking,
    BotText,
    BotWord,
    Interrupted,
    KeepToken,
    Perception,
    PersonLeft,
    PictureShown,
    PlayoutMark,
    SessionEvent,
    Trouble,
    TurnReport,
    VariantChosen,
)
from runtime.core.messages.face import FaceCue, FaceState, FrameRequest, Manner, React, Reaction
from runtime.core.messages.feeling import EMOTIONS, Affect, EmotionReading, MicroExpression, Mood
from runtime.core.messages.hearing import (
    DOUBTFUL_DOMAIN,
    AudioChunk,
    EndOfTurn,
    SpeechStarted,
    SpeechStopped,
    Transcript,
    UserTurn,
)
from runtime.core.messages.seeing import (
    LANDMARKS_FACE,
    LANDMARKS_HAND,
    CameraImage,
    Face,
    Gesture,
    Hand,
    Presence,
    PresenceChanged,
    Sight,
)
from runtime.core.messages.speech import MOUTH_RATE_HZ, Phrase, Spoken, TimedPhoneme, TimedWord, Utterance

__all__ = [
    "DOUBTFUL_DOMAIN",
    "EMOTIONS",
    "LANDMARKS_FACE",
    "LANDMARKS_HAND",
    "MOUTH_RATE_HZ",
    "Affect",
    "AudioChunk",
    "BotStartedSpeaking",
    "BotStoppedSpeaking",
    "BotText",
    "BotWord",
    "CameraImage",
    "EmotionReading",
    "EndOfTurn",
    "Face",
    "FaceCue",
    "FaceState",
    "FrameRequest",
    "Gesture",
    "Hand",
    "Interrupted",
    "KeepToken",
    "Manner",
    "MicroExpression",
    "Mood",
    "Perception",
    "PersonLeft",
    "Phrase",
    "PictureShown",
    "PlayoutMark",
    "Presence",
    "PresenceChanged",
    "React",
    "Reaction",
    "SessionEvent",
    "Sight",
    "SpeechStarted",
    "SpeechStopped",
    "Spoken",
    "TimedPhoneme",
    "TimedWord",
    "Transcript",
    "Trouble",
    "TurnReport",
    "UserTurn",
    "Utterance",
    "VariantChosen",
]
