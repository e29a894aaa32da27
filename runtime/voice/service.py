"""The voice in the speech process: written text in, an utterance with the written words out."""

import logging
from dataclasses import replace
from typing import Any

from runtime.core.device import PROFILES, Profile
from runtime.core.errors import UserError
from runtime.core.messages import Affect, Spoken, Utterance
from runtime.core.models import ModelRegistry
from runtime.voice.backends import open_synthesizer
from runtime.voice.espeak import EspeakSynthesizer
from runtime.voice.lipsync import MODEL, mouth_curves
from runtime.voice.parts import parts
from runtime.voice.speakable import as_written, speakable
from runtime.voice.synthesizer import Synthesizer, VoiceStyle, styled
from runtime.voice.timeline import joined

log = logging.getLogger(__name__)

MAX_TEXT_CHARS = 2_000
MAX_SPOKEN_S = 60


class VoiceService:
    """Speaks with the chosen backend; a phrase that it fails on is spoken by the embedded voice instead.

    Speech that comes without phonemes gets its mouth from the sound, by the lipsync model.
    """

    def __init__(self, backend: str = "auto", piper_voice: str = "", profile: Profile | None = None) -> None:
        self._models = ModelRegistry(profile or PROFILES["edge"])
        self._lips: Any = None
        self._backend = backend
        self._piper_voice = piper_voice
        self._synthesizer: Synthesizer | None = None
        self._fallback: EspeakSynthesizer | None = None
        self._unknown: set[str] = set()

    def load(self) -> None:
        """Open and warm up the backend and the lipsync model; without that, a voice without phonemes moves no mouth."""
        self._synthesizer = open_synthesizer(self._backend, self._piper_voice)
        try:
            self._lips = self._models.load(MODEL)
        except UserError as error:
            log.warning("no mouth for voices that come without phonemes: %s", error)

    def name(self) -> str:
        """Return the name of the backend in use."""
        return self._synthesizer.name if self._synthesizer else ""

    def synthesise(self, text: str, style: VoiceStyle, affect: Affect) -> Utterance:
        """Return `text`, at most 2,000 characters, spoken in `style`, coloured by `affect`.

        A voice that the backend does not have is replaced by its default, so that a persona works with any backend.

        Raises:
            UserError: the text is too long, or no voice could speak it.
        """
        if self._synthesizer is None:
            raise UserError("The voice was not loaded.")
        if len(text) > MAX_TEXT_CHARS:
            raise UserError(
                f"A text of {len(text)} characters is too long to speak.", f"Give at most {MAX_TEXT_CHARS}."
            )
        coloured = styled(self._known(style, self._synthesizer), affect)
        spoken = speakable(text)
        try:
            utterance = _speak(self._synthesizer, spoken.text, coloured)
        except Exception as error:
            if isinstance(self._synthesizer, EspeakSynthesizer):
                raise
            failed = "the %s voice failed on a text of %d characters: %s; the embedded voice speaks instead"
            log.error(failed, self.name(), len(text), error)
            utterance = _speak(self._embedded(), spoken.text, replace(coloured, voice=""))
        return self._with_mouth(replace(as_written(utterance, text, spoken), affect=affect))

    def recite(self, spoken: Spoken) -> Utterance:
        """Return what is spoken already, at most a minute of it, with the mouth that goes with it.

        Raises:
            UserError: it is longer.
        """
        utterance = Utterance(spoken.text, spoken.audio, spoken.rate_hz, (), (), spoken.affect)
        if utterance.duration_s > MAX_SPOKEN_S:
            raise UserError(f"{utterance.duration_s:.0f} s of sound are too long.", f"Give at most {MAX_SPOKEN_S}.")
        return self._with_mouth(utterance)

    def close(self) -> None:
        """Give the backends back."""
        for voice in (self._synthesizer, self._fallback):
            if voice is not None:
                voice.close()
        self._synthesizer = self._fallback = self._lips = None
        self._models.close()

    def _with_mouth(self, utterance: Utterance) -> Utterance:
        if utterance.phonemes or self._lips is None or not len(utterance.audio):
            return utterance
        return replace(utterance, mouth=mouth_curves(self._lips, utterance.audio, utterance.rate_hz))

    def _known(self, style: VoiceStyle, synthesizer: Synthesizer) -> VoiceStyle:
        if not style.voice or synthesizer.has_voice(style.voice):
            return style
        if style.voice not in self._unknown and len(self._unknown) < 100:
            self._unknown.add(style.voice)
            log.warning("the %s backend has no voice %r; its default speaks", synthesizer.name, style.voice)
        return replace(style, voice="")

    def _embedded(self) -> EspeakSynthesizer:
        if self._fallback is None:
            self._fallback = EspeakSynthesizer()
            self._fallback.load()
        return self._fallback


def _speak(synthesizer: Synthesizer, text: str, style: VoiceStyle) -> Utterance:
    """Return plain `text` of any length spoken, part by part."""
    return joined(text, [(place, synthesizer.synthesise(part, style)) for place, part in parts(text)])
