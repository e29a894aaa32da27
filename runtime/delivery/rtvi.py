"""The RTVI standard as messages on a data channel: what a session tells its client.

Field names follow `@pipecat-ai/client-js` 1.13 (protocol 2.1.0) and the signalling of
`@pipecat-ai/small-webrtc-transport` 1.10; `rtvi_requests` has the other direction. Both are pure: no clock, no channel.
"""

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
from runtime.delivery.rtvi_requests import LABEL

PROTOCOL_VERSION: Final = "2.1.0"
USER_ID: Final = "user"
PICTURES: Final = "api/pictures/"
"""Where a client finds the pictures that it is told of, below the address of the server."""

Message = dict[str, Any]


def message(kind: str, data: object = None, message_id: str = "") -> Message:
    """Return a message of a type, with its own id unless it answers one."""
    body: Message = {"id": message_id or uuid.uuid4().hex[:8], "label": LABEL, "type": kind}
    if data is not None:
        body["data"] = data
    return body


def bot_ready(request_id: str, about: dict[str, object]) -> Message:
    """Answer a client-ready."""
    return message("bot-ready", {"version": PROTOCOL_VERSION, "about": about}, request_id)


def server_response(request_id: str, kind: str, data: object) -> Message:
    """Answer the client-message of that id."""
    return message("server-response", {"t": kind, "d": data}, request_id)


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
