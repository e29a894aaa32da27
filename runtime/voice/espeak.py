"""espeak-ng through ctypes, from the library inside the `espeakng_loader` wheel. GPL-3; replaceable by any voice.

Phoneme events give starts only and arrive with their chunk of audio, so a phrase is synthesised whole before any of
it is returned: then every phoneme's time is known before the first sample plays.
Source of the interface: espeak-ng 1.52, `speak_lib.h`.
"""

import ctypes
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from runtime.core.errors import UserError
from runtime.core.messages import TimedPhoneme, TimedWord, Utterance
from runtime.voice.synthesizer import VoiceStyle

MAX_CHARS: Final = 1_000
_BASE_WPM: Final = 165
_BASE_PITCH: Final = 50
_PITCH_STEPS_PER_SEMITONE: Final = 6.0  # espeak's 0..100 spans about an octave and a half
_TAIL_S: Final = 0.06
_QUIET: Final = 0.004
_INIT_PHONEME_EVENTS_IPA_DONT_EXIT: Final = 0x0001 | 0x0002 | 0x8000
_UTF8: Final = 1
_RATE, _VOLUME, _PITCH = 1, 2, 3
_EVENT_END, _EVENT_WORD, _EVENT_PHONEME = 0, 1, 7
_ENGLISH_VOICES: Final = ("en-us", "en-gb-x-rp", "en-gb", "en-gb-scotland")


class _EventId(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position_ms", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _EventId),
    )


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


@dataclass
class _Take:
    """What one synthesis has delivered so far."""

    pcm: bytearray = field(default_factory=bytearray)
    phonemes: list[tuple[int, str]] = field(default_factory=list)
    words: list[tuple[int, int, int]] = field(default_factory=list)


class EspeakSynthesizer:
    """The embedded voice. The library has global state: one instance a process, used by one thread."""

    name = "espeak"

    def __init__(self, voice: str = "en-us") -> None:
        self._default_voice = voice
        self._voice = ""
        self._library: Any = None
        self._rate_hz = 22_050
        self._take = _Take()
        self._callback = _Callback(self._deliver)  # kept: the library holds its address

    def load(self) -> None:
        """Load the library, set the voice and speak a word to warm up."""
        try:
            import espeakng_loader

            library = ctypes.CDLL(espeakng_loader.get_library_path())
            data = espeakng_loader.get_data_path()
        except (ImportError, OSError) as error:
            raise UserError(
                f"espeak-ng could not be loaded: {error}.", "Install the package espeakng-loader."
            ) from error
        library.espeak_Synth.argtypes = (
            ctypes.c_char_p,
            ctypes.c_size_t,
            ctypes.c_uint,
            ctypes.c_int,
            ctypes.c_uint,
            ctypes.c_uint,
            ctypes.c_void_p,
            ctypes.c_void_p,
        )
        rate_hz = library.espeak_Initialize(1, 0, str(data).encode(), _INIT_PHONEME_EVENTS_IPA_DONT_EXIT)
        if rate_hz <= 0:
            raise UserError("espeak-ng could not be initialised.", f"Check that its data is in {data}.")
        self._library, self._rate_hz = library, rate_hz
        library.espeak_SetSynthCallback(self._callback)
        self.synthesise("ready", VoiceStyle())

    def synthesise(self, text: str, style: VoiceStyle) -> Utterance:
        """See `Synthesizer.synthesise`."""
        if self._library is None:
            raise UserError("The espeak voice was not loaded.")
        style = style.bounded()
        self._choose_voice(style.voice or self._default_voice)
        self._set(_RATE, round(_BASE_WPM * style.rate))
        self._set(_PITCH, round(_BASE_PITCH + _PITCH_STEPS_PER_SEMITONE * style.pitch))
        self._set(_VOLUME, round(100 * min(style.volume, 2.0)))
        spoken = _printable(text)[:MAX_CHARS]
        self._take = _Take()
        body = spoken.encode()
        self._library.espeak_Synth(body, len(body) + 1, 0, 1, 0, _UTF8, None, None)
        self._library.espeak_Synchronize()
        return self._utterance(text, spoken, self._take)

    def close(self) -> None:
        """End the library."""
        if self._library is not None:
            self._library.espeak_Terminate()
            self._library = None

    def _choose_voice(self, voice: str) -> None:
        if voice == self._voice:
            return
        if self._library.espeak_SetVoiceByName(voice.encode()) != 0:
            known = ", ".join(_ENGLISH_VOICES)
            raise UserError(f"espeak-ng has no voice {voice!r}.", f"Use one of {known}, with +f2 or +m3 for variants.")
        self._voice = voice

    def _set(self, parameter: int, value: int) -> None:
        self._library.espeak_SetParameter(parameter, value, 0)

    def _deliver(self, samples: Any, count: int, events: Any) -> int:
        """Take a chunk of audio with its events (called by the library)."""
        if samples and count > 0:
            self._take.pcm += ctypes.string_at(samples, count * 2)
        index = 0
        while (event := events[index]).type != _EVENT_END:
            if event.type == _EVENT_PHONEME:
                self._take.phonemes.append((event.sample, event.id.string.decode("utf-8", "ignore")))
            elif event.type == _EVENT_WORD:
                self._take.words.append((event.sample, event.text_position - 1, event.length))
            index += 1
        return 0

    def _utterance(self, text: str, spoken: str, take: _Take) -> Utterance:
        audio = np.frombuffer(bytes(take.pcm), np.int16).astype(np.float32) / 32_768
        loud = np.flatnonzero(np.abs(audio) > _QUIET)
        end = min(len(audio), int(loud[-1]) + int(_TAIL_S * self._rate_hz)) if loud.size else 0
        audio = audio[:end]
        return Utterance(
            text,
            audio,
            self._rate_hz,
            _phonemes(take.phonemes, end, self._rate_hz),
            _words(take.words, spoken, end, self._rate_hz),
        )


def _printable(text: str) -> str:
    """Replace control characters by spaces one for one, so that character positions stay as they are."""
    return "".join(character if character.isprintable() else " " for character in text)


def _phonemes(events: list[tuple[int, str]], end: int, rate_hz: int) -> tuple[TimedPhoneme, ...]:
    """Give every phoneme event the time up to the next one; stress marks become `stress`, empty names pauses."""
    out: list[TimedPhoneme] = []
    starts = [min(sample, end) for sample, _ in events] + [end]
    for (sample, name), following in zip(events, starts[1:], strict=True):
        start = min(sample, end)
        if following <= start:
            continue
        stress = 1 if "ˈ" in name else 2 if "ˌ" in name else 0
        symbol = name.strip("ˈˌ ") or "_"
        if symbol == "_" and out and out[-1].symbol == "_":
            start = round(out.pop().start_s * rate_hz)
        out.append(TimedPhoneme(symbol, start / rate_hz, following / rate_hz, stress))
    return tuple(out)


def _words(events: list[tuple[int, int, int]], spoken: str, end: int, rate_hz: int) -> tuple[TimedWord, ...]:
    """Give every word event the time up to the next one and its characters, with punctuation that follows it."""
    events = [event for event in events if 0 <= event[1] < len(spoken) and event[0] < end]
    out = []
    for index, (sample, first, _length) in enumerate(events):
        last = index + 1 == len(events)
        following, until = (end, len(spoken)) if last else events[index + 1][:2]
        word = spoken[first : max(first, until)].rstrip()
        if word and following > sample:
            out.append(TimedWord(word, sample / rate_hz, following / rate_hz, (first, first + len(word))))
    return tuple(out)
