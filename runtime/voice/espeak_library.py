"""The espeak-ng library of this process: its state is global, so there is one, shared by all that need it.

Phoneme events give starts only and arrive with their chunk of audio, so a phrase is synthesised whole before any of
it is returned: then every phoneme's time is known before the first sample plays.
Source of the interface: espeak-ng 1.52, `speak_lib.h`. The library comes in the wheel `espeakng_loader` (GPL-3).
"""

import ctypes
import threading
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from runtime.core.errors import UserError
from runtime.voice.synthesizer import VoiceStyle

VOICES: Final = ("en-us", "en-gb-x-rp", "en-gb-scotland", "en-gb-x-gbclan", "en-gb-x-gbcwmd", "en-029")
_BASE_WPM: Final = 165
_BASE_PITCH: Final = 50
_PITCH_STEPS_PER_SEMITONE: Final = 6.0  # measured: 50 +- 36 steps give about half an octave each way
_INIT_PHONEME_EVENTS_IPA_DONT_EXIT: Final = 0x0001 | 0x0002 | 0x8000
_SYNCHRONOUS: Final = 2  # the other modes wait 20 ms for a thread of the library's
_UTF8: Final = 1
_IPA: Final = 0x02
_RATE, _VOLUME, _PITCH = 1, 2, 3
_EVENT_END, _EVENT_WORD, _EVENT_PHONEME = 0, 1, 7
_MAX_EVENTS: Final = 100_000


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
class Take:
    """One synthesis: `pcm` int16 mono; `phonemes` (first sample, name in IPA); `words` (first sample, first character,
    length in characters)."""

    pcm: bytearray = field(default_factory=bytearray)
    phonemes: list[tuple[int, str]] = field(default_factory=list)
    words: list[tuple[int, int, int]] = field(default_factory=list)


class EspeakLibrary:
    """espeak-ng, loaded and initialised on first use and kept until the process ends."""

    def __init__(self) -> None:
        self.rate_hz = 0
        self._library: Any = None
        self._voice = ""
        self._take = Take()
        self._lock = threading.Lock()
        self._callback = _Callback(self._deliver)  # kept: the library holds its address

    def load(self) -> None:
        """Load and initialise the library, once.

        Raises:
            UserError: it or its data is missing.
        """
        with self._lock:
            if self._library is None:
                self._load()

    def speak(self, text: str, voice: str, style: VoiceStyle) -> Take:
        """Return `text` spoken by `voice`. The text is plain: markup in it is read out or passed over.

        Raises:
            UserError: there is no such voice, or the library failed.
        """
        body = text.encode()
        with self._lock:
            self._choose_voice(voice)
            for parameter, value in (
                (_RATE, _BASE_WPM * style.rate),
                (_PITCH, _BASE_PITCH + _PITCH_STEPS_PER_SEMITONE * style.pitch),
                (_VOLUME, 100 * style.volume),
            ):
                self._library.espeak_SetParameter(parameter, round(value), 0)
            self._take = take = Take()
            status = self._library.espeak_Synth(body, len(body) + 1, 0, 1, 0, _UTF8, None, None)
        if status != 0:
            raise UserError(f"espeak-ng failed with status {status}.", "Use another voice.")
        return take

    def clauses(self, text: str, voice: str) -> list[tuple[str, str]]:
        """Return (IPA with stress marks and spaces between words, the text it was made from) for each clause."""
        body = ctypes.create_string_buffer(text.encode())
        place = ctypes.c_void_p(ctypes.addressof(body))
        out = []
        with self._lock:
            self._choose_voice(voice)
            while (begin := place.value) is not None:
                ipa = self._library.espeak_TextToPhonemes(ctypes.byref(place), _UTF8, _IPA)
                end = place.value if place.value is not None else ctypes.addressof(body) + len(body) - 1
                out.append((ipa.decode("utf-8", "replace").strip(), ctypes.string_at(begin, end - begin).decode()))
        return out

    def _load(self) -> None:
        try:
            import espeakng_loader

            library = ctypes.CDLL(espeakng_loader.get_library_path())
            data = espeakng_loader.get_data_path()
        except (ImportError, OSError) as error:
            raise UserError(f"espeak-ng can't be loaded: {error}.", "Install the package espeakng-loader.") from error
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
        library.espeak_TextToPhonemes.argtypes = (ctypes.POINTER(ctypes.c_void_p), ctypes.c_int, ctypes.c_int)
        library.espeak_TextToPhonemes.restype = ctypes.c_char_p
        rate_hz = library.espeak_Initialize(_SYNCHRONOUS, 0, str(data).encode(), _INIT_PHONEME_EVENTS_IPA_DONT_EXIT)
        if rate_hz <= 0:
            raise UserError("espeak-ng can't be initialised.", f"Check that its data is in {data}.")
        library.espeak_SetSynthCallback(self._callback)
        self._library, self.rate_hz = library, rate_hz

    def _choose_voice(self, voice: str) -> None:
        if self._library is None:
            raise UserError("The espeak voice was not loaded.")
        if voice == self._voice:
            return
        if self._library.espeak_SetVoiceByName(voice.encode()) != 0:
            raise UserError(
                f"espeak-ng has no voice {voice!r}.", f"Use one of {', '.join(VOICES)}, with +f2 or +m3 for variants."
            )
        self._voice = voice

    def _deliver(self, samples: Any, count: int, events: Any) -> int:
        """Take a chunk of audio with its events (called by the library)."""
        take = self._take
        if samples and count > 0:
            take.pcm += ctypes.string_at(samples, count * 2)
        for index in range(_MAX_EVENTS):
            event = events[index]
            if event.type == _EVENT_END:
                break
            if event.type == _EVENT_PHONEME:
                take.phonemes.append((event.sample, event.id.string.decode("utf-8", "ignore")))
            elif event.type == _EVENT_WORD:
                take.words.append((event.sample, event.text_position - 1, event.length))
        return 0


@cache
def espeak() -> EspeakLibrary:
    """Return this process's espeak-ng."""
    return EspeakLibrary()
