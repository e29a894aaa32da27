"""Which brains there are, which this machine can use now, and the best of those."""

import importlib.util
import logging
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from runtime.core.backends import BackendState
from runtime.core.clock import WallClock
from runtime.core.errors import UserError
from runtime.persona.brain import Brain
from runtime.persona.embedding import Embedding
from runtime.persona.persona import Persona

if TYPE_CHECKING:
    from runtime.persona.language.model import LanguageModel, Patience

log = logging.getLogger(__name__)

PART = "brain"
BRAINS: Final = ("auto", "retrieval", "openai", "transformers")
_NEEDED: Final = ("torch", "transformers", "jinja2")


def available(options: Mapping[str, Any] | None = None) -> list[BackendState]:
    """Return the state of every brain on this machine, best first.

    `auto` takes a language model only where its address or name was set, since it can't guess those.
    """
    options = options or {}
    url, model = str(options.get("llm_url") or ""), str(options.get("llm_model") or "")
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    local = model if not url else ""
    remedy = "" if local else "Set llm_model to a folder or hub name, without llm_url."
    if missing:
        remedy = f"Install {', '.join(missing)}: pip install 'avatar-runtime[llm]'."
    return [
        BackendState(PART, "openai", bool(url), url, "" if url else "Set llm_url to the service's address.", True),
        BackendState(PART, "transformers", bool(local) and not missing, local, remedy, True),
        BackendState(PART, "retrieval", True, "embedded: answers from the persona's knowledge"),
    ]


def open_model(name: str, options: Mapping[str, Any] | None = None) -> "LanguageModel | None":
    """Return the language model of the brain `name`, not started yet; None for a brain without one.

    Options: llm_url, llm_key, llm_model, llm_max_tokens, threads.

    Raises:
        UserError: there is no such brain, or it can't be had as it is set.
    """
    options = options or {}
    if name not in BRAINS:
        raise UserError(f"There is no brain {name!r}.", f"Use one of {', '.join(BRAINS)}.")
    states = {state.name: state for state in available(options)}
    chosen = next(state for state in states.values() if state.ready) if name == "auto" else states[name]
    if not chosen.ready:
        raise UserError(f"The brain {name} can't be used.", chosen.remedy)
    log.info("thinking with %s", chosen.name)
    model, most = str(options.get("llm_model") or ""), int(options.get("llm_max_tokens") or 200)
    if chosen.name == "openai":
        from runtime.persona.language.openai import OpenAiModel

        return OpenAiModel(str(options["llm_url"]), str(options.get("llm_key") or ""), model, most)
    if chosen.name == "transformers":
        from runtime.persona.language.local import TransformersModel

        return TransformersModel(model, int(options.get("threads") or 2), most)
    return None


async def start_model(model: "LanguageModel", persona: Persona) -> None:
    """Start a model and let it read beforehand what it is told of the persona.

    Raises:
        UserError: it can't be used as it is set.
    """
    from runtime.persona.language.prompt import system_message

    await model.start()
    await model.prepare(system_message(persona))


def open_brain(
    name: str,
    persona: Persona,
    embedding: Embedding | None = None,
    model: "LanguageModel | None" = None,
    patience: "Patience | None" = None,
    clock: WallClock = datetime.now,
) -> Brain:
    """Return the brain `name` of a persona; `embedding` helps it to find what is meant, `clock` tells the local time.

    With a language model the brain answers with that, and without it wherever the model fails.

    Raises:
        UserError: there is no such brain.
    """
    if name not in BRAINS:
        raise UserError(f"There is no brain {name!r}.", f"Use one of {', '.join(BRAINS)}.")
    from runtime.persona.grounded import GroundedBrain

    grounded = GroundedBrain(persona, embedding, clock)
    if model is None:
        return grounded
    from runtime.persona.language.brain import LanguageBrain
    from runtime.persona.language.passages import PersonaSearch

    return LanguageBrain(persona, model, grounded, PersonaSearch(persona, embedding, clock), patience)
