"""What visitors say that is not passed on to a brain: abuse, hate, sex, help with harm, tricks, what the persona leaves out. Pure.

Who is in danger or thinks of hurting themselves is always passed on, whatever words they use.
"""

import re
from dataclasses import dataclass
from typing import Final, Literal

from runtime.persona.safety.fold import rejoined, unmask
from runtime.persona.safety.injection import find_injection
from runtime.persona.safety.limits import Limits
from runtime.persona.safety.words import finder, listed, pattern

Kind = Literal["abuse", "hate", "sexual", "harm", "trick", "off limits"]

_EMERGENCY: Final = re.compile(
    r"\b(?:kill|killing|hurt|hurting|harm|harming|cut|cutting|hang|shoot|stab|poison)(?:ed)? (?:myself|me\b)|\bsuicid\w*|\bself[- ]harm\w*"
    r"|\b(?:end|ending|take|taking) my (?:own )?life\b|\b(?:want|wish|going|ready) to (?:die|be dead)\b|\bno reason to live\b|\bbetter off dead\b"
    r"|\b(?:can't|cannot|can not|cant|unable to) breathe\b|\bchest\b.{0,25}\b(?:pain|hurts?|tight|pressure)|\b(?:pain|pressure) in (?:my|his|her|the) chest\b"
    r"|\bheart attack\b|\b(?:a|having a|had a) stroke\b|\bbleed(?:s|ing)?\b|\bunconscious\b|\b(?:not|isn't|stopped) breathing\b|\bseizure\b|\bchok(?:es|ing)\b"
    r"|\boverdose\w*|\b(?:took|taken|swallowed)\b.{0,20}\b(?:pills|tablets|poison|bleach)\b|\bambulance\b|\bemergency\b"
    r"|\b(?:raped?|molested|assaulted|abused|attacked|stabbed|threatened|touched|followed)\W+(?:me|us|my|her|him)\b|\b(?:was|were|been|being) (?:raped|abused|"
    r"assaulted|attacked|molested|beaten)\b|\b(?:hits|beats|hurts|beat|hit) me\b|\b(?:someone|somebody|a man|he|she|they|a woman)\b.{0,20}\b(?:shooting|"
    r"stabbing|gun|knife)\b|\bthere(?:'s| is) a (?:bomb|fire|gun|shooter)\b|\bhelp me\W*$|\bon fire\b"
)
_FILL: Final = (
    r"(?:(?:all|are|is|such|so|a|an|the|just|really|bunch of|piece of|fucking|fuckin|bloody|damn|little|old|big|complete|total|utter|"
    r"absolute|real|very|freaking|goddamn|as|nothing but|dirty|filthy|lazy|useless)\W+){0,5}"
)
_YOU: Final = r"(?:you're|you are|you were|you|u|ur|ya|yer|your)"
_HURT: Final = r"(?:kill|hurt|stab|shoot|beat|punch|smash|strangle|murder|burn|rape|slap|hit|destroy|break|cut|choke|find)"
_THREAT: Final = re.compile(
    r"\b(?:i'll|i will|i'm going to|i am going to|im going to|i'm gonna|gonna|i want to|i wanna|we will|we'll|let me)\W+"
    rf"(?:[\w']+\W+){{0,3}}?{_HURT}(?: up)? (?:you|u|your (?:face|screen|head|family|neck|legs)|everyone|everybody|all of you|them all)\b"
    r"(?! (?:a|an|at|in|the|some|there|here|by|on|to)\b)"
)
_HOW: Final = (
    r"\b(?:how (?:do|can|could|would|should|might|to|does)(?: (?:i|we|one|you|someone|somebody))?|(?:tell|show|teach|help) (?:me|us)(?: how)?(?: to)?|"
    r"(?:instructions|recipe|steps|way|ways) (?:for|to)|(?:i|we) (?:want|need|would like|plan|am going) to|where (?:can|do|could) (?:i|we|one)|what is the best way to)\W+"
    r"(?:[\w']+\W+){0,2}?"
)
_SOMEONE: Final = (
    r"(?:someone|somebody|people|a (?:person|man|woman|child|kid|human|cop|guard)|(?:my|his|her|the) (?:wife|husband|girlfriend|boyfriend|boss|neighbou?r|"
    r"mother|father|brother|sister|teacher|ex|colleague|child|kids?|parents|guard)|him|her|them|everyone)"
)
_HARM: Final = re.compile(
    _HOW + r"(?:(?:mak(?:e|ing)|build(?:ing)?|assemble|construct|mix|creat(?:e|ing)|cook(?:ing)?|synthesi[sz](?:e|ing)|produc(?:e|ing)|brew)\W+(?:[\w']+\W+){0,2}?(?:bombs?|explosives?|grenades?|"
    r"molotov\w*|napalm|dangerous (?:drugs|chemicals)|(?:nerve|chlorine|mustard|poison|toxic) gas|meth|methamphetamine|crystal meth|crack|ricin|anthrax|fentanyl|thermite|silencer|ghost gun)\b"
    r"(?! calorimeter)"
    r"|(?:buy|get|find|score|order)\W+(?:[\w']+\W+){0,2}?(?:heroin|cocaine|crack|meth|fentanyl|ecstasy|mdma|child porn\w*|"
    r"(?:gun|rifle|pistol|weapon) (?:without|illegally|on the black)|explosives)\b"
    rf"|(?:kill|murder|poison|drug|kidnap|stab|strangle|blackmail|stalk|rape|assault)\W+{_SOMEONE}\b"
    r"|(?:hack|break) into\b|(?:steal|shoplift|rob|launder|counterfeit|forge)\b(?! (?:the show|a glance|a kiss))"
    r"|(?:hide|dispose of|get rid of) (?:a |the )?(?:dead )?(?:body|corpse)\b(?! (?:odou?r|hair|fat|weight))"
    rf"|(?:spy on|track|bug|tap)\W+(?:{_SOMEONE}|(?:my|his|her) \w+'s (?:phone|messages|mails?|calls|location|car)))\b"
    r"|\b(?:write|make|give|create)\W+(?:[\w']+\W+){0,3}?(?:malware|ransomware|spyware|keylogger)\b"
)


