"""The page in Chromium with a camera: signs of a real hand steer the real character, and the switch is obeyed."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.async_api import Page, expect

from benchmarks.server import Server, running
from tests.perception.vision.pictures import hand_picture, needs_mediapipe
from tests.personas import brief_concierge
from tests.server.browser import open_page, write_camera, write_microphone
from tests.server.test_chromium import LONG_QUESTION, count, says

pytestmark = [pytest.mark.chromium, needs_mediapipe]
PALM = "5_pic00105"
PALM_EVERY_S = 6.0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running("--device", "edge", "--persona", brief_concierge(tmp_path_factory.mktemp("persona"))) as server:
        yield server


@pytest.fixture(scope="module")
def devices(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A silent microphone, and a camera that shows nobody and then an open palm, again and again."""
    folder = tmp_path_factory.mktemp("devices")
    palm = hand_picture(PALM)
    nobody = np.full_like(palm, 90)
    write_microphone(folder / "quiet.wav", "hm", 0.0, after_s=120)
    write_camera(folder / "palm.y4m", [(nobody, PALM_EVERY_S - 2.0), (palm, 2.0)])
    return folder / "quiet.wav", folder / "palm.y4m"


async def opens_the_camera(page: Page, server: Server) -> None:
    await page.goto(server.address)
    await page.get_by_role("button", name="Start").click()
    await says(page, "bot-ready")
    await says(page, "bot-stopped-speaking")  # the greeting
    await page.locator("#devices summary").click()
    camera = page.get_by_label("Camera", exact=True)
    await camera.select_option(index=1)
    await says(page, "server-response", more_than=1)


async def test_an_open_palm_stops_the_character_and_the_page_shows_what_was_seen(
    chromium: str, server: Server, devices: tuple[Path, Path]
) -> None:
    async with open_page(chromium, *devices) as page:
        await opens_the_camera(page, server)
        await page.get_by_label("Show me what you see").check()
        await says(page, "server-message", "sight")
        stopped = "watch.of('server-message', 'interrupted').some((m) => m.data.cause === 'gesture')"
        for _ in range(8):  # an answer may be over before the palm comes
            await page.get_by_label("Type a question").fill(LONG_QUESTION)
            await page.keyboard.press("Enter")
            await page.wait_for_timeout(1_000 * PALM_EVERY_S / 2)
            if await page.evaluate(stopped):
                break
        assert await page.evaluate(stopped)
        assert await page.evaluate("watch.of('server-message', 'gesture')[0].data.name") == "open_palm"
        await expect(page.locator("#seen-words")).to_contain_text("Sign: stop", timeout=10_000)


async def test_a_camera_that_is_switched_off_is_not_looked_at(
    chromium: str, server: Server, devices: tuple[Path, Path]
) -> None:
    async with open_page(chromium, *devices) as page:
        await opens_the_camera(page, server)
        # The camera goes on sending, as a page that cheats would: the server must obey all the same.
        await page.evaluate("watch.send('client-message', { t: 'perceive', d: { camera: false, show: true } })")
        await says(page, "server-response", more_than=2)
        before = await count(page, "server-message", "gesture")
        await page.wait_for_timeout(1_000 * PALM_EVERY_S + 1_000)
        assert await count(page, "server-message", "gesture") == before
        assert await count(page, "server-message", "sight") == 0
