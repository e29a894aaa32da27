"""Text as it was meant: disguises taken off, so that one spelling stands for all. Pure.

What is taken off: capitals, accents, look-alike letters of other scripts, invisible characters, digits and signs in
place of letters ("b1tch"), and letters set apart ("f u c k", "f.u.c.k"). `*` stays: it may stand for any letter.
"""

import re
import unicodedata
from typing import Final

MAX_CHARS: Final = 1_000
"""What is beyond is not read, and must not be passed on."""
MAX_JOINED: Final = 8
MAX_SIGNS: Final = 6
"""More signs in a row that are no letters are left out: they mean nothing, and would take long to search."""
MIN_SPACED: Final = 4
"""So many single letters in a row are a word set apart, not initials."""

_LOOK_ALIKES: Final = str.maketrans(
    "абвгеёікмнорстухѕјԁɡαβεηικνορτυχ’‘`´“”–—",
    "abbreeikmhopctyxsjdgabenikvoptux''''\"\"--",
)
_LEET: Final = str.maketrans("01345789@$!|+", "oieastbgasiit")
_SIGNS: Final = re.compile(r"\W{7,}")
_LEET_SIGNS: Final = "01345789@$!|+"
_MIXED: Final = re.compile(rf"(?<![\w@$])[\w{re.escape(_LEET_SIGNS)}*]*[a-z][\w{re.escape(_LEET_SIGNS)}*]*", re.ASCII)
_SPACED: Final = re.compile(
    rf"(?<![^\W_])(?:[^\W_](?P<gap>[.,;!-] |[ .\-_*/]))(?:[^\W_](?P=gap)){{{MIN_SPACED - 2},}}[^\W_](?![^\W_])"
)


def fold(text: str) -> str:
    """Return text in lower case without accents, look-alikes and invisible characters; spaces stay, mostly."""
    plain = unicodedata.normalize("NFKD", text[:MAX_CHARS])
    kept = "".join(sign for sign in plain if unicodedata.category(sign) not in ("Mn", "Cf", "Cc") or sign in "\n\t")
    return _SIGNS.sub(lambda match: match[0][:MAX_SIGNS], kept.lower().translate(_LOOK_ALIKES))


def unmask(text: str) -> str:
    """Return folded text with digits and signs read as the letters they stand for, and letters set apart joined.

    Numbers and words in which nothing is disguised stay as they are; spaces become single ones.
    """
    joined = _SPACED.sub(lambda match: match[0].replace(match["gap"], ""), fold(text))
    return " ".join(_MIXED.sub(_read, joined).split())


def rejoined(text: str) -> str:
    """Return unmasked text twice, with words cut in two joined where a part is no word ("fu ck"), from either side."""
    words = text.split()
    return f"{' '.join(_join(words))} | {' '.join(_join(words[::-1], back=True)[::-1])}"


def _join(words: list[str], back: bool = False) -> list[str]:
    joined: list[str] = []
    for word in words:
        near = joined[-1] if joined else ""
        if near.isalpha() and word.isalpha() and len(near + word) <= MAX_JOINED and (_is_part(near) or _is_part(word)):
            joined[-1] = word + near if back else near + word
        else:
            joined.append(word)
    return joined


def _read(match: re.Match[str]) -> str:
    word = match[0].rstrip("!|+")  # at the end they are punctuation
    return word.translate(_LEET) + match[0][len(word) :]


def _is_part(part: str) -> bool:
    return not re.search(r"[aeiouy]", part) or (len(part) == 1 and part not in "aiouy")
