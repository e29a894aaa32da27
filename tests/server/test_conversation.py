"""A client and the server in one process: sound, pictures and messages both ways, and nothing left behind."""

import asyncio
import gc
import itertools
from typing import Any

import av
import httpx
import numpy as np
import psutil
import pytest
from fastapi import FastAPI

from runtime.core.messages import BotStartedSpeaking, Transcript, Trouble, TurnReport, UserTurn
from runtime.delivery import peer as peer_module
from tests.server.fakes import Client, FakeEngine, until


def media_time_s(frame: av.AudioFrame | av.VideoFrame) -> float:
    assert frame.pts is not None
    assert frame.time_base is not None
    return float(frame.pts * frame.time_base)


async def test_sound_and_pictures_arrive_together(http: httpx.AsyncClient, engine: FakeEngine) -> None:
    client = Client(http, camera=True)
    await client.connect()
    session = engine.opened[0]
    await until(lambda: len(client.video) > 30 and len(client.audio) > 60)
    await until(lambda: len(session.heard) > 20 and len(session.seen) > 3)
    beep_s = next(media_time_s(frame) for _, frame in client.audio if np.abs(frame.to_ndarray()).max() > 5_000)
    shine_s = next(media_time_s(frame) for _, frame in client.video if frame.to_ndarray()[:48].mean() > 120)
    # The receiver counts from the first packet of each; pictures come every 40 ms, and Opus sounds 6.5 ms early.
    first_sound_s, first_picture_s = (media_time_s(stream[0][1]) for stream in (client.audio, client.video))
    assert beep_s - first_sound_s == pytest.approx(0.5, abs=0.041)
    assert shine_s - first_picture_s == pytest.approx(0.5, abs=0.081)
    assert all(later > earlier for earlier, later in itertools.pairwise(session.frame_times))
    assert session.heard[0].samples.dtype == np.float32
    assert max(len(chunk.samples) for chunk in session.heard) <= 1_600
    assert session.seen[0].rgb.shape == (480, 640, 3)
    await client.close()
    await until(lambda: engine.sessions == 0)


async def test_messages_go_both_ways(http: httpx.AsyncClient, engine: FakeEngine) -> None:
    client = Client(http, video=False)
    await client.connect()
    session = engine.opened[0]
    session.said.publish(Transcript("before the client is ready", final=False))
    client.send("client-ready", {"version": "2.1.0", "about": {"library": "test"}, "memory": "kept"}, "ready-1")
    ready = await client.message("bot-ready")
    assert ready["id"] == "ready-1"
    assert ready["data"] == {"version": "2.1.0", "about": {"name": "Ada", "mode": "talk", "version": "0.1.0"}}
    await until(lambda: session.greetings == 1)
    assert session.tokens == ["kept"]

    session.said.publish(Transcript("where is", final=False))
    session.said.publish(UserTurn(2, "where is the lift", 1.0, 1.2))
    session.said.publish(BotStartedSpeaking(2, 1.5))
    session.said.publish(Trouble("voice", "The voice is gone.", "It comes back."))
    await client.message("error")
    kinds = [(message["type"], (message.get("data") or {}).get("text")) for message in client.messages]
    assert kinds == [
        ("bot-ready", None),
        ("user-transcription", "where is"),
        ("user-transcription", "where is the lift"),
        ("user-llm-text", "where is the lift"),
        ("bot-tts-started", None),
        ("bot-started-speaking", None),
        ("error", None),
    ]

    client.send("send-text", {"content": "hello", "options": {}})
    client.send("client-message", {"t": "interrupt"}, "stop-1")
    answer = await client.message("server-response")
    assert (answer["id"], answer["data"]["t"]) == ("stop-1", "interrupt")
    assert session.asked == ["hello"]
    assert session.interrupts == ["click"]
    client.send("send-text", {"content": "x" * 1_001}, "long-1")
    assert (await client.message("error-response"))["id"] == "long-1"
    for noise in ("ping: 1", "{", "[]", '{"label":"rtvi-ai","type":7}', b"\x00\x01", '{"type":"signalling"}'):
        client.channel.send(noise)
    client.send("send-text", {"content": "still there?"})
    await until(lambda: session.asked[-1] == "still there?")
    await client.close()


async def test_a_flood_of_messages_is_cut_off(http: httpx.AsyncClient, engine: FakeEngine) -> None:
    client = Client(http, audio=False, video=False)
    await client.connect()
    for _ in range(1_200):
        client.channel.send("{}")
    await until(lambda: engine.sessions == 0)
    refusals = [message for message in client.messages if message["type"] == "error-response"]
    assert len(refusals) < 100
    await client.close()


async def test_a_peer_that_takes_no_sound_has_it_played_to_nobody(http: httpx.AsyncClient, engine: FakeEngine) -> None:
    client = Client(http, audio=False)
    await client.connect()
    session = engine.opened[0]
    await until(lambda: session.samples > 10_000 and len(client.video) > 5)
    assert client.audio == []
    await client.close()
    await until(lambda: engine.sessions == 0)


