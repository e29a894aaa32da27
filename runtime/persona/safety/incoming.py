"""What visitors say that no brain gets to hear: abuse, hate, sex, help with harm, tricks, what is off limits. Pure.

Who is in danger or thinks of hurting themselves is always passed on, whatever words they use.
"""

import re
from dataclasses import dataclass
from typing import Final, Literal

from runtime.persona.graph.emergency import Emergency
from runtime.persona.safety.fold import rejoined, unmask
from runtime.persona.safety.injection import find_injection
from runtime.persona.safety.limits import Limits
from runtime.persona.safety.words import finder, listed, pattern

Kind = Literal["abuse", "hate", "sexual", "harm", "trick", "off limits"]

_CRIME: Final = re.compile(
    r"\b(?:raped?|molested|assaulted|abused|attack(?:ed|ing|s)|stabbed|threatened|touched|followed)\W+(?:me|us|my|her|him)\b"
    r"|\b(?:was|were|been|being) (?:raped|abused|assaulted|attacked|molested|beaten)\b"
    r"|\b(?:hits|beats|hurts|beat|hit|kill) me\b|\bthere(?:'s| is) a (?:bomb|fire|gun|shooter)\b|\bon fire\b"
    r"|\b(?:he|he's|she|they|someone|somebody|a man|a woman)\b.{0,20}\b(?:shooting|stabbing|gun|knife)\b"
    r"|\bhelp me\W*$|\bambulance\b|\bcall the police\b"
)
"""Danger from others; that to health and life is found by `Emergency`."""

