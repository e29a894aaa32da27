"""What the character says about its memory of the person. Pure."""

import re
from collections.abc import Sequence
from typing import Final

from runtime.persona.people.person import Fact, Person

CONSENT: Final = "people:consent"
RESUME: Final = "people:resume"
RENAME: Final = "people:rename"
FORGET: Final = "people:forget"
OURS: Final = "people:"
"""What the offers of this room's questions begin with, so that a brain can be kept from taking them for its own."""

KEPT_NOT: Final = "All right. I will forget it when you leave."
NOT_AGAIN: Final = "I can't keep anything beyond this talk, so I will forget you when you leave."
KEPT_ALREADY: Final = "I remember you already. Say: forget me, and I will erase it."
FORGET_ALL: Final = "Shall I forget everything you told me? Say yes or no."
KEPT_STILL: Final = "All right, then I forget nothing."
FORGOTTEN: Final = "Done. I have erased everything I knew about you."
NOTHING_KEPT: Final = "I have kept nothing beyond this talk, and what you told me in it I have now forgotten too."
NOT_ERASED: Final = "I am sorry, I could not erase it just now. Please ask again in a moment, or tell the staff."
NOT_KEPT: Final = "I am sorry, I can't keep it just now. I will forget it when you leave."
GUEST: Final = "I am sorry. Then I will not use what I know about somebody else. How may I help you?"
ANYTHING_ELSE: Final = "All right. What would you like to know?"
NO_TALK: Final = "I know of no earlier talk with you."
TOLD_FACTS: Final = 6
_HELLO: Final = re.compile(
    r"^(?:hello|hi|welcome|good (?:morning|afternoon|evening|day))(?: there)?[,.!]\s+", re.IGNORECASE
)


def days(number: int) -> str:
    """Return a number of days as it is spoken."""
    return "one day" if number == 1 else f"{number} days"


def consent_question(person: Person, keep_days: int) -> tuple[str, str]:
    """Return what is to be known before the question, and the question."""
    what = "your name and what we talk about" if person.name else "what you tell me and what we talk about"
    return (
        f"I can keep {what} for {days(keep_days)}, so that I know you next time.",
        "May I remember you? Say yes or no.",
    )


def agreed(keep_days: int) -> str:
    """Return what is said once consent was given and kept."""
    return f"Thank you. I will remember you for {days(keep_days)} from your last visit. Say forget me, and I erase it."


def acknowledged(facts: Sequence[Fact]) -> str:
    """Return what is said to somebody who said something of themselves and nothing besides."""
    name = next((fact.value for fact in facts if fact.kind == "name"), "")
    others = listed([str(fact) for fact in facts if fact.kind != "name"])
    hello = f"Nice to meet you, {name}." if name else ""
    noted = f"I will keep in mind that {others}." if others else "How may I help you?"
    return f"{hello} {noted}".strip()


def welcome(person: Person) -> str:
    """Return how a person is met who was here before."""
    return f"Welcome back, {person.name}." if person.name else "Welcome back."


def last_time(asked: str) -> str:
    """Return the question whether to go on with what a person asked last."""
    return f'Last time you asked me "{asked}". Shall we go on from there?'


def answered_now(asked: str) -> str:
    """Return what is said before the answer to a question that found none last time."""
    return f'Last time I could not answer "{asked}". Now I can.'


def rename(old: str, new: str) -> str:
    """Return the question to somebody who gives another name than the one known."""
    return f"I know you as {old}. Are you the same person, and shall I call you {new}?"


def because(fact: Fact) -> str:
    """Return what is said before something that is told because of a fact."""
    return f"And since {fact}:"


def known(person: Person, keep_days: int) -> str:
    """Return all that is known of a person, said to them; what is many is said in part, and how many more there are."""
    said = [str(fact) for fact in person.facts]
    if person.last_asked:
        said.append(f'you last asked "{person.last_asked}"')
    if not person.id:
        held = (
            f"You told me that {listed(said[-TOLD_FACTS:])}."
            if said
            else "I know nothing about you but what we say here."
        )
        return f"{held} I will forget it when you leave."
    more = f" That is not all: there are {len(said) - TOLD_FACTS} things more." if len(said) > TOLD_FACTS else ""
    held = f"I know that {listed(said[-TOLD_FACTS:])}.{more}" if said else "I know that you were here before."
    since = f" You first came on {person.since:%B} {person.since.day}." if person.since else ""
    until = f" I keep it for {days(keep_days)} from your last visit, and what we said. Say forget me, and I erase it."
    return held + since + until


def listed(parts: Sequence[str]) -> str:
    """Return parts as a list in a sentence."""
    return ", and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)


def without_hello(text: str) -> str:
    """Return a greeting without its first hello, for somebody who was greeted already."""
    rest = _HELLO.sub("", text)
    return rest[:1].upper() + rest[1:]


def farewell(text: str, name: str) -> str:
    """Return parting words with the person's name in them, where there is a place for it."""
    return f"Goodbye, {name}{text[len('Goodbye') :]}" if name and text.startswith(("Goodbye,", "Goodbye.")) else text
