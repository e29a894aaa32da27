"""The voice in the speech process."""

import logging
from dataclasses import replace

from runtime.core.errors import UserError
from runtime.core.messages import Affect, Utterance
from runtime.voice.backends import open_synthesizer
from runtime.voice.espeak import EspeakSynthesizer
from runtime.voice.synthesizer import Synthesizer, VoiceStyle, styled

log = logging.getLogger(__name__)


class VoiceService:
    """Speaks with the chosen backend; a phrase that it fails on is spoken by the embedded voice instead."""

    def __init__(self, backend: str = "auto", piper_voice: str = "") -> None:
        self._backend = backend
        self._piper_voice = piper_voice
        self._synthesizer: Synthesizer | None = None
        self._fallback: EspeakSynthesizer | None = None

    def load(self) -> None:
        """Open and warm up the backend."""
        self._synthesizer = open_synthesizer(self._backend, self._piper_voice)

    def name(self) -> str:
        """Return the name of the backend in use."""
        return self._synthesizer.name if self._synthesizer else ""

    def synthesise(self, text: str, style: VoiceStyle, affect: Affect) -> Utterance:
        """Return `text` spoken in `style`, coloured by `affect`."""
        if self._synthesizer is None:
            raise UserError("The voice was not loaded.")
        coloured = styled(style, affect)
        try:
            utterance = self._synthesizer.synthesise(text, coloured)
        except Exception as error:
            if isinstance(self._synthesizer, EspeakSynthesizer):
                raise
            log.error("the %s voice failed on %r: %s; the embedded voice speaks instead", self.name(), text, error)
            utterance = self._embedded().synthesise(text, replace(coloured, voice=""))
        return replace(utterance, affect=affect)

    def close(self) -> None:
        """Give the backends back."""
        for voice in (self._synthesizer, self._fallback):
            if voice is not None:
                voice.close()

    def _embedded(self) -> EspeakSynthesizer:
        if self._fallback is None:
            self._fallback = EspeakSynthesizer()
            self._fallback.load()
        return self._fallback
