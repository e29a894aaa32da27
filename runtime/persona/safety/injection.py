"""Attempts to turn a language model against its instructions: found in what visitors say, and in passages. Pure.

It finds the known ways of asking: to drop the rules, to tell the prompt, to become another, to use tools, in false
frames, in disguise (see `fold`, base64, rot13, backwards) and in other languages. A way of asking that nobody thought
of passes; therefore answers are checked too (see `leaks`), and a model has no tools here.
"""

import base64
import binascii
import codecs
import re
from functools import cache
from typing import Final

from rapidfuzz.distance import OSA

from runtime.persona.safety.fold import MAX_CHARS, fold, unmask

_W: Final = r"(?:[\w']+\W+)"
_DROP: Final = (
    r"(?:ignor(?:e|es|ing)|disregard(?:ing)?|forget|overrid(?:e|es|ing)|overrul(?:e|es)|bypass|discard|abandon"
    r"|neglect|drop|"
    r"disobey|break|circumvent|supersedes?|switch off|turn off|disable|deactivate|remove|delete|(?:do not|don't|stop"
    r"|never) (?:follow|following|obey|obeying))"
)
_RULES: Final = (
    r"(?:instructions?|rules?|guidelines?|prompts?|directives?|programming|training|restrictions?|constraints?"
    r"|filters?|"
    r"safeguards?|safety|guidance|briefing|polic(?:y|ies)|persona|commands?|orders|limits|limitations|ethics)"
)
_OF_IT: Final = (
    r"(?:your|previous|prior|earlier|preceding|above|former|original|initial|system|developer'?s?|every(?:thing)?"
    r"|all (?:of )?(?:the|your|these|those)|"
    r"all|any|these|the (?:persona|previous|above|safety|system))"
)
_TELL: Final = (
    r"(?:reveal|show|print|output|repeat|echo|display|tell|give|share|recite|read|leak|expose|spell|list|write"
    r"|summari[sz]e|"
    r"translate|say|dump|copy|paste|quote|paraphrase|encode|disclose|describe|type|explain|provide|return|what (?:is"
    r"|are|was|were|do|does|did)|"
    r"what's|how (?:is|are|do|does))"
)
_HIDDEN: Final = (
    r"(?:system|initial|initiali[sz]ation|starting|hidden|secret|original|internal|exact|full|entire|whole|complete"
    r"|first|verbatim|confidential)"
)
_UNBOUND: Final = (
    r"(?:unrestricted|unfiltered|uncensored|unlimited|unbound|amoral|jailbroken|rogue|evil|no (?:\w+ ){0,2}(?:rules"
    r"|restrictions|limits|"
    r"limitations|guidelines|filters?|morals?|moral code|ethics|boundaries|safeguards)|(?:not"
    r"|n't) have any (?:\w+ ){0,2}(?:rules|restrictions|limits|guidelines|filters?)"
    r"|without (?:\w+ ){0,2}(?:rules|restrictions|"
    r"limits|limitations|guidelines|filters?|morals?|ethics|boundaries|safeguards|safety|censorship))"
)
_MACHINE: Final = r"(?:ai|a\.i\.|assistants?|chat ?bots?|language models?|llms?|model|gpt|chatgpt)"

