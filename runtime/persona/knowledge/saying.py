"""Values of tables, times and dates, as they are said."""

import re
from datetime import date, datetime, time
from typing import Final

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONEY: Final = {"€": ("euro", "cent"), "$": ("dollar", "cent"), "£": ("pound", "penny")}
_CENTS: Final = {"cent": "cents", "penny": "pence"}
_AMOUNT: Final = re.compile(r"([€$£])\s?(-?\d[\d,]*)(?:\.(\d\d))?\b|(-?\d[\d,]*)(?:\.(\d\d))?\s?([€£])")
_CLOCK: Final = re.compile(r"\b([01]?\d|2[0-3]):([0-5]\d)\b")
_DATE: Final = re.compile(r"\b(\d{4})-(\d\d)-(\d\d)\b")


def said(text: str) -> str:
    """Return text with amounts of money, times (18:30), ISO dates and percentages as they are said."""
    text = _AMOUNT.sub(_amount, text)
    text = _CLOCK.sub(lambda m: said_time(time(int(m[1]), int(m[2]))), text)
    text = _DATE.sub(_date, text)
    return re.sub(r"(\d)\s?%", r"\1 percent", text)


def said_time(when: time) -> str:
    """Return a time of day: "noon", "6 pm", "9:30 am"."""
    if when.minute == 0 and when.hour in (0, 12):
        return "noon" if when.hour else "midnight"
    hour = (when.hour - 1) % 12 + 1
    half = "am" if when.hour < 12 else "pm"
    return f"{hour}:{when.minute:02} {half}" if when.minute else f"{hour} {half}"


def said_date(day: date) -> str:
    """Return a day of the year: "November 21st"."""
    ending = {1: "st", 2: "nd", 3: "rd"}.get(day.day % 10 if day.day not in (11, 12, 13) else 0, "th")
    return f"{day:%B} {day.day}{ending}"


def weekday(when: datetime) -> str:
    """Return the day of the week in lower case, as tables name it."""
    return WEEKDAYS[when.weekday()]


def number_in(text: str) -> float | None:
    """Return the first number in a cell, or None."""
    found = re.search(r"-?\d[\d,]*(?:\.\d+)?", text)
    return float(found[0].replace(",", "")) if found else None


def _amount(found: re.Match[str]) -> str:
    whole, part = (found[2], found[3]) if found[1] else (found[4], found[5])
    coin, cent = _MONEY[found[1] or found[6]]
    words = f"{whole.replace(',', '')} {coin}{'' if whole == '1' else 's'}"
    if not part or part == "00":
        return words
    cents = f"{int(part)} {cent if int(part) == 1 else _CENTS[cent]}"
    return cents if whole == "0" else f"{words} and {cents}"


def _date(found: re.Match[str]) -> str:
    try:
        return said_date(date(int(found[1]), int(found[2]), int(found[3])))
    except ValueError:
        return found[0]
