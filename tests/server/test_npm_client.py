"""The published client packages talk with the real server, unchanged."""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import platformdirs
import pytest
from playwright.async_api import Page, Route

from benchmarks.server import Server, running
from tests.personas import brief_concierge
from tests.server.browser import open_page, write_microphone

pytestmark = pytest.mark.chromium

NPM = Path(__file__).parent / "npm"
QUESTION = "where are the toilets"
QUIET_S = 5.0  # the greeting is over by then
INSTALL_S = 180


CACHE = platformdirs.user_cache_path("avatar-runtime-tests")
"""Kept from run to run, since it takes a download."""


@pytest.fixture(scope="module")
def bundle() -> str:
    """The packages of the lock file and `entry.js` as one script; made once for each content of that folder."""
    missing = [name for name in ("node", "npm") if shutil.which(name) is None]
    if missing:
        if os.environ.get("CI"):
            pytest.fail(f"{' and '.join(missing)} missing; .ci/run should have installed them", pytrace=False)
        pytest.skip(f"{' and '.join(missing)} not installed")
    sources = [NPM / name for name in (".npmrc", "package.json", "package-lock.json", "entry.js")]
    content = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:16]
    folder = CACHE / content
    made = folder / "bundle.js"
    if not made.exists():
        folder.mkdir(parents=True, exist_ok=True)
        for path in sources:
            shutil.copy(path, folder)
        _run(["npm", "ci", "--no-progress", "--ignore-scripts"], folder)
        _run(["node_modules/.bin/esbuild", "entry.js", "--bundle", "--format=iife", "--outfile=half.js"], folder)
        (folder / "half.js").rename(made)
    return made.read_text()


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=INSTALL_S, check=False)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stdout}{done.stderr}"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running("--device", "edge", "--persona", brief_concierge(tmp_path_factory.mktemp("persona"))) as server:
        yield server


async def told(page: Page, name: str, where: str = "true") -> Any:
    """Wait until a callback was called with data `d` for which an expression holds; return the first such data."""
    handle = await page.wait_for_function(f"() => of({name!r}).find((d) => {where})")
    return await handle.json_value()


async def test_the_published_client_connects_unchanged(
    chromium: str, server: Server, bundle: str, tmp_path: Path
) -> None:
    write_microphone(tmp_path / "question.wav", QUESTION, QUIET_S, after_s=60)

    async def application(route: Route) -> None:
        if route.request.url.endswith("bundle.js"):
            await route.fulfill(content_type="text/javascript", body=bundle)
        else:
            await route.fulfill(content_type="text/html", body='<!doctype html><script src="bundle.js"></script>')

    async with open_page(chromium, tmp_path / "question.wav") as page:
        await page.route("**/application/*", application)
        await page.goto(f"{server.address}/application/index.html")
        await page.evaluate("url => client.connect({ webrtcRequestParams: { endpoint: url } })", "/api/offer")
        assert (await told(page, "botReady"))["version"] == "2.1.0"
        assert await page.evaluate("client.state") == "ready"
        await told(page, "track", "d.kind === 'audio' && !d.local")
        await told(page, "track", "d.kind === 'video' && !d.local")
        await told(page, "botStopped")  # the greeting
        await hears_the_microphone(page)
        await answers_text(page)
        await is_interrupted(page)
        await page.evaluate("client.disconnect()")
        await told(page, "disconnected")
        assert await page.evaluate("client.state") == "disconnected"
        assert await page.evaluate("[...of('error'), ...of('messageError')]") == []


async def hears_the_microphone(page: Page) -> None:
    final = await told(page, "userTranscript", "d.final")
    assert final["text"].lower() == QUESTION
    assert await page.evaluate("of('userTranscript').some((d) => !d.final)")
    assert await page.evaluate("of('userStarted').length") == 1
    answer = await told(
        page, "botOutput", "d.spoken_status === 'completed' && /behind the stairs/.test(d.text) && d.segment_id > 1"
    )
    assert answer["spoken_progress"]["remaining_text"] == ""
    await page.wait_for_function("of('botStopped').length > 1")


async def answers_text(page: Page) -> None:
    await page.evaluate("client.sendText('When do you open?')")
    await told(page, "botTranscript", "/ten to six/.test(d.text)")
    await told(page, "botTtsText", "/six/.test(d.text)")
    await told(page, "metrics", "d.processing?.length")


async def is_interrupted(page: Page) -> None:
    assert await page.evaluate("client.sendClientRequest('interrupt')") == {"done": True}
    interrupted = await told(page, "serverMessage", "d.type === 'interrupted'")
    assert interrupted["cause"] == "click"
