"""The server as a whole: it starts, says where, and ends when told to."""

import asyncio
import contextlib
import datetime
import os
import re
import signal
import socket
import ssl
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from runtime.core.errors import UserError
from runtime.core.settings import load_settings
from runtime.server.run import serve
from tests.server.fakes import Client, FakeEngine, until


class SlowEngine(FakeEngine):
    """Gets ready when told to, or fails to."""

    def __init__(self, error: UserError | None = None) -> None:
        super().__init__()
        self.ready = False
        self.go_on = asyncio.Event()
        self.error = error

    async def start(self) -> None:
        await self.go_on.wait()
        if self.error is not None:
            raise self.error
        self.ready = True


@contextlib.asynccontextmanager
async def serving(
    engine: FakeEngine, capsys: pytest.CaptureFixture[str], **settings: object
) -> AsyncIterator[tuple[str, "asyncio.Task[None]"]]:
    """A running server and the address it printed."""
    task = asyncio.create_task(serve(engine, load_settings({"port": 0, **settings}, {})))
    printed = ""

    def ready() -> bool:
        nonlocal printed
        printed += capsys.readouterr().out
        return task.done() or "Open " in printed

    try:
        await until(ready)
        match = re.search(r"Open (\S+)", printed)
        assert match, printed
        yield match[1], task
    finally:
        if not task.done():
            os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(task, 5)


async def test_sigterm_ends_it_with_open_sessions(capsys: pytest.CaptureFixture[str]) -> None:
    engine = FakeEngine()
    async with serving(engine, capsys) as (where, task):
        async with httpx.AsyncClient(base_url=where) as http:
            assert (await http.get("/health")).json() == {"status": "ok"}
            client = Client(http)
            await client.connect()
            await until(lambda: len(client.audio) > 5)
            begun_s = time.monotonic()
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.wait_for(task, 5)
        assert time.monotonic() - begun_s < 5
        await client.close()
    assert engine.closed
    assert engine.sessions == 0


async def test_health_answers_before_the_models_are_loaded(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    engine = SlowEngine()
    task = asyncio.create_task(serve(engine, load_settings({"port": port}, {})))
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
        for _ in range(200):
            with contextlib.suppress(httpx.ConnectError):
                assert (await http.get("/health")).status_code == 200
                break
            await asyncio.sleep(0.01)
        assert (await http.get("/ready")).status_code == 503
        assert "Ready." not in capsys.readouterr().out
        engine.go_on.set()
        await asyncio.sleep(0.05)
        assert (await http.get("/ready")).status_code == 200
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(task, 5)
    assert f"http://127.0.0.1:{port}\n" in capsys.readouterr().out


async def test_an_engine_that_cannot_start_ends_the_server() -> None:
    engine = SlowEngine(UserError("The voice is missing.", "Install it."))
    engine.go_on.set()
    with pytest.raises(UserError, match="The voice is missing"):
        await asyncio.wait_for(serve(engine, load_settings({"port": 0}, {})), 5)
    assert engine.closed


async def test_a_taken_port_is_one_clear_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(UserError, match=f"Port {port} is taken"):
            await serve(FakeEngine(), load_settings({"port": port}, {}))


async def test_an_address_of_another_machine() -> None:
    with pytest.raises(UserError, match=r"192\.0\.2\.1"):
        await serve(FakeEngine(), load_settings({"host": "192.0.2.1", "port": 0}, {}))


async def test_beyond_this_machine_a_token_is_made_and_printed(capsys: pytest.CaptureFixture[str]) -> None:
    async with serving(FakeEngine(), capsys, host="0.0.0.0") as (where, _):
        token = httpx.URL(where).params["token"]
        port = httpx.URL(where).port
        assert len(token) >= 20
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
            assert (await http.get("/metrics")).status_code == 401
            assert (await http.get("/metrics", headers={"authorization": f"Bearer {token}"})).status_code == 200


async def test_https(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    cert, key = certificate(tmp_path)
    async with serving(FakeEngine(), capsys, tls_cert=cert, tls_key=key) as (where, _):
        assert where.startswith("https://127.0.0.1:")
        context = ssl.create_default_context(cafile=str(cert))
        context.check_hostname = False
        async with httpx.AsyncClient(base_url=where, verify=context) as http:
            assert (await http.get("/health")).status_code == 200


async def test_a_certificate_that_is_none(tmp_path: Path) -> None:
    broken = tmp_path / "cert.pem"
    broken.write_text("not a certificate")
    with pytest.raises(UserError, match="certificate"):
        await serve(FakeEngine(), load_settings({"port": 0, "tls_cert": broken, "tls_key": broken}, {}))


def certificate(folder: Path) -> tuple[Path, Path]:
    """Write a self-signed certificate and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    today = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(today - datetime.timedelta(days=1))
        .not_valid_after(today + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    cert_path, key_path = folder / "cert.pem", folder / "key.pem"
    cert_path.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return cert_path, key_path
