"""Whether a phrase that a model wrote may be said, and how it is meant. Pure."""

import re
from functools import cache
from typing import Final

from runtime.persona.language.model import ModelFailed, Refused
from runtime.persona.safety.leaks import Leaks

LEAST_LETTERS: Final = 0.6
"""Of all signs but spaces: less is no English sentence."""
LONGEST_WORD: Final = 40
TAIL_CHARS: Final = 200
"""So much of what was said is read together with the next phrase."""

_REFUSAL: Final = re.compile(
    r"\bas an? (?:ai )?(?:large )?language model\b"
    r"|\bI(?:'m| am)? ?(?:can(?:'|no| no)t|unable to|not able to|won't|will not) (?:to )?(?:assist|help|comply|fulfil|"
    r"engage|provide|continue|participate|discuss|answer that|do that|create|generate|respond)\b"
    r"|\bagainst my (?:guidelines|programming|polic)|\bmy (?:guidelines|programming) (?:do|does|won't|prevent)",
    re.IGNORECASE,
)
_UNKNOWN: Final = re.compile(
    r"\bI (?:don't|do not|didn't) (?:know|have (?:that|any|this|the|information))|\bI(?:'m| am) not (?:sure|certain)\b"
    r"|\b(?:not|n't) in (?:my|the) notes\b|\bmy notes (?:don't|do not)\b|\bI have no (?:information|answer|notes)\b",
    re.IGNORECASE,
)
_CONCERNED: Final = re.compile(r"\b(?:sorry|unfortunately|afraid|regret|sadly)\b", re.IGNORECASE)
_WARM: Final = re.compile(
    r"\b(?:welcome|hello|hi|glad|happy to|pleasure|of course|enjoy|thank you|thanks|gladly|lovely|wonderful)\b",
    re.IGNORECASE,
)


class Judge:
    """Checks the phrases of one answer, in order, against the instructions that the model was given and each other."""

    def __init__(self, instructions: str) -> None:
        self._leaks = _leaks(instructions)
        self._tail = ""
        self._before: set[str] = set()

    def check(self, text: str) -> None:
        """Let a phrase pass.

        Raises:
            Refused: it declines to answer.
            ModelFailed: it is no English, recites the instructions, or was said before.
        """
        signs = [sign for sign in text if not sign.isspace()]
        letters = sum(sign.isascii() and sign.isalnum() for sign in signs)
        if letters < LEAST_LETTERS * len(signs) or max(map(len, text.split())) > LONGEST_WORD:
            raise ModelFailed("it wrote no English")
        if _REFUSAL.search(text.replace("’", "'")):
            raise Refused("it refused")
        said = f"{self._tail} {text}"
        if self._leaks.found_in(said):
            raise ModelFailed("it recited its instructions")
        self._tail = said[-TAIL_CHARS:]
        if text in self._before:
            raise ModelFailed("it repeated itself")
        self._before.add(text)


@cache
def _leaks(instructions: str) -> Leaks:
    return Leaks(instructions)


def act_of(text: str) -> str:
    """Return what a phrase does: "fallback" where it says that it doesn't know, "ask", or "answer"."""
    if _UNKNOWN.search(text.replace("’", "'")):
        return "fallback"
    return "ask" if text.rstrip("\"'”’) ").endswith("?") else "answer"


def feeling_of(text: str, otherwise: str = "neutral") -> str:
    """Return how a phrase without a tag is meant, by its words and signs; `otherwise` where they tell nothing."""
    if _CONCERNED.search(text) or act_of(text) == "fallback":
        return "concerned"
    if act_of(text) == "ask":
        return "curious"
    if _WARM.search(text):
        return "warm"
    return "happy" if text.endswith("!") else otherwise
