"""What the sessions of one server share: settings, persona, brain, the worker processes and the session cap."""

import asyncio
import logging
import os
import sys
from collections.abc import Callable, Coroutine, Iterable, Sequence
from typing import Any, Final

import runtime
from runtime.avatar.client import Character
from runtime.avatar.pack import find_pack, open_pack
from runtime.avatar.service import SERVICE as CHARACTER
from runtime.core.device import Profile, check_onnxruntime
from runtime.core.errors import BusyError, UserError, WorkerDied
from runtime.core.messages import CameraImage, EndOfTurn, Perception, SessionEvent
from runtime.core.models import ModelRegistry
from runtime.core.settings import Settings
from runtime.core.streams import Latest
from runtime.core.workers import ServiceSpec, WorkerProcess
from runtime.mind import Mind
from runtime.minds import Minds
from runtime.mirroring import MirrorSession
from runtime.parts import Parts
from runtime.perception.client import SERVICE as HEARING
from runtime.perception.client import Hearing
from runtime.perception.endpoint import Endpointer
from runtime.perception.feelings import SERVICE as FEELINGS
from runtime.perception.feelings import Feelings
from runtime.perception.listener import Listener
from runtime.perception.turn_end import TurnEnd, load_turn_end
from runtime.perception.vad import SileroVad
from runtime.perception.vision.client import Eyes
from runtime.perception.vision.library import why_blind
from runtime.perception.vision.pace import Pace
from runtime.perception.vision.service import SERVICE as VISION
from runtime.perception.watcher import make_watcher
from runtime.persona.knowledge.pictures import read_picture
from runtime.persona.persona import Persona
from runtime.session import Session
from runtime.voice.client import SERVICE as VOICE
from runtime.voice.client import Voice
from runtime.voice.synthesizer import VoiceStyle

log = logging.getLogger(__name__)

SWITCH_INTERVAL_S: Final = 0.0005
"""The media process hands the GIL over this often: under load, sound 7.7 s late became 39 ms."""
RETRY_AFTER_S: Final = 10
ASK_AGAIN_S: Final = 0.5
MIRROR_HZ: Final = 30.0
SEEING_NICE: Final = 5
"""Seeing gives way to speech and drawing where the processor is short."""
VOICE_BACKENDS: Final = ("auto", "espeak", "flite", "piper")
_SMALL_POOLS: Final = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


