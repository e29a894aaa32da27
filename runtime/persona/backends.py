"""Which brains there are."""

from runtime.core.backends import BackendState
from runtime.core.errors import UserError
from runtime.persona.brain import Brain
from runtime.persona.embedding import Embedding
from runtime.persona.persona import Persona

PART = "brain"


def available() -> list[BackendState]:
    """Return the state of every brain on this machine, best first."""
    return [BackendState(PART, "retrieval", True, "embedded: answers from the persona's knowledge")]


def open_brain(name: str, persona: Persona, embedding: Embedding | None = None) -> Brain:
    """Return the brain `name` of a persona; `embedding` helps it to find what is meant.

    Raises:
        UserError: there is no such brain.
    """
    if name not in ("auto", "retrieval"):
        raise UserError(f"There is no brain {name!r}.", "Use auto or retrieval.")
    from runtime.persona.grounded import GroundedBrain

    return GroundedBrain(persona, embedding)
