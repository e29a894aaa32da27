"""Playout: the sample-accurate end of a session's voice. What has been read from here has been heard.

Pure bookkeeping: no clock is read and nothing waits but `play`, which keeps the audio ahead of playout bounded.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from runtime.core.clock import SampleClock
from runtime.core.messages import TimedWord
from runtime.delivery.source import RATE_HZ

AHEAD_SAMPLES = int(0.3 * RATE_HZ)
PIECE_SAMPLES = int(0.1 * RATE_HZ)
FADE_SAMPLES = int(0.010 * RATE_HZ)
RELEASE_S = 0.5  # a cue is still named this long after its end, for the mouth to come to rest


@dataclass
class Segment:
    """One utterance on its way out: `pcm` (n,) int16 at 48 kHz, of turn `turn`, drawn with face cue `cue`."""

    turn: int
    cue: int
    text: str
    pcm: NDArray[np.int16]
    words: tuple[TimedWord, ...] = ()
    fed: int = 0
    played: int = 0
    words_begun: int = 0

    def heard(self) -> str:
        """The text as far as whole words of it have been played."""
        if self.played >= len(self.pcm):
            return self.text
        ended = [word for word in self.words if word.end_s * RATE_HZ <= self.played]
        return self.text[: ended[-1].chars[1]] if ended else ""


@dataclass
class Playout:
    """The queue of segments and the clock of samples played.

    `on_begin(segment)` is called when a segment's first sample is read, `on_word(segment, word)` when a word's first
    sample is, `on_end(segment)` when its last sample was.
    """

    on_begin: Callable[[Segment], None]
    on_word: Callable[[Segment, TimedWord], None]
    on_end: Callable[[Segment], None]
    clock: SampleClock = field(default_factory=lambda: SampleClock(RATE_HZ))
    underruns: int = 0

    def __post_init__(self) -> None:
        self._queue: deque[Segment] = deque()
        self._last: Segment | None = None
        self._last_end = 0
        self._held = False
        self._fade_in = False
        self._tail: NDArray[np.int16] | None = None
        self._space = asyncio.Event()

    @property
    def busy(self) -> bool:
        """Whether there is audio left to play, held or not."""
        return bool(self._queue)

    @property
    def ahead_s(self) -> float:
        """Seconds of audio handed over and not yet played."""
        return sum(segment.fed - segment.played for segment in self._queue) / RATE_HZ

    async def play(self, segment: Segment) -> None:
        """Hand over a segment piece by piece, never more than 0.3 s ahead; return when all of it is handed over."""
        while segment.fed < len(segment.pcm):
            while self.ahead_s * RATE_HZ >= AHEAD_SAMPLES:
                self._space.clear()
                await self._space.wait()
            if segment.fed == 0:
                self._queue.append(segment)
            segment.fed = min(len(segment.pcm), segment.fed + PIECE_SAMPLES)

    def read(self, samples: int) -> NDArray[np.int16]:
        """Return the next `samples` (samples,) int16, silence where there is nothing, and advance the clock."""
        out = np.zeros(samples, np.int16)
        filled = 0 if self._held else self._fill(out)
        if self._fade_in and filled:
            self._fade_in = False
            ramp = min(FADE_SAMPLES, filled)
            out[:ramp] = out[:ramp] * np.linspace(0.0, 1.0, ramp)
        if self._tail is not None:
            cut = min(len(self._tail), samples)
            faded = self._tail[:cut] * np.linspace(1.0, 0.0, cut)
            out[:cut] = np.clip(out[:cut] + faded, -32_768, 32_767)
            self._tail = None
        self.clock.advance(samples)
        self._space.set()
        return out

    def hold(self) -> None:
        """Fade out over 10 ms and keep what is left, to resume or drop. The fade is part of the next `read`."""
        if self._queue and not self._held:
            self._fade_out()
            self._held = True

    def resume(self) -> None:
        """Go on from where playout was held, with a 10 ms fade in."""
        if self._held:
            self._held, self._fade_in = False, True

    def drop(self) -> str:
        """Fade out over 10 ms, forget all that is left, and return the cut segment's text as far as it was heard."""
        if not self._held:
            self._fade_out()
        heard = self._queue[0].heard() if self._queue else ""
        self._last = None
        self._queue.clear()
        self._held = self._fade_in = False
        self._space.set()
        return heard

    def locate(self, media_time_s: float) -> tuple[int, float]:
        """Return (cue, offset in s) of what will be heard at `media_time_s`, or (-1, 0) for silence."""
        ahead_s = max(0.0, media_time_s - self.clock.time_s)
        if self._held:
            return -1, 0.0
        for segment in self._queue:
            left_s = (len(segment.pcm) - segment.played) / RATE_HZ
            if ahead_s < left_s:
                return segment.cue, segment.played / RATE_HZ + ahead_s
            ahead_s -= left_s
        last = self._queue[-1] if self._queue else self._last
        since_s = ahead_s if self._queue else media_time_s - self._last_end / RATE_HZ
        if last is None or since_s > RELEASE_S:
            return -1, 0.0
        return last.cue, len(last.pcm) / RATE_HZ + since_s

    def _fade_out(self) -> None:
        segment = self._queue[0] if self._queue else None
        if segment is not None and 0 < segment.played < segment.fed:
            self._tail = segment.pcm[segment.played : min(segment.fed, segment.played + FADE_SAMPLES)].copy()

    def _fill(self, out: NDArray[np.int16]) -> int:
        filled = 0
        while self._queue and filled < len(out):
            segment = self._queue[0]
            if segment.played == 0:
                self.on_begin(segment)
            take = min(len(out) - filled, segment.fed - segment.played)
            out[filled : filled + take] = segment.pcm[segment.played : segment.played + take]
            filled += take
            segment.played += take
            self._announce_words(segment)
            if segment.played < len(segment.pcm):
                if filled < len(out):
                    self.underruns += 1
                break
            self._queue.popleft()
            self._last, self._last_end = segment, self.clock.samples + filled
            self.on_end(segment)
        return filled

    def _announce_words(self, segment: Segment) -> None:
        while segment.words_begun < len(segment.words):
            word = segment.words[segment.words_begun]
            if word.start_s * RATE_HZ > segment.played:
                break
            segment.words_begun += 1
            self.on_word(segment, word)
