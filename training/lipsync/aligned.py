"""Real read speech: pocketsphinx finds when each sound was said, of a text that is known or that it recognises."""

import csv
import re
from pathlib import Path
from typing import Any, Final

import numpy as np
import pocketsphinx
import soundfile

from runtime.core.messages import TimedPhoneme, Utterance
from runtime.voice.arpabet import to_ipa
from runtime.voice.lipsync import RATE_HZ
from training.lipsync.speech import Take, at_rate, take_of

_FRAME_S: Final = 0.01
_MARGIN_S: Final = 0.3
_SPOKEN: Final = re.compile(r"[a-z']+")


def ljspeech(folder: Path, limit: int | None = None) -> list[Take]:
    """Return the sentences whose words the aligner knows and finds, with the curves of the rules."""
    decoder = _decoder()
    takes: list[Take] = []
    with (folder / "transcripts.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            words = re.sub(r"[^a-z' ]", " ", row["text"].lower()).split()
            if any(decoder.lookup_word(word) is None for word in words) or (limit and len(takes) >= limit):
                continue
            audio, rate_hz = soundfile.read(folder / f"{row['id']}.wav", dtype="float32")
            audio = at_rate(audio, rate_hz)
            try:
                phonemes = _aligned(decoder, audio, words)
            except RuntimeError:  # what was read is not quite what is written; the decoder is of no use afterwards
                decoder = _decoder()
                continue
            takes.append(take_of(row["id"], Utterance(row["text"], audio, RATE_HZ, phonemes, ())))
    return takes


def recognised(folder: Path, limit_s: float) -> list[Take]:
    """Return the first `limit_s` of each FLAC below a folder, with the curves of the words that were recognised.

    One word in three is wrong, but mostly for another of nearly the same sounds: on ljspeech, whose text is known, 97 %
    of m, b and p are found and 98 % of those found are right.
    """
    recogniser, aligner = pocketsphinx.Decoder(loglevel="FATAL"), _decoder()
    takes: list[Take] = []
    for path in sorted(folder.rglob("*.flac")):
        audio, rate_hz = soundfile.read(path, dtype="float32", frames=int(limit_s * RATE_HZ))
        audio = at_rate(audio, rate_hz)
        _decode(recogniser, _pcm(audio))
        heard = (segment.word.split("(")[0] for segment in recogniser.seg() or ())
        words = [word for word in heard if _SPOKEN.fullmatch(word)]
        try:
            phonemes = _aligned(aligner, audio, words) if words else ()
        except RuntimeError:
            aligner = _decoder()
            continue
        if phonemes:
            takes.append(take_of(path.stem, Utterance(" ".join(words), audio, RATE_HZ, phonemes, ())))
    return takes


def _decoder() -> Any:
    return pocketsphinx.Decoder(loglevel="FATAL", lm=None)


def _aligned(decoder: Any, audio: np.ndarray[Any, np.dtype[np.float32]], words: list[str]) -> tuple[TimedPhoneme, ...]:
    """Return the sounds of `words` with the times at which they are heard."""
    pcm = _pcm(audio)
    decoder.set_align_text(" ".join(words))
    _decode(decoder, pcm)
    decoder.set_alignment()
    _decode(decoder, pcm)
    found = []
    alignment = decoder.get_alignment()  # kept: its entries die with it
    for word in alignment:
        for phone in word:
            symbol, stress = to_ipa(phone.name, False)
            start_s = phone.start * _FRAME_S - _MARGIN_S
            end_s = start_s + phone.duration * _FRAME_S
            if end_s > 0.0:
                found.append(TimedPhoneme(symbol, max(0.0, start_s), end_s, stress))
    return tuple(found)


def _pcm(audio: np.ndarray[Any, np.dtype[np.float32]]) -> bytes:
    """Return the sound with silence around it: sentences are cut close, and the decoder wants some."""
    padded = np.pad(audio, int(_MARGIN_S * RATE_HZ))
    return (np.clip(padded, -1.0, 1.0) * 32_767).astype(np.int16).tobytes()


def _decode(decoder: Any, pcm: bytes) -> None:
    decoder.start_utt()
    decoder.process_raw(pcm, full_utt=True)
    decoder.end_utt()
