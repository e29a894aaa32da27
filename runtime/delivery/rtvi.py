"""The RTVI standard as messages on a data channel: what a session tells its client, and what a client may ask.

Field names follow `@pipecat-ai/client-js` 1.13 (protocol 2.1.0) and the signalling of
`@pipecat-ai/small-webrtc-transport` 1.10. Both directions are pure: no clock, no channel.
"""

import json
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from runtime.core.messages import (
    BotStartedSpeaking,
    BotStoppedSpeaking,
    BotText,
    BotWord,
    Gesture,
    Interrupted,
    KeepToken,
    MicroExpression,
    Mood,
    PersonLeft,
    PictureShown,
    PlayoutMark,
    PresenceChanged,
    SessionEvent,
    Sight,
    SpeechStarted,
    SpeechStopped,
    Transcript,
    Trouble,
    TurnReport,
    UserTurn,
)
from runtime.delivery.noticed import noticed

PROTOCOL_VERSION: Final = "2.1.0"
LABEL: Final = "rtvi-ai"
USER_ID: Final = "user"
MAX_MESSAGE_BYTES = 64 * 1024
MAX_TEXT_CHARS = 64
MAX_DEPTH = 32
PICTURES: Final = "api/pictures/"
"""Where a client finds the pictures that it is told of, below the address of the server."""

Message = dict[str, Any]

# ---------------------------------------------------------------- from the client


@dataclass(frozen=True, slots=True)
class ClientReady:
    """The client is set up and wants the conversation to begin; `version` is its protocol version.

    `token` is what it was told to keep at an earlier visit; "" if nothing, None if it can't keep any.
    """

    id: str
    version: str
    token: str | None = None


@dataclass(frozen=True, slots=True)
class SendText:
    """The person typed `content`."""

    id: str
    content: str


@dataclass(frozen=True, slots=True)
class Interrupt:
    """The person wants the character to stop; `cause` is click or text. `answer` says whether a reply is awaited."""

    id: str
    cause: str
    answer: bool


@dataclass(frozen=True, slots=True)
class Perceive:
    """The person allows or forbids what may be noticed of them; None leaves it as it is. See `Perception`."""

    id: str
    camera: bool | None = None
    emotion: bool | None = None
    show: bool | None = None


@dataclass(frozen=True, slots=True)
class DisconnectBot:
    """The client ends the conversation."""

    id: str


@dataclass(frozen=True, slots=True)
class ClientMessage:
    """A request of the client's own kind `kind`; `data` is whatever it sent."""

    id: str
    kind: str
    data: object


@dataclass(frozen=True, slots=True)
class TrackStatus:
    """The client turned the sending of a track on or off; `index` 0 is sound, 1 camera, 2 screen."""

    index: int
    enabled: bool


@dataclass(frozen=True, slots=True)
class Ping:
    """The client is alive."""


@dataclass(frozen=True, slots=True)
class Malformed:
    """A message that can't be understood, or asks for what is not offered; `what` is for the client to read."""

    id: str
    what: str


Request = ClientReady | SendText | Interrupt | Perceive | DisconnectBot | ClientMessage | TrackStatus | Ping | Malformed


def decode(message: str | bytes) -> Request:
    """Return what a client's message asks. Never raises: what is wrong with it is in `Malformed`."""
    if isinstance(message, bytes):
        return Malformed("", "Messages are JSON text, not bytes.")
    if message.startswith("ping"):
        return Ping()
    if len(message) > MAX_MESSAGE_BYTES or len(message.encode("utf-8", "replace")) > MAX_MESSAGE_BYTES:
        return Malformed("", f"A message may have {MAX_MESSAGE_BYTES} bytes at most.")
    try:
        body = json.loads(message)
    except (ValueError, RecursionError):
        return Malformed("", "A message is one JSON object; this is not JSON.")
    if not isinstance(body, dict):
        return Malformed("", "A message is one JSON object.")
    if body.get("type") == "signalling":
        return _decode_signalling(body.get("message"))
    message_id = body.get("id")
    message_id = message_id[:MAX_TEXT_CHARS] if isinstance(message_id, str) else ""
    if body.get("label") != LABEL:
        return Malformed(message_id, f"The label of a message is {LABEL!r}.")
    data = body.get("data")
    return _decode_request(message_id, body.get("type"), data if isinstance(data, dict) else {})


