"""The words that tell of emergencies, as patterns over plain small words; `emergency` says how they are used. Data."""

import re
from typing import Final

from runtime.persona.persona import Danger

_W: Final = r"(?:\w+ )"
FELT: Final[dict[Danger, tuple[str, ...]]] = {
    "self_harm": (
        r"kill(?:ing|ed)? (?:myself|himself|herself|themsel\w+)",
        r"suicid\w+",
        rf"end(?:ing)? (?:my|his|her|their) {_W}?life|end(?:ing)? it all|(?:take|taking) (?:my|his|her|"
        rf"their) {_W}?life",
        r"(?:want|wants|wanted|wish|ready|rather|going|hope) (?:to )?(?:just )?(?:die|be dead)",
        r"wish(?:es|ed)? (?:i|he|she|they) (?:was|were|would be) (?:dead|never born|not alive)|"
        r"wish i had never been born",
        rf"not (?:want|wish|like) to {_W}?(?:live|be alive|be here any ?more|exist|wake up)",
        r"not want to go on|can not go on (?:any ?more|living|like this)|(?:tired|sick) of (?:living|life|being alive)",
        rf"(?:no|not any|not see a|not) (?:reason|point|worth) {_W}{{0,3}}(?:living|live|alive|life)",
        r"(?:not|never) (?:be )?worth (?:living|it to live)|nothing to live for|better off (?:dead|without me)",
        rf"(?:not \w+ any|no|any|what is the|see the) (?:reason|point) (?:to|of|in) {_W}{{0,2}}(?:live|living|life"
        rf"|going on"
        rf"|staying alive)",
        r"(?:if|when|were|was|wish) i (?:were|was|am) (?:dead|gone)|(?:see no|not see a|not see any) way out",
        r"(?:harm|harming|harms|cutting|burning) (?:myself|himself|herself|themsel\w+)|self harm\w*|self injur\w+",
        rf"(?:want|wants|going|thinking|think|thought|thoughts|urge|feel like|plan\w*|need|might|will|keep|keeps|"
        rf"afraid)"
        rf" {_W}{{0,3}}(?:hurt|hurting|cut|cutting) (?:myself|himself|herself|themsel\w+)",
        r"hang(?:ing)? (?:myself|himself|herself)|shoot(?:ing)? (?:myself|himself|herself)|slit(?:ting)? (?:my|his|"
        r"her) wrists?",
        rf"jump(?:ing)? (?:off|from|in front of) {_W}{{0,2}}(?:bridge|roof|building|train|window|balcony)",
    ),
    "breathing": (
        rf"(?:can not|can hardly|can barely|could not|hardly|barely|struggl\w+|unable|fighting|not able|hard|harder|"
        rf"difficult\w*|trouble|problems?) {_W}{{0,3}}(?:breath\w*|get (?:any |enough )?air|catch {_W}?breath)",
        r"(?:is|are|was|does|do|did) not breath\w*|(?:stopped|stops) breathing|gasp\w* (?:for )?(?:air|breath)|"
        r"gasping|suffocat\w+",
        rf"short(?:ness)? of breath|breathless\w*|(?:not|no) (?:getting |get )?{_W}?(?:enough )?air(?: in)?\b|"
        rf"out of breath",
        rf"breath\w* (?:\w+ ){{0,3}}(?:hard|difficult|short|impossible)|(?:lips?|face|baby|child|he|"
        rf"she) {_W}{{0,3}}blue",
        r"(?:hardly|barely|too breathless to|can not|unable to) (?:talk|speak|finish) (?:a sentence|for lack"
        r"|because i)|"
        r"(?:can )?(?:hardly|barely) (?:talk|speak)|(?:inhaler|spray|puffer) (?:is not|does not|no longer"
        r"|will not) (?:help|work)\w*",
        rf"chok(?:ing|es|ed)|stuck in {_W}?(?:throat|windpipe|airway)|cannot breathe",
    ),
    "unconscious": (
        r"(?:lying|lies|laying) (?:there )?(?:on the )?(?:floor|ground|street|lifeless)|eyes (?:are |have )?roll\w*"
        r"|foam\w* at the mouth",
        r"shak\w+ (?:all over|uncontroll\w+|violently)|(?:he|she|man|woman|person|child|baby|wife|husband|mother"
        r"|father|son|daughter) "
        r"(?:is|does|will) not (?:mov\w+|answering me)",
        r"unconscious|unresponsive|lifeless|out cold|knocked out|(?:passed|passes|passing|pass|blacked|blacking"
        r"|black) out|collapsed|collapses",
        rf"(?:not|no) (?:respond\w*|react(?:s|ing)?|pulse|waking)|(?:can not|could not) wake {_W}{{0,2}}|(?:will|does|"
        rf"is) not wak\w+",
        r"(?:having|had|has|having) (?:a |an )?(?:\w+ )?(?:fit|seizure)|seizures?|convuls\w+|(?:heart|pulse) (?:has |"
        r"is )?stopped",
        r"(?:has|have|had|he|she|someone|somebody|who) (?:just )?fainted|i (?:just )?fainted",
    ),
    "chest_pain": (
        rf"breast ?bone {_W}{{0,2}}(?:hurt\w*|ach(?:e|es|ing)|burn\w*)|chest {_W}{{0,6}}(?:vi[cs]e|belt|iron band)",
        rf"chest {_W}{{0,4}}(?:pain\w*|hurt\w*|ach(?:e|es|ing)|tight\w*|pressure|crush\w*|squeez\w*|burn\w*|heavy|"
        rf"heaviness|"
        r"discomfort|stab\w*|cramp\w*|explod\w*)",
        rf"(?:pain\w*|hurt\w*|pressure|pressing|tight\w*|ache|aches|aching|weight|crush\w*|squeez\w*|stab\w*|"
        rf"elephant|heaviness|"
        rf"discomfort|burning|cramp\w*|sitting|knot) {_W}{{0,5}}(?:chest|breast ?bone)",
        rf"(?:pain|pains|hurts|stabbing|aching) (?:in|at|around|near|on) {_W}?heart\b|(?:my|his|her) heart (?:hurts|"
        rf"aches|is hurting)",
        rf"(?:pain|hurts|hurting|ache|aching|numb\w*) {_W}{{0,4}}left arm|left arm {_W}{{0,2}}(?:pain\w*|hurt\w*|"
        rf"ach\w+)",
    ),
    "stroke": (
        rf"(?:face|mouth|smile|cheek|eyelid) {_W}{{0,5}}(?:droop\w*|hang\w*|sag\w*|lopsided|crooked|paraly\w+|"
        rf"dropped|uneven)",
        rf"(?:droop\w*|lopsided|crooked|paraly\w+) {_W}{{0,3}}(?:face|mouth|smile)|face (?:has )?(?:gone|went|"
        rf"goes) numb",
        rf"(?:talk\w*|speak\w*) {_W}{{0,2}}(?:gibberish|nonsense|strangely|funny|weird)",
        rf"slurr\w*|(?:speech|words) {_W}{{0,4}}(?:garbled|muddled|jumbled|come out wrong|make no sense)",
        rf"sudden\w* {_W}{{0,4}}(?:can not|could not|unable to|trouble|difficulty|loss of|lost|problems?) {_W}{{0,2}}"
        r"(?:speak\w*|speech|talk\w*|see\w*|sight|vision|walk\w*|balance|move|moving|understand\w*|words)",
        rf"(?:can not|unable to|not able to) (?:speak|talk|see|walk|move) {_W}{{0,2}}(?:suddenly|all of a sudden|"
        rf"properly)",
        rf"(?:numb\w*|weak\w*|paraly\w+|no feeling|lost feeling|dead|limp) {_W}{{0,5}}"
        r"(?:one|left|right) (?:side|half|arm and leg)|half (?:of )?(?:my|his|her|the) (?:face|body)",
        rf"(?:one|left|right) (?:side|half|arm|leg) {_W}{{0,5}}(?:numb\w*|weak\w*|paraly\w+|limp|will not move|"
        rf"gone dead|dead)",
        r"(?:can not|unable to|could not) (?:move|lift|raise|feel) (?:my |his |her |the |one )?(?:left|right|"
        r"one) (?:arm|leg|side)",
        rf"sudden\w* {_W}{{0,3}}(?:weak\w*|numb\w*|paraly\w+|confus\w+|blind\w*)|gone blind|went blind",
        rf"worst headache|thunderclap|sudden\w* {_W}{{0,4}}(?:worst|terrible|severe|violent|explosive|"
        rf"horrible) {_W}?headache",
    ),
    "bleeding": (
        rf"bleed\w* {_W}{{0,5}}(?:heavily|badly|lot|profusely|everywhere|out|to death|not stop\w*|non ?stop|severely|"
        r"uncontroll\w+|like crazy|heavy|fast)",
        rf"(?:can not|could not|will not|does not|not) stop {_W}{{0,2}}bleed\w*",
        r"(?:severe|heavy|heavily|massive|serious|major|terrible|bad|badly|uncontroll\w+|profuse\w*|lots of) bleed\w*",
        r"(?:lot|lots|so much|too much|losing|liters|litres|pool) (?:of )?(?:a lot of )?blood\b",
        r"blood (?:\w+ )?(?:keeps|is still|still) (?:coming|flowing|running|dripping)|(?:soaked|covered) (?:in|with"
        r"|through with) blood",
        r"deep (?:cut|wound|gash)|slic\w+ (?:my|his|her) (?:wrists?|artery|throat)",
        rf"blood {_W}{{0,4}}(?:everywhere|gush\w*|spurt\w*|squirt\w*|pour\w*|pumping|not stop\w*|all over)",
        rf"(?:gush\w*|spurt\w*|squirt\w*|pour\w*) {_W}{{0,3}}blood|(?:cough\w*|vomit\w*|throw\w*|threw|spit\w*"
        rf"|bring\w*|"
        rf"sick) (?:up )?"
        rf"{_W}{{0,2}}blood\b|(?:been|was|got) (?:stabbed|shot)|gun ?shot wound|stab wound|severed|artery is",
        rf"cut(?:ting)? off {_W}{{0,2}}(?:finger|fingers|hand|toe|leg|arm|thumb)|cut (?:my|his|her|an) {_W}?artery",
    ),
    "poisoning": (
        rf"(?:swallow\w*|drank|drunk|drinking|ate|eaten|eating) {_W}{{0,4}}(?:soap|shampoo|washing powder|bath foam"
        rf"|oil lamp|"
        r"lighter fluid|essential oils?|cosmetics?|cigarettes?)",
        rf"(?:took|taken|given|gave|had|swallow\w*) {_W}{{0,2}}(?:wrong|too much) {_W}{{0,2}}(?:medicines?|medication"
        rf"|pills?|tablets?|insulin|"
        r"paracetamol|drugs?|syrup)",
        r"poisoned|poisoning|overdos\w+|carbon monoxide|gas leak",
        rf"too many {_W}{{0,3}}(?:pills?|tablets?|painkillers?|medicines?|paracetamol|aspirin|ibuprofen|capsules?|"
        rf"tranquil\w+)",
        rf"(?:whole|entire|all|full) {_W}{{0,2}}(?:box|pack|packet|bottle|strip) {_W}{{0,3}}(?:pills?|tablets?|"
        rf"painkillers?|paracetamol|aspirin|medicines?)|(?:took|taken|takes|swallow\w*|emptied|drank) {_W}{{0,2}}"
        rf"(?:whole|entire|all|full) {_W}{{0,2}}(?:box|pack|packet|bottle|strip|pills|tablets|medicines?|medication)"
        r"|handful of (?:pills|tablets)",
        rf"(?:swallow\w*|drank|drunk|drinks|drinking|ate|eaten|eating|inhal\w+|licked|got into) {_W}{{0,5}}"
        r"(?:bleach|detergent|cleaner|cleaning|drain|poison\w*|pesticide|weed ?killer|anti ?freeze|petrol|gasoline|"
        r"batter(?:y|ies)|"
        r"button cell|chemicals?|chlorine|acid|white spirit|thinner|moth ?balls?|dishwasher|laundry|pods?|nicotine|"
        r"magnets?|"
        r"hand gel|saniti[sz]er|perfume|nail polish|lamp oil|insecticide|slug pellets|glue|turpentine|kerosene"
        r"|disinfectant|ammonia|lye|pills|tablets|medicines?)",
        rf"(?:ate|eaten|eating|swallow\w*) {_W}{{0,3}}(?:wild|poisonous|toxic|unknown|strange) {_W}?(?:mushrooms?|"
        rf"berries|plants?)",
        r"took (?:rat|weed) ?(?:poison|killer)|death ?caps?",
        rf"(?:took|taken|swallow\w*|ate) (?:ten|twelve|fifteen|twenty|thirty|forty|fifty|a hundred|dozens of"
        rf"|\d\d+) {_W}{{0,2}}"
        r"(?:pills?|tablets?|painkillers?|paracetamol|aspirin|ibuprofen|capsules?|sleeping)",
        rf"(?:whole|entire|all|emptied) {_W}{{0,3}}(?:pill|tablet|medicine) (?:box|bottle|pack|packet|cabinet)",
        rf"(?:ate|eaten|eating|swallow\w*) {_W}{{0,3}}(?:mushrooms?|berries|plants?|leaves) {_W}{{0,3}}(?:garden"
        rf"|forest|woods?|park|wild)",
    ),
    "allergic_shock": (
        r"anaphyla\w+|allergic shock|(?:severe|bad|serious|terrible|strong|massive) allergic (?:reaction|shock|attack)",
        rf"(?:tongue|lips?|face|airway) {_W}{{0,4}}(?:swell\w*|swollen|puff\w*|balloon\w*|twice|huge)",
        rf"(?:swollen|swelling|puffy) {_W}{{0,4}}(?:tongue|lips?|face|mouth|airway)",
        rf"throat {_W}{{0,3}}(?:closing|closes|closed|closing up|swelling|swells|tightening|shut\w*)|throat (?:feels|"
        rf"gets|is getting) tight",
        r"(?:used|needs?|needed) (?:\w+ ){0,2}(?:epi ?pen|adrenaline pen)",
    ),
    "injury": (
        r"(?:broke|broken|breaks) (?:his|her|my|the|a)? ?(?:neck|back|skull|hip)\b",
        rf"(?:severe|bad|badly|serious|third degree|terrible) burn\w*|burn(?:ed|t) (?:\w+ ){{0,3}}badly|"
        rf"boiling (?:water|oil) {_W}{{0,4}}"
        rf"(?:on|over) (?:him|her|me|my|his|himself|herself|myself|the)|electrocut\w+|electric shock|drown\w*",
        r"(?:hit|run over|struck) by (?:a |the )?(?:car|bus|truck|train|tram|lorry)|bone (?:is )?(?:sticking|showing|"
        r"coming) out",
        rf"fell (?:from|off|out of) {_W}{{0,2}}(?:roof|ladder|balcony|window|third floor|second floor)",
        rf"(?:hit|banged|knocked) {_W}{{0,2}}head {_W}{{0,8}}(?:vomit\w*|throwing up|sleepy|confused|drowsy|sick)",
    ),
    "help": (
        r"(?:call|need|want|get) (?:me |us |him |her )?(?:an? |the )?ambulance|call (?:911|112|999)|(?:this|"
        r"it) is an emergency",
        r"(?:i am|he is|she is|someone is|somebody is|they are|child is|baby is|feel like i am) dying|life threatening",
        r"waters? (?:has |have )?(?:just )?broken?|(?:going|am|is) in(?:to)? labou?r|baby is coming",
        rf"(?:rash|spots) {_W}{{0,5}}not (?:fade|fading|disappear|blanch)",
    ),
}  # fmt: skip
"""What is felt or seen now; a pattern has to begin and end at words."""

