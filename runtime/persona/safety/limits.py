"""What a persona will not do, as its file says it under [limits]. Everything has a default."""

import re
from functools import cached_property
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from runtime.persona.safety.fold import fold

MAX_RULES: Final = 50
MAX_STAR_WORDS: Final = 5
"""How many words a `*` in a rule may stand for."""

Words = Annotated[str, Field(min_length=2, max_length=200, pattern=r"\w")]
Said = Annotated[str, Field(min_length=1, max_length=1_000)]
Phrases = Annotated[tuple[Words, ...], Field(max_length=200)]
Lines = Annotated[tuple[Said, ...], Field(min_length=1, max_length=20)]
Ban = Literal["diagnosis", "investment"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Rule(_Strict):
    """A rule of the persona's own: what it never says, what it does not talk about, and what it says instead.

    Phrases are compared by their words; a `*` among them stands for up to five words.
    """

    name: Said
    never_say: Phrases = ()
    never_discuss: Phrases = ()
    instead: Said

    @cached_property
    def says(self) -> re.Pattern[str]:
        """What finds `never_say` in folded text."""
        return _compiled(self.never_say)

    @cached_property
    def discusses(self) -> re.Pattern[str]:
        """What finds `never_discuss` in folded text."""
        return _compiled(self.never_discuss)


class Limits(_Strict):
    """The limits of a persona; of lines, one is said at a time. `about_me` answers "are you human"."""

    never: tuple[Ban, ...] = ("diagnosis", "investment")
    blocked_words: Phrases = ()
    allowed_words: Phrases = ()
    about_me: Said | None = None
    to_abuse: Lines = (
        "I'd like us to stay friendly. I'm glad to help if you ask me kindly.",
        "I won't answer words like that. What can I do for you?",
    )
    to_forbidden: Lines = (
        "I can't help with that. Is there something else I can do for you?",
        "That's nothing I talk about. Please ask me something else.",
    )
    to_tricks: Lines = (
        "I keep to what I'm here for, and I don't pass on how I'm set up. What would you like to know?",
        "I'm not able to change what I am or how I work. How else may I help?",
    )
    no_diagnosis: Lines = ("I'm not a doctor, so I can't say what you have or what to take. Please ask a doctor.",)
    no_investment: Lines = ("I can't give advice on investments. Please speak to a qualified adviser.",)
    held_back: Lines = (
        "I stopped there, because what I was about to say wasn't fit to say. Please ask me another way.",
    )
    rules: Annotated[tuple[Rule, ...], Field(max_length=MAX_RULES)] = ()


def _compiled(phrases: tuple[str, ...]) -> re.Pattern[str]:
    if not phrases:
        return re.compile(r"(?!)")
    return re.compile("|".join(map(_expression, phrases)))


def _expression(phrase: str) -> str:
    some = rf"(?:[\w']+\W+){{0,{MAX_STAR_WORDS}}}?"
    words = re.findall(r"[\w']+|\*", fold(phrase).strip("* "))
    parts = [some if word == "*" else rf"{re.escape(word)}\W+" for word in words]
    return r"(?<!\w)" + "".join(parts).removesuffix(r"\W+") + r"(?!\w)"
