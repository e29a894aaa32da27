"""Turns as the runtime hears them: spoken with pauses, then through its voice activity and its embedded recogniser.

That recogniser listens for a house's phrases and writes whatever else is said with their words. So every part of the
turns is heard by one that listens for other visitors' questions, drawn by chance, none of which are among the turns.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import groupby
from multiprocessing import get_context
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.turns import Spoken, follow
from runtime.core.messages import Utterance
from runtime.perception.endpoint import EndpointEvent
from runtime.perception.prosody import PROSODY_RATE_HZ, prosody
from runtime.perception.service import HearingService
from runtime.perception.vad import SileroVad
from runtime.voice.speakable import speakable
from runtime.voice.synthesizer import Synthesizer, VoiceStyle
from training.endpoint.speech import APART_SHARE, NOISE_DB, Pause, SpokenTurn, at_16_khz, faded, pause_s, places, usable
from training.endpoint.texts import Turn, spoken_words
from training.retrieval.visitors import visitors_questions

PART: Final = 100
"""So many turns are heard by the same recogniser."""
PHRASES: Final = 700
"""What a recogniser listens for: about as many questions as a large persona lists."""
BEFORE_S: Final = 0.5
AFTER_S: Final = 2.2
PEAK: Final = (0.15, 0.6)
QUIET: Final = 0.01
AT_END_S: Final = 0.15
"""Voice activity may take the last sound of a turn for silence; a pause that begins so near the end is its end."""


def hear(turns: Sequence[Turn], voices: Sequence[tuple[str, str]], seed: int, processes: int) -> list[SpokenTurn]:
    """Speak the turns with the voices and no to two pauses in each; return those of which words were understood.

    The result does not depend on the number of processes.
    """
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        starts = range(0, len(turns), PART)
        jobs = [pool.submit(_hear, turns[start : start + PART], voices, seed + start) for start in starts]
        return [turn for job in jobs for turn in job.result()]


def _hear(turns: Sequence[Turn], voices: Sequence[tuple[str, str]], seed: int) -> list[SpokenTurn]:
    chooser = np.random.default_rng(seed)
    said = {turn.text.removesuffix("?") for turn in turns}
    others = visitors_questions(PHRASES + len(turns), chooser)
    service = HearingService("pocketsphinx", [text for text in others if text not in said][:PHRASES])
    service.load()
    vad = SileroVad()
    vad.load()
    speakers, found = usable(voices)
    out = []
    for turn in turns:
        backend, name = found[int(chooser.integers(len(found)))]
        style = VoiceStyle(name, float(chooser.uniform(0.85, 1.1)), float(chooser.uniform(-2, 2)))
        utterance = speakers[backend].synthesise(speakable(turn.text).text, style)
        if len(utterance.words) == 0:
            continue
        sound = _with_pauses(utterance, speakers[backend], style, chooser)
        spoken = _recorded(turn.text, sound, chooser)
        pauses = tuple(_pauses(spoken, follow(spoken, service, vad, None)))
        if pauses and pauses[-1].length_s is None:
            out.append(SpokenTurn(pauses, backend))
    for speaker in speakers.values():
        speaker.close()
    service.close()
    return out


def _with_pauses(
    utterance: Utterance, speaker: Synthesizer, style: VoiceStyle, chooser: np.random.Generator
) -> NDArray[np.float32]:
    """Return the sound (n,) with silences in it; what stands before one is cut, or spoken by itself with a fall."""
    sound, words = at_16_khz(utterance), utterance.words
    out: list[NDArray[np.float32]] = []
    first = 0
    for place in places(words, chooser):
        begin = words[first - 1].end_s if first else 0.0
        piece = faded(sound[round(begin * PROSODY_RATE_HZ) : round(words[place].end_s * PROSODY_RATE_HZ)])
        if chooser.random() < APART_SHARE:
            text = " ".join(word.text for word in words[first : place + 1])
            piece = at_16_khz(speaker.synthesise(text, style))
        out += [_trimmed(piece), np.zeros(round(pause_s(chooser) * PROSODY_RATE_HZ), np.float32)]
        first = place + 1
    begin = words[first - 1].end_s if first else 0.0
    return np.concatenate([*out, _trimmed(sound[round(begin * PROSODY_RATE_HZ) :])])


def _trimmed(sound: NDArray[np.float32]) -> NDArray[np.float32]:
    loud = np.flatnonzero(np.abs(sound) > QUIET)
    return sound[loud[0] : loud[-1] + 1] if len(loud) else sound[:0]


def _recorded(text: str, sound: NDArray[np.float32], chooser: np.random.Generator) -> Spoken:
    """Return a turn as a microphone takes it: at some level, in a room's noise, with silence around it."""
    level = float(chooser.uniform(*PEAK)) / max(float(np.abs(sound).max(initial=0.0)), 1e-6)
    before, after = (np.zeros(round(length * PROSODY_RATE_HZ), np.float32) for length in (BEFORE_S, AFTER_S))
    noise = float(np.sqrt(np.square(sound * level).mean())) * 10 ** (-float(chooser.uniform(*NOISE_DB)) / 20)
    whole = np.concatenate([before, sound * level, after])
    noisy = (whole + chooser.normal(0, noise, len(whole))).astype(np.float32)
    return Spoken(text, noisy, BEFORE_S + len(sound) / PROSODY_RATE_HZ, paused=False)


def _pauses(spoken: Spoken, asked: Sequence[EndpointEvent]) -> Iterator[Pause]:
    """Yield the silences in which words were understood; the one at the end of the turn has no length."""
    silent = [event for event in asked if not event.speaking and event.text]
    for end_s, group in groupby(silent, lambda event: event.speech_end_s):
        events = list(group)
        heard = [
            (first.time_s - end_s, tuple(spoken_words(text)))
            for text, first in ((text, next(some)) for text, some in groupby(events, lambda event: event.text))
        ]
        over = end_s > spoken.end_s - AT_END_S
        voice = prosody(spoken.sound[: round(end_s * PROSODY_RATE_HZ)])
        length_s = None if over else events[-1].time_s - end_s
        yield Pause(heard[-1][1], voice, length_s, tuple(heard))
