"""Which recognisers there are, which this machine can use now, and the best of those."""

import importlib.util
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from runtime.core.backends import BackendState, open_backend
from runtime.perception.recogniser import Recogniser

PART = "speech to text"


def available(options: Mapping[str, Any] | None = None) -> list[BackendState]:
    """Return the state of every recogniser on this machine, best first.

    `auto` takes a better one only where its model or address was set, since it can't guess those.
    """
    options = options or {}
    whisper, url = str(options.get("whisper_model") or ""), str(options.get("openai_url") or "")
    sphinx = importlib.util.find_spec("pocketsphinx") is not None
    return [
        BackendState(
            PART, "openai", bool(url), url, "" if url else "Set openai_asr_url to the service's address.", True
        ),
        BackendState(
            PART, "whisper", bool(whisper), whisper, "" if whisper else "Set whisper_model to a size or folder.", True
        ),
        BackendState(PART, "pocketsphinx", sphinx, "embedded", "" if sphinx else "Install the package pocketsphinx."),
    ]


def open_recogniser(name: str, phrases: Sequence[str], options: Mapping[str, Any] | None = None) -> Recogniser:
    """Return the recogniser `name`, loaded; `auto` takes the best that loads and says which.

    Options: whisper_model, whisper_threads, openai_url, openai_key, openai_model.

    Raises:
        UserError: the recogniser is unknown or can't be loaded.
    """
    makers = _makers(options or {})

    def load(chosen: str) -> Recogniser:
        recogniser = makers[chosen]()
        recogniser.load(phrases)
        return recogniser

    return open_backend("recogniser", name, available(options), load)


def _makers(options: Mapping[str, Any]) -> dict[str, Callable[[], Recogniser]]:
    def openai() -> Recogniser:
        from runtime.perception.openai import OpenAiRecogniser

        url, key = str(options.get("openai_url") or ""), str(options.get("openai_key") or "")
        return OpenAiRecogniser(url, key, str(options.get("openai_model") or "whisper-1"))

    def whisper() -> Recogniser:
        from runtime.perception.whisper import WhisperRecogniser

        return WhisperRecogniser(str(options.get("whisper_model") or ""), int(options.get("whisper_threads", 2)))

    def pocketsphinx() -> Recogniser:
        from runtime.perception.sphinx import SphinxRecogniser

        return SphinxRecogniser()

    return {"openai": openai, "whisper": whisper, "pocketsphinx": pocketsphinx}
