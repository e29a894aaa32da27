"""What preferences can be about: how they are told, and when they matter to a question. Pure."""

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Subject:
    """One key of preferences. `{}` stands for the value.

    `told` is how it is said to the person. `matters` finds the questions to which it matters; `question` is what is
    then looked up for them besides.
    """

    told: str
    matters: re.Pattern[str] | None = None
    question: str = ""


_FOOD: Final = re.compile(r"\b(eat|food|cafe|café|restaurant|menu|meals?|lunch|dinner|breakfast|snacks?|hungry)\b")
_WAYS: Final = re.compile(
    r"\b(get (?:there|to|up|in|around)|reach|stairs?|steps?|floors?|upstairs|downstairs|terrace|roof|tower|tours?)\b"
)
_VISIT: Final = re.compile(r"\b(shows?|tours?|recommend|exhibitions?|workshops?|what can (?:i|we) (?:see|do))\b")
SUBJECTS: Final = {
    "name": Subject("your name is {}"),
    "diet": Subject("you are {}", _FOOD, "do you have {} food"),
    "allergy": Subject("you are allergic to {}", _FOOD, "do you have food without {}"),
    "avoids": Subject("you don't eat {}", _FOOD, "do you have food without {}"),
    "access": Subject("you use a {}", _WAYS, "is there {} access"),
    "company": Subject("you come with {}", _VISIT, "is there a show for {}"),
    "likes": Subject("you like {}"),
    "dislikes": Subject("you don't like {}"),
    "prefers": Subject("you prefer {}"),
    "question": Subject('you asked "{}", and I had no answer'),
}


def told(key: str, value: str) -> str:
    """Return a fact as the character says it to the person."""
    if key.startswith("favourite "):
        return f"your {key} is {value}"
    return SUBJECTS[key].told.format(value) if key in SUBJECTS else f"{key}: {value}"


def looked_up(key: str, value: str, question: str) -> str:
    """Return what to look up besides, because this preference matters to the question; "" where it does not."""
    subject = SUBJECTS.get(key)
    if subject is None or subject.matters is None or not subject.matters.search(question.lower()):
        return ""
    return "" if value.lower() in question.lower() else subject.question.format(value)
