"""Which voices there are, which of them this machine can use now, and the best of those."""

import ctypes
import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Final

from runtime.core.backends import BackendState, open_backend
from runtime.voice.synthesizer import Synthesizer

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

    def load(chosen: str) -> Synthesizer:
        synthesizer = makers[chosen]()
        synthesizer.load()
        return synthesizer

    return open_backend("voice backend", name, available(piper_voice), load)


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
