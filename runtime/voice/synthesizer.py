"""What a voice is to the rest: text and style in, an utterance with timed phonemes and words out."""

from dataclasses import dataclass, replace
from typing import Protocol

from runtime.core.messages import Affect, Utterance

RATE_RANGE = (0.5, 2.0)
PITCH_RANGE_SEMITONES = (-6.0, 6.0)
VOLUME_RANGE = (0.0, 1.5)

# (rate factor, pitch in semitones, volume factor) at full intensity
_AFFECT_STYLE = {
    "warm": (0.98, 0.4, 1.0),
    "calm": (0.92, -0.8, 0.90),
    "happy": (1.05, 1.2, 1.05),
    "sad": (0.90, -1.2, 0.90),
    "concerned": (0.93, -0.6, 0.95),
    "surprised": (1.06, 1.6, 1.05),
    "curious": (1.00, 0.8, 1.0),
    "angry": (1.03, -0.4, 1.05),
}


@dataclass(frozen=True)
class VoiceStyle:
    """How to speak: the backend's `voice` name ("" is its default), `rate` 0.5..2 of normal speed, `pitch` -6..6
    semitones, `volume` 0..1.5. Values outside are brought to the nearest bound."""

    voice: str = ""
    rate: float = 1.0
    pitch: float = 0.0
    volume: float = 1.0

    def bounded(self) -> "VoiceStyle":
        """Return the style with every value inside its range."""
        return replace(
            self,
            rate=_clamp(self.rate, RATE_RANGE),
            pitch=_clamp(self.pitch, PITCH_RANGE_SEMITONES),
            volume=_clamp(self.volume, VOLUME_RANGE),
        )


def styled(style: VoiceStyle, affect: Affect) -> VoiceStyle:
    """Return `style` coloured by an affect, in proportion to its intensity."""
    rate, pitch, volume = _AFFECT_STYLE.get(affect.label, (1.0, 0.0, 1.0))
    share = min(1.0, max(0.0, affect.intensity))
    return replace(
        style,
        rate=style.rate * (1 + (rate - 1) * share),
        pitch=style.pitch + pitch * share,
        volume=style.volume * (1 + (volume - 1) * share),
    ).bounded()


class Synthesizer(Protocol):
    """A voice. It lives in the speech process and is used by one thread."""

    name: str

    def load(self) -> None:
        """Load the voice and warm it up.

        Raises:
            UserError: what it needs is missing.
        """

    def synthesise(self, text: str, style: VoiceStyle) -> Utterance:
        """Return plain `text` (at most 1,000 characters) spoken; its phonemes and words cover the audio in order.

        The phonemes are espeak-ng's IPA symbols, whichever voice it is. Text without a word gives no audio.

        Raises:
            UserError: the voice does not exist, or failed on this text.
        """

    def has_voice(self, name: str) -> bool:
        """Whether `name` can be the voice of a style."""

    def close(self) -> None:
        """Give everything back."""


def _clamp(value: float, bounds: tuple[float, float]) -> float:
    return min(bounds[1], max(bounds[0], value))
