"""espeak-ng, the embedded voice: formant synthesis that runs anywhere. GPL-3; replaceable by any other voice."""

import unicodedata
from typing import Final

import numpy as np

from runtime.core.errors import UserError
from runtime.core.messages import TimedPhoneme, Utterance
from runtime.voice.espeak_library import VOICES, espeak
from runtime.voice.synthesizer import VoiceStyle
from runtime.voice.timeline import PAUSE, WordRange, trimmed, words_over

MAX_CHARS: Final = 1_000
_QUOTES: Final = "“”„‟«»"
DEFAULT_VOICE: Final = "en-us+f5"  # of the female variants the one that a recogniser understands best


class EspeakSynthesizer:
    """The embedded voice. All instances of a process share one library; use them from one thread."""

    name = "espeak"

    def __init__(self, voice: str = DEFAULT_VOICE) -> None:
        self._default_voice = voice
        self._loaded = False

    def load(self) -> None:
        """Load the library, set the voice and speak a word to warm up."""
        espeak().load()
        self._loaded = True
        self.synthesise("ready", VoiceStyle())

    def synthesise(self, text: str, style: VoiceStyle) -> Utterance:
        """See `Synthesizer.synthesise`."""
        if not self._loaded:
            raise UserError("The espeak voice was not loaded.")
        style = style.bounded()
        return trimmed(timed(text[:MAX_CHARS], style.voice or self._default_voice, style), style.rate)

    def has_voice(self, name: str) -> bool:
        """See `Synthesizer.has_voice`."""
        return name.partition("+")[0] in VOICES

    def close(self) -> None:
        """Forget the library; it stays loaded until the process ends."""
        self._loaded = False


def printable(text: str) -> str:
    """Replace one for one what can't be said by spaces, and quotation marks by those that the library knows."""
    return "".join('"' if character in _QUOTES else character if _sayable(character) else " " for character in text)


def _sayable(character: str) -> bool:
    return character.isprintable() and not unicodedata.category(character).startswith("S")


def timed(text: str, voice: str, style: VoiceStyle) -> Utterance:
    """Return `text` as the library speaks it, with the silence around it; the library is loaded."""
    take, rate_hz = espeak().speak(printable(text), voice, style), espeak().rate_hz
    audio = np.frombuffer(bytes(take.pcm), np.int16).astype(np.float32) * (1 / 32_768)
    phonemes = _phonemes(take.phonemes, len(audio), rate_hz)
    return Utterance(text, audio, rate_hz, phonemes, words_over(text, _words(take.words, phonemes, rate_hz)))


def _phonemes(events: list[tuple[int, str]], end: int, rate_hz: int) -> tuple[TimedPhoneme, ...]:
    """Give every phoneme event the time up to the next one; stress marks become `stress`, empty names pauses."""
    out: list[TimedPhoneme] = []
    starts = [min(sample, end) for sample, _ in events] + [end]
    for (_, name), start, following in zip(events, starts, starts[1:], strict=False):
        if following <= start:
            continue
        stress = 1 if "ˈ" in name else 2 if "ˌ" in name else 0
        symbol = name.strip("ˈˌ ") or PAUSE
        out.append(TimedPhoneme(symbol, start / rate_hz, following / rate_hz, stress))
    return tuple(out)


def _words(events: list[tuple[int, int, int]], phonemes: tuple[TimedPhoneme, ...], rate_hz: int) -> list[WordRange]:
    """Give every word event the time of its sounds: those from the phoneme nearest to it up to the next word's."""
    sounds = [phoneme for phoneme in phonemes if phoneme.symbol != PAUSE]
    starts_s = np.array([sound.start_s for sound in sounds])
    if not sounds:
        return []
    events = events or [(0, 0, 1)]  # a sign read out by its name
    nearest = [int(np.abs(starts_s - sample / rate_hz).argmin()) for sample, _, _ in events] + [len(sounds)]
    return [
        (sounds[begin].start_s, sounds[end - 1].end_s, first, first + max(1, length))
        for (_, first, length), begin, end in zip(events, nearest, nearest[1:], strict=False)
        if end > begin
    ]
