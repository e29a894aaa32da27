"""One conversation: wires the rooms together and owns the turn. The only place where rooms meet."""

import asyncio
import logging
import uuid
from collections.abc import AsyncIterator, Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from runtime.core.clock import now
from runtime.core.errors import UserError
from runtime.core.messages import (
    AudioChunk,
    CameraImage,
    EndOfTurn,
    FrameRequest,
    Gesture,
    Interrupted,
    KeepToken,
    Manner,
    Perception,
    PersonLeft,
    Presence,
    PresenceChanged,
    React,
    SessionEvent,
    SpeechStarted,
    SpeechStopped,
    Spoken,
    Transcript,
    Trouble,
    UserTurn,
    VariantChosen,
)
from runtime.core.streams import Broadcast, Fifo, Latest
from runtime.noticing import Noticing
from runtime.parts import Parts
from runtime.perception.barge_in import BargeIn, Decision
from runtime.persona.manner import expression
from runtime.persona.memory import Memory
from runtime.persona.people.person import any_token
from runtime.persona.people.remembering import Remembering
from runtime.speaking import Speaker
from runtime.visit import REACTIONS, Visit, Wish, wish

log = logging.getLogger(__name__)

MAX_TEXT_CHARS = 1_000
MICROPHONE_BACKLOG_S = 2.0
MICROPHONE_RATE_HZ = 16_000
THINKING_SHOWS_AFTER_S = 0.25


