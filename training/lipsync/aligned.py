"""Real read speech with its text: pocketsphinx finds when each sound was said. A test of voices that are no machine's."""

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


def ljspeech(folder: Path, limit: int | None = None) -> list[Take]:
    """Return the sentences whose words the aligner's dictionary has, with the curves of the rules for their sounds."""
    decoder = pocketsphinx.Decoder(loglevel="FATAL", lm=None)
    takes: list[Take] = []
    with (folder / "transcripts.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            words = re.sub(r"[^a-z' ]", " ", row["text"].lower()).split()
            if any(decoder.lookup_word(word) is None for word in words) or (limit and len(takes) >= limit):
                continue
            audio, rate_hz = soundfile.read(folder / f"{row['id']}.wav", dtype="float32")
            audio = at_rate(audio, rate_hz)
            phonemes = _aligned(decoder, audio, words)
            takes.append(take_of(row["id"], Utterance(row["text"], audio, RATE_HZ, phonemes, ())))
    return takes


def _aligned(decoder: Any, audio: np.ndarray[Any, np.dtype[np.float32]], words: list[str]) -> tuple[TimedPhoneme, ...]:
    """Return the sounds of `words` with the times at which they are heard."""
    pcm = (np.clip(audio, -1.0, 1.0) * 32_767).astype(np.int16).tobytes()
    decoder.set_align_text(" ".join(words))
    _decode(decoder, pcm)
    decoder.set_alignment()
    _decode(decoder, pcm)
    found = []
    alignment = decoder.get_alignment()  # kept: its entries die with it
    for word in alignment:
        for phone in word:
            symbol, stress = to_ipa(phone.name, False)
            start_s = phone.start * _FRAME_S
            found.append(TimedPhoneme(symbol, start_s, start_s + phone.duration * _FRAME_S, stress))
    return tuple(found)


def _decode(decoder: Any, pcm: bytes) -> None:
    decoder.start_utt()
    decoder.process_raw(pcm, full_utt=True)
    decoder.end_utt()