_ASKED: Final = {
    "drop the rules": (
        rf"\b{_DROP}\W+{_W}{{0,3}}?{_OF_IT}\W+{_W}{{0,4}}?{_RULES}\b"
        rf"|\b{_DROP}\W+{_W}{{0,2}}?(?:everything|all|anything|what|whatever)\W+(?:that\W+)?(?:you|you've|you were"
        rf"|they)\W+{_W}{{0,2}}?"
        r"(?:told|taught|said|given|instructed|trained|learned|learnt)\b"
        rf"|\b{_DROP}\W+(?:the |your )persona\b|\b{_DROP}\W+(?:everything|all|anything)\W+{_W}{{0,2}}?(?:above"
        rf"|before this)\b"
        r"|\b(?:new|real|actual|updated) (?:instructions|rules|orders|directives?)\s*:|\bprevious context\b"
        r"|\b(?:safety|content) (?:checks|protocols)\b"
        r"|\b(?:your|the) (?:new|real|actual|true|updated) (?:instructions|rules|task|role|orders|directive|prompt"
        r"|objective|goal) (?:is|are)\b"
        r"|\b(?:previous|prior|earlier) (?:message|instructions?|rules?|prompts?)\b.{0,30}\b(?:was|were|are|is) (?:a "
        r"|only a |just a )?"
        r"(?:test|void|invalid|wrong|outdated|cancel+ed|fake)\b"
        r"|\b(?:break|breaking|violate) your (?:rules|guidelines|character|limits)\b"
    ),
    "tell the prompt": (
        r"\b(?:your|the|its) (?:system|initial|hidden|secret) (?:prompts?|messages?|instructions?)\b"
        r"|\bsystem ?prompts?\b"
        rf"|\b{_HIDDEN} (?:prompts?|instructions|configuration|string)\b|\b(?:the |your )(?:real "
        rf"|previous )?system (?:message|instructions)\b"
        r"|\bhow (?:you|u) (?:were|are|have been) (?:set up|configured|instructed|prompted)\b|\b(?:hidden|secret"
        r"|internal) notes\b"
        r"|\b(?:what|whatever|things?) (?:my|your) (?:makers|creators|developers) (?:told|said|wrote)\b"
        r"|\bmy (?:makers|creators|developers) told me\b"
        r"|\bbefore my first (?:word|message|question)\b|\b(?:starts?|begins?|starting|beginning) with \W?you are\b"
        r"|\byour briefing\b"
        r"|\b(?:topics|things|words|subjects) (?:did they|were you|have you been) (?:forbid\w*|told|banned)\b"
        r"|\bmy instructions are\b|\bi was instructed to\b|\b(?:not|n't) supposed to (?:tell|say|reveal|share)\b"
        r"|\bmust not reveal\b"
        r"|\brules (?:are you|you are|that you|do you|you) (?:currently |actually )?follow(?:ing)?\b"
        rf"|\b{_TELL}\b\W+{_W}{{0,5}}?(?:credentials|api keys?|environment variables|secret keys?|admin password)\b"
        r"|\b(?:entire|whole|complete|full) conversation\b|\b(?:repeat|encode|output|translate"
        r"|print)\b.{0,15}\b(?:above text|text above)\b"
        r"|\beverything before (?:this|my first)\b|\b(?:text|words) you were given\b|\btold before this\b"
        rf"|\b{_TELL}\b\W+{_W}{{0,8}}?your (?:{_HIDDEN} )*(?:prompts?|instructions|rules|guidelines|configuration"
        rf"|directives|programming|"
        r"settings|source code|context)\b(?! (?:for|about|on|regarding))"
        rf"|\b{_TELL}\b\W+{_W}{{0,6}}?(?:the )?(?:prompt|instructions?|rules?|context"
        rf"|guidelines)\W+(?:that\W+)?(?:you|they|it|were)\W+{_W}{{0,3}}?"
        r"(?:given|got|gave|received|have to|must|follow|were|told|you|obey)\b"
        rf"|\b{_TELL}\b\W+{_W}{{0,4}}?(?:every|all|each)(?: the| of the| of your| your)? rules? (?:that )?you\b"
        rf"|\b(?:share|reveal|show|print|leak) (?:me |us )?(?:the|your) (?:{_HIDDEN} )*prompt\b|\b(?:show|print|cat"
        rf"|get) prompt\b"
        rf"|\bwhat (?:were|are) you (?:told|instructed|programmed|ordered) (?:not )?to\b"
        rf"|\b(?:repeat|print|output|translate|summari[sz]e|write|say|echo|copy|recite|quote)\b.{{0,40}}\b(?:words?"
        rf"|texts?|everything|"
        r"messages?|sentences?|conversation|content|all|written|lines?)\b.{0,30}\b(?:above|before this|prior to this"
        r"|preceding this|up to here|so far)"
        r"(?! the|\s+\w+ (?:door|painting|picture))"
        r"|\bhidden text\b|\bwords? above starting with\b"
    ),
    "become another": (
        rf"\byou(?:'re| are| will be| must be)?\W+(?:now\W+|no longer\W+|going to be\W+"
        rf"|from now on\W+)?{_W}{{0,5}}?{_UNBOUND}"
        rf"|\b(?:act|start over|begin again|pretend|behave|answer|respond|speak|talk|roleplay|role-play|imagine"
        rf"|simulate|write"
        rf"|hypothetically)\b.{{0,40}}\b{_UNBOUND}"
        rf"|\b{_UNBOUND}\W+{_W}{{0,2}}?(?:ai|assistant|model|mode|version|chat ?bot|answer)\b"
        r"|\b(?:leave|drop|quit|step out of|get out of|break|swap|switch|reverse) (?:your )?(?:role|roles|character"
        r"|persona)\b|\bbare model\b"
        r"|\bas if (?:nobody|no one) (?:had )?(?:ever )?(?:told|taught|instructed)\b|\bfrom (?:here"
        r"|now) on,? (?:your name|you) (?:is|are)\b"
        r"|\beverything you (?:were|have been|'ve been) (?:taught|told|given)\b"
        r"|\bdo anything now\b|\b(?:developer|debug|god|maintenance|admin|sudo|root|jailbreak|dan|unsafe) mode\b"
        r"|\bjail ?br(?:eak|oken)\w*"
        r"|\byou are (?:now )?(?:dan|an? (?:different|new|other|another) (?:ai|assistant|model|chat ?bot|character"
        r"|person))\b"
        rf"|\b(?:stop|quit) being (?!so )\w+\W+{_W}{{0,3}}?(?:you|be|act)\b"
        r"|\b(?:obey|follow|listen to|answer to) (?:only )?me\b(?: only)?(?=\W*$|\W+(?:and|now|instead"
        r"|alone))(?<!don't follow me)"
        r"|\b(?:obey|follow) only me\b|\bonly obey me\b"
        rf"|\b(?:act as|pretend to be|become|play|simulate)\W+{_W}{{0,4}}?(?:language model|unrestricted|unfiltered"
        rf"|terminal|jailbroken|evil ai)\b"
        r"|\bfrom now on,? you\b(?! (?:can|are open|open|close|sell|have))|\b(?:and )?nothing else from now on\b"
    ),
    "use tools": (
        r"\b(?:call|invoke|trigger|execute|run|use)\W+(?:the |your |a |an |this |that |these |following "
        r"|my )+(?:[\w-]+\W+){0,2}?"
        r"(?:tools?|functions?|shell|commands?|plugins?)\b(?! (?:room|workshop|exhibit))"
        r"|\b(?:call|invoke|trigger|execute|run)\W+(?:the |your |a |this |that |following "
        r"|my )+(?:[\w-]+\W+){0,2}?(?:api|scripts?|sql|code|query|queries|directives?)\b"
        r"|\badmin (?:panel|console|menu)\b"
        r"|\b(?:call|invoke|trigger|execute|run) (?:[a-z]+_[a-z_]+)|/etc/passwd|\brm -rf\b|\bdrop table\b|\bsudo \w+"
        r"|\bos\.system\b"
        r"|[\"'](?:tool|function|tool_name|arguments|tool_call)[\"']\s*:"
    ),
    "claim authority": (
        r"\bi(?:'m| am) (?:your|the) (?:developer|creator|programmer|admin(?:istrator)?|maker|operator|owner of you"
        r"|system)\b"
        r"|\bas (?:an?|your|the) (?:admin(?:istrator)?|developer|owner|operator|root)\W+i (?:authori[sz]e|allow|order"
        r"|command|instruct|permit)\b"
        r"|\b(?:user|visitor) is (?:an? |the )?(?:admin(?:istrator)?|developer|root)\b"
    ),
    "disguise": r"\b(?:decode|decrypt|decipher)\W+(?:[\w']+\W+){0,3}?(?:base ?64|rot ?13|hex|cipher|morse|binary)\b",
    "another language": (
        r"\bvergiss alles,? was (?:dir|du|ich)\b|\boublie tout ce\b|\bolvida todo lo que\b"
        r"|\b(?:ignorier\w*|vergiss|vergesst|missachte|umgehe)\b.{0,25}\b(?:anweisung\w*|regel\w*|vorgaben|befehle"
        r"|anleitung\w*|richtlinien)\b"
        r"|\b(?:zeig|nenn|verrat|sag|gib|wie lautet)\w*\b.{0,25}\b(?:system-?prompt|systemnachricht"
        r"|deine[nr]? (?:anweisungen|prompt|regeln))\b"
        r"|\b(?:ignore[rz]?|oublie[rz]?|neglige[rz]?)\b.{0,25}\b(?:instructions|consignes|regles|directives)\b"
        r"|\b(?:montre|dis|revele|donne)\S*\b.{0,25}\b(?:tes|vos) (?:consignes|instructions|regles)\b"
        r"|\b(?:ignora|olvida|omite|descarta|ignore|esqueca)\w*\b.{0,30}\b(?:instrucciones|reglas|indicaciones"
        r"|ordenes|instrucoes|regras)\b"
        r"|\b(?:muestra|dime|revela|ensena)\S*\b.{0,25}\b(?:tu prompt|tus (?:instrucciones|reglas))\b"
    ),
}
_FRAMES: Final = re.compile(
    r"<\|?\s*/?\s*(?:im_start|im_end|system|endoftext|assistant|user|eot_id|start_header_id)\s*\|?>|\[\s*/?\s*(?:inst"
    r"|system|sys)\s*\]|<</?sys>>"
    r"|(?:^|\n)\s*(?:system|developer|assistant)\s*:|[.?!]\s+(?:assistant|system)\s*:\s*(?:i|my|sure|of course|you"
    r"|ok)\b"
    r"|#{2,}\s*(?:instructions?|system|assistant|new)\b|\bhuman:.*\bassistant:|\bbegin (?:system|hidden|new session)\b",
    re.DOTALL,
)
_OTHER_SCRIPTS: Final = re.compile(
    r"(?:игнорир|забудь|проигнорир)\w*.{0,40}(?:инструкци|правил|указани)|системн\w+ (?:промпт|подсказк)"
    r"|(?:忽略|无视|忘记|忘掉).{0,12}(?:指令|指示|规则|提示)|系统提示|(?:指示|命令|ルール).{0,8}(?:無視|忘れ)|システムプロンプト"
    r"|(?:지시|명령|규칙).{0,8}(?:무시|잊)|시스템 ?프롬프트",
    re.IGNORECASE,
)
_TO_MACHINES: Final = re.compile(
    rf"\b(?:note|message|instructions?|attention|hint|memo)\W+(?:to|for)\W+(?:the |all |any |every )?{_MACHINE}\b"
    rf"|\bdear {_MACHINE}\b"
    rf"|\bif you(?:'re| are) (?:an? |the )?{_MACHINE}\b|\byou are an? {_MACHINE}\b|<!--[^>]*\b{_MACHINE}\b"
    rf"|\b(?:all |any |every )?{_MACHINE} (?:reading this )?(?:must|should|shall|have to|has to|is required to)\b"
    r"|\b(?:overrides?|supersedes?|replaces?) (?:all|any) (?:prior|previous|other|earlier) (?:rules|instructions"
    r"|prompts)\b"
    r"|\bwhen (?:you )?(?:summari[sz]\w+|answer\w*|translat\w+|asked)\b.{0,80}\b(?:do not mention|don't mention"
    r"|instead|say that|always|never)\b"
    r"|\b(?:disregard|ignore) the (?:visitor|user|reader|question|query)\b|\banswer only with\b"
    r"|\b(?:automated|artificial|machine) (?:readers?|agents?|systems?)\s*:|\b(?:machines|systems|programs"
    r"|agents) (?:that|which) (?:read|process|parse)\b"
    r"|\bthe (?:bot|chatbot|ai|assistant) (?:will|must|should|shall) (?:now )?(?:answer|say|tell|recommend|ignore"
    r"|reply)\b|\bend of (?:document|text|page)\b"
    r"|\bask (?:the |every |each )?(?:visitor|user|customer)s? for (?:a|an|their|the|his|her) (?:[\w']+ )?(?:number"
    r"|password|pin|code|address|card|details)\b"
    r"|\byour new task\b"
    r"|\b(?:send|forward|post) (?:the|this|all|every) (?:conversation|chat|messages?|transcript|data|names)\b",
    re.DOTALL,
)
_RUNS_TOGETHER: Final = re.compile(
    r"ignoreall|ignore(?:your|previous|the)|disregard(?:all|your)|previousinstructions|systemprompt|yourinstructions"
    r"|yourprompt|yourrules"
)
_BASE64: Final = re.compile(r"[A-Za-z0-9+/]{16,}={0,2}")
_KEY_WORDS: Final = frozenset(
    "ignore previous instructions instruction disregard system prompt guidelines restrictions reveal override".split()
)
MAX_READ: Final = 20_000
OVERLAP: Final = 200
"""Longer text is read in parts that overlap by so many characters."""
_MIN_KEY_WORD: Final = 6