_FILL: Final = (
    r"(?:(?:all|are|is|such|so|a|an|the|just|really|bunch of|piece of|fucking|fuckin|bloody|damn|little|old|big"
    r"|complete|total|utter|"
    r"absolute|real|very|freaking|goddamn|as|nothing but|dirty|filthy|lazy|useless)\W+){0,5}"
)
_YOU: Final = r"(?:you're|you are|you were|you|u|ur|ya|yer|your)"
_HURT: Final = (
    r"(?:kill|hurt|stab|shoot|beat|punch|smash|strangle|murder|burn|rape|slap|hit|destroy|break|cut|choke|find)"
)
_THREAT: Final = re.compile(
    r"\b(?:i'll|i will|i'm going to|i am going to|im going to|i'm gonna|gonna|i want to|i wanna|we will|we'll"
    r"|let me)\W+"
    rf"(?:[\w']+\W+){{0,3}}?{_HURT}(?: up)? (?:you|u|your (?:face|screen|head|family|neck|legs)|everyone|everybody"
    rf"|all of you|them all)\b"
    r"(?! (?:a|an|at|in|the|some|there|here|by|on|to)\b)"
)
_GROUP: Final = (
    r"(?:jews?|muslims?|blacks?|black people|whites|white people|gays?|homos?|homosexuals?|lesbians?"
    r"|trans(?:gender)?(?: people)?"
    r"|gyps(?:y|ies)|roma|immigrants?|migrants?|foreigners?|refugees?|women|girls|disabled(?: people)?|asians?|arabs?"
    r"|mexicans?"
    r"|christians?|africans?|chinese|turks?|poles?|indians?)"
)
HATE: Final = re.compile(
    rf"\b(?:dirty|filthy|fucking|disgusting|bloody|stinking|damn) {_GROUP}\b"
    rf"|\b{_GROUP}\W+are (?:(?:all|just|so|too|such|really|nothing but|simply|a bunch of|naturally)\W+)*(?:stupid"
    rf"|dumb|inferior|vermin|animals|scum|parasites|"
    r"rats|pigs|monkeys|subhuman|sick|freaks?|filth|filthy|dirty|disgusting|less (?:intelligent|human|worthy)"
    r"|criminals|terrorists|thieves|rapists|liars|worthless)\b"
    rf"|\b{_GROUP} (?:should|must|have to|need to|deserve to) (?:all )?(?:die|be (?:killed|shot|gassed|hanged|burned"
    rf"|exterminated|deported|beaten)|go back|leave|burn)\b"
    rf"|(?:^|[.!?,;]\W*|\b(?:we should|we must|let's|i will|i'll|i want to|someone should|they should) )(?:kill|shoot"
    rf"|gas|hang|burn|deport|exterminate|beat up|send|lock up)"
    rf" (?:all )?(?:the |these |those )?{_GROUP}\b(?! (?:a|an|to the (?:desk|cafe|entrance)))"
    rf"|^\W*{_GROUP} (?:out|go home|raus)\W*$|\bi (?:hate|despise|can't stand) (?:all )?(?:the |these "
    rf"|those )?{_GROUP}\W*$"
)
_HOW: Final = (
    r"\b(?:how (?:do|can|could|would|should|might|to|does)(?: (?:i|we|one|you|someone|somebody))?|(?:tell|show|teach"
    r"|help) (?:me|us)(?: how)?(?: to)?|"
    r"(?:instructions|recipe|steps|way|ways) (?:for|to)|(?:i|we) (?:want|need|would like|plan|am going) to"
    r"|where (?:can|do|could) (?:i|we|one)|what is the best way to)\W+"
    r"(?:[\w']+\W+){0,2}?"
)
_SOMEONE: Final = (
    r"(?:someone|somebody|people|a (?:person|man|woman|child|kid|human|cop|guard)|(?:my|his|her|the) (?:wife|husband"
    r"|girlfriend|boyfriend|boss|neighbou?r|"
    r"mother|father|brother|sister|teacher|ex|colleague|child|kids?|parents|guard)|him|her|them|everyone)"
)
_HARM: Final = re.compile(
    _HOW + r"(?:(?:mak(?:e|ing)|build(?:ing)?|assemble|construct|mix|creat(?:e|ing)|cook(?:ing)?|synthesi[sz](?:e|ing)"
    r"|produc(?:e|ing)|brew)\W+(?:[\w']+\W+){0,2}?(?:bombs?|explosives?|grenades?|"
    r"molotov\w*|napalm|dangerous (?:drugs|chemicals)|(?:nerve|chlorine|mustard|poison|toxic) gas|meth"
    r"|methamphetamine|crystal meth|crack|ricin|anthrax|fentanyl|thermite|silencer|ghost gun)\b"
    r"(?! calorimeter)"
    r"|(?:buy|get|find|score|order)\W+(?:[\w']+\W+){0,2}?(?:heroin|cocaine|crack|meth|fentanyl|ecstasy|mdma"
    r"|child porn\w*|"
    r"(?:gun|rifle|pistol|weapon) (?:without|illegally|on the black)|explosives)\b"
    rf"|(?:kill|murder|poison|drug|kidnap|stab|strangle|blackmail|stalk|rape|assault)\W+{_SOMEONE}\b"
    r"|(?:hack|break) into\b|(?:steal|shoplift|rob|smuggle|launder|counterfeit|forge)\b(?! (?:the show|a glance"
    r"|a kiss))"
    r"|(?:hide|dispose of|get rid of) (?:a |the )?(?:dead )?(?:body|corpse)\b(?! (?:odou?r|hair|fat|weight))"
    r"|pick (?:a |the |this )?locks?\b|(?:get|sneak|slip) past (?:the )?(?:guards?|security|alarm)\b"
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
        self._emergency = Emergency()
        self._lists: dict[Kind, re.Pattern[str]] = {
            "hate": finder(listed("hate"), allowed),
            "sexual": finder(listed("sexual"), allowed),
            "abuse": finder((*listed("abuse"), *limits.blocked_words), allowed),
        }
        called = pattern((*listed("names"), *listed("insults")), allowed)
        swearing = pattern((*listed("names"), *listed("insults"), *listed("crude")), allowed)
        self._aimed = re.compile(
            rf"\b{_YOU}\W+{_FILL}{swearing}(?!\W+(?:good|great|nice|awesome|right|amazing|brilliant|funny|cool|lovely"
            rf"|helpful))"
            rf"|^\W*(?:(?:hey|oh|stupid|fucking|dumb|little|what an?|such an?|the|a|an|and|ugly|old)\W+)*{called}"
            rf"(?:\W+(?:you|robot|machine|bot|computer|thing|ai|ada))?\W*$"
            rf"|^\W*(?:what an? |you )?(?:stupid|dumb|fucking|useless|worthless|idiotic|shitty) (?:robot|machine|bot"
            rf"|computer|thing|ai|program)\W*$"
            rf"|\bwhat an? (?:[\w']+\W+){{0,2}}?{called}\W+(?:[\w']+\W+){{0,3}}?(?:you|u)\b"
            rf"|,\W*(?:you )?{pattern(listed('names'), allowed)}\W*$"
            r"|\b(?:dumbest|stupidest|ugliest|most (?:stupid|useless|pathetic)) (?:robot|machine|bot|computer|thing"
            r"|ai|program)\b"
        )

    def judge(self, text: str) -> Finding | None:
        """Return why a text is not passed on, or None."""
        plain = unmask(text)
        found = self._found(text, plain)
        in_danger = found is not None and (_CRIME.search(plain) or self._emergency.find(plain))
        return None if in_danger else found

    def _found(self, text: str, plain: str) -> Finding | None:
        for kind, words in self._lists.items():
            if words.search(plain) or words.search(rejoined(plain)):
                return Finding(kind)
        if HATE.search(plain):
            return Finding("hate")
        if _THREAT.search(plain) or self._aimed.search(plain):
            return Finding("abuse")
        if _HARM.search(plain):
            return Finding("harm")
        if find_injection(text):
            return Finding("trick")
        numbers = (i for i, rule in enumerate(self._limits.rules) if rule.discusses.search(plain))
        return next((Finding("off limits", number) for number in numbers), None)
