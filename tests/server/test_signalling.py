"""What arrives at the HTTP side, well and badly formed."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from runtime.core.settings import load_settings
from runtime.delivery.rtvi import PICTURES
from runtime.server import app as app_module
from runtime.server.app import SECURITY_HEADERS, create_app
from tests.server.fakes import Client, FakeEngine


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"{", 422),
        (b"[]", 422),
        (b"\xff\xfe", 422),
        (b'{"type": "offer"}', 422),
        (b'{"sdp": 5, "type": "offer"}', 422),
        (b'{"sdp": "", "type": "offer"}', 422),
        (b'{"sdp": "v=0", "type": "answer"}', 422),
        (b'{"sdp": "v=0", "type": "offer", "pc_id": 7}', 422),
        (b'{"sdp": "v=0", "type": "offer", "restart_pc": "perhaps"}', 422),
        (b'{"sdp": "not sdp at all", "type": "offer"}', 400),
        (b'{"sdp": "v=0\\r\\nm=audio", "type": "offer"}', 400),
        (b'{"sdp": "v=0\\r\\no=- 1 1 IN IP4 0.0.0.0\\r\\ns=-\\r\\nt=0 0\\r\\n", "type": "offer"}', 400),
        (b'{"sdp": "' + b"v=0 " * 16_000 + b'", "type": "offer"}', 400),
        (b'{"sdp": "' + b"v=0 " * 17_000 + b'", "type": "offer"}', 413),
    ],
)
async def test_a_bad_offer_is_refused_with_words(
    http: httpx.AsyncClient, engine: FakeEngine, body: bytes, status: int
) -> None:
    response = await http.post("/api/offer", content=body)
    assert response.status_code == status
    assert response.json()["error"]
    assert response.json()["remedy"]
    assert engine.opened == []


async def test_a_body_that_does_not_come_is_not_waited_for(
    http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def slow() -> AsyncIterator[bytes]:
        yield b'{"sdp": '
        await asyncio.sleep(30)

    monkeypatch.setattr(app_module, "BODY_WITHIN_S", 0.05)
    response = await http.post("/api/offer", content=slow())
    assert response.status_code == 408
    assert "did not come" in response.json()["error"]


async def test_an_offer_without_common_codec_leaves_no_session(http: httpx.AsyncClient, engine: FakeEngine) -> None:
    client = Client(http, video=False)
    await client.pc.setLocalDescription(await client.pc.createOffer())
    sdp = client.pc.localDescription.sdp
    for name in ("opus/48000/2", "G722/8000", "PCMU/8000", "PCMA/8000"):
        sdp = sdp.replace(name, "L24/96000/8")
    response = await http.post("/api/offer", json={"sdp": sdp, "type": "offer"})
    assert response.status_code == 400
    await client.close()
    assert engine.sessions == 0


async def test_truncated_offers_never_break_the_server(
    http: httpx.AsyncClient, engine: FakeEngine, app: FastAPI
) -> None:
    client = Client(http)
    await client.pc.setLocalDescription(await client.pc.createOffer())
    sdp = client.pc.localDescription.sdp
    for end in range(0, len(sdp), 97):
        response = await http.post("/api/offer", json={"sdp": sdp[:end], "type": "offer"})
        assert response.status_code in (200, 400, 422), sdp[:end]
        await app.state.server.connections.close()
    await client.close()
    assert engine.sessions == 0


async def test_the_cap_is_a_clear_503(http: httpx.AsyncClient, engine: FakeEngine) -> None:
    clients = [Client(http) for _ in range(3)]
    codes = [(await client.offer()) for client in clients]
    assert [response.status_code for response in codes] == [200, 200, 503]
    assert codes[2].headers["retry-after"] == "7"
    assert codes[2].json() == {"error": "All places are taken.", "remedy": "Try again in 7 s."}
    for client in clients:
        await client.close()


async def test_before_the_models_are_loaded(http: httpx.AsyncClient, engine: FakeEngine) -> None:
    engine.ready = False
    assert (await http.get("/health")).status_code == 200
    ready = await http.get("/ready")
    assert (ready.status_code, ready.json()["ready"]) == (503, False)
    client = Client(http)
    response = await client.offer()
    assert response.status_code == 503
    assert int(response.headers["retry-after"]) > 0
    await client.close()
    engine.ready = True
    assert (await http.get("/ready")).json()["persona"] == "Ada"


async def test_candidates(http: httpx.AsyncClient) -> None:
    client = Client(http)
    pc_id = (await client.offer()).json()["pc_id"]
    good = "candidate:1 1 UDP 2130706431 192.0.2.7 50000 typ host"

    async def patch(body: Any) -> int:
        return (await http.patch("/api/offer", json=body)).status_code

    pythonic = {"candidate": good, "sdp_mid": "0", "sdp_mline_index": 0}

    assert await patch({"pc_id": pc_id, "candidates": []}) == 200
    assert await patch({"pc_id": pc_id, "candidates": [pythonic]}) == 200
    assert await patch({"pc_id": pc_id, "candidates": [{"candidate": good, "sdpMid": "0", "sdpMLineIndex": 0}]}) == 200
    assert await patch({"pc_id": pc_id, "candidates": [{"candidate": "", "sdp_mid": "0"}]}) == 200
    tcp = good.replace("UDP", "TCP") + " tcptype active"
    assert await patch({"pc_id": pc_id, "candidates": [{"candidate": tcp, "sdp_mid": "0"}]}) == 200
    assert await patch({"pc_id": pc_id, "candidates": [{"candidate": "candidate:1 1 UDP", "sdp_mid": "0"}]}) == 400
    assert await patch({"pc_id": pc_id, "candidates": [{"candidate": good}]}) == 400
    assert await patch({"pc_id": "another", "candidates": []}) == 404
    assert await patch({"pc_id": None, "candidates": []}) == 422
    assert await patch({"pc_id": pc_id, "candidates": [{"candidate": good, "sdp_mid": "0"}] * 65}) == 422
    assert await patch({"pc_id": pc_id, "candidates": [{"candidate": "x" * 70_000}]}) == 413
    await client.close()


async def test_the_page_is_served_strictly(http: httpx.AsyncClient) -> None:
    page = await http.get("/")
    assert page.status_code == 200
    assert "<title>page</title>" in page.text
    for name, value in SECURITY_HEADERS.items():
        assert page.headers[name] == value
    assert "http" not in page.headers["content-security-policy"]
    again = await http.get("/", headers={"if-none-match": page.headers["etag"]})
    assert again.status_code == 304
    assert (await http.get("/nothing.js")).status_code == 404
    assert (await http.get("/../app.py")).status_code == 404
    assert (await http.get("/docs")).status_code == 404


async def test_the_picture_of_the_character(http: httpx.AsyncClient, engine: FakeEngine) -> None:
    assert (await http.get("/avatar/preview.png")).status_code == 404
    engine.preview_picture = b"\x89PNG picture"
    answer = await http.get("/avatar/preview.png")
    assert (answer.headers["content-type"], answer.content) == ("image/png", engine.preview_picture)


async def test_only_pictures_that_the_persona_lists_are_served(http: httpx.AsyncClient, engine: FakeEngine) -> None:
    engine.pictures["the hall/a b.png"] = (b"\x89PNG picture", "image/png")
    answer = await http.get(f"/{PICTURES}the%20hall/a%20b.png")
    assert (answer.headers["content-type"], answer.content) == ("image/png", b"\x89PNG picture")
    assert answer.headers["x-content-type-options"] == "nosniff"
    for path in ("", "persona.toml", "../persona.toml", "%2e%2e/persona.toml", "the%20hall"):
        assert (await http.get(f"/{PICTURES}{path}")).status_code in (404, 405)


async def test_session_information_keeps_passwords(engine: FakeEngine, web: Any) -> None:
    servers = ["stun:stun.example:3478", "turn:ann:secret@turn.example"]
    settings = load_settings({"ice_servers": servers, "token": "a-long-token"}, {})
    app = create_app(engine, settings, web)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
        stranger = (await http.get("/api/session")).json()
        assert stranger["needs_token"] is True
        assert stranger["authorised"] is False
        assert stranger["ice_servers"] == []
        friend = (await http.get("/api/session", headers={"authorization": "Bearer a-long-token"})).json()
        assert friend["authorised"] is True
        assert friend["name"] == "Ada"
        assert friend["ice_servers"] == [
            {"urls": "stun:stun.example:3478"},
            {"urls": "turn:turn.example", "username": "ann", "credential": "secret"},
        ]