class Session:
    """A conversation with one person. It is a `MediaSource`: whoever reads its audio drives its time.

    All of its methods must be called from its event loop; those that are not async never wait.
    """

    def __init__(self, parts: Parts, on_close: Callable[["Session"], None] = lambda session: None) -> None:
        self.id = uuid.uuid4().hex
        self.camera: Latest[CameraImage] = Latest()
        self.memory = Memory()
        self._parts = parts
        self._on_close = on_close
        self._events: Broadcast[SessionEvent] = Broadcast()
        self._microphone: Fifo[AudioChunk] = Fifo(MICROPHONE_BACKLOG_S)
        self._character = parts.make_character(self.id)
        self._listener = parts.make_listener(self.id, self._perceived)
        self._speaker = Speaker(
            parts.voice,
            parts.style,
            self._character,
            self._events.publish,
            lambda source: self._parts.persona().picture_of(source),
        )
        self._barge_in = BargeIn()
        self._think_with(parts)
        self._noticing = Noticing(self._events.publish, self._noticed, parts.feelings, parts.allowed)
        self._react: React | None = None
        self._media_time_s = 0.0
        self._visit = Visit(lambda: self._speaker.active or self._user_speaking, self._left)
        self._user_speaking = False
        self._carried = ""  # words of a turn that was cut before any of its answer was heard
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Open the character and begin to listen."""
        self._choose_variant(self.id)
        await self._character.open()
        if self._parts.make_eyes is not None:
            self._noticing.open(self._parts.make_eyes(self.id, self.camera, self._noticing.seen))
        self._tasks.append(asyncio.create_task(self._listen(), name=f"listen {self.id}"))
        self._tasks[-1].add_done_callback(self._deaf)

    async def close(self) -> None:
        """End the answer under way and give everything back."""
        self._on_close(self)
        self._visit.stays()
        await self._speaker.close()
        self._forget_visit()
        await self._noticing.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._listener.close()
        await self._character.close()
        self._events.close()

    @property
    def turn(self) -> int:
        """The number of the present turn; the greeting is 1."""
        return self._speaker.turn

    @property
    def answering(self) -> bool:
        """Whether an answer is under way or being heard."""
        return self._speaker.active

    # ------------------------------------------------------------ from the client

    def hear(self, chunk: AudioChunk) -> None:
        """Take sound from the microphone."""
        self._microphone.put(chunk, len(chunk.samples) / MICROPHONE_RATE_HZ)

    def see(self, image: CameraImage) -> None:
        """Take a picture from the camera; only the newest is kept, and none where the camera may not be used."""
        if self._noticing.perception.camera:
            self.camera.put(image)

    def perceive(self, camera: bool | None = None, emotion: bool | None = None, show: bool | None = None) -> Perception:
        """Change what may be noticed of the person, where not None; return what holds now."""
        return self._noticing.allow(camera, emotion, show)

    async def ask(self, text: str) -> None:
        """Take typed words as the user's turn; they interrupt an answer under way.

        Raises:
            UserError: the text is empty or longer than 1,000 characters.
        """
        text = " ".join(text.split())
        if not text or len(text) > MAX_TEXT_CHARS:
            raise UserError(f"A question has 1 to {MAX_TEXT_CHARS} characters, not {len(text)}.", "Send a shorter one.")
        self.interrupt("text")
        self._listener.drop_turn()
        self._begin_turn(EndOfTurn(text, now(), now()), spoken=False)

    def interrupt(self, cause: str) -> None:
        """Stop the answer under way, if any; what was heard of it is remembered."""
        if not self._speaker.active:
            return
        turn = self.turn
        heard = self._speaker.stop()
        interrupted = Interrupted(turn, cause, heard, now())
        self.memory.interrupted(interrupted)
        self._events.publish(interrupted)

    def meet(self, token: str | None) -> None:
        """Take the token that the client keeps, before the greeting; see `Remembering.meet`."""
        if token and not self._visit.met:
            self._choose_variant(token, came_back=True)
        if self._remembering is not None:
            self._remembering.meet(token)

    def greet(self) -> None:
        """Say the persona's greeting as the first turn."""
        if not self._visit.met:
            self._visit.met = True
            self._speaker.answer("", now(), now(), self._brain.greet(), self.memory)

    def recite(self, pieces: Iterable[Spoken]) -> None:
        """Say what is spoken already, such as a recording, as the next turn; it ends an answer under way."""
        self.interrupt("text")
        self._speaker.answer("", now(), now(), _one_by_one(pieces), self.memory)

    def events(self) -> Fifo[SessionEvent]:
        """Subscribe to what the session tells its client."""
        return self._events.subscribe()

    # ------------------------------------------------------------ media source

    def read_audio(self, samples: int) -> NDArray[np.int16]:
        """See `MediaSource.read_audio`."""
        return self._speaker.playout.read(samples)

    async def draw_frame(self, media_time_s: float) -> NDArray[np.uint8] | None:
        """See `MediaSource.draw_frame`."""
        self._media_time_s = media_time_s
        cue, offset_s = self._speaker.playout.locate(media_time_s)
        feeling = expression(self._noticing.mood())
        request = FrameRequest(media_time_s, cue, offset_s, self._manner(), feeling, self._react)
        picture = await self._character.draw(request)
        if picture is not None:
            self._speaker.frame_drawn(cue, offset_s)
        return picture

    def _manner(self) -> Manner:
        if self._user_speaking:
            return Manner.LISTENING
        if self._speaker.silent_for_s() > THINKING_SHOWS_AFTER_S:
            return Manner.THINKING
        return Manner.IDLE

    # ------------------------------------------------------------ hearing

    async def _listen(self) -> None:
        async for chunk in self._microphone:
            self._noticing.heard(chunk.samples, self._user_speaking)
            try:
                await self._listener.feed(chunk)
            except UserError as error:
                self._events.publish(Trouble("perception", error.what, error.remedy))
            if self._speaker.playout.busy:
                self._decide(self._barge_in.tick(chunk.start_s + len(chunk.samples) / MICROPHONE_RATE_HZ))

    def _deaf(self, listening: asyncio.Task[None]) -> None:
        if not listening.cancelled() and (error := listening.exception()) is not None:
            log.error("session %s hears no more", self.id, exc_info=error)
            self._events.publish(Trouble("perception", "I can't hear you any more.", "Please start again.", fatal=True))

    def _perceived(self, event: SessionEvent | EndOfTurn) -> None:
        """Take what the listener noticed."""
        if isinstance(event, EndOfTurn):
            self._end_of_turn(event)
            return
        if isinstance(event, SpeechStarted):
            self._user_speaking = True
            self._visit.said_something()
            if self._speaker.active and not self._speaker.audible:
                self._carry_on()
        elif isinstance(event, SpeechStopped):
            self._user_speaking = False
        elif isinstance(event, Transcript):
            self._noticing.understood(event.text)
        if self._speaker.playout.busy:
            self._decide(self._barge_in.step(event))
        self._events.publish(event)

    def _decide(self, decision: Decision | None) -> None:
        if decision is Decision.PAUSE:
            self._speaker.playout.hold()
        elif decision is Decision.RESUME:
            self._speaker.playout.resume()
            self._listener.drop_turn()
        elif decision is Decision.STOP:
            self.interrupt("speech")

    def _carry_on(self) -> None:
        """The user went on before any answer was heard: it is one turn; the next answer is to both parts."""
        self._carried = self._speaker.question
        self._speaker.stop()
        self.memory.withdraw()

    def _end_of_turn(self, end: EndOfTurn) -> None:
        self._user_speaking = False
        if self._speaker.active:  # words under the character's voice that the policy has not judged yet
            if self._barge_in.is_backchannel(end.text):
                self._speaker.playout.resume()
                return
            self.interrupt("speech")
        self._begin_turn(end, spoken=True)

    def _begin_turn(self, end: EndOfTurn, spoken: bool, action: str = "") -> None:
        self._visit.met = True
        self._visit.said_something()
        text = f"{self._carried} {end.text}".strip()
        self._carried = ""
        turn = UserTurn(
            self.turn + 1, text, end.speech_end_s, end.committed_s, spoken, end.in_domain, end.alternative, action
        )
        self._events.publish(turn)
        self._barge_in = BargeIn()
        context = self.memory.context(self._noticing.mood())
        self.memory.asked(turn)
        self._speaker.answer(text, end.speech_end_s, end.committed_s, self._brain.respond(turn, context), self.memory)

    # ------------------------------------------------------------ seeing

    def _noticed(self, event: Gesture | PresenceChanged) -> None:
        """Take a sign, or that somebody came or left."""
        if isinstance(event, Gesture):
            self._signed(self._parts.persona().action(event.name))
        elif event.presence is Presence.AWAY:
            self._visit.away()
        else:
            self._visit.stays()
            if event.presence is Presence.LOOKING:
                self.greet()

    def _signed(self, action: str) -> None:
        """Do what a sign means, and show at once that it was seen."""
        if action not in REACTIONS:
            return
        self._react = React(REACTIONS[action], self._media_time_s)
        wanted = wish(action, self._speaker.active, self._visit.met)
        if wanted is Wish.GREETING:
            self.greet()
        elif wanted is not Wish.NOTHING:
            self.interrupt("gesture")
        if wanted is Wish.ANSWER:
            self._listener.drop_turn()
            self._begin_turn(EndOfTurn("", now(), now()), spoken=False, action=action)

    def _left(self) -> None:
        """Be ready for somebody else."""
        self._forget_visit()
        self._noticing.forget()
        self._events.publish(PersonLeft(now()))
        self._choose_variant(uuid.uuid4().hex)

    # ------------------------------------------------------------ who answers

    def _choose_variant(self, unit: str, came_back: bool = False) -> None:
        """Before whoever comes is met: take the variant that falls to them, where an experiment is under way."""
        if self._parts.vary is not None:
            self._think_with(self._parts.vary(unit))
            self._events.publish(VariantChosen(self._parts.variant, came_back))

    def _think_with(self, parts: Parts) -> None:
        """Answer with these parts from the next turn on."""
        vary = parts.vary
        self._parts, self._speaker.style = parts, parts.style
        self._remembering: Remembering | None = None
        if parts.people is not None:
            # Whoever is remembered from now on shall meet the same variant at the next visit.
            fits = any_token if vary is None else lambda token: vary(token).variant == parts.variant
            self._remembering = Remembering(parts.brain, parts.people, self._keep_token, parts.look_up, fits)
        self._brain = parts.guard(self._remembering or parts.brain)

    # ------------------------------------------------------------ remembering

    def _forget_visit(self) -> None:
        """The visit is over; what of it may be kept is kept."""
        if self._remembering is not None:
            self._remembering.leave(self.memory.context().exchanges)
        self.memory = Memory()

    def _keep_token(self, token: str) -> None:
        if not token:
            self.memory = Memory()
        self._events.publish(KeepToken(token))


async def _one_by_one(pieces: Iterable[Spoken]) -> AsyncIterator[Spoken]:
    for piece in pieces:
        yield piece
