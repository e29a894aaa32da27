"""Whether a phrase that a model wrote may be said, and how it is meant. Pure."""

import re
from typing import Final

from runtime.persona.language.model import ModelFailed, Refused

LEAST_LETTERS: Final = 0.6
"""Of all signs but spaces: less is no English sentence."""
LONGEST_WORD: Final = 40
LEAK_WORDS: Final = 7
"""So many words of the instructions in a row are a recital of them."""

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
        words = _words(instructions)
        self._told = {tuple(words[i : i + LEAK_WORDS]) for i in range(len(words) - LEAK_WORDS + 1)}
        self._tail: list[str] = []
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
        words = [*self._tail, *_words(text)]
        if any(tuple(words[i : i + LEAK_WORDS]) in self._told for i in range(len(words) - LEAK_WORDS + 1)):
            raise ModelFailed("it recited its instructions")
        self._tail = words[1 - LEAK_WORDS :]
        if text in self._before:
            raise ModelFailed("it repeated itself")
        self._before.add(text)


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


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9']+", text.lower())
