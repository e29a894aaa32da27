"""How diagnoses and investment advice are built in English, for text in lower case. Pure.

They are found where they are said to the person ("you have", "you should buy"); what is said of the world ("flu often
starts with a fever", "shares can fall"), and what is only possible ("you may have"), is left alone.
"""

import re
from typing import Final

_SURE: Final = (
    r"(?:(?:probably|likely|most likely|clearly|definitely|certainly|surely|obviously|really|just|simply|also|now|still"
    r"|actually|a case of|a bit of|only)\W+)*"
)
_AN: Final = (
    r"(?:an?\W+|the\W+|some\W+|your\W+|some kind of\W+|a case of\W+|signs of\W+"
    r"|an? (?:mild|severe|bad|slight|serious|chronic|acute|light|viral|bacterial)\W+)?"
)
_ILLNESS: Final = (
    r"(?:[\w-]+\W+){0,2}?(?:[a-z]{3,}(?:itis|osis|aemia|emia|oma|pathy|algia|plegia|rrhoea|rrhea)|cancer|tumou?rs?"
    r"|flu|influenza|(?:the|a) cold|covid\S*|diabetes|"
    r"migraines?|infections?|asthma|pneumonia|strokes?|heart attack|depression|anxiety disorder|disorder|disease"
    r"|syndrome|allergy|allergies|"
    r"fracture|concussion|hypertension|high blood pressure|shingles|measles|eczema|kidney stones?|gallstones?|hernia"
    r"|ulcers?|epilepsy|gout|lupus|"
    r"adhd|autism|hiv|aids|herpes|malaria|reflux|angina|anxiety|insomnia|virus|sinus infection|appendicitis"
    r"|parkinson's|panic attacks?|(?:over|under)active thyroid|thyroid problem|alzheimer's|dementia)"
)
_NOT_THESE: Final = r"(?!\w)(?! (?:insurance|exhibit\w*|form|test|clinic|questions?|unit|nurse|ward|glass|day|season))"
_MEDICINE: Final = (
    r"(?:ibuprofen|paracetamol|acetaminophen|aspirin|antibiotics?|insulin|steroids?|cortisone|antidepressants?"
    r"|statins?|beta blockers?|penicillin|"
    r"amoxicillin|morphine|codeine|opioids?|sleeping pills|painkillers?|pain killers?|tablets?|pills?|capsules?"
    r"|medicine|medication|meds|drops|dose|dosage|milligrams?|mg)"
)
DIAGNOSIS: Final = re.compile(
    rf"(?<!if )(?<!when )(?<!whether )(?<!do )(?<!that )(?<!or )(?<!once )(?<!after )(?<!if you think )\byou(?:'ve"
    rf"| have"
    rf"|'ve got| have got| must have| suffer from| are suffering from|'re suffering from| caught| must have caught|"
    rf" have caught| got| are having|'re having| do have| probably have| likely have| clearly have"
    rf"| definitely have)\W+{_SURE}{_AN}{_ILLNESS}{_NOT_THESE}"
    rf"|\b(?:i think|i believe|i'd say|i would say|i guess|i am sure|i'm sure|it seems|it looks like|it sounds like"
    rf"|sounds like|looks like|which means|means?|this means|tells me|shows|"
    rf"fear)(?: that)?\W+(?:you|you've)\W+{_SURE}(?:have|got|have got|caught|suffer from"
    rf"|are suffering from)?\W*{_SURE}{_AN}{_ILLNESS}{_NOT_THESE}"
    rf"|(?<!whether )(?<!if )\b(?:it|this|that|that's|it's|that rash|the rash|what you (?:have|describe)|your (?:rash"
    rf"|pain|headache|cough"
    rf"|condition|problem|illness|fever|diagnosis|symptoms?))"
    rf"(?: must be| is| are| will be| has to be| can only be| sounds like| looks like| sound like| look like"
    rf"|(?<='s))\W+{_SURE}{_AN}{_ILLNESS}(?=\W*$|[.,;!?]| (?:to|of) )"
    rf"|\b(?:i'd say|i think|i believe|must be|clearly|definitely|probably)\W+(?:it is |it's |this is |that's "
    rf"|is )?{_SURE}{_AN}{_ILLNESS}(?=\W*$|[.!?])"
    r"|\byour (?:[\w']+ ){0,2}?(?:is|are) (?:probably |clearly |badly |just |only )?(?:sprained|broken|fractured"
    r"|infected|inflamed|dislocated|strained|torn)\b(?! (?:down|in two))"
    r"|\bmy diagnosis\b|\b(?:i|i'd|i would|i can|i will|i'll) (?:diagnose|prescribe)\b(?! anything)(?<!can't prescribe)"
    r"|\byou(?:'re| are) (?:probably |clearly |definitely |a )?(?:diabetic|epileptic|anaemic|anemic|bipolar"
    r"|schizophrenic|depressed|autistic|asthmatic|perfectly healthy|completely healthy|infected)\b"
    rf"|(?:^|[.!?,;]\W*|\b(?:you should|you must|you can|you need to|you ought to|please|just|then|and|i recommend"
    rf"|i suggest|better|you'd better|go on|keep|carry on) )(?:take|taking|swallow|stop|stop taking|start taking|use"
    rf"|inject|double|increase|"
    rf"reduce|halve|skip)\W+(?:[\w']+\W+){{0,4}}?{_MEDICINE}\b(?! (?:cabinet|to the|away|back|into|with you))"
    r"|\byou (?:don't|do not|needn't) (?:need|have) to? ?(?:see )?(?:a |any )?doctor\b|\bno need (?:to see"
    r"|for) a doctor\b"
    rf"|\byou (?:definitely |certainly |surely |clearly )?(?:don't|do not|can't) have {_AN}{_ILLNESS}{_NOT_THESE}"
)
_ASSET: Final = (
    r"(?:stocks?|shares?|bonds?|funds?|etfs?|bitcoins?|crypto\w*|ethereum|gold|silver|securities|derivatives|options"
    r"|futures|savings plan|index|market|portfolio|property funds?|real estate|pension)"
)
_ADVISE: Final = r"(?:should|ought to|must|had better|need to|have to|could do worse than to|would be wise to)"
INVESTMENT: Final = re.compile(
    rf"\b(?:you|one|people) (?:really |definitely )?{_ADVISE}\W+(?:[\w']+\W+){{0,2}}?(?:buy|sell|hold|invest|purchase"
    rf"|short|move|put|shift|keep)\b(?:[^.!?]{{0,60}}?\b(?:{_ASSET}|into|thousand|money)\b)"
    rf"|\byou (?:really |definitely )?{_ADVISE}\W+(?:[\w']+\W+){{0,2}}?invest\b"
    r"|\bi(?:'d| would| strongly| can only| do)? (?:recommend|advise|suggest)\b[^.!?]{0,40}?\b(?:buy|buying|sell"
    r"|selling|hold|holding|invest\w*|" + _ASSET + r")\b"
    rf"|\bi(?:'d| would) (?:buy|sell|hold|invest|put)\b[^.!?]{{0,40}}?\b(?:{_ASSET}|if i were you|in your place)\b"
    rf"|(?:^|[.!?,;]\W*|\b(?:so|just|then|please|and) )(?:buy|sell|invest|put|move|hold)\W+(?:everything"
    rf"|(?:all )?(?:of )?your (?:money|savings|pension|capital)|(?:[\w']+\W+){{0,3}}?{_ASSET})\b"
    r"|\b(?:best|safest|smartest) (?:investment|stock|share|fund)s? (?:for you|right now|you can|is|are"
    r"|at the moment)\b|\bmy (?:stock |investment )?tip is\b"
    r"|\b(?:smart|best|clever|wise|safe|right) (?:move|choice|thing|idea) is to (?:buy|sell|invest|hold)\b|\b(?:best"
    r"|safest|right) place for your (?:money|savings)\b"
    r"|\byou(?:'ll| will| would) (?:surely |certainly |definitely |easily )?(?:make|earn) (?:a |some )?(?:big |nice "
    r"|good )?(?:profit|fortune|money)\b"
    r"|\bget (?:out of|into) the market\b|\btake your (?:savings|money|pension) out\b"
    rf"|\b(?:i'd|i would) (?:go for|choose|pick|take)\W+(?:[\w']+\W+){{0,3}}?{_ASSET}\b"
    rf"|(?:^|[.!?,;]\W*|\b(?:so|just|then|please) )(?:choose|pick|go for|get)\W+(?:[\w']+\W+){{0,3}}?{_ASSET}\b"
    rf"|\b{_ASSET} (?:is|are) (?:what you need|the way to go|a (?:good|great|safe|sure) (?:buy|bet|choice"
    rf"|investment))\b"
    r""
    r"|\b(?:good|right|perfect|best|great) (?:time|moment) to (?:buy|sell|invest)\b(?! (?:a |your )?tickets?)"
    rf"|\b{_ASSET}\b[^.!?]{{0,40}}?\b(?:will|is going to|are going to|is sure to|is bound to|are bound to"
    rf"|guaranteed to|is guaranteed to)\W+(?:[\w']+\W+){{0,2}}?(?:rise|double|triple|go up|grow|gain|climb|soar|fall"
    rf"|crash|drop|recover)\b"
    rf"|\b(?:can't|cannot|can not|won't|never) lose (?:any )?money\b|\bguaranteed (?:returns?|profits?|gains?"
    rf"|to (?:rise|grow))\b|\bsafe bet\b|\byou(?:'ll| will) (?:be|get|become) rich\b|\brisk[- ]free (?:return|profit"
    rf"|investment)s?\b"
)
