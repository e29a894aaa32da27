"""What English writing leaves out and a speaker says: abbreviations, signs, units, currencies, spelled initials."""

from typing import Final

MONTHS: Final = "January February March April May June July August September October November December".split()
_DAYS: Final = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()

ABBREVIATIONS: Final = {
    "dr": "Doctor",
    "mr": "Mister",
    "mrs": "Missis",
    "ms": "Miz",
    "prof": "Professor",
    "e.g": "for example",
    "i.e": "that is",
    "etc": "et cetera",
    "vs": "versus",
    "approx": "approximately",
    "ave": "Avenue",
    "blvd": "Boulevard",
    "bldg": "building",
    "dept": "department",
    "ext": "extension",
    "a.k.a": "also known as",
    "aka": "also known as",
    "asap": "as soon as possible",
    "w/": "with",
    "w/o": "without",
    "wi-fi": "why fie",
    "wifi": "why fie",
    "e-mail": "ee mail",
}
"""By their lower-case form without a last dot."""

SPELLED: Final = frozenset(
    "AI ID FAQ USA US UK EU UN URL USB GPS API CEO CTO HR IT PR VIP ATM PDF QR TV PC CD DVD EV EVS UI UX AC DJ IP IQ "
    "OS AM PM BC AD UV IRS DIY ETA EST UTC IBM FBI CIA NHS BBC CNN PHD MRI ICU RSVP".split()
)
"""Initials said letter by letter although they have a vowel, or are so common that shouting makes no difference."""

WORDS_TOO: Final = frozenset("IT US AM OS PR AD ID".split())
"""Those of them that are words in a text all in capitals."""

SIGNS: Final = {
    "&": " and ",
    "+": " plus ",
    "=": " equals ",
    "@": " at ",
    "#": "number ",
    "×": " times ",
    "÷": " divided by ",
    "±": " plus or minus ",
    "→": " to ",
    "€": " euros ",
    "£": " pounds ",
    "$": " dollars ",
    "%": " percent ",
    "°": " degrees ",
    "№": "number ",
    "≈": " about ",
    "§": " section ",
}

FRACTIONS: Final = {
    "½": "one half",
    "¼": "a quarter",
    "¾": "three quarters",
    "⅓": "one third",
    "⅔": "two thirds",
    "1/2": "one half",
    "1/4": "a quarter",
    "3/4": "three quarters",
    "1/3": "one third",
    "2/3": "two thirds",
}

CURRENCIES: Final = {
    "$": ("dollar", "dollars", "cent", "cents"),
    "USD": ("dollar", "dollars", "cent", "cents"),
    "€": ("euro", "euros", "cent", "cents"),
    "EUR": ("euro", "euros", "cent", "cents"),
    "£": ("pound", "pounds", "penny", "pence"),
    "GBP": ("pound", "pounds", "penny", "pence"),
    "¥": ("yen", "yen", "sen", "sen"),
}
SCALES: Final = {"k": "thousand", "m": "million", "bn": "billion"} | {s: s for s in ("thousand", "million", "billion")}

UNITS: Final = {
    "km": ("kilometre", "kilometres"),
    "km/h": ("kilometre an hour", "kilometres an hour"),
    "m": ("metre", "metres"),
    "m²": ("square metre", "square metres"),
    "cm": ("centimetre", "centimetres"),
    "mm": ("millimetre", "millimetres"),
    "ft": ("foot", "feet"),
    "mi": ("mile", "miles"),
    "mph": ("mile an hour", "miles an hour"),
    "kg": ("kilogram", "kilograms"),
    "g": ("gram", "grams"),
    "lb": ("pound", "pounds"),
    "lbs": ("pound", "pounds"),
    "ml": ("millilitre", "millilitres"),
    "l": ("litre", "litres"),
    "°C": ("degree Celsius", "degrees Celsius"),
    "°F": ("degree Fahrenheit", "degrees Fahrenheit"),
    "°": ("degree", "degrees"),
    "h": ("hour", "hours"),
    "hr": ("hour", "hours"),
    "hrs": ("hour", "hours"),
    "min": ("minute", "minutes"),
    "mins": ("minute", "minutes"),
    "s": ("second", "seconds"),
    "sec": ("second", "seconds"),
    "GB": ("gigabyte", "gigabytes"),
    "MB": ("megabyte", "megabytes"),
    "kW": ("kilowatt", "kilowatts"),
}
"""After a number: one, and many."""


def month_name(text: str) -> str:
    """Return the month that `text` abbreviates, say 'Sept.'."""
    return next(month for month in MONTHS if month.lower().startswith(text.lower().rstrip(".")[:3]))


def day_name(text: str) -> str:
    """Return the day of the week that `text` abbreviates, say 'Thurs.'."""
    return next(day for day in _DAYS if day.lower().startswith(text.lower().rstrip(".")[:3]))
