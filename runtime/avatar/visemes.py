"""What the mouth does for each phoneme: a target of ARKit weights, and how hard each part of the mouth insists on it.

Every symbol that espeak-ng writes for English (`en-us`, `en-gb-x-rp`) is here, alone or as a sequence of known ones
(`aɪ`, `tʃ`, `ɔːɹ`); any other IPA letter falls back on its articulatory class.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from runtime.core.blendshapes import INDEX, weights

MAX_SYMBOL_CHARS = 12
PAUSE: Final = "_"


class Part(IntEnum):
    """A part of the mouth that coarticulates on its own; every mouth channel belongs to one."""

    JAW = 0
    CLOSE = 1
    ROUND = 2
    SPREAD = 3
    UPPER = 4
    LOWER = 5
    TONGUE = 6


CHANNELS: Final[Mapping[Part, tuple[str, ...]]] = {
    Part.JAW: ("jawOpen", "jawForward"),
    Part.CLOSE: ("mouthClose", "mouthPress"),
    Part.ROUND: ("mouthFunnel", "mouthPucker"),
    Part.SPREAD: ("mouthStretch", "mouthSmile"),
    Part.UPPER: ("mouthUpperUp", "mouthRollUpper"),
    Part.LOWER: ("mouthLowerDown", "mouthRollLower"),
    Part.TONGUE: ("tongueOut",),
}


def _mouth_channels() -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    pairs = [
        (INDEX[name], part)
        for part, names in CHANNELS.items()
        for base in names
        for name in ((base,) if base in INDEX else (f"{base}Left", f"{base}Right"))
    ]
    columns, parts = zip(*sorted(pairs), strict=True)
    return np.array(columns, np.intp), np.array(parts, np.intp)


MOUTH: Final = _mouth_channels()[0]
"""Columns of the 52 that speech moves (n,)."""
PART_OF: Final = _mouth_channels()[1]
"""The part that each column of `MOUTH` belongs to (n,)."""


@dataclass(frozen=True, slots=True)
class Viseme:
    """A mouth target. `target` (n,) are weights of the `MOUTH` columns; `magnitude`, `lead`, `trail` (7,) by part:
    dominance at the core, and the rates (1/s) at which it grows before and dies away after."""

    target: NDArray[np.float64]
    magnitude: NDArray[np.float64]
    lead: NDArray[np.float64]
    trail: NDArray[np.float64]
    vowel: bool = False


_VOWEL_FORCE: Final = {
    Part.JAW: 1.0,
    Part.CLOSE: 1.0,
    Part.ROUND: 1.0,
    Part.SPREAD: 0.9,
    Part.UPPER: 0.8,
    Part.LOWER: 0.8,
    Part.TONGUE: 1.0,
}
_VOWEL_RATE_HZ = 26.0
_SOFT_RATE_HZ = 24.0
# A part that insists must also let go fast, or it eats the vowels beside it.
_FIRM_FORCE: Final = (1.0, 4.0, 12.0)
_FIRM_RATES_HZ: Final = (_SOFT_RATE_HZ, 50.0, 82.0)


def _make(shape: Mapping[str, float], force: Mapping[Part, float], rest: float, vowel: bool = False) -> Viseme:
    magnitude = np.full(len(Part), rest)
    for part, value in force.items():
        magnitude[part] = value
    rate = np.full(len(Part), _VOWEL_RATE_HZ) if vowel else np.interp(magnitude, _FIRM_FORCE, _FIRM_RATES_HZ)
    lead, trail = 0.92 * rate, 1.15 * rate  # closing is slower than letting go
    if not vowel:
        # Rounding is planned early in English: it starts well before the sound and is held shorter after it.
        lead[Part.ROUND], trail[Part.ROUND] = min(lead[Part.ROUND], 30.0), min(trail[Part.ROUND], 48.0)
    return Viseme(weights(shape).astype(np.float64)[MOUTH], magnitude, lead, trail, vowel)


def _vowel(round_force: float = 1.0, **shape: float) -> Viseme:
    return _make(shape, _VOWEL_FORCE | {Part.ROUND: round_force}, 1.0, vowel=True)


def _consonant(force: Mapping[Part, float], **shape: float) -> Viseme:
    return _make(shape, force, 0.12)


_J, _C, _R, _S, _U, _L, _T = Part
_BILABIAL = _consonant(
    {_J: 1.4, _C: 15.0, _R: 1.0, _S: 0.2, _U: 14.0, _L: 14.0, _T: 4.0},
    jawOpen=0.07,
    mouthClose=1.08,
    mouthPress=0.38,
    mouthRollLower=0.22,
    mouthRollUpper=0.16,
)
_LABIODENTAL = _consonant(
    {_J: 5.0, _C: 3.0, _R: 0.8, _S: 0.3, _U: 6.0, _L: 20.0, _T: 3.0},
    jawOpen=0.07,
    mouthRollLower=0.8,
    mouthUpperUp=0.4,
)
_DENTAL = _consonant(
    {_J: 2.0, _C: 1.0, _R: 0.3, _S: 0.3, _U: 1.0, _L: 1.2, _T: 4.0},
    jawOpen=0.17,
    tongueOut=0.36,
    mouthLowerDown=0.25,
    mouthUpperUp=0.15,
)
_ALVEOLAR = _consonant(
    {_J: 1.8, _C: 0.6, _S: 0.2, _U: 0.3, _L: 0.4, _T: 1.0}, jawOpen=0.11, mouthLowerDown=0.22, mouthUpperUp=0.12
)
_LATERAL = _consonant(
    {_J: 0.9, _C: 0.6, _S: 0.2, _U: 0.3, _L: 0.4, _T: 1.0}, jawOpen=0.2, mouthLowerDown=0.2, mouthUpperUp=0.1
)
_SIBILANT = _consonant(
    {_J: 7.0, _C: 1.0, _R: 0.4, _S: 1.0, _U: 1.2, _L: 1.6, _T: 3.0},
    jawOpen=0.05,
    mouthStretch=0.22,
    mouthLowerDown=0.42,
    mouthUpperUp=0.26,
)
_POSTALVEOLAR = _consonant(
    {_J: 7.0, _C: 1.0, _R: 5.0, _S: 1.0, _U: 1.2, _L: 1.4, _T: 3.0},
    jawOpen=0.08,
    mouthFunnel=0.6,
    mouthPucker=0.1,
    mouthLowerDown=0.3,
    mouthUpperUp=0.22,
)
_RHOTIC = _consonant(
    {_J: 1.2, _C: 0.8, _R: 2.0, _S: 0.6, _U: 0.4, _L: 0.4, _T: 1.0},
    jawOpen=0.15,
    mouthFunnel=0.36,
    mouthPucker=0.22,
)
_ROUNDED_GLIDE = _consonant(
    {_J: 2.5, _C: 1.0, _R: 10.0, _S: 2.0, _U: 1.5, _L: 1.5, _T: 1.0},
    jawOpen=0.09,
    mouthFunnel=0.22,
    mouthPucker=0.9,
)
_PALATAL = _consonant(
    {_J: 1.6, _C: 0.8, _R: 0.5, _S: 0.9, _U: 0.6, _L: 0.6, _T: 1.0},
    jawOpen=0.12,
    mouthStretch=0.3,
    mouthLowerDown=0.25,
    mouthUpperUp=0.15,
)
_DORSAL = _consonant({_J: 1.0, _C: 0.5, _T: 1.0}, jawOpen=0.13, mouthLowerDown=0.1)
_GLOTTAL = _make({"jawOpen": 0.18}, {Part.CLOSE: 0.2}, 0.06)
_REST = _make({}, {}, 1.0, vowel=True)

_EE = _vowel(jawOpen=0.13, mouthStretch=0.42, mouthSmile=0.16, mouthLowerDown=0.36, mouthUpperUp=0.22)
_IH = _vowel(jawOpen=0.19, mouthStretch=0.22, mouthSmile=0.04, mouthLowerDown=0.24, mouthUpperUp=0.12)
_EH = _vowel(jawOpen=0.35, mouthStretch=0.26, mouthSmile=0.03, mouthLowerDown=0.22, mouthUpperUp=0.13)
_AE = _vowel(jawOpen=0.5, mouthStretch=0.22, mouthLowerDown=0.2, mouthUpperUp=0.13)
_AH = _vowel(jawOpen=0.58, mouthFunnel=0.08, mouthLowerDown=0.15, mouthUpperUp=0.1)
_UH = _vowel(jawOpen=0.38, mouthFunnel=0.12, mouthLowerDown=0.15, mouthUpperUp=0.08)
_SCHWA = _vowel(0.6, jawOpen=0.21, mouthFunnel=0.14, mouthLowerDown=0.12, mouthUpperUp=0.06)
_ER = _vowel(1.4, jawOpen=0.22, mouthFunnel=0.36, mouthPucker=0.15, mouthLowerDown=0.12)
_ER_OPEN = _vowel(jawOpen=0.27, mouthFunnel=0.16, mouthLowerDown=0.18, mouthUpperUp=0.08)
_AW = _vowel(1.5, jawOpen=0.44, mouthFunnel=0.6, mouthPucker=0.22)
_OH_SHORT = _vowel(1.7, jawOpen=0.48, mouthFunnel=0.4, mouthPucker=0.08)
_OH = _vowel(1.6, jawOpen=0.36, mouthFunnel=0.7, mouthPucker=0.34)
_OO_SHORT = _vowel(1.6, jawOpen=0.17, mouthFunnel=0.38, mouthPucker=0.55)
_OO = _vowel(2.2, jawOpen=0.13, mouthFunnel=0.35, mouthPucker=0.88)
_FRONT_ROUND = _vowel(2.0, jawOpen=0.16, mouthFunnel=0.55, mouthPucker=0.5)

_CLASSES: Final[tuple[tuple[str, Viseme], ...]] = (
    ("pbmɓʙɸβ", _BILABIAL),
    ("fvɱʋⱱ", _LABIODENTAL),
    ("θð", _DENTAL),
    ("tdnɾrʈɖɳɽɗǀǃǂ", _ALVEOLAR),
    ("lɭɫɬɮɺǁʎ", _LATERAL),
    ("szɕʑ", _SIBILANT),
    ("ʃʒʂʐɧ", _POSTALVEOLAR),
    ("ɹɻ", _RHOTIC),
    ("wʍɥ", _ROUNDED_GLIDE),
    ("jçʝɲcɟʄ", _PALATAL),
    ("kɡgŋxɣɰʟqɢɴχʁʀɠʛ", _DORSAL),
    ("hɦʔħʕʜʢʡ", _GLOTTAL),
    ("i", _EE),
    ("ɪᵻɨe", _IH),
    ("ɛ", _EH),
    ("æ", _AE),
    ("aɑ", _AH),
    ("ʌɐɶ", _UH),
    ("əɘɤɯᵊ", _SCHWA),
    ("ɚɝ", _ER),
    ("ɜɞ", _ER_OPEN),
    ("ɔ", _AW),
    ("ɒ", _OH_SHORT),
    ("oɵ", _OH),
    ("ʊᵿ", _OO_SHORT),
    ("uʉ", _OO),
    ("yʏøœ", _FRONT_ROUND),
)
_BASE: Final[Mapping[str, Viseme]] = {letter: viseme for letters, viseme in _CLASSES for letter in letters} | {
    PAUSE: _REST
}
# The first part of a falling diphthong is longer and is what the eye sees; affricates close briefly, then hiss.
_FIRST_SHARE: Final[Mapping[str, float]] = {"vowel vowel": 0.58, "vowel consonant": 0.62, "consonant": 0.4}


@lru_cache(maxsize=1024)
def visemes(symbol: str) -> tuple[tuple[Viseme, float], ...]:
    """Return the visemes of an IPA symbol in order, each with its share of the symbol's duration (shares sum to 1).

    Stress marks, ties and diacritics are ignored; length (`ː`) gives its vowel a larger share. A symbol with no
    letter that is known looks like a pause where it is empty, and like a schwa otherwise.
    """
    parts: list[tuple[Viseme, float]] = []
    for char in unicodedata.normalize("NFD", symbol[:MAX_SYMBOL_CHARS]):
        if char in _BASE:
            parts.append((_BASE[char], 1.0))
        elif char == "ː" and parts:
            parts[-1] = (parts[-1][0], 1.4)
    if not parts:
        return ((_SCHWA if any(c.isalpha() for c in symbol) else _REST, 1.0),)
    shares = [length for _, length in parts]
    if len(parts) > 1:
        first, second = parts[0][0], parts[1][0]
        kind = "consonant" if not first.vowel else f"vowel {'vowel' if second.vowel else 'consonant'}"
        tail = sum(shares[1:])
        share = _FIRST_SHARE[kind]
        shares = [share, *((1.0 - share) * s / tail for s in shares[1:])]
    total = sum(shares)
    return tuple((viseme, share / total) for (viseme, _), share in zip(parts, shares, strict=True))


def is_vowel(symbol: str) -> bool:
    """Return whether the symbol's first sound is a vowel (a pause is none)."""
    first = visemes(symbol)[0][0]
    return first.vowel and first is not _REST


def is_pause(symbol: str) -> bool:
    """Return whether the symbol is silence."""
    return visemes(symbol)[0][0] is _REST
