"""Written English to speakable English: numbers, times, money, addresses, abbreviations, signs. Pure.

Every piece of the spoken text knows the characters of the original it stands for, so that captions and what was heard
are shown as written.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from runtime.core.messages import Utterance
from runtime.voice.numerals import cardinal, decade, decimal, digits, ordinal, time_of_day, year
from runtime.voice.timeline import WordRange, words_over
from runtime.voice.written import (
    ABBREVIATIONS,
    CURRENCIES,
    FRACTIONS,
    MONTHS,
    SCALES,
    SIGNS,
    SPELLED,
    UNITS,
    WORDS_TOO,
    day_name,
    month_name,
)

Match = re.Match[str]


@dataclass(frozen=True, slots=True)
class Piece:
    """`spoken` stands for the characters `start` to `end` of the original; `same` where it is those characters."""

    spoken: str
    start: int
    end: int
    same: bool


@dataclass(frozen=True, slots=True)
class Speakable:
    """A text to speak, and the pieces it was made of, in order; together they cover the original."""

    text: str
    pieces: tuple[Piece, ...]

    def origin(self, first: int, last: int) -> tuple[int, int]:
        """Return the characters of the original that the spoken characters `first` to `last` stand for."""
        at, begin, end = 0, None, 0
        for piece in self.pieces:
            after = at + len(piece.spoken)
            if at < last and after > first:
                left, right = (
                    (max(0, first - at), min(last, after) - at) if piece.same else (0, piece.end - piece.start)
                )
                begin = piece.start + left if begin is None else begin
                end = piece.start + right
            at = after
        return (begin, end) if begin is not None else (0, 0)


def speakable(text: str) -> Speakable:
    """Return `text` as it is to be spoken."""
    claims: list[tuple[int, int, str]] = []
    taken = bytearray(len(text))
    for pattern, say in _RULES:
        for match in pattern.finditer(text):
            first, last = match.span("x" if "x" in pattern.groupindex else 0)
            if first == last or any(taken[first:last]):
                continue
            spoken = say(match)
            if spoken is not None:
                claims.append((first, last, spoken))
                taken[first:last] = b"\1" * (last - first)
    claims.sort()
    pieces: list[Piece] = []
    at = 0
    for first, last, spoken in [*claims, (len(text), len(text), "")]:
        if first > at:
            pieces.append(Piece(text[at:first], at, first, True))
        if last > first:
            pieces.append(Piece(spoken, first, last, False))
        at = last
    pieces = _spaced(pieces)
    return Speakable("".join(piece.spoken for piece in pieces), tuple(pieces))


def as_written(utterance: Utterance, text: str, spoken: Speakable) -> Utterance:
    """Return an utterance of `spoken` as one of the original `text`: its words are the written ones."""
    ranges: list[WordRange] = []
    for word in utterance.words:
        first, last = spoken.origin(*word.chars)
        if ranges and first < ranges[-1][3]:  # of one piece: "nine thirty" is the one word "9:30"
            start_s, _, begin, end = ranges.pop()
            ranges.append((start_s, word.end_s, begin, max(end, last)))
        elif last > first:
            ranges.append((word.start_s, word.end_s, first, last))
    return replace(utterance, text=text, words=words_over(text, ranges))


def _spaced(pieces: list[Piece]) -> list[Piece]:
    """Keep replaced pieces apart from letters and digits beside them."""
    out = pieces[:1]
    for left, right in pairwise(pieces):
        touching = bool(left.spoken and right.spoken) and left.spoken[-1].isalnum() and right.spoken[0].isalnum()
        if touching and not right.same:
            right = replace(right, spoken=f" {right.spoken}")
        elif touching:
            out[-1] = replace(out[-1], spoken=f"{out[-1].spoken} ")
        out.append(right)
    return out


# ------------------------------------------------------------ the rules


def _web(match: Match) -> str:
    address = re.sub(r"^https?://", "", match[0], flags=re.IGNORECASE).partition("?")[0].partition("#")[0].rstrip("/")
    host = re.sub(r"^www\.", "", address, flags=re.IGNORECASE)
    return ("W-W-W dot " if host != address else "") + _address(host)


def _address(text: str) -> str:
    signs = {".": "dot", "/": "slash", "_": "underscore", "@": "at", "-": "dash", "+": "plus", "~": "tilde"}
    parts = re.findall(r"\d+|[^\W\d_]+|[./_@+~-]", text)
    return " ".join(signs.get(part) or (decimal(part) if part.isdigit() else part) for part in parts)


def _money(match: Match) -> str:
    one, many, cent, cents = CURRENCIES[(match["sign"] or match["code"]).upper()]
    scale = SCALES.get((match["scale"] or "").lower(), "")
    amount, fraction = match["amount"].replace(",", ""), match["cents"] or ""
    if scale:
        return f"{decimal(amount + fraction)} {scale} {many}"
    whole = int(amount)
    words = f"{cardinal(whole)} {one if whole == 1 else many}"
    if not (part := int(fraction[1:].ljust(2, "0")) if fraction else 0):
        return words
    small = f"{cardinal(part)} {cent if part == 1 else cents}"
    return f"{words} and {small}" if whole else small


def _time(match: Match) -> str:
    half = (match["half"] or "").lower()[:1]
    ended = "." if half and match[0].endswith(".") and _sentence_ends_at(match.string, match.end()) else ""
    return time_of_day(int(match["hour"]), int(match.groupdict().get("minute") or 0), half) + ended


def _sentence_ends_at(text: str, at: int) -> bool:
    rest = text[at:].lstrip()
    return not rest or rest[0].isupper()


def _date(match: Match) -> str | None:
    named = match.groupdict()
    number = int(named["month"]) if named.get("month") else 0
    day = int(named["day"])
    name = month_name(named["name"]) if named.get("name") else MONTHS[number - 1] if 1 <= number <= 12 else ""
    if not name or not 1 <= day <= 31:
        return None
    words = f"{name} {ordinal(day)}"
    return f"{words}, {year(int(named['year']))}" if named.get("year") else words


def _slashed_date(match: Match) -> str:
    """Say a date of numbers as numbers: which of them is the month differs by country."""
    first, second, third = (int(part) for part in match.groups())
    return f"{cardinal(first)}, {cardinal(second)}, {year(third)}"


def _phone(match: Match) -> str | None:
    groups = re.findall(r"\d+", match[0])
    if not 7 <= sum(map(len, groups)) <= 15:
        return None
    return ("plus " if "+" in match[0] else "") + ", ".join(digits(group) for group in groups)


def _unit(match: Match) -> str:
    one, many = UNITS[match["unit"]]
    return f"{decimal(match['amount'])} {one if match['amount'] == '1' else many}"


def _abbreviation(match: Match) -> str:
    ended = "." if match[0].endswith(".") and _sentence_ends_at(match.string, match.end()) else ""
    known = ABBREVIATIONS[match[0].lower().rstrip(".")]
    return known + (ended if known not in _TITLES else "")


_TITLES: Final = ("Doctor", "Mister", "Missis", "Miz", "Professor", "Saint", "number")


def _street(match: Match) -> str:
    return "Saint" if re.match(r"\s+[A-Z]", match.string[match.end() :]) else "Street"


def _spell(match: Match) -> str | None:
    word = match["word"]
    shouted = re.search(r"\b[A-Z]{2,}\s+$", match.string[: match.start()]) or re.match(
        r"\s+[A-Z]{2,}\b", match.string[match.end() :]
    )
    if word in WORDS_TOO and shouted:
        return None
    if word not in SPELLED and (shouted or re.search(r"[AEIOUY]", word)):
        return None
    return "-".join(word) + ("'s" if match["plural"] else "")


def _sign(match: Match) -> str:
    return SIGNS[match[0]]


def _nothing(match: Match) -> str:
    """Leave something out; what stood left and right of it stays apart."""
    before, after = match.string[: match.start()][-1:], match.string[match.end() :][:1]
    return " " if before.isalnum() and after.isalnum() else ""


def _leftover(match: Match) -> str | None:
    """Leave out signs that are no punctuation, and what cannot be printed."""
    kind = unicodedata.category(match[0])
    return " " if kind[0] in "SC" or match[0] in "*_#~`|<>[]{}\\" else None


_NUMBER: Final = r"\d{1,3}(?:,\d{3})+(?!\d)|\d+"
_MONTH: Final = (
    r"jan(?:uary)?\b\.?|feb(?:ruary)?\b\.?|mar(?:ch)?\b\.?|apr(?:il)?\b\.?|may|june?\b\.?|july?\b\.?|aug(?:ust)?\b\.?"
    r"|sept?(?:ember)?\b\.?|oct(?:ober)?\b\.?|nov(?:ember)?\b\.?|dec(?:ember)?\b\.?"
)
_DAY: Final = r"mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun"
_YEAR: Final = r"1[1-9]\d\d|20\d\d"
_UNIT: Final = "|".join(re.escape(unit) for unit in sorted(UNITS, key=len, reverse=True))
_ABBREVIATION: Final = "|".join(re.escape(name) for name in sorted(ABBREVIATIONS, key=len, reverse=True))
_NUMBERED: Final = r"room|gate|flight|suite|bus|locker|door|pin|code|line|platform|ext\.?|extension"


def _rule(
    pattern: str, say: Callable[[Match], str | None], case: bool = False
) -> tuple[re.Pattern[str], Callable[[Match], str | None]]:
    return re.compile(pattern, 0 if case else re.IGNORECASE), say


# Earlier rules win where two could take the same characters; a group `x` is the part that is replaced.
_RULES: Final = (
    _rule(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}", lambda m: _address(m[0])),
    _rule(r"\b(?:https?://|www\.)[^\s<>\"]{0,300}[\w/]", _web),
    _rule(
        r"\b[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,4}\.(?:com|org|net|edu|gov|io|uk|de|eu|info|museum|app|dev)\b(?:/[\w/.-]*\w)?",
        _web,
    ),
    _rule(
        rf"(?P<sign>[$€£¥])\s?(?P<amount>{_NUMBER})(?P<cents>\.\d{{1,2}})?(?!\d)(?:\s?(?P<scale>thousand|million|billion|k|m|bn)\b)?(?P<code>)",
        _money,
    ),
    _rule(
        rf"(?<![\w.])(?P<amount>{_NUMBER})(?P<cents>[.]\d{{2}})?\s?(?P<scale>thousand|million|billion)?\s?(?:(?P<sign>[€£])|(?P<code>EUR|USD|GBP)\b)",
        _money,
    ),
    _rule(rf"(?<![\w.])(?P<amount>[-−]?(?:{_NUMBER})(?:\.\d+)?)\s?%", lambda m: f"{decimal(m['amount'])} percent"),
    _rule(rf"\b(?P<year>{_YEAR})-(?P<month>\d\d)-(?P<day>\d\d)\b", _date),
    _rule(r"\b(\d{1,2})[/.](\d{1,2})[/.]((?:19|20)\d\d)\b", _slashed_date),
    _rule(rf"\b(?P<name>{_MONTH})\s(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?!:)(?:,?\s(?P<year>{_YEAR})\b)?", _date),
    _rule(
        rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s(?:of\s)?(?P<name>{_MONTH})(?![a-z])(?:,?\s(?P<year>{_YEAR})\b)?",
        _date,
    ),
    _rule(r"(?<![\w.])(?:\+\d{1,3}[ .-]?)?(?:\(\d{1,4}\) ?)\d{2,4}(?:[ .-]\d{2,4}){1,4}(?!\w)", _phone),
    _rule(r"(?<!\w)\+\d{1,3}(?:[ .-]?\d{2,4}){2,5}(?!\w)", _phone),
    _rule(r"(?<![\w.-])(?:\d{3}[.-])?\d{3}[.-]\d{4}(?![\w-])", _phone),
    _rule(r"\b(?P<hour>[01]?\d|2[0-4]):(?P<minute>[0-5]\d)(?::[0-5]\d)?\b(?:\s?(?P<half>[ap]\.?m\b\.?))?", _time),
    _rule(r"\b(?P<hour>1[0-2]|0?[1-9])\.(?P<minute>[0-5]\d)\s?(?P<half>[ap]\.?m\b\.?)", _time),
    _rule(r"\b(?P<hour>1[0-2]|0?[1-9])\s?(?P<half>[ap]\.?m\b\.?)", _time),
    _rule(r"\b24/7\b", lambda m: "twenty-four seven"),
    _rule(r"(?<=\d)(?:\s?[-–]\s?|—)(?=[$€£]?\d)|(?<=[ap]m)\s?[-–—]\s?(?=\d)", lambda m: " to "),
    _rule(r"(?<=[ap]\.m\.)\s?[-–—]\s?(?=\d)", lambda m: " to "),
    _rule(rf"\b(?:{_DAY})(?:day)?\.?(?P<x>\s?[-–—]\s?)(?:{_DAY})", lambda m: " to "),
    _rule(r"\b(?P<year>1[1-9]\d0|20\d0)s\b", lambda m: decade(int(m["year"]))),
    _rule(rf"(?<![\w.])(?P<amount>[-−]?(?:{_NUMBER})(?:\.\d+)?)\s?(?P<unit>{_UNIT})(?![\w²³])", _unit, case=True),
    _rule(rf"\b(?:{_NUMBERED})\s(?P<x>#?\d{{3,5}})\b", lambda m: digits(m["x"], zero="oh")),
    _rule(rf"\b(?P<number>{_NUMBER})(?:st|nd|rd|th)\b", lambda m: ordinal(int(m["number"].replace(",", "")[:15]))),
    _rule(
        rf"\b(?:in|since|from|until|till|by|of|year|before|after|around|about|to)\s(?P<x>{_YEAR})\b(?![.,]\d|\s?[a-z]*\s?people)",
        lambda m: year(int(m["x"])),
    ),
    _rule(rf"(?<![\w.,])(?P<x>{_YEAR})(?=[.,;:!?)]?(?:\s|$))(?=[.,;:!?)]|$)", lambda m: year(int(m["x"]))),
    _rule("[½¼¾⅓⅔]|(?<![\\d/])(?:1/2|1/4|3/4|1/3|2/3)(?![\\d/])", lambda m: FRACTIONS[m[0]]),
    _rule(r"(?<![\w.])\d+(?:\.\d+){2,}(?!\w)", lambda m: " point ".join(decimal(part) for part in m[0].split("."))),
    _rule(rf"(?<![\w.,])(?:(?<=\s)[-−]|^[-−])?(?:{_NUMBER})(?:\.\d+)?(?![\w])", lambda m: decimal(m[0])),
    _rule(r"(?<=#)\d+\b", lambda m: decimal(m[0])),
    _rule(r"\bno\.\s?(?=\d)", lambda m: "number "),
    _rule(r"\bSt\.", _street, case=True),
    _rule(r"\b(?:Mon|Tues?|Thu(?:rs)?|Fri)\b\.?", lambda m: day_name(m[0]), case=True),
    _rule(
        r"\b(?:Wed|Sat|Sun)\b\.?(?=\s?[-–—]|\s\d|,)|(?<=[-–—])(?:Wed|Sat|Sun)\b\.?", lambda m: day_name(m[0]), case=True
    ),
    _rule(rf"(?<![\w.])(?:{_ABBREVIATION})(?=[.\s,;:!?)]|$)\.?", _abbreviation),
    _rule(r"(?<![\w.'’-])(?P<word>[A-Z]{2,5})(?P<plural>s)?(?![\w]|-[A-Z]\b)", _spell, case=True),
    _rule(r"\band/or\b", lambda m: "and or"),
    _rule(r"(?<=[a-z])/(?=[a-z])", lambda m: " or "),
    _rule(r"</?[a-z][^<>]{0,200}>", _nothing),
    _rule(r"\s*…\s*(?:[–—-]{1,3}\s)?|\s+[–—-]{1,3}\s|(?<=\w)—(?=\w)", lambda m: ", "),
    _rule(r"(?<=[.!?])(?<!\.\.)\n+", lambda m: " "),
    _rule(r"\n+", lambda m: ". "),
    _rule("|".join(re.escape(sign) for sign in SIGNS), _sign),
    _rule(r"\s*[\u200d\u20e3\ufe0e\ufe0f\u2190-\u21ff\u2300-\u2bff\U0001f000-\U000fffff]+", _nothing),
    _rule(r"[^\w\s]|_", _leftover),
)