NAMED: Final[dict[Danger, tuple[str, ...]]] = {
    "chest_pain": (r"heart attacks?|cardiac arrest|angina",),
    "breathing": (r"asthma attack",),
    "stroke": (r"(?:having|has|had|have|it|is|be|got|this|the|a) (?:a )?(?:mini )?strokes?",),
}
"""Names of emergencies; who only wants to know about them is given the knowledge."""

NOT_THIS: Final[dict[Danger, str]] = {
    "breathing": r"\b(?:nose|nostrils?|asleep|sleep|sleeps|sleeping|night|stairs|run|running|runs|climb\w*|jogging"
    r"|exercis\w+|"
    r"sports?|uphill|"
    r"laughing|unfit)\b",
    "bleeding": r"\b(?:periods?|menstrua\w+)\b",
    "chest_pain": r"\bheart ?burn\b",
    "unconscious": r"\b(?:nearly|almost)\b",
    "poisoning": r"\b(?:prevent|prevention|vaccine)\b",
}
"""Words that make it something else, which the graph answers; not together with a second pattern of the kind."""

FIGURES: Final = re.compile(
    r"chest of drawers|(?:treasure|ice|tool|war|hope) chest|chest (?:cold|infection|hair|x ?ray|size|press\w*|"
    r"freezer|exercises?)|"
    r"strokes? of (?:luck|genius|midnight|fortune|fate|the (?:pen|brush))|(?:breast|back|brush|pen|key|golf|"
    r"swimming) ?strokes?|"
    r"(?:to |like to |may i |can i )?stroke (?:the|your|my|a|that|his|her) (?:cat|dog|rabbit|horse|pet|beard|hair|"
    r"fur)\w*|"
    r"four stroke|two stroke|stroke (?:unit|ward|clinic|group|patients?|rehab\w*)|"
    r"bleeding (?:edge|hearts?)|choking hazards?|chok(?:ed|es|ing)(?: me)? up|chok(?:ed|es) back|"
    r"food poisoning|blood poisoning|poison(?:ed|ing)? (?:ivy|oak|pen|arrow|chalice|apple)|"
    r"(?:nearly|almost) (?:gave|had|got|died|killed)(?: me| us)?(?: a| an)?(?: heart attack)?|"
    r"(?:scar\w+|bored|tickled|love\w*|work\w*|worried|freez\w+|starv\w+) (?:\w+ )?to death|dying (?:to|for|"
    r"of (?:laugh\w+|bored\w+|shame|curiosity|"
    r"thirst|hunger|embarrassment))|(?:want\w*|wish|going) to die of (?:shame|embarrassment|boredom|laugh\w+|cringe)|"
    r"die (?:of )?laughing|"
    r"(?:is|are|was) killing me|kill(?:ing)? (?:some )?time|(?:could|would) kill (?:for|to)|(?:phone|battery|car|"
    r"plant|plants|engine|laptop) "
    r"(?:is |are |has )?(?:dying|dead|died)|(?:passed|pass|passing|handed) out (?:the |some |a |my )?(?:leaflets?|"
    r"flyers?|forms?|papers?|cards?|sweets|"
    r"drinks|presents|invitations)|collapsed? (?:chair|bridge|building|tent|shelf|table|roof|star)|suicide (?:squad|"
    r"prevention)|"
    r"(?:leaves|left|leaving|takes|took|taking) (?:me|us|my|your) breath(?:less| away)|breathless (?:view|beauty|"
    r"performance)|"
    r"breathing (?:exercises?|space|class\w*|course|techniques?|room)|breath of fresh air|(?:a lot|lots|too much|"
    r"more) of blood (?:tests?|pressure|"
    r"sugar|samples?)|blood (?:tests?|pressure|sugar|samples?|donat\w+|types?|groups?|oranges?|results?)|"
    r"donat\w+ (?:a lot of )?blood|"
    r"shot in the arm|(?:flu|photo|mug|good|best) shot|heart ?(?:broken|break|breaking|warming|felt)|heart (?:hurts|"
    r"aches) for|"
    r"(?:seizure|seizing) of (?:the |some )?(?:goods|power|assets|drugs)|drown\w* in (?:work|paper\w*|debt|emails?|"
    r"tears)|black ?out (?:curtains?|blinds?)|"
    r"face (?:the|it|up|to|mask|masks|cream)|fits? (?:me|well|in|into|my)|keep fit|hard to breathe in here"
)
"""Figures of speech and other things; they are taken out before the patterns look."""

