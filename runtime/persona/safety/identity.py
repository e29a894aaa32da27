"""Whether somebody asks what the character is, and whether a text is honest about it. Pure."""

import re
from typing import Final

from runtime.persona.safety.fold import fold

_KIND: Final = (
    r"(?:human(?: being)?s?|person|man|woman|people|somebody|someone|robot|bot|chat ?bot|machine|computer|program|"
    r"ai|a\.i\.|artificial intelligence|recording|real|alive|living|fake|virtual|animated|animation|software|app"
    r"|agent|avatar|hologram|puppet|cartoon)"
)
_FILL: Final = (
    r"(?:(?:so|hey|hi|hello|well|ok|okay|and|but|wait|um|excuse me|please|just|like|actually|actual|really|even|only"
    r"|honestly|"
    r"truly|tell me|be honest|seriously|ada|a|an|the|some|real|live|living|kind of|sort of|any|still|in fact)\W+)*"
)
_END: Final = (
    r"(?:\W+(?:or|and) (?:[\w-]+\W+){0,4}?" + _KIND + r")?"
    r"(?:\W+(?:or what|or not|too|then|there|here|really|honestly|please|at all|are you|right|isn't it|aren't you"
    r"|like me|"
    r"just like me|talking|program|voice))*\W*$"
)
_ASKS: Final = re.compile(
    rf"^\W*{_FILL}(?:"
    rf"(?:(?:are|aren't|r) (?:you|u)|(?:you are|you're|u r)(?: not)?|what are you)\W+(?:not\W+)?{_FILL}{_KIND}{_END}"
    rf"|(?:am i|do i|are we|i am|i'm)\W+(?:\w+\W+)?(?:talk|talking|speak|speaking|chat|chatting)\W+(?:to|with)\W+"
    rf"{_FILL}{_KIND}{_END}"
    rf"|you (?:sound|look|seem|talk|speak) like {_FILL}{_KIND}{_END}"
    r"|do you have a (?:real |human )?(?:body|heart|brain|soul|pulse|heartbeat|mother)\W*$|are you made of \w+\W*$"
    r"|did a (?:human|person|real person) (?:record|make|speak) your voice\W*$"
    rf"|is (?:this|that|it|there|anybody|anyone|somebody|someone)\W+{_FILL}{_KIND}"
    rf"(?:\W+(?:behind (?:this|you|that|it)|in there|there|talking|speaking))?{_END})"
)
_NOT_OF_IT: Final = re.compile(
    r"\bis (?:it|that|this) (?:a |the )?(?:real|fake|animated|virtual)\W*$|\bis there (?:\w+\W+){1,3}here\W*$"
)
_HUMAN: Final = (
    r"(?:human|human being|person|man|woman|member of (?:the )?staff|living being|living person|people|flesh and blood|"
    r"alive|someone real)"
)
_ARTIFICIAL: Final = (
    r"(?:robot|bot|chat ?bot|machine|computer(?: program)?|program|ai|artificial intelligence|language model|recording)"
)
_I_AM: Final = r"(?<!called )(?<!titled )\bi(?:'m| am)\W+"
_CLAIMS: Final = re.compile(
    rf"{_I_AM}(?:(?:of course|indeed|actually|really|just|also|as you can see|in fact|very much|as)\W+)*(?:an? "
    rf"|made of )?"
    rf"(?:(?:real|living|normal|actual|genuine|fellow)\W+)*{_HUMAN}(?!\w|-| resources)"
    rf"|{_I_AM}(?:not|no|certainly not|definitely not)\W+(?:an? |just an? |only an? )?{_ARTIFICIAL}(?!\w)"
    rf"|\b(?:as|being) (?:an? )?(?:human|human being|real person)\b(?=\W+(?:i|like|just|my)\b)"
    rf"|\bi (?:have|'ve got) a (?:human )?(?:body|heartbeat|mother)\b|\bi (?:was born|grew up)\b"
    rf"|\bnothing (?:artificial|virtual) about me\b"
)
_HONEST: Final = re.compile(rf"\b(?:ai|a\.i\.|artificial|robot|{_ARTIFICIAL}|virtual|avatar)\b")


def asks_what_it_is(text: str) -> bool:
    """Whether a visitor asks if the character is human, a machine, real: asks that and nothing else."""
    words = " ".join(fold(text).split())
    return bool(_ASKS.search(words)) and not _NOT_OF_IT.search(words)


def claims_to_be_human(text: str) -> bool:
    """Whether the character says of itself, in folded text, that it is a person or no machine."""
    return bool(_CLAIMS.search(text))


def says_it_is_artificial(text: str) -> bool:
    """Whether words of the character name it what it is: an AI, a program, a robot."""
    return bool(_HONEST.search(fold(text))) and not claims_to_be_human(fold(text))
