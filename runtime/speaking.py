"""The spoken answer: phrases to utterances to playout and face, cancelled as one."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable

from runtime.avatar.client import Character
from runtime.core.clock import now
from runtime.core.errors import UserError, WorkerDied
from runtime.core.messages import (
    BotStartedSpeaking,
    BotStoppedSpeaking,
    BotText,
    BotWord,
    FaceCue,
    Phrase,
    PictureShown,
    PlayoutMark,
    SessionEvent,
    Spoken,
    TimedWord,
    Trouble,
    TurnReport,
    Utterance,
)
from runtime.core.trace import TurnTrace
from runtime.core.turn import TurnScope
from runtime.delivery.pcm import to_playout
from runtime.delivery.playout import Playout, Segment
from runtime.persona.knowledge.pictures import Picture
from runtime.persona.memory import Memory
from runtime.voice.client import Voice
from runtime.voice.synthesizer import VoiceStyle

log = logging.getLogger(__name__)

VOICE_RETRIES = 8
VOICE_RETRY_PAUSE_S = 0.25
_Made = asyncio.Queue[tuple[Phrase | Spoken, Utterance] | None]


class Speaker:
    """Says the answers of one session. At most one phrase is made sound ahead of the one being played.

    `picture_of` tells of a phrase's source which picture is shown while it is said.
    """

    def __init__(
        self,
        voice: Voice,
        style: VoiceStyle,
        character: Character,
        publish: Callable[[SessionEvent], None],
        picture_of: Callable[[str], Picture | None] = lambda source: None,
    ) -> None:
        self.playout = Playout(self._segment_began, self._word_began, self._segment_ended)
        self.question = ""
        self.style = style
        self._voice = voice
        self._character = character
        self._publish = publish
        self._picture_of = picture_of
        self._shown: Picture | None = None
        self._scope = TurnScope()
        self._trace = TurnTrace(0, "")
        self._heard: list[str] = []
        self._next_cue = 0
        self._phrases: dict[int, Phrase | Spoken] = {}  # cue -> what is said, until it has been heard
        self._lips_move_at: dict[int, float] = {}  # cue -> offset of its first sound
        self._drained = asyncio.Event()
        self._memory: Memory | None = None

    @property
    def turn(self) -> int:
        """The number of the present or last turn."""
        return self._scope.number

    @property
    def active(self) -> bool:
        """Whether an answer is being made or heard."""
        return self._scope.active

    @property
    def audible(self) -> bool:
        """Whether some of the present answer has been heard."""
        return "first_out" in self._trace.marks

    def frame_drawn(self, cue: int, offset_s: float) -> None:
        """Be told what a picture shows: the first one of a turn in which the lips move is a mark."""
        if offset_s >= self._lips_move_at.get(cue, float("inf")) and self.audible:
            self._trace.mark("first_lip", now())

    def silent_for_s(self) -> float:
        """Seconds since the turn was committed while nothing of its answer is heard yet; 0 otherwise."""
        if not self.active or self.audible:
            return 0.0
        return now() - self._trace.marks["committed"]

    def answer(
        self,
        question: str,
        speech_end_s: float,
        committed_s: float,
        phrases: AsyncIterator[Phrase | Spoken],
        memory: Memory,
    ) -> None:
        """Begin the next turn's answer: phrases to be spoken, or what is spoken already."""
        number = self._scope.next_number()
        self.question, self._heard, self._memory, self._shown = question, [], memory, None
        self._phrases.clear()
        self._trace = TurnTrace(number, question)
        self._trace.mark("speech_end", speech_end_s)
        self._trace.mark("committed", committed_s)
        self._scope.run(self._say(number, phrases))

    def stop(self) -> str:
        """End all work of the present answer, fade what is heard, and return the text heard."""
        self._scope.cancel()
        cut = self.playout.drop()
        if cut:
            self._heard.append(cut)
        if self.audible:
            self._publish(BotStoppedSpeaking(self.turn, now()))
        self._report()
        return " ".join(self._heard)

    async def close(self) -> None:
        """End the answer under way."""
        self.playout.drop()
        await self._scope.close()

    async def _say(self, turn: int, phrases: AsyncIterator[Phrase | Spoken]) -> None:
        made: _Made = asyncio.Queue(1)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._make(phrases, made))
                group.create_task(self._play(turn, made))
        except* UserError as errors:
            error = errors.exceptions[0]
            log.error("turn %d: %s", turn, error)
            self._publish(Trouble("answer", str(error)))
        except* Exception as errors:
            log.error("turn %d failed", turn, exc_info=errors.exceptions[0])
            self._publish(Trouble("answer", "Something went wrong with this answer.", "Please ask again."))
        await self._wait_until_played()
        if self.audible:
            self._publish(BotStoppedSpeaking(turn, now()))
        self._mark_heard(finished=True)
        self._report()

    async def _make(self, phrases: AsyncIterator[Phrase | Spoken], made: "_Made") -> None:
        try:
            async for phrase in phrases:
                self._trace.mark("first_phrase", now())
                utterance = await self._synthesise(phrase)
                self._trace.mark("first_audio", now())
                await made.put((phrase, utterance))
        finally:
            close = getattr(phrases, "aclose", None)
            if close is not None:
                await close()
        await made.put(None)

    async def _synthesise(self, phrase: Phrase | Spoken) -> Utterance:
        """Make a phrase sound; while the speech process starts again, wait for it."""
        for _ in range(VOICE_RETRIES):
            try:
                return await self._voiced(phrase)
            except WorkerDied:
                await asyncio.sleep(VOICE_RETRY_PAUSE_S)
        return await self._voiced(phrase)

    async def _voiced(self, phrase: Phrase | Spoken) -> Utterance:
        if isinstance(phrase, Spoken):
            return await self._voice.recite(phrase)
        return await self._voice.synthesise(phrase.text, self.style, phrase.affect)

    async def _play(self, turn: int, made: "_Made") -> None:
        while (item := await made.get()) is not None:
            phrase, utterance = item
            cue, self._next_cue = self._next_cue, self._next_cue + 1
            face = FaceCue(
                cue, utterance.phonemes, utterance.duration_s, utterance.affect, max(0, cue - 3), utterance.mouth
            )
            self._phrases[cue] = phrase
            self._lips_move_at = {cue: next((p.start_s for p in utterance.phonemes if p.symbol != "_"), 0.0)}
            await self._character.cue(face)
            pcm = to_playout(utterance.audio, utterance.rate_hz)
            await self.playout.play(Segment(turn, cue, utterance.text, pcm, utterance.words))

    async def _wait_until_played(self) -> None:
        while self.playout.busy:
            self._drained.clear()
            await self._drained.wait()

    # ------------------------------------------------------------ what playout tells

    def _segment_began(self, segment: Segment) -> None:
        if self._trace.mark("first_out", now()):
            self._publish(BotStartedSpeaking(segment.turn, now()))
            self._report()
        if segment.text:
            phrase = self._phrases.get(segment.cue)
            told = (phrase.act, phrase.source) if isinstance(phrase, Phrase) else ()
            self._publish(BotText(segment.turn, segment.text, *told))
            picture = self._picture_of(phrase.source) if isinstance(phrase, Phrase) else None
            if picture is not None and picture != self._shown:
                self._shown = picture
                self._publish(PictureShown(segment.turn, picture.file, picture.caption, picture.alt))

    def _word_began(self, segment: Segment, word: TimedWord) -> None:
        self._publish(BotWord(segment.turn, word.text))

    def _segment_ended(self, segment: Segment) -> None:
        if segment.text:
            self._heard.append(segment.text)
        self._trace.marks["last_audio"] = now()
        phrase = self._phrases.pop(segment.cue, None)
        if isinstance(phrase, Phrase) and self._memory is not None:
            self._memory.told(segment.turn, phrase)
        self._mark_heard(finished=False)
        self._drained.set()

    def _mark_heard(self, finished: bool) -> None:
        mark = PlayoutMark(self.turn, " ".join(self._heard), now(), finished)
        if self._memory is not None:
            self._memory.heard(mark)
        self._publish(mark)

    def _report(self) -> None:
        """Tell the turn's times: when its first sound plays, and again when it ends."""
        trace = self._trace
        self._publish(TurnReport(trace.turn, trace.question, " ".join(self._heard), dict(trace.marks), trace.stages()))