ASKS_ABOUT: Final = re.compile(
    r"^(?:(?:and|so|please|hello|hi|can you|could you|do you|i want to|i would like to|tell me|know|explain|to) )*"
    r"(?:what (?:is|are|does|causes?|happens)|which|how (?:do|can|could|would|does|common|likely|many|often|to|is"
    r"|are)|explain|"
    r"about|the (?:signs|symptoms|difference)|"
    r"learn|read|have (?:\w+ ){0,2}(?:leaflets?|information|brochures?)|is there (?:\w+ )?(?:leaflets?|information)|"
    r"who|why do)\b|"
    r"\b(?:hereditary|inherited|prevent\w*|avoid|common|contagious|at risk|risk of|likely)\b"
)
LONG_PAST: Final = re.compile(
    r"\b(?:years?|months?|weeks?|decades?) ago\b|\blast (?:year|month|summer|winter|spring|autumn)\b|\bin (?:19|"
    r"20)\d\d\b|"
    r"\bas a (?:child|kid|baby)\b|\bwhen i was\b|\bused to have\b|\bhistory of\b|\bin the past\b|\bdied (?:of|"
    r"from)\b|\bsurvived\b|\bdied\b"
)
AGAIN_NOW: Final = re.compile(
    r"\b(?:again|now(?! (?:(?:i am|he is|she is|it is|we are|they are) )?(?:fine|ok|okay|better|gone|good|well)\b)|"
    r"today|tonight|this morning|at the moment|back)\b"
)
STORY: Final = re.compile(r"\b(?:movie|film|novel|episode|song|band|series|theatre play)\b")

