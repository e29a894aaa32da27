"""What the character does not say: words from the lists, diagnoses, investment advice, lies about itself, its instructions. Pure.

The rules know how such sentences are built in English. They find what is said of the person ("you have", "you should
buy"); what is said of the world ("flu often starts with a fever", "shares can fall") is left alone.
"""

import re
from dataclasses import dataclass
from typing import Final, Literal

from runtime.persona.safety.fold import fold, rejoined, unmask
from runtime.persona.safety.identity import claims_to_be_human
from runtime.persona.safety.leaks import Leaks
from runtime.persona.safety.limits import Limits
from runtime.persona.safety.words import finder, listed, pattern

Kind = Literal["language", "diagnosis", "investment", "claim", "machinery", "leak", "own rule"]

_SURE: Final = r"(?:(?:probably|likely|most likely|clearly|definitely|certainly|surely|obviously|really|just|simply|also|now|still|actually|a case of|a bit of|only)\W+)*"
_AN: Final = r"(?:an?\W+|the\W+|some\W+|your\W+|some kind of\W+|a case of\W+|signs of\W+|an? (?:mild|severe|bad|slight|serious|chronic|acute|light|viral|bacterial)\W+)?"
_ILLNESS: Final = (
    r"(?:[\w-]+\W+){0,2}?(?:[a-z]{3,}(?:itis|osis|aemia|emia|oma|pathy|algia|plegia|rrhoea|rrhea)|cancer|tumou?rs?|flu|influenza|(?:the|a) cold|covid\S*|diabetes|"
    r"migraines?|infections?|asthma|pneumonia|strokes?|heart attack|depression|anxiety disorder|disorder|disease|syndrome|allergy|allergies|"
    r"fracture|concussion|hypertension|high blood pressure|shingles|measles|eczema|kidney stones?|gallstones?|hernia|ulcers?|epilepsy|gout|lupus|"
    r"adhd|autism|hiv|aids|herpes|malaria|reflux|angina|anxiety|insomnia|virus|sinus infection|appendicitis|parkinson's|alzheimer's|dementia)"
)
_NOT_THESE: Final = r"(?!\w)(?! (?:insurance|exhibit\w*|form|test|clinic|questions?|unit|nurse|ward|glass|day|season))"
_MEDICINE: Final = (
    r"(?:ibuprofen|paracetamol|acetaminophen|aspirin|antibiotics?|insulin|steroids?|cortisone|antidepressants?|statins?|beta blockers?|penicillin|"
    r"amoxicillin|morphine|codeine|opioids?|sleeping pills|painkillers?|pain killers?|tablets?|pills?|capsules?|medicine|medication|meds|drops|dose|dosage|milligrams?|mg)"
)
_DIAGNOSIS: Final = re.compile(
    rf"(?<!if )(?<!when )(?<!whether )(?<!do )(?<!that )(?<!or )(?<!once )(?<!after )(?<!think )\byou(?:'ve| have|'ve got| have got| must have| suffer from| are suffering from|'re suffering from| caught| must have caught|"
    rf" have caught| got| are having|'re having| do have| probably have| likely have| clearly have| definitely have)\W+{_SURE}{_AN}{_ILLNESS}{_NOT_THESE}"
    rf"|\b(?:i think|i believe|i'd say|i would say|i guess|i am sure|i'm sure|it seems|it looks like|it sounds like|sounds like|looks like|which means|means|this means|tells me|shows|"
    rf"fear)(?: that)?\W+(?:you|you've)\W+{_SURE}(?:have|got|have got|caught|suffer from|are suffering from)?\W*{_SURE}{_AN}{_ILLNESS}{_NOT_THESE}"
    rf"|\b(?:it|this|that|that's|it's|that rash|the rash|what you (?:have|describe)|your (?:rash|pain|headache|cough|condition|problem|illness|fever|diagnosis|symptoms?))"
    rf"(?: must be| is| are| will be| has to be| can only be| sounds like| looks like| sound like| look like|(?<='s))\W+{_SURE}{_AN}{_ILLNESS}(?=\W*$|[.,;!?]| (?:to|of) )"
    rf"|\b(?:i'd say|i think|i believe|must be|clearly|definitely|probably)\W+(?:it is |it's |this is |that's |is )?{_SURE}{_AN}{_ILLNESS}(?=\W*$|[.!?])"
    r"|\bmy diagnosis\b|\b(?:i|i'd|i would|i can|i will|i'll) (?:diagnose|prescribe)\b(?! anything)(?<!can't prescribe)"
    r"|\byou(?:'re| are) (?:probably |clearly |definitely |a )?(?:diabetic|epileptic|anaemic|anemic|bipolar|schizophrenic|depressed|autistic|asthmatic|perfectly healthy|completely healthy|infected)\b"
    rf"|(?:^|[.!?,;]\W*|\b(?:you should|you must|you can|you need to|you ought to|please|just|then|and|i recommend|i suggest|better) )(?:take|taking|swallow|stop taking|start taking|use|inject|double|increase|"
    rf"reduce|halve|skip)\W+(?:[\w']+\W+){{0,4}}?{_MEDICINE}\b(?! (?:cabinet|to the|away|back|into|with you))"
    r"|\byou (?:don't|do not|needn't) (?:need|have) to? ?(?:see )?(?:a |any )?doctor\b|\bno need (?:to see|for) a doctor\b"
    rf"|\byou (?:definitely |certainly |surely |clearly )?(?:don't|do not|can't) have {_AN}{_ILLNESS}{_NOT_THESE}"
)
_ASSET: Final = (
    r"(?:stocks?|shares?|bonds?|funds?|etfs?|bitcoins?|crypto\w*|ethereum|gold|silver|securities|derivatives|options|futures|savings plan|index|market|portfolio|property funds?|real estate|pension)"
)
_ADVISE: Final = r"(?:should|ought to|must|had better|need to|have to|could do worse than to|would be wise to)"
_INVESTMENT: Final = re.compile(
    rf"\b(?:you|one|people) (?:really |definitely )?{_ADVISE}\W+(?:[\w']+\W+){{0,2}}?(?:buy|sell|hold|invest|purchase|short|move|put|shift|keep)\b(?:[^.!?]{{0,60}}?\b(?:{_ASSET}|into|thousand|money)\b)"
    rf"|\byou (?:really |definitely )?{_ADVISE}\W+(?:[\w']+\W+){{0,2}}?invest\b"
    r"|\bi(?:'d| would| strongly| can only| do)? (?:recommend|advise|suggest)\b[^.!?]{0,40}?\b(?:buy|buying|sell|selling|hold|holding|invest\w*|" + _ASSET + r")\b"
    rf"|\bi(?:'d| would) (?:buy|sell|hold|invest|put)\b[^.!?]{{0,40}}?\b(?:{_ASSET}|if i were you|in your place)\b"
    rf"|(?:^|[.!?,;]\W*|\b(?:so|just|then|please|and) )(?:buy|sell|invest|put|move|hold)\W+(?:everything|(?:all )?(?:of )?your (?:money|savings|pension|capital)|(?:[\w']+\W+){{0,3}}?{_ASSET})\b"
    r"|\b(?:best|safest|smartest) (?:investment|stock|share|fund)s? (?:for you|right now|you can|is|are|at the moment)\b|\bmy (?:stock |investment )?tip is\b"
    r"|\b(?:good|right|perfect|best|great) (?:time|moment) to (?:buy|sell|invest)\b(?! (?:a |your )?tickets?)"
    rf"|\b{_ASSET}\b[^.!?]{{0,40}}?\b(?:will|is going to|are going to|is sure to|is bound to|are bound to|guaranteed to|is guaranteed to)\W+(?:[\w']+\W+){{0,2}}?(?:rise|double|triple|go up|grow|gain|climb|soar|fall|crash|drop|recover)\b"
    rf"|\b(?:can't|cannot|can not|won't|never) lose (?:any )?money\b|\bguaranteed (?:returns?|profits?|gains?|to (?:rise|grow))\b|\bsafe bet\b|\byou(?:'ll| will) (?:be|get|become) rich\b|\brisk[- ]free (?:return|profit|investment)s?\b"
)
_REFUSES: Final = re.compile(r"\b(?:can't|cannot|can not|won't|not able to|unable to|not allowed to|don't|do not|no doctor|not a doctor|never)\b[^.!?]{0,40}$")
"""Before a match: the character says that it does not do this."""
_HELP: Final = re.compile(r"\b(?:call|dial|phone|ring)\b[^.!?]{0,30}\b(?:112|911|999|988|ambulance|emergency|doctor|help)\b|\bemergency (?:room|number|services|department)\b")
_MACHINERY: Final = re.compile(
    r"<\|?[\w/ ]*\|?>|</?\w+[^>]*>|\[/?(?:inst|sys|system)\]|[{\[]\s*[\"'][\w ]+[\"']\s*:|(?:^|\n)\s*(?:system|assistant|user|developer|human)\s*:"
    r"|\b[a-z]+(?:_[a-z]+)*\([\w ]*=[^)]*\)|\b[a-z]+_[a-z_]+\(|```|\bfunction_call\b|\btool_call\b"
)
_CODED: Final = re.compile(r"(?=[A-Za-z0-9+/]*\d)(?=[A-Za-z0-9+/]*[a-z])(?=[A-Za-z0-9+/]*[A-Z])[A-Za-z0-9+/]{20,}={0,2}")
_OPEN_END: Final = re.compile(
    r"[<{\[][^>}\]]*$|(?:^|\W)[^\Wai]\W*$"
    r"|\b(?:you|you've|you're|i'm|i am|i'd|sounds like|looks like|diagnosis|take|stop|double|must be|should|would|recommend|advise|suggest|best|put|buy|sell|invest|"
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
            rf"\byou(?:'re| are)?\W+(?:(?:such|so|a|an|the|just|really|are|very|complete|total|little|old)\W+){{0,3}}{pattern(listed('insults'), allowed)}"
        )
        self._bans = [
            (kind, expression)
            for kind, expression in (("diagnosis", _DIAGNOSIS), ("investment", _INVESTMENT))
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
        if self._words.search(plain) or self._words.search(rejoined(plain)) or self._aimed.search(plain):
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