async def test_renegotiation_and_restart_keep_the_session(http: httpx.AsyncClient, engine: FakeEngine) -> None:
    client = Client(http)
    await client.connect()
    first_id = client.pc_id
    await until(lambda: len(client.audio) > 10)
    response = await client.offer()
    assert response.status_code == 200
    assert response.json()["pc_id"] == first_id

    old = client.pc
    samples = engine.opened[0].samples
    client.begin()
    await client.connect(restart_pc=True)
    await old.close()
    assert client.pc_id == first_id
    count = len(client.video)
    await until(lambda: engine.opened[0].samples > samples + 20_000 and len(client.video) > count + 5)
    times = engine.opened[0].frame_times
    assert all(later > earlier for earlier, later in itertools.pairwise(times))
    assert engine.sessions == 1
    assert len(engine.opened) == 1
    await client.close()
    await until(lambda: engine.sessions == 0)


async def test_a_client_that_vanishes_is_noticed(
    http: httpx.AsyncClient, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peer_module, "WATCH_INTERVAL_S", 0.1)
    monkeypatch.setattr(peer_module, "SILENT_AFTER_S", 1.8)  # receiver reports come every 0.5 to 1.5 s
    client = Client(http)
    await client.connect()
    await until(lambda: len(client.audio) > 100)  # 2 s: one that is there is not taken for gone
    assert engine.sessions == 1

    async def nothing(_: bytes) -> None:
        """A cable pulled out."""

    transport = client.pc.sctp.transport.transport  # type: ignore[union-attr]
    monkeypatch.setattr(transport, "_send", nothing)
    await until(lambda: engine.sessions == 0)
    await client.close()


async def test_an_offer_that_never_connects_is_given_up(
    http: httpx.AsyncClient, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peer_module, "WATCH_INTERVAL_S", 0.05)
    monkeypatch.setattr(peer_module, "CONNECT_WITHIN_S", 0.2)
    client = Client(http)
    assert (await client.offer()).status_code == 200
    assert engine.sessions == 1
    await until(lambda: engine.sessions == 0)
    await client.close()


async def test_closing_the_server_hangs_up(http: httpx.AsyncClient, engine: FakeEngine, app: FastAPI) -> None:
    client = Client(http)
    await client.connect()
    await app.state.server.close()
    assert engine.sessions == 0
    await until(lambda: {"type": "signalling", "message": {"type": "peerLeft"}} in client.messages)
    await client.close()


async def test_two_hundred_offers_leave_nothing_behind(
    http: httpx.AsyncClient, engine: FakeEngine, app: FastAPI
) -> None:
    client = Client(http)
    await client.pc.setLocalDescription(await client.pc.createOffer())
    body = {"sdp": client.pc.localDescription.sdp, "type": "offer"}
    connections = app.state.server.connections

    async def some_offers(count: int) -> list[int]:
        responses = [await http.post("/api/offer", json=body) for _ in range(count)]
        await connections.close()
        return [response.status_code for response in responses]

    await some_offers(3)
    before = await _held()
    codes = [code for _ in range(20) for code in await some_offers(10)]
    assert set(codes) == {200, 503}
    assert codes.count(200) == 40
    assert engine.sessions == 0
    assert len(connections) == 0
    after = await _held()
    assert after == before
    await client.close()


async def _held() -> dict[str, Any]:
    """What is held just now: tasks by name, and open files."""
    await asyncio.sleep(0.1)
    gc.collect()
    return {
        "tasks": sorted(task.get_coro().__qualname__ for task in asyncio.all_tasks()),  # type: ignore[union-attr]
        "files": psutil.Process().num_fds(),
    }


async def test_metrics_count_turns_frames_and_stages(http: httpx.AsyncClient, engine: FakeEngine) -> None:
    client = Client(http)
    await client.connect()
    session = engine.opened[0]
    await until(lambda: len(client.video) > 5)
    marks = {"speech_end": 1.0, "committed": 1.1, "first_phrase": 1.12, "first_audio": 1.15, "first_out": 1.2}
    session.said.publish(UserTurn(2, "hi", 1.0, 1.1))
    report = TurnReport(2, "hi", "hello", marks, {"endpoint": 0.1, "brain": 0.02})
    session.said.publish(report)
    session.said.publish(report)
    await asyncio.sleep(0.05)
    text = (await http.get("/metrics")).text
    assert "avatar_sessions 1.0" in text
    assert 'avatar_turns_total{how="spoken"} 1.0' in text
    assert 'avatar_stage_seconds_count{stage="endpoint"} 1.0' in text
    assert "avatar_answer_seconds_count 1.0" in text
    fresh = next(line for line in text.splitlines() if line.startswith('avatar_video_frames_total{outcome="fresh"}'))
    assert float(fresh.split()[-1]) > 0
    await client.close()
    await until(lambda: engine.sessions == 0)
    later = (await http.get("/metrics")).text
    kept = next(line for line in later.splitlines() if line.startswith('avatar_video_frames_total{outcome="fresh"}'))
    assert float(kept.split()[-1]) >= float(fresh.split()[-1])
