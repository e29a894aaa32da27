"""RTVI messages from the client."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.delivery import rtvi
from runtime.delivery.rtvi_requests import (
    ClientMessage,
    ClientReady,
    DisconnectBot,
    Interrupt,
    Malformed,
    Perceive,
    Ping,
    Request,
    SendText,
    TrackStatus,
    decode,
)


def ask(kind: Any, data: Any = None, message_id: Any = "m1") -> Request:
    return decode(json.dumps({"id": message_id, "label": "rtvi-ai", "type": kind, "data": data}))


def test_what_the_published_client_sends() -> None:
    about = {"library": "@pipecat-ai/client-js", "library_version": "1.13.1"}
    assert ask("client-ready", {"version": "2.1.0", "about": about}) == ClientReady("m1", "2.1.0")
    assert ask("client-ready", {"memory": "t" * 99}) == ClientReady("m1", "", "t" * 64)
    assert ask("client-ready", {"memory": None}) == ClientReady("m1", "", None)
    assert ask("send-text", {"content": "hi", "options": {}}) == SendText("m1", "hi")
    options = {"run_immediately": True, "audio_response": True}
    assert ask("send-text", {"content": "hi", "options": options}) == SendText("m1", "hi")
    assert ask("disconnect-bot", {}) == DisconnectBot("m1")
    assert ask("client-message", {"t": "mood", "d": [1]}) == ClientMessage("m1", "mood", [1])
    assert ask("client-message", {"t": "interrupt"}) == Interrupt("m1", "click", answer=True)
    assert ask("interruption") == Interrupt("m1", "click", answer=False)
    assert decode("ping: 1700000000000") == Ping()
    status = {"type": "signalling", "message": {"type": "trackStatus", "receiver_index": 1, "enabled": False}}
    assert decode(json.dumps(status)) == TrackStatus(1, False)


@pytest.mark.parametrize(
    "message",
    [
        "",
        "{",
        "null",
        "[" * 100_000,
        "[]",
        "{}",
        b"{}",
        '{"label": "rtvi-ai"}',
        '{"label": "rtvi-ai", "type": 1}',
        '{"label": "rtvi-ai", "type": "dtmf", "data": {"buttons": ["1"]}}',
        '{"label": "other", "type": "client-ready"}',
        '{"label": "rtvi-ai", "type": "send-text"}',
        '{"label": "rtvi-ai", "type": "send-text", "data": {"content": 5}}',
        '{"label": "rtvi-ai", "type": "send-text", "data": {"content": "a", "options": {"run_immediately": false}}}',
        '{"label": "rtvi-ai", "type": "send-text", "data": {"content": "a", "options": {"audio_response": false}}}',
        '{"label": "rtvi-ai", "type": "client-message", "data": {"t": ""}}',
        '{"type": "signalling", "message": {"type": "trackStatus", "receiver_index": true, "enabled": true}}',
        '{"type": "signalling", "message": null}',
        "x" * 70_000,
        "ä" * 40_000,
    ],
)
def test_what_is_wrong_is_said(message: str | bytes) -> None:
    request = decode(message)
    assert isinstance(request, Malformed)
    assert request.what.endswith(".")
    assert rtvi.error_response(request.id, request.what)["data"]["error"] == request.what


@given(
    st.one_of(
        st.text(),
        st.binary(),
        st.recursive(
            st.none() | st.booleans() | st.floats() | st.text(),
            lambda inner: (
                st.lists(inner) | st.dictionaries(st.sampled_from(["id", "label", "type", "data", "t"]), inner)
            ),
        ).map(json.dumps),
    )
)
def test_decoding_never_raises(message: str | bytes) -> None:
    assert isinstance(decode(message), Request)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"camera": False}, Perceive("m1", camera=False)),
        ({"emotion": True, "show": True}, Perceive("m1", emotion=True, show=True)),
    ],
)
def test_a_person_chooses_what_may_be_noticed(wanted: dict[str, bool], expected: Perceive) -> None:
    assert ask("client-message", {"t": "perceive", "d": wanted}) == expected


@pytest.mark.parametrize("wanted", [None, {}, {"camera": 1}, {"camera": True, "id": True}, [True]])
def test_other_wishes_are_refused(wanted: object) -> None:
    assert isinstance(ask("client-message", {"t": "perceive", "d": wanted}), Malformed)
