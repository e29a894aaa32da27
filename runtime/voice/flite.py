"""Flite's CMU voices through ctypes: `slt` (female), `rms` and `awb` (male). Statistical, 16 kHz, more natural than
espeak-ng.

The interface is Flite 2.2's: `flite.h`, `cst_voice.h`, `cst_wave.h`. Flite ends the process on an error of its own,
so only plain text that has words in it is handed over. It keeps the addresses of feature names: they are constants.
"""

import ctypes
import unicodedata
from typing import Any, Final

import numpy as np

from runtime.core.errors import UserError
from runtime.core.messages import TimedPhoneme, Utterance
from runtime.voice.arpabet import to_ipa
from runtime.voice.synthesizer import VoiceStyle
from runtime.voice.timeline import PAUSE, WordRange, covering, trimmed, words_over

VOICES: Final = ("slt", "rms", "awb")
RATE_HZ: Final = 16_000
MAX_CHARS: Final = 1_000
_LIBRARY: Final = "libflite.so.1"
_REMEDY: Final = "Install Flite: apt install libflite1 (Debian, Ubuntu)."
_DELAY_S: Final = 0.010  # measured: sounds come this much after their labels, as the synthesis filter smooths
_STRETCH, _F0_SHIFT = b"duration_stretch", b"f0_shift"
_NAME, _END, _STRESS = b"name", b"end", b"R:SylStructure.parent.stress"
_WORD_OF_SEGMENT: Final = b"R:SylStructure.parent.parent.R:Token.parent.name"
_GAIN: Final = {"slt": 0.62, "rms": 1.15, "awb": 1.0}


class _Voice(ctypes.Structure):
    _fields_ = (("name", ctypes.c_char_p), ("features", ctypes.c_void_p))


class _Wave(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_char_p),
        ("rate_hz", ctypes.c_int),
        ("count", ctypes.c_int),
        ("channels", ctypes.c_int),
        ("samples", ctypes.c_void_p),
    )


_P, _S = ctypes.c_void_p, ctypes.c_char_p
_SIGNATURES: Final = {
    "flite_synth_text": (_P, (_S, _P)),
    "utt_wave": (_P, (_P,)),
    "utt_relation": (_P, (_P, _S)),
    "relation_head": (_P, (_P,)),
    "item_next": (_P, (_P,)),
    "item_parent": (_P, (_P,)),
    "item_as": (_P, (_P, _S)),
    "item_feat_string": (_S, (_P, _S)),
    "ffeature_string": (_S, (_P, _S)),
    "ffeature_float": (ctypes.c_float, (_P, _S)),
    "flite_feat_set_float": (None, (_P, _S, ctypes.c_float)),
    "delete_utterance": (None, (_P,)),
}


