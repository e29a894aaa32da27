"""Consent to be remembered, as a state machine over turns. Pure.

Nothing outlives a session before the person has been asked aloud, has heard the whole question, and has said yes and
nothing else in the very next turn. Silence, a change of subject and an unclear answer are no consent.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from runtime.persona.people.requests import Request

MAX_OFFERS: Final = 2
"""So often in a session the character asks of its own accord, where it was interrupted the first time."""


class State(StrEnum):
    """Where consent stands."""

    OPEN = "open"
    ASKED = "asked"
    GIVEN = "given"
    REFUSED = "refused"


@dataclass(frozen=True)
class Consent:
    """Where consent stands in a session, and how often it was asked for."""

    state: State = State.OPEN
    offers: int = 0

    @property
    def may_ask(self) -> bool:
        """Whether the character may ask of its own accord."""
        return self.state is State.OPEN and self.offers < MAX_OFFERS

    @property
    def given(self) -> bool:
        """Whether what is said may be kept."""
        return self.state is State.GIVEN

    def ask(self) -> "Consent":
        """The character asks; a person who asks to be remembered may be asked at any time."""
        return self if self.given else Consent(State.ASKED, self.offers + 1)

    def reply(self, request: Request, heard: bool) -> "Consent":
        """Take the turn after the question; `heard` is whether the question was heard to its end.

        An answer to a question that was cut off counts for nothing, but a no.
        """
        if self.state is not State.ASKED:
            return self
        if request is Request.NO:
            return replace(self, state=State.REFUSED)
        if not heard:
            return replace(self, state=State.OPEN)
        return replace(self, state=State.GIVEN if request is Request.YES else State.REFUSED)

    def withdraw(self) -> "Consent":
        """The person wants to be forgotten: they are not asked again unless they ask."""
        return replace(self, state=State.REFUSED)
