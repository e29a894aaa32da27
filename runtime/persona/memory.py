"""What was said in a session, as it was heard."""

from collections import deque
from dataclasses import dataclass, field, replace
from typing import Any, Final

from runtime.core.messages import Interrupted, Mood, Phrase, PlayoutMark, UserTurn
from runtime.persona.people.person import Person

MAX_EXCHANGES: Final = 50


@dataclass(frozen=True)
class Exchange:
    """One turn: the user's words and what they have heard of the answer; `cut` if they interrupted it.

    `source` and `offers` as in `Phrase`, of what has been heard.
    """

    turn: int
    asked: str
    heard: str = ""
    cut: bool = False
    source: str = ""
    offers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Context:
    """What a brain may know of the conversation so far: its exchanges, oldest first, and how the person seems now.

    `person` is who they are, as far as they said so: what they said of themselves now, or in earlier visits where they
    agreed to be remembered; None where nothing is known.
    """

    exchanges: tuple[Exchange, ...] = ()
    mood: Mood = field(default_factory=Mood)
    person: Person | None = None

    @property
    def last(self) -> Exchange:
        """The last exchange; an empty one before the first."""
        return self.exchanges[-1] if self.exchanges else Exchange(0, "")

    @property
    def last_heard(self) -> str:
        """The last words that the person has heard; "" where they have heard none."""
        return next((exchange.heard for exchange in reversed(self.exchanges) if exchange.heard), "")


class Memory:
    """The last exchanges of one session. An answer counts as far as it was heard, no further."""

    def __init__(self) -> None:
        self._exchanges: deque[Exchange] = deque(maxlen=MAX_EXCHANGES)

    def asked(self, turn: UserTurn) -> None:
        """The user said something."""
        self._exchanges.append(Exchange(turn.turn, turn.text))

    def heard(self, mark: PlayoutMark) -> None:
        """The user has heard this much of a turn's answer."""
        self._change(mark.turn, heard=mark.heard, cut=False)

    def told(self, turn: int, phrase: Phrase) -> None:
        """The user has heard this phrase of a turn's answer: what it was about, and what it offered."""
        if phrase.source:
            self._change(turn, source=phrase.source)
        if phrase.offers:
            self._change(turn, offers=phrase.offers)

    def interrupted(self, event: Interrupted) -> None:
        """The user cut an answer off."""
        self._change(event.turn, heard=event.heard, cut=True)

    def withdraw(self) -> None:
        """Forget the last exchange: the user went on before any of its answer was heard."""
        if self._exchanges and not self._exchanges[-1].heard:
            self._exchanges.pop()

    def context(self, mood: Mood | None = None) -> Context:
        """Return the conversation so far; `mood` is how the person seems now."""
        return Context(tuple(self._exchanges), mood or Mood())

    def _change(self, turn: int, **values: Any) -> None:
        if self._exchanges and self._exchanges[-1].turn == turn:
            self._exchanges[-1] = replace(self._exchanges[-1], **values)
        elif not any(exchange.turn == turn for exchange in self._exchanges):
            self._exchanges.append(replace(Exchange(turn, ""), **values))
