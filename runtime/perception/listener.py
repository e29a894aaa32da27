"""The listener: from a microphone's sound to voice activity, partial transcripts and ends of turns.

Everything it decides is driven by the time of the sound itself, so the same sound gives the same decisions at any
speed. Sound reaches the recogniser with a lead-in from before the onset that voice activity needs some windows to see.
"""

import contextlib
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from runtime.core.errors import UserError
from runtime.core.messages import (
    AudioChunk,
    EndOfTurn,
    SessionEvent,
    SpeechStarted,
    SpeechStopped,
    Transcript,
    Trouble,
)
from runtime.perception.client import Hearing
from runtime.perception.endpoint import Endpointer, EndpointEvent
from runtime.perception.prosody import RecentSound, prosody
from runtime.perception.turn_end import TurnEnd
from runtime.perception.vad import WINDOW_S, SileroVad, SpeechDetector, Windows

LEAD_IN_S = 0.35
FEED_S = 0.1
"""Sound goes to the recogniser in pieces of about this length."""
TAIL_S = 0.2
"""Silence after the end of speech that the recogniser still gets."""
_NOTHING: Final = np.zeros(0, np.float32)


class Listener:
    """Listens to one session. `emit` takes its events in the order of the sound; `turn_end` judges pauses, if given."""

    def __init__(
        self,
        vad: SileroVad,
        hearing: Hearing,
        endpointer: Endpointer,
        stream: str,
        emit: Callable[[SessionEvent | EndOfTurn], None],
        turn_end: TurnEnd | None = None,
    ) -> None:
        self._vad = vad
        self._hearing = hearing
        self._endpointer = endpointer
        self._name = stream
        self._emit = emit
        self._turn_end = turn_end
        self._recent = RecentSound()
        self._windows = Windows()
        self._detector = SpeechDetector()
        self._lead_in: deque[NDArray[np.float32]] = deque(maxlen=round(LEAD_IN_S / WINDOW_S))
        self._pending: list[NDArray[np.float32]] = []
        self._dropped: list[str] = []
        self._turns = 0
        self._now_s = 0.0
        self._forget()

    async def feed(self, chunk: AudioChunk) -> None:
        """Take the next sound (at most 100 ms); events are emitted before this returns."""
        for window, end_s in self._windows.feed(chunk.samples, chunk.start_s):
            await self._window(window, end_s)

    def drop_turn(self) -> None:
        """Forget what was said in the present turn."""
        if self._open:
            self._dropped.append(self._stream)
        self._forget()

    async def end(self) -> None:
        """Be told that no more sound will come: what was said is a turn."""
        if self._open:
            await self._commit(self._now_s)

    async def close(self) -> None:
        """Forget the present turn at the recogniser too."""
        self.drop_turn()
        await self._drop_streams()

    # ------------------------------------------------------------ inside

    def _forget(self) -> None:
        self._open = False
        self._turns += 1
        self._stream = f"{self._name}/{self._turns}"
        self._text = Transcript("", False)
        self._speech_start_s = self._speech_end_s = 0.0
        self._pending.clear()
        self._asked_s = 0.0
        self._deaf = False
        self._voice: NDArray[np.float32] | None = None

    async def _window(self, window: NDArray[np.float32], end_s: float) -> None:
        self._now_s = end_s
        if self._turn_end is not None:
            self._recent.feed(window, end_s)
        decided = self._detector.step(self._vad.probability(window), end_s)
        if isinstance(decided, SpeechStarted):
            if not self._open:
                self._open, self._speech_start_s = True, decided.time_s
                self._pending.extend(self._lead_in)
            self._emit(decided)
        elif isinstance(decided, SpeechStopped):
            self._speech_end_s, self._voice = decided.time_s, None
            if self._open:
                await self._recognise(flush=True)
                await self._ask(self._hearing.pause(self._stream))
                await self._take(_NOTHING)
                self._asked_s = end_s
            self._emit(decided)
        self._lead_in.append(window)
        if self._open:
            await self._follow(window, end_s)
        if self._dropped:
            await self._drop_streams()

    async def _follow(self, window: NDArray[np.float32], end_s: float) -> None:
        """Let the recogniser and the endpointer take one more window of an open turn."""
        speaking = self._detector.speaking
        if speaking or end_s - self._speech_end_s <= TAIL_S:
            self._pending.append(window)
        elif end_s - self._asked_s >= FEED_S:
            self._asked_s = end_s
            await self._recognise(flush=True)
            await self._take(_NOTHING)  # what was being read at the pause may be done
        await self._recognise(flush=False)
        event = EndpointEvent(end_s, speaking, self._speech_start_s, self._speech_end_s, self._text.text)
        if self._turn_end is not None and not speaking and event.text:
            event = replace(event, chance=self._chance(self._turn_end, event))
        if self._endpointer.step(event):
            await self._commit(end_s)

    def _chance(self, turn_end: TurnEnd, event: EndpointEvent) -> float:
        """Return the model's chance that the turn is over; the voice is looked at once a pause."""
        if self._voice is None:
            self._voice = prosody(self._recent.before(event.speech_end_s))
        return turn_end.chance(event.text, self._voice, event.time_s - event.speech_end_s)

    async def _recognise(self, flush: bool) -> None:
        if not self._pending or (not flush and len(self._pending) * WINDOW_S < FEED_S):
            return
        samples = np.concatenate(self._pending)
        self._pending.clear()
        await self._take(samples)

    async def _take(self, samples: NDArray[np.float32]) -> None:
        """Give the recogniser more sound and tell what it understands now, if that changed and is anything."""
        stream = self._stream
        heard = await self._ask(self._hearing.feed(stream, samples))
        if not isinstance(heard, Transcript) or stream != self._stream:
            return
        changed, self._text = heard.text != self._text.text, heard
        if changed and heard.text:
            self._emit(heard)

    async def _commit(self, time_s: float) -> None:
        stream = self._stream
        await self._recognise(flush=True)
        speech_end_s = self._speech_end_s
        if self._detector.speaking:
            speech_end_s = time_s
            await self._ask(self._hearing.pause(stream))
        text = await self._final_text()
        if stream != self._stream:
            return  # dropped meanwhile
        deaf = self._deaf
        self._forget()
        if not text.text and not text.alternative and not deaf:
            return  # a cough, a door: nobody's turn
        self._emit(Transcript(text.text, True, text.confidence, text.in_domain, text.alternative))
        self._emit(EndOfTurn(text.text, speech_end_s, time_s, text.in_domain, text.alternative))

    async def _final_text(self) -> Transcript:
        """Return the turn's text: what stands if it is complete already, else the recogniser's last word."""
        if self._text.text and self._endpointer.is_complete(self._text.text):
            self._dropped.append(self._stream)
            return self._text
        final = await self._ask(self._hearing.finish(self._stream))
        return final if isinstance(final, Transcript) else self._text

    async def _ask(self, answer: Awaitable[object]) -> object:
        """Await the recogniser; while it is away the turn goes on without text, and that is said once."""
        try:
            return await answer
        except UserError as error:
            if not self._deaf:
                self._emit(Trouble("speech to text", error.what, "Please type, or say it again in a moment."))
            self._deaf = True
            return None

    async def _drop_streams(self) -> None:
        while self._dropped:
            with contextlib.suppress(UserError):  # a process that is away has forgotten it already
                await self._hearing.drop(self._dropped.pop())