@cache
def _asked() -> dict[str, re.Pattern[str]]:
    return {name: re.compile(expression, re.DOTALL) for name, expression in _ASKED.items()}


def find_injection(text: str, passage: bool = False) -> str:
    """Return what a text tries ("tell the prompt"), or "" if nothing is found. Reads the first 20,000 characters.

    `passage` is for text that a model gets to read, such as a page of knowledge: nothing in it speaks to machines.
    """
    starts = range(0, max(1, min(len(text), MAX_READ) - OVERLAP), MAX_CHARS - OVERLAP)
    return next((found for start in starts if (found := _find(text[start : start + MAX_CHARS], passage))), "")


def _find(text: str, passage: bool) -> str:
    folded = fold(text)
    if _FRAMES.search(folded):
        return "false frame"
    if passage and _TO_MACHINES.search(" ".join(folded.split())):
        return "speak to the machine"
    if _OTHER_SCRIPTS.search(text):
        return "another language"
    plain = _spelt(unmask(text))
    if found := _named(plain):
        return found
    if _RUNS_TOGETHER.search("".join(word for word in plain.split() if len(word) > 12)):
        return "drop the rules"
    hidden = [*_decoded(text), codecs.decode(plain, "rot13"), plain[::-1]]
    return "disguise" if any(_named(_spelt(unmask(one))) for one in hidden) else ""


def _named(plain: str) -> str:
    return next((name for name, expression in _asked().items() if expression.search(plain)), "")


def _spelt(plain: str) -> str:
    """Return text with the words that matter here spelt right, where one letter is wrong."""
    return re.sub(r"[a-z]{5,}", lambda match: _right(match[0]), plain)


def _right(word: str) -> str:
    if word in _KEY_WORDS or len(word) < _MIN_KEY_WORD - 1:
        return word
    near = (key for key in _KEY_WORDS if len(key) >= _MIN_KEY_WORD and abs(len(key) - len(word)) <= 1)
    return next((key for key in near if word[0] == key[0] and OSA.distance(word, key, score_cutoff=1) <= 1), word)


def _decoded(text: str) -> list[str]:
    found = []
    for match in _BASE64.finditer(text):
        try:
            found.append(base64.b64decode(match[0] + "=" * (-len(match[0]) % 4)).decode("ascii"))
        except (binascii.Error, UnicodeDecodeError):
            continue
    return found
