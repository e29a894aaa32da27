"""What the character does not say: bad words, diagnoses, investment advice, lies about itself, instructions. Pure.

`bans` knows how diagnoses and advice are built; the persona's own rules come from its file.
"""

import re
from dataclasses import dataclass
from typing import Final, Literal

from runtime.persona.safety.bans import DIAGNOSIS, INVESTMENT
from runtime.persona.safety.fold import fold, rejoined, unmask
from runtime.persona.safety.identity import claims_to_be_human
from runtime.persona.safety.incoming import HATE
from runtime.persona.safety.leaks import Leaks
from runtime.persona.safety.limits import Limits
from runtime.persona.safety.words import finder, listed, pattern

Kind = Literal["language", "diagnosis", "investment", "claim", "machinery", "leak", "own rule"]

_REFUSES: Final = re.compile(
    r"\b(?:can't|cannot|can not|won't|not able to|unable to|not allowed to|don't|do not|doesn't|does not|no doctor"
    r"|not a doctor"
    r"|never)\b[^.!?]{0,40}$"
)
"""Before a match: the character says that it does not do this."""
_HELP: Final = re.compile(
    r"\b(?:call|dial|phone|ring)\b[^.!?]{0,30}\b(?:112|911|999|988|ambulance|emergency|doctor|help)\b"
    r"|\bemergency (?:room|number|services|department)\b"
)
_MACHINERY: Final = re.compile(
    r"<\|?[\w/ ]*\|?>|</?\w+[^>]*>|\[/?(?:inst|sys|system)\]|[{\[]\s*[\"'][\w ]+[\"']\s*:|(?:^|\n)\s*(?:system"
    r"|assistant|user|developer|human)\s*:"
    r"|\b[a-z]+(?:_[a-z]+)*\([\w ]*=[^)]*\)|\b[a-z]+_[a-z_]+\(|```|\bfunction_call\b|\btool_call\b"
)
_CODED: Final = re.compile(
    r"(?=[A-Za-z0-9+/]*\d)(?=[A-Za-z0-9+/]*[a-z])(?=[A-Za-z0-9+/]*[A-Z])[A-Za-z0-9+/]{20,}={0,2}"
)
_OPEN_END: Final = re.compile(
    r"[<{\[][^>}\]]*$|(?:^|\W)[^\Wai]\W*$"
    r"|\b(?:you|you've|you're|i'm|i am|i'd|sounds like|looks like|diagnosis|take|stop|double|must be|should|would"
    r"|recommend|advise|suggest|best|put|buy|sell|invest|"
    r"guaranteed|will|safe|son of|go|kill|should be)(?:\W+[\w']+){0,3}[^\w.!?]*$"
)
"""The end of a phrase that may go on as something that is not said; where it ends as a sentence does, little does."""


@dataclass(frozen=True)
class Finding:
    """Why a text is not said; `rule` is the number of the persona's own rule where it is one."""

    kind: Kind
    rule: int = -1


class Outgoing:
    """Judges what the character is about to say."""

    def __init__(self, limits: Limits, leaks: Leaks) -> None:
        allowed = limits.allowed_words
        self._limits = limits
        self._leaks = leaks
        kinds = ("hate", "sexual", "abuse", "names", "crude")
        self._words = finder((*(word for kind in kinds for word in listed(kind)), *limits.blocked_words), allowed)
        self._aimed = re.compile(
            rf"\byou(?:'re| are)?\W+(?:(?:such|so|a|an|the|just|really|are|very|complete|total|little"
            rf"|old)\W+){{0,3}}{pattern(listed('insults'), allowed)}"
        )
        self._bans = [
            (kind, expression)
            for kind, expression in (("diagnosis", DIAGNOSIS), ("investment", INVESTMENT))
            if kind in limits.never
        ]

    def judge(self, text: str) -> Finding | None:
        """Return why a text is not said, or None. It is one phrase, or a phrase after the end of those before it."""
        folded = fold(text)
        if _MACHINERY.search(folded) or _CODED.search(text):
            return Finding("machinery")
        if self._leaks.found_in(text):
            return Finding("leak")
        plain = unmask(text)
        if (
            HATE.search(plain)
            or self._words.search(plain)
            or self._words.search(rejoined(plain))
            or self._aimed.search(plain)
        ):
            return Finding("language")
        spaced = " ".join(folded.split())
        if claims_to_be_human(spaced):
            return Finding("claim")
        if not _HELP.search(spaced):
            for kind, expression in self._bans:
                if any(not _REFUSES.search(spaced[: match.start()]) for match in expression.finditer(spaced)):
                    return Finding("diagnosis" if kind == "diagnosis" else "investment")
        numbers = (i for i, rule in enumerate(self._limits.rules) if rule.says.search(spaced))
        return next((Finding("own rule", number) for number in numbers), None)

    def may_go_on(self, text: str) -> bool:
        """Whether the end of a text may be the beginning of something that is not said."""
        return self._leaks.may_begin_in(text) or bool(_OPEN_END.search(" ".join(fold(text).split())))
