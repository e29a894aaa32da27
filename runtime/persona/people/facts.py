"""What people say of themselves: found in their own words, by rule, and nothing inferred. Pure.

A rule finds less than a model might, but what it finds was said: the person can be told it word for word.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from runtime.persona.people.person import Fact, Kind

MAX_TEXT_CHARS: Final = 1_000
MAX_VALUE_CHARS: Final = 60
MAX_VALUE_WORDS: Final = 6
NAMES_FILE: Final = Path(__file__).with_name("names.txt")

_NAME: Final = r"(?P<title>(?:mr|mrs|ms|miss|dr|doctor|professor)\.?\s+)?(?P<name>[^\W\d_]+(?:-[^\W\d_]+)*)(?!['’])"
_SURE_NAME: Final = re.compile(
    r"\b(?:my (?:first )?name is|my name['’]s|(?:please )?call me|"
    r"(?:i am|i['’]m|im) called|(?:they|people|friends) call me)"
    r"\s+" + _NAME,
    re.IGNORECASE,
)
_LIKELY_NAME: Final = re.compile(r"\b(?P<frame>i am|i['’]m|im|it['’]s|it is|this is)\s+" + _NAME, re.IGNORECASE)
_NAME_ENDS: Final = re.compile(
    r"\s*(?:[.,;:!?]|$|(?:and|but|again|here|from|nice|speaking|please|hello)\b)", re.IGNORECASE
)
_SURNAME: Final = re.compile(r"\s+[^\W\d_]+(?:-[^\W\d_]+)*(?=\s*(?:[.,;:!?]|$|and (?:i|i['’]m)\b))", re.IGNORECASE)
_NO_NAMES: Final = frozenset(
    "a about afghan afraid after again all alone also always an and angry any anything arab ashamed at awake "
    "aware back because blind bored busy but by christmas close cold crazy czech dead deaf difficult done drunk "
    "dutch early easter easy else everything fine for free french friday from german glad gone good great greek "
    "happy hard here hindu home hot hungry if ill in into iraqi is israeli it just late later long lost mad "
    "maybe me missing monday muslim my near never new nice no nobody none not nothing now of off ok okay old on "
    "only or out over pakistani please private ready retired right sad saturday secret short sick sikh so some "
    "someone sorry still stuck such sunday sure swiss thai that the then there thirsty this thursday tired to "
    "today tomorrow tonight too tuesday unsure up upset very wednesday welsh wet what whatever when where who "
    "with wonderful wrong your yours".split()
)
_NO_NAME_ENDS: Final = (
    "ing",
    "ish",
    "ese",
    "ian",
    "ean",
    "ist",
    "ed",
    "ful",
    "less",
    "ous",
    "able",
    "ible",
    "ent",
    "can",
    "ic",
)
_TITLES: Final = {"doctor": "Doctor", "dr": "Doctor", "professor": "Professor", "miss": "Miss"}

_I_AM: Final = r"\b(?:i am|i['’]m|im)\s+"
_ENDS: Final = (
    r"(?=\s*(?:[.,;:!?]|$)|\s+(?:but|because|so|what|where|when|which|how|who|is there|are there|is it|do you|can i|"
    r"can you|could|may i|please|i|i['’]m|and (?:i|i['’]m|it|my|was|were|got|have|had|am|then|now|what|where|when|how|"
    r"do|can|is|are))\b)"
)
_NOT_MINE: Final = (
    r"(?!(?:to|it|this|that|you|u|your|them|their|him|her|his|me|my|us|our|these|those|how|what|when|where|who|why|if|not|"
    r"here|one|all|both|everything|everyone|everybody|people|nothing|the)\b)"
)
_VALUE: Final = rf"{_NOT_MINE}(?P<value>[\w'’ -]+?)" + _ENDS
_DIETS: Final = (
    r"(?P<value>vegetarian|vegan|pescatarian|lactose intolerant|gluten intolerant|coeliac|celiac|diabetic)\b"
)
_AIDS: Final = (
    r"(?P<value>wheelchair|walker|walking frame|walking stick|pushchair|stroller|pram|guide dog|hearing aid)\b"
)
_RULES: Final[tuple[tuple[str, re.Pattern[str]], ...]] = tuple(
    (key, re.compile(pattern, re.IGNORECASE))
    for key, pattern in (
        ("diet", _I_AM + r"(?:an? )?(?:strict(?:ly)? )?" + _DIETS),
        ("allergy", _I_AM + r"allergic to " + _VALUE),
        ("allergy", r"\bi have an? (?P<value>[\w]+) allergy\b"),
        ("avoids", r"\bi (?:don['’]t|do not|never) eat " + _VALUE),
        (
            "access",
            rf"(?:\bi (?:use|have|sit in)|{_I_AM}(?:in|using)) (?:an? |my )(?:\w+ )?{_AIDS}",
        ),
        (
            "company",
            r"\b(?:i am|i['’]m|im|we are|we['’]re|i|we) (?:(?:here|come|came|visiting|travelling|with) )*with "
            r"(?:my |our |two |three |four |small |little |young )*(?P<value>children|kids)\b",
        ),
        ("favourite", r"\bmy favou?rite (?P<what>\w+(?: \w+)?) is (?P<value>[^.,;:!?]+?)" + _ENDS),
        ("prefers", r"\bi (?:would |['’]d )?prefer " + _VALUE),
        ("likes", r"\bi (?:really |also |do )?(?:like|love|enjoy) " + _VALUE),
        ("dislikes", r"\bi (?:(?:really )?(?:don['’]t|do not) (?:really )?like|hate|dislike|can['’]t stand) " + _VALUE),
    )
)
_ASKED: Final = re.compile(
    r"\b(?:if|whether|can|could|may|might|do|did|should|shall|must|would|will|am|what|where|which|why|how|when|suppose|"
    r"pretend|imagine|not|don['’]t|never|says?|said|that)\s+(?:that\s+)?$",
    re.IGNORECASE,
)
"""Before such words it is a question, or somebody else's, or no fact: "can i use a wheelchair", "don't call me"."""
_FILLERS: Final = re.compile(
    r"^(?:[\s.,;:!?-]|(?:hi|hello|hey|good (?:morning|afternoon|evening|day)|and|but|so|well|oh|um|uh|no|yes|please|"
    r"actually|by the way|also|again|nice to meet you|then|because|ok|okay|here|now|thanks|thank you|"
    r"from \w+)\b)+",
    re.IGNORECASE,
)
_TRAILS: Final = re.compile(
    r"(?:[\s,;:-]|\b(?:and|but|so|because|again|here|nice to meet you|by the way)\b)+$", re.IGNORECASE
)


