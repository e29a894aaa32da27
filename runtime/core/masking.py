"""Personal data is masked before a log is written: mail addresses, numbers of phones, cards and accounts, names."""

import logging
import re
import traceback
from typing import Final

MAX_CHARS: Final = 10_000
"""More of a message is not written."""

_MAIL: Final = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
_SPOKEN_MAIL: Final = re.compile(
    r"\b[\w.-]+(?: dot [\w-]+)* at [\w-]+(?: dot [\w-]+)* dot (?:com|org|net|edu|gov|info|io|de|fr|es|uk|us|at|ch"
    r"|eu)\b",
    re.IGNORECASE,
)
_ACCESS: Final = re.compile(r"(?<=://)[^\s/@]+:[^\s/@]+(?=@)")
_IBAN: Final = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}\b")
_CARD: Final = re.compile(r"(?<![\w.])\d(?:[ -]?\d){12,18}(?![\w])")
_PHONE: Final = re.compile(
    r"(?<![\w.:/-])(?:\+\d{1,3}[ .-]?(?:\(\d{1,4}\)[ .-]?)?\d(?:[ .-]?\d){5,12}"  # +49 30 1234567
    r"|\(?0\d{1,4}\)?[ /-]\d(?:[ -]?\d){4,10}|0\d{8,13}"  # 030 1234567
    r"|(?:\(\d{3}\) ?|\d{3}[-. ])\d{3}[-. ]\d{4})(?![\w:]|[.-]\d)"  # (555) 123-4567
)
_DIGIT: Final = r"(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|double|triple)"
_SPOKEN_NUMBER: Final = re.compile(rf"\b{_DIGIT}(?:[ ,-]+{_DIGIT}){{6,}}\b", re.IGNORECASE)
_NAME: Final = re.compile(
    r"\b((?:my|his|her|the) (?:full |first |last )?name(?: is|'s|’s)|(?:i am|i'm|i’m) called|(?:please )?call me"
    r"|this is (?:mr|mrs|ms|dr)\.?) +"
    r"(?:(?:mr|mrs|ms|dr)\.? +)?[^\W\d_][\w'’-]*(?: +(?!(?:And|But|The)\b)[A-ZÄÖÜÉÈ][\w'’-]*){0,3}",
    re.IGNORECASE,
)


def mask(text: str) -> str:
    """Return text with personal data replaced by what it was: "[mail]", "[phone]", "[card]", "[account]", "[name]".

    Numbers of cards are told by Luhn's check digit, those of accounts (IBAN) by ISO 7064's. Names are found after words
    such as "my name is" alone. Digits that are spoken one by one are "[number]", passwords in addresses "[access]".
    """
    text = text[:MAX_CHARS]
    text = _ACCESS.sub("[access]", text)
    text = _SPOKEN_MAIL.sub("[mail]", _MAIL.sub("[mail]", text))
    text = _IBAN.sub(lambda match: _account(match[0]), text)
    text = _CARD.sub(lambda match: "[card]" if _luhn(match[0]) else match[0], text)
    text = _PHONE.sub("[phone]", text)
    text = _SPOKEN_NUMBER.sub("[number]", text)
    return _NAME.sub(r"\1 [name]", text)


class MaskPersonalData(logging.Filter):
    """A filter for handlers: lets every record pass, with the personal data in message and traceback masked."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Mask the record."""
        record.msg, record.args = mask(record.getMessage()), ()
        if record.exc_info and record.exc_info[0] is not None:
            record.exc_text = mask("".join(traceback.format_exception(*record.exc_info)).rstrip())
            record.exc_info = None
        return True


def mask_logs(logger: logging.Logger | None = None) -> None:
    """Have every handler of a logger, the root's if None, mask personal data. Doing it again changes nothing."""
    for handler in (logger or logging.getLogger()).handlers:
        if not any(isinstance(one, MaskPersonalData) for one in handler.filters):
            handler.addFilter(MaskPersonalData())


def _luhn(number: str) -> bool:
    digits = [int(sign) for sign in reversed(number) if sign.isdigit()]
    doubled = (sum(divmod(2 * digit, 10)) if place % 2 else digit for place, digit in enumerate(digits))
    return sum(doubled) % 10 == 0 and any(digits)


def _account(found: str) -> str:
    """Return what masks the account number that a text begins with, and what follows it; the text where there is none.

    A number in groups may be followed by a word in capitals; the longest beginning that checks is the number.
    """
    for end in range(len(found), 14, -1):
        compact = found[:end].replace(" ", "")
        if len(compact) < 15:
            break
        if int("".join(str(int(sign, 36)) for sign in compact[4:] + compact[:4])) % 97 == 1:
            return "[account]" + found[end:]
    return found
