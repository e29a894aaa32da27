"""Which voices there are, which of them this machine can use now, and the best of those."""

import ctypes
import importlib.util
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Final

from runtime.core.backends import BackendState
from runtime.core.errors import UserError
from runtime.voice.synthesizer import Synthesizer

log = logging.getLogger(__name__)
PART: Final = "text to speech"
_PIPER_REMEDY: Final = "Set piper_voice to a voice's .onnx file; its .onnx.json lies beside it."


def available(piper_voice: str = "") -> list[BackendState]:
    """Return the state of every voice backend on this machine, best first."""
    piper, piper_detail = _piper_state(piper_voice)
    flite = _flite_is_there()
    espeak = importlib.util.find_spec("espeakng_loader") is not None
    return [
        BackendState(PART, "piper", piper, piper_detail, "" if piper else _PIPER_REMEDY, True),
        BackendState(
            PART,
            "flite",
            flite,
            "more natural than espeak" if flite else "its library is missing",
            "" if flite else "Install libflite1 (Debian, Ubuntu).",
            True,
        ),
        BackendState(PART, "espeak", espeak, "embedded", "" if espeak else "Install the package espeakng-loader."),
    ]


def _piper_state(path: str) -> tuple[bool, str]:
    """Return whether a Piper voice is ready, and which, or why not."""
    if not path:
        return False, "no voice file is set"
    for file in (Path(path), Path(f"{path}.json")):
        if not file.is_file():
            return False, f"{file} is missing"
    return True, f"the voice {Path(path).stem}"


def _flite_is_there() -> bool:
    try:
        ctypes.CDLL("libflite_cmu_us_slt.so.1")
    except OSError:
        return False
    return True


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
