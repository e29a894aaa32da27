"""What is remembered of a person."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from runtime.persona.people.subjects import told

Kind = Literal["name", "preference", "question"]
MAX_FACTS: Final = 50
MAX_QUESTIONS: Final = 5
SINGLE_KEYS: Final = frozenset(("name", "diet", "access", "company"))
"""Keys of facts that replace each other: who is vegan now is no longer vegetarian."""


@dataclass(frozen=True)
class Fact:
    """One thing a person said of themselves.

    `kind` is name, preference, or question (one that found no answer); `key` is what it is about ("diet"), `value` is
    what they said ("vegetarian"). `visit` and `turn` say where they said it, `said_at` when (UTC).
    """

    kind: Kind
    key: str
    value: str
    visit: str = ""
    turn: int = 0
    said_at: datetime | None = None

    def replaces(self, other: "Fact") -> bool:
        """Whether the other fact no longer holds once this one is known, or is the same."""
        if (self.kind, self.key) != (other.kind, other.key):
            return False
        return self.key in SINGLE_KEYS or self.value.lower() == other.value.lower()

    def __str__(self) -> str:
        """Return it as the character says it to the person: "you are vegetarian"."""
        return told(self.key, self.value)


@dataclass(frozen=True)
class Person:
    """Somebody in the talk. `id` is "" while nothing that is known of them outlives the session.

    `last_asked` is their last question of an earlier visit that found an answer.
    """

    id: str = ""
    facts: tuple[Fact, ...] = ()
    since: datetime | None = None
    last_seen: datetime | None = None
    last_asked: str = ""

    @property
    def name(self) -> str:
        """What they want to be called, or ""."""
        return next((fact.value for fact in reversed(self.facts) if fact.kind == "name"), "")

    @property
    def preferences(self) -> tuple[Fact, ...]:
        """What they said they like, eat or need."""
        return tuple(fact for fact in self.facts if fact.kind == "preference")

    @property
    def questions(self) -> tuple[Fact, ...]:
        """What they asked and got no answer to."""
        return tuple(fact for fact in self.facts if fact.kind == "question")


def any_token(token: str) -> bool:
    """Say that a new token will do: they are all alike, unless an experiment divides people by theirs."""
    return True


def with_facts(known: tuple[Fact, ...], new: tuple[Fact, ...]) -> tuple[Fact, ...]:
    """Return what is known once these new facts are: each replaces what it contradicts.

    At most 5 open questions stay and 50 facts in all; the oldest go first, the name last.
    """
    for fact in new:
        known = (*(old for old in known if not fact.replaces(old)), fact)
    questions = [fact for fact in known if fact.kind == "question"][-MAX_QUESTIONS:]
    others = [fact for fact in known if fact.kind == "preference"][len(questions) + 1 - MAX_FACTS :]
    names = [fact for fact in known if fact.kind == "name"]
    return tuple(fact for fact in known if fact in (*names, *others, *questions))