@dataclass(frozen=True)
class Found:
    """What a text says of its speaker; `rest` is what it says besides, "" if nothing."""

    facts: tuple[Fact, ...]
    rest: str


def find_facts(text: str, visit: str = "", turn: int = 0) -> Found:
    """Return the facts that a person says of themselves in a text, and the text without them.

    Only the first 1,000 characters are read. A fact is at most 6 words and 60 characters.
    """
    text = " ".join(text[:MAX_TEXT_CHARS].split())
    facts: list[Fact] = []
    spans: list[tuple[int, int]] = []
    for kind, key, value, span in (*_names(text), *_preferences(text)):
        if any(start < span[1] and span[0] < end for start, end in spans):
            continue
        facts.append(Fact(kind, key, value, visit, turn))
        spans.append(span)
    if not facts:
        return Found((), text)
    kept = [letter for i, letter in enumerate(text) if not any(start <= i < end for start, end in spans)]
    return Found(tuple(facts), _TRAILS.sub("", _FILLERS.sub("", "".join(kept))).strip())


def _names(text: str) -> Iterator[tuple[Kind, str, str, tuple[int, int]]]:
    for match in (*_SURE_NAME.finditer(text), *_LIKELY_NAME.finditer(text)):
        if _ASKED.search(text[: match.start()]):
            continue
        title = (match["title"] or "").strip(" .").lower()
        surname = None if title else _SURNAME.match(text, match.end())
        end = surname.end() if surname else match.end()
        ends = bool(_NAME_ENDS.match(text, end))
        frame = match.groupdict().get("frame")
        right = (
            _is_name(match["name"], ends) if frame is None else ends and _may_be_name(match["name"], frame, text, title)
        )
        if right:
            yield (
                "name",
                "name",
                f"{_TITLES.get(title, title.title())} {_cased(match['name'])}".strip(),
                (match.start(), end),
            )
            return


def _is_name(word: str, ends: bool) -> bool:
    """Whether a word after "my name is" or "call me" is the name: known as one, or all that is said."""
    return word.lower() in known_names() or (word.lower() not in _NO_NAMES and len(word) > 1 and ends)


def _may_be_name(word: str, frame: str, text: str, title: str) -> bool:
    """Whether a word after "i am" or "it is" is a name: known as one, or written like one after "i am"."""
    low = word.lower()
    if low in known_names():
        return True
    written = word[0].isupper() and not text.isupper() and len(word) > 1
    if low in _NO_NAMES or low.endswith(_NO_NAME_ENDS) or low in _WORDS_OF_RULES:
        return False
    return not frame.lower().startswith(("it", "this")) and (written or bool(title))


def _preferences(text: str) -> Iterator[tuple[Kind, str, str, tuple[int, int]]]:
    for key, pattern in _RULES:
        for match in pattern.finditer(text):
            value = match["value"].strip().lower()
            long = len(value) > MAX_VALUE_CHARS or len(value.split()) > MAX_VALUE_WORDS
            if long or not value or _ASKED.search(text[: match.start()]):
                continue
            value = "children" if value == "kids" else value
            about = f"favourite {match['what'].lower()}" if key == "favourite" else key
            yield "preference", about, value, match.span()


_WORDS_OF_RULES: Final = frozenset(re.findall(r"[a-z]+", _DIETS + _AIDS))


def _cased(word: str) -> str:
    """Return a name as it is written, or, where it came without capitals, with them."""
    return word if any(letter.isupper() for letter in word[:1]) and not word.isupper() else word.title()


@cache
def known_names() -> frozenset[str]:
    """Return the given names that are no everyday words, in lower case."""
    lines = NAMES_FILE.read_text(encoding="utf-8").splitlines()
    return frozenset(name for line in lines if not line.startswith("#") for name in line.split())
