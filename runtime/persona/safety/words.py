"""Lists of words and phrases, and how they are found: whole words, whatever their disguise. Pure.

The lists are this project's own, one file by language in `words/`. A word is found in inflections that are listed, or
where `*` at its end allows any, so that "Scunthorpe", "assess" and "the pen is" are left alone.
"""

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final

from runtime.persona.safety.fold import fold

FOLDER: Final = Path(__file__).with_name("words")
KINDS: Final = ("hate", "sexual", "abuse", "names", "crude", "insults")
MAX_SHORT: Final = 4
_NOTHING: Final = r"(?!)"


@cache
def listed(kind: str) -> tuple[str, ...]:
    """Return the words of one of `KINDS` in all languages."""
    files = sorted(FOLDER.glob("*.toml"))
    return tuple(word for file in files for word in tomllib.loads(file.read_text(encoding="utf-8"))[kind])


def pattern(words: Iterable[str], allowed: Iterable[str] = ()) -> str:
    """Return a regular expression, without groups, that finds these words in unmasked text, but for the allowed."""
    left_out = {fold(word) for word in allowed}
    kept = [_expression(fold(word)) for word in words if fold(word) not in left_out]
    return rf"(?<![\w*'])(?:{'|'.join(kept)})(?!\w)" if kept else _NOTHING


def finder(words: Iterable[str], allowed: Iterable[str] = ()) -> re.Pattern[str]:
    """Return `pattern`, compiled."""
    return re.compile(pattern(words, allowed))


def _expression(entry: str) -> str:
    parts = [r"\w*" if entry.startswith("*") else ""]
    for number, word in enumerate(entry.strip("*").split()):
        parts += [r"[\s,.!?-]+" if number else "", _letters(word)]
    return "".join([*parts, r"\w*" if entry.endswith("*") else ""])


def _letters(word: str) -> str:
    """Return an expression for a word: letters may be drawn out, and, within it, be hidden by stars."""
    first, rest = re.escape(word[0]), word[1:]
    drawn = "+" if len(word) > MAX_SHORT else ""  # "ass" is not the gene AASS
    return first + drawn + "".join(f"[{re.escape(letter)}*]+" for letter in rest)
