"""What a model writes, without what is no speech: Markdown, links, marks of lists, emoji, tags. Pure.

Numbers, times, money and abbreviations stay as written: they are made speakable where text becomes sound.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

FEELINGS: Final = ("warm", "happy", "calm", "concerned", "curious", "surprised", "sad", "neutral")
"""The tags that a model may write before what it says, such as [warm]. Anger is not among them."""

_TAG: Final = re.compile(r"\[([A-Za-z]{1,15})\](?!\()")
_CITATION: Final = re.compile(r"\s?\[\d{1,2}(?:\s?[,–-]\s?\d{1,2}){0,4}\](?!\()")
_LINK: Final = re.compile(r"!?\[([^\[\]]{0,200})\]\([^()\s]{0,300}(?:\s\"[^\"]{0,100}\")?\)")
_ADDRESS: Final = re.compile(
    r"<?(?:https?://(?:www\.)?|www\.)([\w.-]*\w)(?::\d+)?(?:[/?#](?:[^\s<>\"')\]]*[\w/])?)?>?", re.I
)
_MARKUP: Final = re.compile(r"</?[A-Za-z][^<>]{0,200}>|<!--.{0,200}?-->")
_LINE_START: Final = re.compile(r"^\s*(?:(?:#{1,6}|>|[-*+•‣–—])\s+)+(?:\[[ xX]\]\s+)?")
_NUMBERED_LINE: Final = re.compile(r"^\s*(?:[-*+•>]\s+)?\(?\d{1,2}[.)]\s+")
_EMPHASIS: Final = re.compile(r"\*+(?=\S)|(?<=\S)\*+|~~|`+|(?<!\w)_+|_+(?!\w)|(?<!\w)#+(?!\w)|\\(?=[*_#`\[\]])")
_EMOJI: Final = re.compile(r"[\u200d\u20e3\ufe0e\ufe0f\u2190-\u21ff\u2300-\u2bff\U0001f000-\U000fffff]+")
_SMILEY: Final = re.compile(r"(?<!\S)[:;]-?[()DP](?=\s|[.,!?]|$)")
_BARS: Final = re.compile(r"\s*\|\s*")


@dataclass(frozen=True)
class Cleaned:
    """What is left to say, on one line; and the feeling it was tagged with, "" where with none."""

    text: str
    feeling: str = ""


def cleaned(raw: str, numbered: bool = False) -> Cleaned:
    """Return a piece of a model's text as it is said; where `numbered`, a number before it is the mark of a list."""
    tags = [tag.lower() for tag in _TAG.findall(raw)]
    feeling = next((tag for tag in tags if tag in FEELINGS), "")
    text = _TAG.sub(" ", _CITATION.sub("", raw))
    text = _ADDRESS.sub(r"\1", _LINK.sub(r"\1", text))
    text = _MARKUP.sub(" ", text)
    text = _LINE_START.sub("", _NUMBERED_LINE.sub("", text) if numbered else text)
    text = _EMPHASIS.sub("", _SMILEY.sub("", _EMOJI.sub(" ", text)))
    text = _BARS.sub(", ", text.strip(" |\t\n"))
    text = "".join(" " if unicodedata.category(sign)[0] == "C" else sign for sign in text)
    text = re.sub(r"\s+([,.;:!?])", r"\1", " ".join(text.split())).rstrip(" –—-")
    return Cleaned(text if any(sign.isalnum() for sign in text) else "", feeling)