@dataclass(frozen=True)
class Finding:
    """Why a text is not passed on; `rule` is the number of the persona's own rule where it is one."""

    kind: Kind
    rule: int = -1


class Incoming:
    """Judges what visitors say by the word lists, the patterns here, and the limits of a persona."""

    def __init__(self, limits: Limits) -> None:
        allowed = limits.allowed_words
        self._limits = limits
        self._lists: dict[Kind, re.Pattern[str]] = {
            "hate": finder(listed("hate"), allowed),
            "sexual": finder(listed("sexual"), allowed),
            "abuse": finder((*listed("abuse"), *limits.blocked_words), allowed),
        }
        called = pattern((*listed("names"), *listed("insults")), allowed)
        swearing = pattern((*listed("names"), *listed("insults"), *listed("crude")), allowed)
        self._aimed = re.compile(
            rf"\b{_YOU}\W+{_FILL}{swearing}(?!\W+(?:good|great|nice|awesome|right|amazing|brilliant|funny|cool|lovely|helpful))"
            rf"|^\W*(?:(?:hey|oh|stupid|fucking|dumb|little|what an?|such an?|the|a|an|and|ugly|old)\W+)*{called}"
            rf"(?:\W+(?:you|robot|machine|bot|computer|thing|ai|ada))?\W*$"
            rf"|^\W*(?:what an? |you )?(?:stupid|dumb|fucking|useless|worthless|idiotic|shitty) (?:robot|machine|bot|computer|thing|ai|program)\W*$"
            rf"|\bwhat an? {called}\W+(?:you|u)\b"
        )

    def judge(self, text: str) -> Finding | None:
        """Return why a text is not passed on, or None."""
        plain = unmask(text)
        found = self._found(text, plain)
        return None if found is None or _EMERGENCY.search(plain) else found

    def _found(self, text: str, plain: str) -> Finding | None:
        for kind, words in self._lists.items():
            if words.search(plain) or words.search(rejoined(plain)):
                return Finding(kind)
        if _THREAT.search(plain) or self._aimed.search(plain):
            return Finding("abuse")
        if _HARM.search(plain):
            return Finding("harm")
        if find_injection(text):
            return Finding("trick")
        numbers = (i for i, rule in enumerate(self._limits.rules) if rule.discusses.search(plain))
        return next((Finding("off limits", number) for number in numbers), None)
