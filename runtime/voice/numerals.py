"""Numbers as English words: cardinals, ordinals, years, decimals, digits one by one, times of day."""

from typing import Final

_ONES: Final = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
).split()
_TENS: Final = "zero ten twenty thirty forty fifty sixty seventy eighty ninety".split()
_GROUPS: Final = ("", "thousand", "million", "billion", "trillion")
_ORDINALS: Final = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
MAX_DIGITS: Final = 15


def cardinal(number: int) -> str:
    """Return `number` in words; more than 15 digits are read one by one."""
    if number < 0:
        return f"minus {cardinal(-number)}"
    if len(str(number)) > MAX_DIGITS:
        return digits(str(number))
    if number < 1000:
        return _below_thousand(number)
    words: list[str] = []
    for name in _GROUPS:
        number, group = divmod(number, 1000)
        if group:
            words.insert(0, f"{_below_thousand(group)} {name}".strip())
        if not number:
            break
    return " ".join(words)


def ordinal(number: int) -> str:
    """Return `number` as in 'twenty-first'."""
    head, join, last = _last_word(cardinal(number))
    if last in _ORDINALS:
        return head + join + _ORDINALS[last]
    return head + join + (f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th")


def year(number: int) -> str:
    """Return a year of four digits as it is said: nineteen oh five, two thousand six, twenty twenty-six."""
    century, rest = divmod(number, 100)
    if number % 1000 < 10:
        return cardinal(number)
    if not rest:
        return f"{cardinal(century)} hundred"
    return f"{cardinal(century)} {two_digits(rest)}"


def decade(number: int) -> str:
    """Return a decade given by its first year: nineteen eighties, two thousands."""
    name = year(number)
    return f"{name[:-1]}ies" if name.endswith("y") else f"{name}s"


def decimal(text: str) -> str:
    """Return a number as written, say '1,250.75' or '-3', in words."""
    sign = "minus " if text[:1] in "-−" else ""
    whole, point, fraction = text.lstrip("-−").replace(",", "").partition(".")
    if not whole.isdigit() and not fraction.isdigit():
        return text
    leading_zeros = len(whole) > 1 and whole.startswith("0")
    words = digits(whole) if leading_zeros or len(whole) > MAX_DIGITS else cardinal(int(whole or "0"))
    return f"{sign}{words} point {digits(fraction)}" if point and fraction else sign + words


def digits(text: str, zero: str = "zero") -> str:
    """Return the digits of `text` one by one; other characters are passed over."""
    names = [zero, *_ONES[1:10]]
    return " ".join(names[int(character)] for character in text if character in "0123456789")


def time_of_day(hour: int, minute: int, half: str = "") -> str:
    """Return a time in words; `half` is a, p or empty. From 13 o'clock on P-M is said with it, from 0 to 1 A-M."""
    if not half and (hour >= 13 or hour == 0):
        half = "a" if hour in (0, 24) else "p"
    hour = (hour - 1) % 12 + 1
    words = cardinal(hour) if not minute else f"{cardinal(hour)} {two_digits(minute)}"
    if half:
        return f"{words} {half.upper()}-M"
    return words if minute else f"{words} o'clock"


def two_digits(number: int) -> str:
    """Return 1..99 as after an hour or a century: oh five, thirty."""
    return f"oh {cardinal(number)}" if number < 10 else cardinal(number)


def _below_thousand(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    if rest < 20:
        words = _ONES[rest] if rest or not hundreds else ""
    else:
        words = _TENS[tens] + (f"-{_ONES[ones]}" if ones else "")
    if not hundreds:
        return words
    return f"{_ONES[hundreds]} hundred{f' {words}' if words else ''}"


def _last_word(words: str) -> tuple[str, str, str]:
    at = max(words.rfind(" "), words.rfind("-"))
    return (words[:at], words[at], words[at + 1 :]) if at >= 0 else ("", "", words)
