"""A client and the server in one process: sound, pictures and messages both ways, and nothing left behind."""

import asyncio

import httpx
import numpy as np
from fastapi import FastAPI

from runtime.core.messages import BotStartedSpeaking, Interrupted, Transcript, UserTurn
from tests.server.fakes import Client, FakeEngine, until


async def test_sound_and_pictures_arrive_together(http: httpx.AsyncClient, engine: FakeEngine) -> None:
    client = Client(http, camera=True)
    await client.connect()
    client.send("client-ready", {"version": "2.1.0"})
    ready = await client.message("bot-ready")
    assert ready["id"] == "1"
    assert ready["data"]["version"] == "2.1.0"
    session = engine.opened[0]
    assert session.greetings == 1
    await until(lambda: len(client.video) > 40 and len(client.audio) > 80)
    await until(lambda: len(session.heard) > 20 and len(session.seen) > 3)
    # At the end of the first bright half second both have its times stamped on them, to within one frame.
    beep_s = next(
        float(frame.pts * frame.time_base) for _, frame in client.audio if np.abs(frame.to_ndarray()).max() > 5_000
    )
    shine_s = next(
        float(frame.pts * frame.time_base) for _, frame in client.video if frame.to_ndarray()[:48].mean() > 120
    )
    # Opus looks 6.5 ms ahead, so a frame of it may begin to sound one frame early; pictures come every 40 ms.
    first_video_s = float(client.video[0][1].pts * client.video[0][1].time_base)
    assert first_video_s >= 0
    assert 0.46 <= beep_s <= 0.54
    assert 0.46 - first_video_s <= shine_s <= 0.56
    assert all(later > earlier for earlier, later in zip(session.frame_times, session.frame_times[1:], strict=False))
    assert session.heard[0].samples.dtype == np.float32
    assert max(len(chunk.samples) for chunk in session.heard) <= 1_600
    assert session.seen[0].rgb.shape == (480, 640, 3)
    await client.close()
    await until(lambda: engine.sessions == 0)