def _decode_signalling(message: object) -> Request:
    if isinstance(message, dict) and message.get("type") == "trackStatus":
        index, enabled = message.get("receiver_index"), message.get("enabled")
        if type(index) is int and 0 <= index <= 2 and isinstance(enabled, bool):
            return TrackStatus(index, enabled)
    return Malformed("", "A signalling message is a trackStatus with receiver_index 0 to 2 and enabled true or false.")


def _decode_request(message_id: str, kind: object, data: dict[str, Any]) -> Request:
    match kind:
        case "client-ready":
            version, token = data.get("version"), data.get("memory")
            known = version[:MAX_TEXT_CHARS] if isinstance(version, str) else ""
            return ClientReady(message_id, known, token[:MAX_TEXT_CHARS] if isinstance(token, str) else None)
        case "send-text":
            return _decode_text(message_id, data)
        case "interruption":
            return Interrupt(message_id, "click", answer=False)
        case "disconnect-bot":
            return DisconnectBot(message_id)
        case "client-message":
            name = data.get("t")
            if not isinstance(name, str) or not 0 < len(name) <= MAX_TEXT_CHARS:
                return Malformed(message_id, "A client-message names its kind in t.")
            if name in ("interrupt", "interruption"):
                return Interrupt(message_id, "click", answer=True)
            if name == "perceive":
                return _decode_perceive(message_id, data.get("d"))
            return ClientMessage(message_id, name, data.get("d"))
        case str():
            return Malformed(message_id, f"Messages of type {kind[:MAX_TEXT_CHARS]!r} are not supported.")
        case _:
            return Malformed(message_id, "A message names its type.")


def _decode_perceive(message_id: str, wanted: object) -> Request:
    if isinstance(wanted, dict) and wanted:
        known = all(name in ("camera", "emotion", "show") and isinstance(on, bool) for name, on in wanted.items())
        if known:
            return Perceive(message_id, **wanted)
    return Malformed(message_id, "A perceive message sets camera, emotion or show to true or false.")


def _decode_text(message_id: str, data: dict[str, Any]) -> Request:
    content, options = data.get("content"), data.get("options")
    if not isinstance(content, str):
        return Malformed(message_id, "A send-text carries its content as a string.")
    if isinstance(options, dict):
        if options.get("run_immediately") is False:
            return Malformed(message_id, "A text is answered at once: run_immediately can't be false.")
        if options.get("audio_response") is False:
            return Malformed(message_id, "An answer is always spoken: audio_response can't be false.")
    return SendText(message_id, content)


# ------------------------------------------------------------------ to the client


def message(kind: str, data: object = None, message_id: str = "") -> Message:
    """Return a message of a type, with its own id unless it answers one."""
    body: Message = {"id": message_id or uuid.uuid4().hex[:8], "label": LABEL, "type": kind}
    if data is not None:
        body["data"] = data
    return body


def bot_ready(request_id: str, about: dict[str, object]) -> Message:
    """Answer a client-ready."""
    return message("bot-ready", {"version": PROTOCOL_VERSION, "about": about}, request_id)


def server_response(request: ClientMessage | Interrupt | Perceive, kind: str, data: object) -> Message:
    """Answer a client-message."""
    return message("server-response", {"t": kind, "d": data}, request.id)


def error_response(request_id: str, what: str) -> Message:
    """Refuse the client's message of that id."""
    return message("error-response", {"error": what}, request_id)


def error(what: str, fatal: bool = False) -> Message:
    """Tell of trouble that no message of the client's caused."""
    return message("error", {"error": what, "message": what, "fatal": fatal})


def peer_left() -> Message:
    """Say, as signalling, that the server hangs up."""
    return {"type": "signalling", "message": {"type": "peerLeft"}}


@dataclass
class _Segment:
    """A phrase on its way: `id` numbers it, `spoken` is how many of its characters have been said."""

    id: int
    text: str
    spoken: int = 0