class FliteSynthesizer:
    """Flite. Used by one thread; voices once registered stay in memory (4 MB each)."""

    name = "flite"

    def __init__(self, voice: str = "slt") -> None:
        self._default_voice = voice
        self._library: Any = None
        self._c_library: Any = None
        self._voices: dict[str, _Voice] = {}

    def load(self) -> None:
        """Load the library and the default voice, and speak a word to warm up."""
        try:
            library: Any = ctypes.CDLL(_LIBRARY)
        except OSError:
            raise UserError("The Flite library is not installed.", _REMEDY) from None
        for name, (result, arguments) in _SIGNATURES.items():
            function = getattr(library, name)
            function.restype, function.argtypes = result, arguments
        library.flite_init()
        self._c_library = ctypes.CDLL(None)
        self._library = library
        self.synthesise("ready", VoiceStyle())

    def synthesise(self, text: str, style: VoiceStyle) -> Utterance:
        """See `Synthesizer.synthesise`."""
        if self._library is None:
            raise UserError("The flite voice was not loaded.")
        style = style.bounded()
        spoken = plain(text[:MAX_CHARS])
        if not any(character.isalnum() for character in spoken):
            return Utterance(text, np.zeros(0, np.float32), RATE_HZ, (), ())
        voice = self._voice(style.voice or self._default_voice)
        self._library.flite_feat_set_float(voice.features, _STRETCH, 1 / style.rate)
        self._library.flite_feat_set_float(voice.features, _F0_SHIFT, 2 ** (style.pitch / 12))
        self._c_library.srand(1)  # its breath is the C library's random numbers: a sentence shall always sound the same
        made = self._library.flite_synth_text(spoken.encode("ascii"), ctypes.byref(voice))
        if not made:
            raise UserError(f"Flite could not speak a text of {len(text)} characters.", "Use another voice.")
        try:
            utterance = self._read(made, text, spoken, _GAIN[style.voice or self._default_voice] * style.volume)
        finally:
            self._library.delete_utterance(made)
        return trimmed(utterance, style.rate)

    def has_voice(self, name: str) -> bool:
        """See `Synthesizer.has_voice`."""
        return name in VOICES

    def close(self) -> None:
        """Forget the library; the process keeps its memory."""
        self._library = None
        self._voices.clear()

    def _voice(self, name: str) -> _Voice:
        if name not in self._voices:
            if name not in VOICES:
                raise UserError(f"Flite has no voice {name!r}.", f"Use one of {', '.join(VOICES)}.")
            try:
                register = getattr(ctypes.CDLL(f"libflite_cmu_us_{name}.so.1"), f"register_cmu_us_{name}")
            except (OSError, AttributeError):
                raise UserError(f"Flite's voice {name!r} is not installed.", _REMEDY) from None
            register.restype, register.argtypes = _P, (_P,)
            self._voices[name] = _Voice.from_address(register(None))
        return self._voices[name]

    def _read(self, made: int, text: str, spoken: str, gain: float) -> Utterance:
        """Take audio, phonemes and words out of a Flite utterance."""
        wave = _Wave.from_address(self._library.utt_wave(made))
        pcm = np.frombuffer(ctypes.string_at(wave.samples, wave.count * 2), np.int16)
        audio = np.clip(pcm.astype(np.float32) * (gain / 32_768), -1.0, 1.0)
        phonemes, ranges = self._segments(made, spoken)
        duration_s = len(audio) / wave.rate_hz
        return Utterance(text, audio, wave.rate_hz, covering(phonemes, duration_s), words_over(text, ranges))

    def _segments(self, made: int, spoken: str) -> tuple[list[TimedPhoneme], list[WordRange]]:
        """Return the phonemes, and the time and characters of each token that was spoken."""
        library = self._library
        places = self._token_places(made, spoken)
        phonemes: list[TimedPhoneme] = []
        ranges: dict[int, WordRange] = {}
        start_s = 0.0
        segment = library.relation_head(library.utt_relation(made, b"Segment"))
        while segment:
            end_s = float(library.ffeature_float(segment, _END)) + _DELAY_S
            phone = library.item_feat_string(segment, _NAME).decode("ascii", "replace")
            stressed = library.ffeature_string(segment, _STRESS) == b"1"
            symbol, stress = to_ipa(phone, stressed)
            if end_s > start_s:
                phonemes.append(TimedPhoneme(symbol, start_s, end_s, stress))
            token = self._token(segment) if symbol != PAUSE else None
            if token in places:
                first, last = places[token]
                begin_s = ranges[token][0] if token in ranges else start_s
                ranges[token] = (begin_s, end_s, first, last)
            start_s = max(start_s, end_s)
            segment = library.item_next(segment)
        return phonemes, sorted(ranges.values(), key=lambda word: word[2])

    def _token_places(self, made: int, spoken: str) -> dict[int, tuple[int, int]]:
        """Return the first and one-past-last character of every token, by the token's address."""
        places = {}
        at = 0
        token = self._library.relation_head(self._library.utt_relation(made, b"Token"))
        while token:
            name = self._library.item_feat_string(token, _NAME).decode("ascii", "replace")
            found = spoken.find(name, at)
            if found >= 0:
                at = found + len(name)
                places[self._contents(token)] = (found, at)
            token = self._library.item_next(token)
        return places

    def _token(self, segment: int) -> int:
        """Return the address of the token that a segment belongs to, or 0."""
        item = self._library.item_as(segment, b"SylStructure")
        for _ in range(2):  # the syllable, then the word
            item = self._library.item_parent(item) if item else None
        item = self._library.item_as(item, b"Token") if item else None
        item = self._library.item_parent(item) if item else None
        return self._contents(item) if item else 0

    @staticmethod
    def _contents(item: int) -> int:
        """Return the address of what an item holds, the same in every relation (the first field of `cst_item`)."""
        return ctypes.c_void_p.from_address(item).value or 0


def plain(text: str) -> str:
    """Return the text in printable ASCII, character for character: accents taken off, what can't be said a space."""
    return "".join(_plain_character(character) for character in text)


def _plain_character(character: str) -> str:
    if " " <= character <= "~":
        return character
    if character in "’‘ʼ":
        return "'"
    if character in "—–…":
        return ","
    base = unicodedata.normalize("NFKD", character)[0]
    return base if " " <= base <= "~" else " "
