"""Which voices there are, which of them this machine can use now, and the best of those."""

import ctypes.util
import importlib.util
import logging
from collections.abc import Callable

from runtime.core.backends import BackendState
from runtime.core.errors import UserError
from runtime.voice.synthesizer import Synthesizer

log = logging.getLogger(__name__)
PART = "text to speech"


def available(piper_voice: str = "") -> list[BackendState]:
    """Return the state of every voice backend on this machine, best first."""
    piper = bool(piper_voice)
    flite = ctypes.util.find_library("flite") is not None
    espeak = importlib.util.find_spec("espeakng_loader") is not None
    return [
        BackendState(
            PART, "piper", piper, piper_voice, "" if piper else "Set piper_voice to a voice's .onnx file.", True
        ),
        BackendState(
            PART, "flite", flite, "more natural", "" if flite else "Install libflite1 (Debian, Ubuntu).", True
        ),
        BackendState(PART, "espeak", espeak, "embedded", "" if espeak else "Install the package espeakng-loader."),
    ]


def open_synthesizer(name: str = "auto", piper_voice: str = "") -> Synthesizer:
    """Return the voice `name`, loaded; `auto` takes the best that loads and says which.

    Raises:
        UserError: the voice is unknown or can't be loaded.
    """
    makers = _makers(piper_voice)
    if name != "auto":
        if name not in makers:
            raise UserError(f"There is no voice backend {name!r}.", f"Use auto or one of {', '.join(makers)}.")
        synthesizer = makers[name]()
        synthesizer.load()
        return synthesizer
    for state in available(piper_voice):
        if not state.ready:
            continue
        try:
            synthesizer = makers[state.name]()
            synthesizer.load()
        except UserError as error:
            log.warning("the %s voice can't be used: %s", state.name, error)
        else:
            log.info("speaking with %s (%s)", state.name, state.detail)
            return synthesizer
    raise UserError("No voice can be loaded.", "Install the package espeakng-loader.")


def _makers(piper_voice: str) -> dict[str, Callable[[], Synthesizer]]:
    def piper() -> Synthesizer:
        from runtime.voice.piper import PiperSynthesizer

        return PiperSynthesizer(piper_voice)

    def flite() -> Synthesizer:
        from runtime.voice.flite import FliteSynthesizer

        return FliteSynthesizer()

    def espeak() -> Synthesizer:
        from runtime.voice.espeak import EspeakSynthesizer

        return EspeakSynthesizer()

    return {"piper": piper, "flite": flite, "espeak": espeak}
