"""RTVI messages to the client."""

import json
from datetime import UTC, datetime
from typing import Any

import numpy as np

from runtime.core.messages import (
    BotStartedSpeaking,
    BotStoppedSpeaking,
    BotText,
    BotWord,
    Face,
    Gesture,
    Hand,
    Interrupted,
    MicroExpression,
    Mood,
    PersonLeft,
    PictureShown,
    PlayoutMark,
    Presence,
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
from runtime.delivery import rtvi

WALL = datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)


def encode(*events: SessionEvent) -> list[tuple[str, Any]]:
    encoder = rtvi.Encoder()
    messages = [message for event in events for message in encoder.encode(event, WALL)]
    assert all(message["label"] == "rtvi-ai" and message["id"] for message in messages)
    json.dumps(messages)
    return [(message["type"], message.get("data")) for message in messages]


def test_a_spoken_turn_and_its_answer() -> None:
    told = encode(
        SpeechStarted(1.0, 1.1),
        Transcript("where", final=False),
        Transcript("where is", final=True),
        SpeechStopped(2.0, 2.1),
        UserTurn(2, "where is it", 2.0, 2.2),
        BotStartedSpeaking(2, 2.4),
        BotText(2, "It is here."),
        BotWord(2, "It"),
        BotWord(2, "is"),
        BotWord(2, "here"),
        PlayoutMark(2, "It is here.", 3.0),
        BotStoppedSpeaking(2, 3.0),
        PlayoutMark(2, "It is here.", 3.0, finished=True),
    )
    assert [kind for kind, _ in told] == [
        "user-started-speaking",
        "user-transcription",
        "user-transcription",
        "user-stopped-speaking",
        "user-transcription",
        "user-llm-text",
        "bot-tts-started",
        "bot-started-speaking",
        "bot-output",
        "bot-llm-text",
        "bot-transcription",
        *("bot-tts-text", "bot-output") * 3,
        "bot-output",
        "bot-tts-stopped",
        "bot-stopped-speaking",
    ]
    finals = [data for kind, data in told if kind == "user-transcription" and data["final"]]
    assert finals == [
        {"text": "where is it", "final": True, "timestamp": "2026-01-02T03:04:05.678+00:00", "user_id": "user"}
    ]
    outputs = [data for kind, data in told if kind == "bot-output"]
    assert [output["spoken_status"] for output in outputs] == ["new", *["in-progress"] * 3, "completed"]
    assert outputs[2]["spoken_progress"] == {"accumulated_text": "It is", "remaining_text": " here."}
    assert outputs[-1]["spoken_progress"] == {"accumulated_text": "It is here.", "remaining_text": ""}
    assert {output["segment_id"] for output in outputs} == {1}


def test_an_interrupted_answer_keeps_what_was_said() -> None:
    told = encode(
        BotText(2, "One two, 33 four five."),
        BotWord(2, "One"),
        BotWord(2, "two"),
        BotWord(2, "thirty-three"),
        BotStoppedSpeaking(2, 3.0),
        Interrupted(2, "speech", "One two,", 3.0),
    )
    outputs = [data for kind, data in told if kind == "bot-output"]
    assert outputs[-1]["spoken_status"] == "completed"
    assert outputs[-1]["spoken_progress"]["accumulated_text"] == "One two"
    assert told[-1] == ("server-message", {"type": "interrupted", "turn": 2, "cause": "speech", "heard": "One two,"})


def test_a_typed_turn_is_no_transcription() -> None:
    told = encode(UserTurn(2, "typed", 1.0, 1.0, spoken=False))
    assert told == [("user-llm-text", {"text": "typed"})]


def test_a_picture_is_told_with_its_address() -> None:
    [told] = encode(PictureShown(3, "halls/north hall?.png", "The north hall.", "A hall"))
    url = "api/pictures/halls/north%20hall%3F.png"
    data = {"type": "picture", "turn": 3, "url": url, "caption": "The north hall.", "alt": "A hall"}
    assert told == ("server-message", data)


def test_reports_and_trouble() -> None:
    told = encode(
        TurnReport(2, "q", "a", {"speech_end": 1.0, "first_out": 1.31}, {"endpoint": 0.12}),
        Trouble("voice", "It broke.", "Wait.", fatal=True),
    )
    assert told[0] == (
        "metrics",
        {"processing": [{"processor": "endpoint", "value": 0.12}], "ttfb": [{"processor": "answer", "value": 0.31}]},
    )
    assert told[1][1]["stages"] == {"endpoint": 0.12}
    assert told[2] == ("error", {"error": "It broke. Wait.", "message": "It broke. Wait.", "fatal": True})


def test_what_was_noticed_is_told() -> None:
    landmarks = np.full((478, 3), 320.0, np.float32)
    face = Face(landmarks, np.zeros(52, np.float32), (0.0, 0.0, 0.0), (0.0, 0.0), 0.6)
    hand = Hand(np.full((21, 2), 120.0, np.float32), True, 0.9)
    events: list[SessionEvent] = [
        Sight(1.0, 640, 480, (face,), (hand,)),
        Sight(1.1, 640, 480, None, ()),
        Gesture("wave", 0.93, 1.2),
        Mood("happy", 0.8, 0.6, 0.2, 1.2),
        MicroExpression("surprised", 1.0, 1.1, 1.25),
        PresenceChanged(Presence.LOOKING, 1.0),
        PersonLeft(9.0),
    ]
    told = [data for _, data in encode(*events)]
    assert [data["type"] for data in told] == [
        "sight", "sight", "gesture", "mood", "micro-expression", "presence", "person-left",
    ]  # fmt: skip
    assert set(told[0]["faces"][0][::2]) == {0.5}
    assert set(told[0]["hands"][0]) == {0.1875, 0.25}
    assert "faces" not in told[1]
    assert told[3] == {"type": "mood", "label": "happy", "confidence": 0.8, "valence": 0.6, "arousal": 0.2}
    assert len(json.dumps(told[0])) < 4_000