class Engine:
    """Starts what sessions need, makes sessions, and ends all of it. Use `async with`, or `start` and `close`."""

    def __init__(self, settings: Settings, profile: Profile) -> None:
        self.settings = settings
        self.profile = profile
        self.ready = False
        self._minds = Minds(settings, profile)
        self._pack = settings.avatar or self.persona.character
        self._vad = SileroVad()
        self._turn_end: TurnEnd | None = None
        self._render = WorkerProcess("render", {CHARACTER: self._character_spec()})
        self._speech = WorkerProcess(
            "speech", {VOICE: self._voice_spec(), HEARING: self._hearing_spec(self._minds.phrases)}
        )
        self._senses_of = self._senses_specs()
        self._senses = WorkerProcess("senses", self._senses_of)
        self._opening_senses: asyncio.Task[None] | None = None
        self._sessions: set[Session | MirrorSession] = set()
        self._backends: dict[str, str] = {"brain": self._minds.name}
        self._preview: bytes | None = None

    async def __aenter__(self) -> "Engine":
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def start(self) -> None:
        """Start the processes and load every model.

        Raises:
            UserError: a backend or the character can't be loaded.
        """
        sys.setswitchinterval(SWITCH_INTERVAL_S)
        for name, value in _SMALL_POOLS.items():
            os.environ.setdefault(name, value)  # for the worker processes, which inherit it
        if clash := check_onnxruntime():
            log.warning("%s", clash)
        try:
            loading = asyncio.to_thread(self._load)
            starting = self._minds.start(self._hear)
            await asyncio.gather(self._render.start(), self._speech.start(), starting, loading)
            self._preview = await asyncio.to_thread(_read_preview, self._pack)
            self._backends["voice"] = await self._speech.call(VOICE, "name")
            self._backends["recogniser"] = await self._speech.call(HEARING, "name")
        except BaseException:
            await self.close()
            raise
        self.ready = True
        if self._senses_of:
            self._opening_senses = asyncio.create_task(self._open_senses(), name="open senses")

    async def close(self) -> None:
        """End every session, then the processes."""
        self.ready = False
        if self._opening_senses is not None:
            self._opening_senses.cancel()
            await asyncio.gather(self._opening_senses, return_exceptions=True)
        await _all_closed(session.close() for session in tuple(self._sessions))
        self._sessions.clear()
        await _all_closed(thing.close() for thing in (self._minds, self._render, self._speech, self._senses))

    @property
    def persona(self) -> Persona:
        """Who the character is."""
        return self._minds.first.persona

    @property
    def sessions(self) -> int:
        """How many sessions are open."""
        return len(self._sessions)

    @property
    def max_sessions(self) -> int:
        """How many may be open."""
        return self.settings.max_sessions or self.profile.max_sessions

    def status(self) -> dict[str, object]:
        """Return what `/health` shows."""
        return {
            "ready": self.ready,
            "version": runtime.__version__,
            "profile": self.profile.name,
            "persona": self.persona.name,
            "sessions": self.sessions,
            "max_sessions": self.max_sessions,
            "mode": self.settings.mode,
            "backends": dict(self._backends),
            "workers": {
                worker.name: {"ready": worker.ready, "restarts": worker.restarts, "pid": worker.pid}
                for worker in (self._render, self._speech, self._senses)
            },
        }

    def preview(self) -> bytes | None:
        """Return a PNG of the character, or None where its pack has none or the engine has not started."""
        return self._preview

    def picture(self, file: str) -> tuple[bytes, str] | None:
        """Return a picture that a persona lists, and its media type. Reads a file: call it on a thread."""
        picture = self._minds.picture(file)
        try:
            return None if picture is None else read_picture(picture.path)
        except UserError as error:
            log.warning("a picture can't be shown: %s", error)
            return None

    async def until_thinking(self) -> None:
        """Wait until the language model has started, or is known not to come."""
        await self._minds.until_thinking()

    async def until_seeing(self) -> None:
        """Wait until the process that sees and feels is there, or is known not to come."""
        if self._opening_senses is not None:
            await asyncio.shield(self._opening_senses)

    async def open_session(self) -> Session | MirrorSession:
        """Return a new session that has started.

        Raises:
            BusyError: as many as allowed are open.
            UserError: a mirror can't see.
        """
        if not self.ready or self.sessions >= self.max_sessions:
            raise BusyError("All places are taken." if self.ready else "The models are loading.", RETRY_AFTER_S)
        session = self._mirror() if self.settings.mode == "mirror" else self._conversation()
        self._sessions.add(session)
        try:
            await session.start()
        except BaseException:
            await session.close()
            raise
        return session

    # ------------------------------------------------------------ inside

    async def _open_senses(self) -> None:
        """Start the process that sees and feels; talking does not wait for it, and goes on without it."""
        try:
            await self._senses.start()
        except UserError as error:
            log.warning("nothing is seen, and no mood is read: %s", error)

    def _load(self) -> None:
        """Load the models that run in this process."""
        self._vad.load()
        registry = ModelRegistry(self.profile)
        self._turn_end = load_turn_end(registry) if self.settings.endpoint_model else None
        self._minds.load(registry)

    async def _hear(self, phrases: Sequence[str]) -> None:
        """Listen for other phrases, also where the process has to start again."""
        self._speech.start_next_with(HEARING, self._hearing_spec(phrases))
        while True:
            try:
                return await Hearing(self._speech).take_phrases(phrases)
            except WorkerDied:  # it may have begun to start with what it was told before
                await asyncio.sleep(ASK_AGAIN_S)

    def _conversation(self) -> Session:
        session = Session(self._parts("", self._minds.first), on_close=self._sessions.discard)
        self._minds.follow(session.events())
        return session

    def _mirror(self) -> MirrorSession:
        if VISION not in self._senses_of:
            raise why_blind() or UserError("The camera is switched off.", "Start without --camera no.")
        return MirrorSession(
            lambda session: self._character(session, mirror=True), self._mirror_eyes, self._sessions.discard
        )

    def _vary(self, unit: str) -> Parts:
        return self._parts(*self._minds.of(unit))

    def _parts(self, variant: str, mind: Mind) -> Parts:
        voice = mind.persona.voice
        name = self.settings.voice if self.settings.voice not in VOICE_BACKENDS else voice.name
        return Parts(
            persona=lambda: mind.persona,
            brain=mind.brain,
            people=mind.people,
            look_up=mind.look_up,
            guard=mind.guard,
            voice=Voice(self._speech),
            style=VoiceStyle(name, voice.rate, voice.pitch),
            make_character=self._character,
            make_listener=self._listener,
            make_eyes=self._eyes if VISION in self._senses_of else None,
            feelings=Feelings(self._senses) if self.settings.emotion else None,
            allowed=Perception(self.settings.camera, self.settings.emotion, self.settings.camera),
            variant=variant,
            vary=self._vary if self._minds.experiment is not None else None,
        )

    def _listener(self, session: str, emit: Callable[[SessionEvent | EndOfTurn], None]) -> Listener:
        endpointer = Endpointer(self._minds.is_known_question, self._minds.is_likely_question)
        return Listener(self._vad.stream(), Hearing(self._speech), endpointer, session, emit, self._turn_end)

    def _character(self, session: str, mirror: bool = False) -> Character:
        return Character(self._render, session, self._pack, self.profile.width, self.profile.height, mirror)

    def _mirror_eyes(self, session: str, images: Latest[CameraImage], emit: Callable[[Any], None]) -> Eyes:
        """Return eyes for faces alone, as often as a camera gives pictures."""
        return Eyes(self._senses, session, images, emit, Pace(faces_hz=MIRROR_HZ, hands_hz=0.0))

    def _eyes(self, session: str, images: Latest[CameraImage], emit: Callable[[Any], None]) -> Eyes:
        return Eyes(self._senses, session, images, emit, Pace(faces_hz=self.profile.vision_fps))

    def _senses_specs(self) -> dict[str, ServiceSpec]:
        """Return the services of the process that sees and feels, as far as settings and machine allow."""
        specs, settings = {}, self.settings
        if settings.camera and (reason := why_blind()) is not None:
            log.warning("%s", reason)
        elif settings.camera:
            options = {
                "face_task": str(settings.face_landmarker_task or ""),
                "hand_task": str(settings.hand_landmarker_task or ""),
                "profile": self.profile,
                "watcher": make_watcher,
                "nice": SEEING_NICE,
            }
            specs[VISION] = ServiceSpec("runtime.perception.vision.service:VisionService", options)
        if settings.emotion:
            specs[FEELINGS] = ServiceSpec("runtime.perception.feelings:FeelingService", {"profile": self.profile})
        return specs

    def _character_spec(self) -> ServiceSpec:
        options = {"pack": self._pack, "width": self.profile.width, "height": self.profile.height}
        return ServiceSpec("runtime.avatar.service:CharacterService", options)

    def _voice_spec(self) -> ServiceSpec:
        backend = self.settings.voice if self.settings.voice in VOICE_BACKENDS else "auto"
        piper_voice = str(self.settings.piper_voice or "")
        options = {"backend": backend, "piper_voice": piper_voice, "profile": self.profile}
        return ServiceSpec("runtime.voice.service:VoiceService", options)

    def _hearing_spec(self, phrases: Sequence[str]) -> ServiceSpec:
        settings = self.settings
        options: dict[str, Any] = {
            "whisper_model": settings.whisper_model,
            "whisper_threads": self.profile.threads_large,
            "openai_url": settings.openai_asr_url or "",
            "openai_key": settings.openai_asr_key or "",
            "openai_model": settings.openai_asr_model,
        }
        arguments = {"backend": settings.recogniser, "phrases": phrases, "options": options}
        return ServiceSpec("runtime.perception.service:HearingService", arguments)


async def _all_closed(closing: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Wait until all are closed; one that fails keeps none of the others open."""
    for error in await asyncio.gather(*closing, return_exceptions=True):
        if isinstance(error, BaseException):
            log.error("something did not close cleanly", exc_info=error)


def _read_preview(pack: str) -> bytes | None:
    picture = open_pack(find_pack(pack)).contents.get("preview.png", b"")
    return picture if picture.startswith(b"\x89PNG") else None