class Encoder:
    """Turns session events into messages; keeps the phrase being said, to tell how far it has come.

    A turn's committed text is its one final `user-transcription`; all before it are partial. A typed turn has none.
    """

    def __init__(self) -> None:
        self._segments = 0
        self._segment: _Segment | None = None

    def encode(self, event: SessionEvent, wall: datetime) -> list[Message]:
        """Return the messages for an event; `wall` is the wall-clock time put on transcriptions."""
        match event:
            case SpeechStarted():
                return [message("user-started-speaking")]
            case SpeechStopped():
                return [message("user-stopped-speaking")]
            case Transcript():
                return [_transcription(event.text, False, wall)] if event.text else []
            case UserTurn():
                final = [_transcription(event.text, True, wall)] if event.spoken else []
                return [*final, message("user-llm-text", {"text": event.text})]
            case BotText():
                return self._begin_segment(event.text)
            case BotWord():
                return [message("bot-tts-text", {"text": event.text}), *self._advance(event.text)]
            case PictureShown():
                url = PICTURES + quote(event.file)
                data = {"type": "picture", "turn": event.turn, "url": url, "caption": event.caption, "alt": event.alt}
                return [message("server-message", data)]
            case BotStartedSpeaking():
                return [message("bot-tts-started"), message("bot-started-speaking")]
            case BotStoppedSpeaking():
                return [*self._end_segment(whole=False), message("bot-tts-stopped"), message("bot-stopped-speaking")]
            case PlayoutMark(finished=False):
                return self._end_segment(whole=True)
            case Interrupted():
                data = {"type": "interrupted", "turn": event.turn, "cause": event.cause, "heard": event.heard}
                return [*self._end_segment(whole=False), message("server-message", data)]
            case TurnReport():
                return _report(event)
            case Sight() | Gesture() | Mood() | MicroExpression() | PresenceChanged() | PersonLeft():
                return [message("server-message", noticed(event))]
            case KeepToken():
                return [message("server-message", {"type": "memory", "token": event.token})]
            case Trouble():
                return [error(f"{event.what} {event.remedy}".strip(), event.fatal)]
            case _:
                return []

    def _begin_segment(self, text: str) -> list[Message]:
        ended = self._end_segment(whole=True)
        self._segments += 1
        self._segment = _Segment(self._segments, text)
        spoken = [message("bot-llm-text", {"text": text}), message("bot-transcription", {"text": text})]
        return [*ended, self._output("new"), *spoken]

    def _advance(self, word: str) -> list[Message]:
        if self._segment is None:
            return []
        at = self._segment.text.lower().find(word.lower(), self._segment.spoken)
        if at >= 0:
            self._segment.spoken = at + len(word)
        return [self._output("in-progress")]

    def _end_segment(self, whole: bool) -> list[Message]:
        if self._segment is None:
            return []
        if whole:
            self._segment.spoken = len(self._segment.text)
        ended = [self._output("completed")]
        self._segment = None
        return ended

    def _output(self, status: str) -> Message:
        assert self._segment is not None
        text, spoken = self._segment.text, self._segment.spoken
        progress = {"accumulated_text": text[:spoken], "remaining_text": text[spoken:]}
        return message(
            "bot-output",
            {
                "text": text,
                "aggregated_by": "sentence",
                "segment_id": self._segment.id,
                "will_be_spoken": True,
                "spoken_status": status,
                "spoken_progress": progress,
            },
        )


def _transcription(text: str, final: bool, wall: datetime) -> Message:
    data = {"text": text, "final": final, "timestamp": wall.isoformat(timespec="milliseconds"), "user_id": USER_ID}
    return message("user-transcription", data)


def _report(report: TurnReport) -> list[Message]:
    """A turn's times: as standard metrics, by stage, and whole, as a server-message for a client that knows us."""
    processing = [{"processor": name, "value": round(seconds, 4)} for name, seconds in report.stages.items()]
    metrics: dict[str, object] = {"processing": processing}
    if "speech_end" in report.marks and "first_out" in report.marks:
        answer_s = report.marks["first_out"] - report.marks["speech_end"]
        metrics["ttfb"] = [{"processor": "answer", "value": round(answer_s, 4)}]
    whole = {
        "type": "turn-report",
        "turn": report.turn,
        "question": report.question,
        "answer": report.answer,
        "marks": {name: round(time_s, 4) for name, time_s in report.marks.items()},
        "stages": {name: round(seconds, 4) for name, seconds in report.stages.items()},
    }
    return [message("metrics", metrics), message("server-message", whole)]
