"""What a turn wants of the character's memory: a yes or no to its question, to be forgotten, told, remembered. Pure."""

import re
from enum import StrEnum
from typing import Final

from runtime.persona.persona import normal


class Request(StrEnum):
    """What is wanted."""

    NOTHING = "nothing"
    YES = "yes"
    NO = "no"
    FORGET = "forget"
    TELL = "tell"
    REMEMBER = "remember"
    NOT_ME = "not me"
    RESUME = "resume"


_YES: Final = (
    "yes", "yeah", "yep", "sure", "of course", "ok", "okay", "please do", "go ahead", "absolutely", "certainly",
    "yes you may", "you may", "yes of course", "yes do", "all right", "alright", "that is fine", "fine", "i agree",
    "yes remember me", "yes i do", "yes let's", "yes go on", "gladly",
)  # fmt: skip
_NO: Final = (
    "no", "nope", "no thanks", "rather not", "better not", "i would rather not", "please don't", "don't", "do not",
    "not now", "never", "please do not", "no don't", "you may not", "not really",
)  # fmt: skip
_FORGET: Final = (
    "forget me", "please forget me", "forget everything about me", "forget what you know about me", "delete my data",
    "erase my data", "delete everything about me", "forget all about me",
)  # fmt: skip
_TELL: Final = (
    "what do you know about me", "what do you remember about me", "what have you stored about me", "do you know me",
    "what did you remember about me", "do you remember me", "who am i", "what is my name", "do you know my name",
    "do you know who i am", "what data do you have about me", "do you remember my name",
)  # fmt: skip
_REMEMBER: Final = ("remember me", "please remember me", "can you remember me", "will you remember me", "keep my name")
_NOT_ME: Final = (
    "that is not me",
    "it is not me",
    "i am someone else",
    "i am somebody else",
    "wrong person",
    "that isn't me",
)
_RESUME: Final = (
    "where were we", "where did we stop", "what did we talk about", "what did we talk about last time",
    "what did i ask you last time", "what did i ask last time", "what was my last question",
)  # fmt: skip
PHRASES: Final = (*_YES, *_NO, *_FORGET, *_TELL, *_REMEMBER, *_NOT_ME, *_RESUME)
"""What a recogniser should listen for besides the persona's own questions."""

_EXACT: Final = {
    **dict.fromkeys(_YES, Request.YES),
    **dict.fromkeys(_NO, Request.NO),
    **dict.fromkeys(_FORGET, Request.FORGET),
    **dict.fromkeys(_TELL, Request.TELL),
    **dict.fromkeys(_REMEMBER, Request.REMEMBER),
    **dict.fromkeys(_NOT_ME, Request.NOT_ME),
    **dict.fromkeys(_RESUME, Request.RESUME),
}
_POLITE: Final = re.compile(
    r"^(?:(?:please|now|oh|well|and|so|hey|hello|can you|could you|would you|will you|i want you to|"
    r"i would like you to)\b ?)+"
    r"|(?: (?:please|thank you|thanks|now|next time|again|right now))+$"
)
_FORGETS: Final = re.compile(
    r"^(?:forget|erase|delete|remove)(?: about)? (?:me|all you know(?: about me)?|(?:all|everything|anything) "
    r"(?:about me|you (?:know|remember|have|stored)(?: (?:about|of|on) me)?)|what you (?:know|remember|have|stored) "
    r"(?:about|of|on) me|(?:all )?(?:of )?my (?:personal )?(?:data|details|information))$"
)
_NOT_NAMED: Final = re.compile(r"^(?:no )?(?:i am not|my name is not|my name isn't) ")
_REFUSES: Final = re.compile(r"^(?:no|nope|don't|do not|never|rather not|better not|please don't)\b")


def read(text: str, action: str = "") -> Request:
    """Return what a turn wants; `action` is what a sign of the hand means ("yes", "no").

    A yes is nothing but a yes: "yes, but not my name" is none. Whatever begins with a no is a no only where it is
    nothing else; see `refuses` for a looser reading.
    """
    if action in ("yes", "no"):
        return Request(action)
    words = normal(text)
    for said in (words, _POLITE.sub("", words)):
        if said in _EXACT:
            return _EXACT[said]
        if _FORGETS.match(said):
            return Request.FORGET
    return Request.NOTHING


def refuses(text: str, action: str = "") -> bool:
    """Whether a reply to a question of the character's declines, with or without more words."""
    return action == "no" or bool(_REFUSES.match(normal(text)))


def disowns(text: str, name: str) -> bool:
    """Whether a person says that they are not who they are taken for: "I'm not Anna"."""
    words = normal(text)
    denied = _NOT_NAMED.sub("", words)
    return bool(name) and denied != words and denied.split()[:1] == normal(name).split()[:1]
