"""The phones of the CMU voices (ARPAbet as Flite's US English writes it) as the IPA symbols that espeak-ng writes."""

from typing import Final

from runtime.voice.timeline import PAUSE

_VOWELS: Final = {
    "aa": "ɑː",
    "ae": "æ",
    "ah": "ʌ",
    "ao": "ɔː",
    "aw": "aʊ",
    "ax": "ə",
    "axr": "ɚ",
    "ay": "aɪ",
    "eh": "ɛ",
    "er": "ɜː",
    "ey": "eɪ",
    "ih": "ɪ",
    "iy": "iː",
    "ow": "oʊ",
    "oy": "ɔɪ",
    "uh": "ʊ",
    "uw": "uː",
}
_CONSONANTS: Final = {
    "ch": "tʃ",
    "dh": "ð",
    "dx": "ɾ",
    "el": "əl",
    "em": "əm",
    "en": "ən",
    "g": "ɡ",
    "hh": "h",
    "hv": "h",
    "jh": "dʒ",
    "ng": "ŋ",
    "nx": "n",
    "r": "ɹ",
    "sh": "ʃ",
    "th": "θ",
    "y": "j",
    "zh": "ʒ",
} | {same: same for same in "bdfklmnpstvwz"}
_PAUSES: Final = ("pau", "sil", "ssil", "brth")


def to_ipa(phone: str, stressed: bool) -> tuple[str, int]:
    """Return a phone's IPA symbol and its stress: 1 for the vowel of a stressed syllable, else 0.

    Unknown phones are shown as a schwa, for the mouth to do something likely.
    """
    phone = phone.lower()
    if phone in _PAUSES:
        return PAUSE, 0
    if phone in _VOWELS:
        return ("ɚ" if phone == "er" and not stressed else _VOWELS[phone]), int(stressed)
    return _CONSONANTS.get(phone, "ə"), 0
