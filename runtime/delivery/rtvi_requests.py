"""What a client may ask by the RTVI standard, as messages on a data channel; `rtvi` has the other direction."""

import json
from dataclasses import dataclass
from typing import Any, Final

LABEL: Final = "rtvi-ai"
MAX_MESSAGE_BYTES = 64 * 1024
MAX_NAME_CHARS = 64


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
    message_id = message_id[:MAX_NAME_CHARS] if isinstance(message_id, str) else ""
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
            known = version[:MAX_NAME_CHARS] if isinstance(version, str) else ""
            return ClientReady(message_id, known, token[:MAX_NAME_CHARS] if isinstance(token, str) else None)
        case "send-text":
            return _decode_text(message_id, data)
        case "interruption":
            return Interrupt(message_id, "click", answer=False)
        case "disconnect-bot":
            return DisconnectBot(message_id)
        case "client-message":
            name = data.get("t")
            if not isinstance(name, str) or not 0 < len(name) <= MAX_NAME_CHARS:
                return Malformed(message_id, "A client-message names its kind in t.")
            if name in ("interrupt", "interruption"):
                return Interrupt(message_id, "click", answer=True)
            if name == "perceive":
                return _decode_perceive(message_id, data.get("d"))
            return ClientMessage(message_id, name, data.get("d"))
        case str():
            return Malformed(message_id, f"Messages of type {kind[:MAX_NAME_CHARS]!r} are not supported.")
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
