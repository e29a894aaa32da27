"""The times of an utterance: cutting the silence around it, joining parts, laying words over their text. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from runtime.core.messages import TimedPhoneme, TimedWord, Utterance

PAUSE: Final = "_"
_QUIET: Final = 0.004  # 48 dB below full scale
_LEAD_S: Final = 0.015
_TAIL_S: Final = 0.06
_TAIL_CLAUSE_S: Final = 0.12
_TAIL_SENTENCE_S: Final = 0.22
_MIN_PAUSE_S: Final = 0.03

WordRange = tuple[float, float, int, int]
"""A word as a voice reports it: start and end in seconds, first and one-past-last character."""


def trimmed(utterance: Utterance, rate: float = 1.0) -> Utterance:
    """Return the utterance without the silence before it, and with as much after it as its punctuation asks for.

    That is 60 ms, 120 ms after a comma and 220 ms after a sentence, at `rate` 1. Without any sound there is no audio.
    """
    audio, rate_hz = utterance.audio, utterance.rate_hz
    loud = np.flatnonzero(np.abs(audio) > _QUIET)
    if not loud.size or all(phoneme.symbol == PAUSE for phoneme in utterance.phonemes):
        return replace(utterance, audio=audio[:0], phonemes=(), words=())
    first = max(0, int(loud[0]) - int(_LEAD_S * rate_hz))
    last = int(loud[-1]) + 1 + int(_tail_s(utterance.text) / rate * rate_hz)
    audio = np.pad(audio[first:last], (0, max(0, last - len(audio))))
    shift_s, duration_s = first / rate_hz, len(audio) / rate_hz
    phonemes = [
        replace(phoneme, start_s=start_s, end_s=end_s)
        for phoneme in utterance.phonemes
        for start_s, end_s in [_window(phoneme.start_s, phoneme.end_s, shift_s, duration_s)]
        if end_s > start_s
    ]
    words = [
        replace(word, start_s=start_s, end_s=max(start_s, end_s))
        for word in utterance.words
        for start_s, end_s in [_window(word.start_s, word.end_s, shift_s, duration_s)]
    ]
    return replace(utterance, audio=audio, phonemes=covering(phonemes, duration_s), words=tuple(words))


def covering(phonemes: Sequence[TimedPhoneme], duration_s: float) -> tuple[TimedPhoneme, ...]:
    """Return the phonemes with a pause in every gap, so that they cover 0 to `duration_s`.

    Pauses under 30 ms, too short for a mouth to rest, go to the phonemes beside them.
    """
    out: list[TimedPhoneme] = []
    at_s = 0.0
    for phoneme in phonemes:
        if phoneme.symbol == PAUSE and phoneme.end_s - phoneme.start_s < _MIN_PAUSE_S:
            continue
        start_s = phoneme.start_s
        if start_s - at_s >= _MIN_PAUSE_S:
            out.append(TimedPhoneme(PAUSE, at_s, start_s))
        elif start_s > at_s:
            start_s = at_s
        out.append(replace(phoneme, start_s=start_s))
        at_s = phoneme.end_s
    if duration_s - at_s >= _MIN_PAUSE_S or (out and duration_s > at_s and out[-1].symbol == PAUSE) or not out:
        out.append(TimedPhoneme(PAUSE, at_s, duration_s))
    elif duration_s > at_s:
        out[-1] = replace(out[-1], end_s=duration_s)
    return _merged(out)


def joined(text: str, parts: Sequence[tuple[int, Utterance]]) -> Utterance:
    """Return the parts, each with the place of its first character in `text`, as one utterance. All have one rate."""
    rate_hz = parts[0][1].rate_hz
    phonemes: list[TimedPhoneme] = []
    words: list[TimedWord] = []
    at_s = 0.0
    for place, part in parts:
        phonemes += [replace(p, start_s=p.start_s + at_s, end_s=p.end_s + at_s) for p in part.phonemes]
        words += [
            TimedWord(w.text, w.start_s + at_s, w.end_s + at_s, (w.chars[0] + place, w.chars[1] + place))
            for w in part.words
        ]
        at_s += part.duration_s
    audio = np.concatenate([part.audio for _, part in parts])
    return Utterance(text, audio, rate_hz, _merged(phonemes), tuple(words), parts[0][1].affect)


def warped(
    guide: Utterance,
    audio: NDArray[np.float32],
    rate_hz: int,
    guide_s: NDArray[np.float64],
    audio_s: NDArray[np.float64],
) -> Utterance:
    """Return the guide with other audio (n,): its times `guide_s` (m,) become `audio_s` (m,), those between in
    proportion. Both only rise."""
    duration_s = len(audio) / rate_hz

    def moved(time_s: float) -> float:
        return float(np.clip(np.interp(time_s, guide_s, audio_s), 0.0, duration_s))

    phonemes = [
        replace(phoneme, start_s=start_s, end_s=end_s)
        for phoneme in guide.phonemes
        if (start_s := moved(phoneme.start_s)) < (end_s := moved(phoneme.end_s))
    ]
    words = tuple(replace(word, start_s=moved(word.start_s), end_s=moved(word.end_s)) for word in guide.words)
    return replace(guide, audio=audio, rate_hz=rate_hz, phonemes=covering(phonemes, duration_s), words=words)


def words_over(text: str, ranges: Sequence[WordRange]) -> tuple[TimedWord, ...]:
    """Return the words with every character that is not a space given to one of them: punctuation to its neighbour.

    Ranges are in order; of two that share characters the first keeps them.
    """
    good: list[WordRange] = []
    for word in ranges:
        first = max(word[2], good[-1][3] if good else 0)
        if first < min(word[3], len(text)):
            good.append((word[0], word[1], first, min(word[3], len(text))))
    cuts = [0]
    for left, right in pairwise(good):
        gap = text[left[3] : right[2]]
        space = max((i for i, character in enumerate(gap) if character.isspace()), default=-1)
        cuts.append(right[2] if space < 0 else left[3] + space + 1)
    cuts.append(len(text))
    out = []
    for (start_s, end_s, _, _), begin, end in zip(good, cuts, cuts[1:], strict=False):
        word_text = text[begin:end]
        first = begin + len(word_text) - len(word_text.lstrip())
        last = begin + len(word_text.rstrip())
        out.append(TimedWord(text[first:last], start_s, end_s, (first, last)))
    return tuple(out)


def _tail_s(text: str) -> float:
    last = text.rstrip(" \"'”’)]»")[-1:]
    if last and last in ".!?…":
        return _TAIL_SENTENCE_S
    return _TAIL_CLAUSE_S if last and last in ",;:—–-" else _TAIL_S


def _window(start_s: float, end_s: float, shift_s: float, duration_s: float) -> tuple[float, float]:
    return min(max(0.0, start_s - shift_s), duration_s), min(max(0.0, end_s - shift_s), duration_s)


def _merged(phonemes: Sequence[TimedPhoneme]) -> tuple[TimedPhoneme, ...]:
    """Return the phonemes with neighbouring pauses made one."""
    out: list[TimedPhoneme] = []
    for phoneme in phonemes:
        if out and phoneme.symbol == PAUSE == out[-1].symbol:
            out[-1] = replace(out[-1], end_s=phoneme.end_s)
        else:
            out.append(phoneme)
    return tuple(out)
