"""An application with a scripted engine, and an HTTP client inside its own loop."""

import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from runtime.core.settings import load_settings
from runtime.server.app import create_app
from tests.server.fakes import FakeEngine


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def web(tmp_path: Path) -> Path:
    (tmp_path / "index.html").write_text("<!doctype html><title>page</title>")
    return tmp_path


@pytest.fixture
async def app(engine: FakeEngine, web: Path) -> AsyncIterator[FastAPI]:
    app = create_app(engine, load_settings({}, {}), web)
    yield app
    await app.state.server.close()


@pytest.fixture
async def http(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
        yield client


@pytest.fixture(autouse=True)
def no_decoders_left() -> Iterator[None]:
    """aiortc decodes in threads that are no daemons: each must be gone when its peer is closed."""
    yield
    assert [thread.name for thread in threading.enumerate() if thread.name.endswith("-decoder")] == []
