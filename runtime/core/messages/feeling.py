"""How a person seems to feel, and how something is said."""

from dataclasses import dataclass
from typing import Final

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


@dataclass(frozen=True, slots=True)
class Affect:
    """How something is said or felt: `label` one of neutral, warm, calm, happy, sad, concerned, surprised, curious,
    angry; `intensity` 0..1; valence and arousal -1..1."""

    label: str = "neutral"
    intensity: float = 0.5
    valence: float = 0.0
    arousal: float = 0.0