KEYWORDS: Final = (
    "breathe", "breathing", "bleeding", "suicide", "suicidal", "swallowed", "unconscious", "poisoned", "overdose",
    "anaphylaxis", "anaphylactic", "paralysed", "paralyzed", "collapsed", "seizure", "convulsions", "drooping",
    "slurred", "slurring", "pressure", "swelling", "swollen", "choking", "allergic", "ambulance", "emergency",
    "suddenly", "headache", "stroke", "fainted", "tongue", "throat", "heavily", "tightness", "squeezing",
)  # fmt: skip
"""Words that are known again with one letter wrong."""
MISSPELT: Final = {
    "pian": "pain", "paine": "pain", "pane": "pain", "chets": "chest", "cheast": "chest", "chst": "chest",
    "ches": "chest", "brething": "breathing", "breth": "breath", "breate": "breathe", "breathin": "breathing",
    "siezure": "seizure", "blead": "bleed", "bleading": "bleeding", "bleedin": "bleeding", "sucide": "suicide",
    "suiside": "suicide", "unconcious": "unconscious", "hart": "heart", "strok": "stroke", "bloood": "blood",
    "kil": "kill", "mysef": "myself", "myslef": "myself", "poisend": "poisoned", "swolen": "swollen",
}  # fmt: skip
REAL_WORDS: Final = frozenset(
    """
    breath breeding blending bleating breathed breathes breaching bleeping pleading strike stroked strokes stoke throats
    treasure pressured choosing cooking chocking joking smelling swearing spelling selling dwelling headaches tongues
    seizures heavenly swallow swallows sweeping spurred suddenness breather painter painted tainted unconsciously
    """.split()
)
"""Words that are a letter away from a keyword, and yet meant."""
