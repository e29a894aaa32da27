"""Who may do what."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from runtime.core.settings import load_settings
from runtime.server.access import COOKIE, MAX_ADDRESSES, OFFER_BURST, Access, Knock, is_loopback, new_token
from runtime.server.app import create_app
from tests.server.fakes import FakeEngine

TOKEN = "a-token-of-some-length"


def knock(path: str = "/api/offer", method: str = "POST", address: str = "192.0.2.9", **headers: str) -> Knock:
    headers.setdefault("host", "avatar.example:8080")
    return Knock(method, path, headers, {}, "", address)


def status(access: Access, request: Knock, time_s: float = 0.0) -> int:
    refusal = access.judge(request, time_s)
    return refusal.status if refusal else 200


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost:8080", 200),
        ("127.0.0.1:8080", 200),
        ("127.3.2.1", 200),
        ("[::1]:8080", 200),
        ("app.localhost", 200),
        ("evil.example:8080", 403),
        ("localhost.evil.example", 403),
        ("127.0.0.1.evil.example", 403),
        ("192.0.2.1:8080", 403),
        ("", 403),
    ],
)
def test_a_local_server_answers_to_local_names_alone(host: str, expected: int) -> None:
    assert status(Access(None, loopback=True), knock(path="/", method="GET", host=host)) == expected


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        ("http://localhost:8080", 200),
        ("http://localhost:5173", 200),
        ("http://evil.example", 403),
        ("null", 403),
        ("", 403),
    ],
)
def test_a_local_server_takes_offers_of_local_pages_alone(origin: str, expected: int) -> None:
    access = Access(None, loopback=True)
    assert status(access, knock(host="localhost:8080", address="127.0.0.1", origin=origin)) == expected


def test_beyond_this_machine_the_token_decides() -> None:
    access = Access(TOKEN, loopback=False)
    assert status(access, knock()) == 401
    assert status(access, knock(authorization=f"Bearer {TOKEN}")) == 200
    assert status(access, knock(authorization=f"bearer  {TOKEN} ")) == 200
    assert status(access, knock(authorization=f"Basic {TOKEN}")) == 401
    assert status(access, knock(authorization="Bearer wrong")) == 401
    assert status(access, knock(authorization="Bearer äöü")) == 401
    assert status(access, knock(path="/metrics", method="GET")) == 401
    assert status(access, knock(path="/api/pictures/hall.png", method="GET")) == 401
    assert status(access, knock(path="/health", method="GET")) == 200
    by_cookie = Knock("POST", "/api/offer", {"host": "a.example"}, {COOKIE: TOKEN}, "", "192.0.2.9")
    assert status(access, by_cookie) == 200


def test_a_page_of_another_site_must_bring_the_token_itself() -> None:
    access = Access(TOKEN, loopback=False)
    theirs = {"host": "a.example", "origin": "https://other.example"}
    with_cookie = Knock("POST", "/api/offer", theirs, {COOKIE: TOKEN}, "", "192.0.2.9")
    assert status(access, with_cookie) == 403
    assert status(access, knock(**theirs, authorization=f"Bearer {TOKEN}")) == 200
    assert status(access, knock(**theirs, method="OPTIONS")) == 200
    assert status(access, knock(host="a.example", origin="https://a.example", authorization=f"Bearer {TOKEN}")) == 200


def test_offers_of_one_address_are_limited() -> None:
    access = Access(None, loopback=False)
    burst = [status(access, knock()) for _ in range(int(OFFER_BURST) + 3)]
    assert burst == [200] * int(OFFER_BURST) + [429] * 3
    assert status(access, knock(address="192.0.2.10")) == 200
    assert status(access, knock(), time_s=10.0) == 200
    for number in range(2 * MAX_ADDRESSES):
        access.judge(knock(address=f"2001:db8::{number:x}"), 11.0)
    assert len(access._offers) == MAX_ADDRESSES


def test_names_of_this_machine() -> None:
    assert is_loopback("LOCALHOST.")
    assert not is_loopback("localhost.example")
    assert not is_loopback("0.0.0.0")


def test_tokens_differ() -> None:
    assert len({new_token() for _ in range(100)}) == 100
    assert len(new_token()) >= 20


async def test_the_token_in_the_address_becomes_a_cookie(web: Path) -> None:
    app = create_app(FakeEngine(), load_settings({"token": TOKEN, "host": "0.0.0.0"}, {}), web)
    transport: Any = httpx.ASGITransport(app, client=("192.0.2.9", 1))
    async with httpx.AsyncClient(transport=transport, base_url="https://avatar.example") as http:
        assert (await http.get("/metrics")).status_code == 401
        assert (await http.get("/?token=wrong")).status_code == 200
        assert (await http.get("/metrics")).status_code == 401
        redirected = await http.get(f"/?token={TOKEN}")
        assert (redirected.status_code, redirected.headers["location"]) == (303, "/")
        cookie = redirected.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert "secure" in cookie
        assert (await http.get("/metrics")).status_code == 200


async def test_a_local_page_on_another_port_may_connect(http: httpx.AsyncClient) -> None:
    origin = {"origin": "http://localhost:5173"}
    preflight = await http.options("/api/offer", headers={**origin, "access-control-request-method": "POST"})
    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-origin"] == "http://localhost:5173"
    refused = await http.post("/api/offer", content=b"{", headers=origin)
    assert refused.headers["access-control-allow-origin"] == "http://localhost:5173"
    stranger = await http.post("/api/offer", content=b"{", headers={"origin": "http://evil.example"})
    assert stranger.status_code == 403
    assert "access-control-allow-origin" not in stranger.headers
