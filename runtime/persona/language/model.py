"""What a language model is to its brain: messages in, text out as a stream."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

Message = dict[str, str]
"""`role` (system, user or assistant) and `content`, as every chat template and service takes them."""
MAX_ANSWER_CHARS: Final = 1_500
"""More than a minute and a half of speech: whoever writes more has run away."""
TEMPERATURE: Final = 0.3


class ModelFailed(Exception):
    """The model can't be reached, broke off, or wrote what can't be used; the text says which, never what was said."""


class Refused(ModelFailed):
    """The model, or its service, would not answer this."""


@dataclass(frozen=True)
class Patience:
    """How long an answer is waited for, in seconds from its request.

    The first text has to come within `first_token_s`, the first whole phrase within `first_phrase_s`, all of it within
    `whole_s`.
    """

    first_token_s: float = 1.5
    first_phrase_s: float = 4.0
    whole_s: float = 20.0


class LanguageModel(Protocol):
    """A model that carries on a conversation. Many streams may be open at a time."""

    name: str

    @property
    def ready(self) -> bool:
        """Whether it may be asked now."""

    async def start(self) -> None:
        """Do what takes time: load, connect.

        Raises:
            UserError: it can't be used as it is set.
        """

    async def prepare(self, system: str) -> None:
        """Read a system message beforehand, so that conversations that begin with it are answered sooner."""

    def stream(self, messages: Sequence[Message]) -> AsyncGenerator[str, None]:
        """Return the answer as it is written; closing the stream ends the work at once.

        Raises:
            Refused: it would not answer.
            ModelFailed: it can't answer, or the answer was broken off.
        """

    async def close(self) -> None:
        """Give everything back."""
