"""The page in Chromium with the real server: a visitor speaks, hears the answer, interrupts, types and leaves."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from benchmarks.server import Server, running
from tests.server.browser import open_page, write_microphone

pytestmark = pytest.mark.chromium

QUESTION = "where are the toilets"
QUIET_S = 9.0  # the greeting is over by then
SOUND_OF_1_S = 0.01  # energy as WebRTC counts it; measured 0.03 to 0.045 while she speaks, 0 while not
LONG_QUESTION = "Tell me about the house"
NO_CAMERA = """
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = (wanted) =>
    wanted.video ? Promise.reject(new DOMException("in use", "NotReadableError")) : open(wanted);
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running("--device", "edge") as server:
        yield server


@pytest.fixture(scope="module")
def microphone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("microphone") / "question.wav"
    write_microphone(path, QUESTION, QUIET_S, after_s=60)
    return path


async def says(page: Page, type_: str, kind: str = "", more_than: int = 0) -> None:
    """Wait until the server has sent more than so many messages of a type."""
    await page.wait_for_function(
        "([type, kind, n]) => watch.of(type, kind).length > n", arg=[type_, kind, more_than], timeout=20_000
    )


async def count(page: Page, type_: str, kind: str = "") -> int:
    return int(await page.evaluate("([type, kind]) => watch.of(type, kind).length", [type_, kind]))


async def mouth(page: Page, ms: int) -> float:
    moved = await page.evaluate("ms => watch.mouth(document.getElementById('video'), ms)", ms)
    return float(moved)


async def test_a_visitor_talks_with_the_character(chromium: str, server: Server, microphone: Path) -> None:
    async with open_page(chromium, microphone) as page:
        await page.goto(server.address)
        await page.wait_for_function("() => fetch(document.getElementById('video').poster).then((got) => got.ok)")
        await page.get_by_role("button", name="Start").click()
        await says(page, "bot-ready")
        await says(page, "bot-stopped-speaking")  # the greeting
        await expect(page.locator("#log li.bot")).to_have_count(1)

        idle = await mouth(page, 1_500)
        before = await page.evaluate("watch.energy()")
        await expect(page.locator("#log li.user")).to_have_text(QUESTION, ignore_case=True, timeout=20_000)
        await says(page, "bot-started-speaking", more_than=1)
        speaking = await mouth(page, 2_000)
        assert speaking > 3 * idle, f"the mouth changes by {speaking:.2f} speaking, {idle:.2f} idle"
        assert await page.evaluate("watch.energy()") > before + SOUND_OF_1_S
        await expect(page.locator("#log li.bot").nth(1)).to_contain_text("behind the stairs")
        await expect(page.locator("#latency-bar rect").first).to_be_visible()
        await expect(page.locator("#latency-total")).to_contain_text("ms")
        await says(page, "bot-stopped-speaking", more_than=1)

        await types_and_interrupts(page)
        await page.get_by_role("button", name="End", exact=True).click()
        await expect(page.get_by_role("button", name="Start")).to_be_visible()
        await page.wait_for_function("() => watch.closed()")
        await has_no_session(server)


async def has_no_session(server: Server) -> None:
    """Wait until the server has given back what the conversation held."""
    for _ in range(100):
        if server.status()["sessions"] == 0:
            return
        await asyncio.sleep(0.05)
    pytest.fail("the conversation is still open")


async def types_and_interrupts(page: Page) -> None:
    """A typed question is answered aloud; a click on the character stops the answer."""
    ended = await count(page, "bot-stopped-speaking")
    await page.get_by_label("Type a question").fill(LONG_QUESTION)
    await page.keyboard.press("Enter")
    await expect(page.locator("#log li.user").nth(1)).to_have_text(LONG_QUESTION)
    await says(page, "bot-started-speaking", more_than=2)
    await page.locator("#character").click()
    await says(page, "server-message", "interrupted")
    await says(page, "bot-stopped-speaking", more_than=ended)
    message = await page.evaluate("watch.of('server-message', 'interrupted')[0].data")
    assert message["cause"] == "click"
    assert min([await sound_of_1_s(page) for _ in range(3)]) < SOUND_OF_1_S / 10  # a busy browser plays on what it has


async def sound_of_1_s(page: Page) -> float:
    """Return the energy of the sound that the page plays in the next second."""
    before = await page.evaluate("watch.energy()")
    await page.wait_for_timeout(1_000)
    return float(await page.evaluate("watch.energy()") - before)


async def test_without_a_microphone_a_visitor_can_type(chromium: str, server: Server) -> None:
    async with open_page(chromium, None) as page:
        await page.goto(server.address)
        await page.get_by_role("button", name="Start").click()
        await says(page, "bot-ready")
        await expect(page.get_by_role("alert")).to_contain_text("microphone is not allowed")
        await says(page, "bot-stopped-speaking")
        before = await page.evaluate("watch.energy()")
        await page.get_by_label("Type a question").fill("Where are the toilets?")
        await page.get_by_role("button", name="Ask").click()
        await expect(page.locator("#log li.bot").nth(1)).to_contain_text("behind the stairs")
        await says(page, "bot-started-speaking", more_than=1)
        await page.wait_for_timeout(1_000)
        assert await page.evaluate("watch.energy()") > before + SOUND_OF_1_S
        await page.get_by_role("button", name="End", exact=True).click()
        await expect(page.get_by_role("button", name="Start")).to_be_visible()


async def test_a_first_question_may_be_typed(chromium: str, server: Server, microphone: Path) -> None:
    async with open_page(chromium, microphone) as page:
        await page.goto(server.address)
        await page.get_by_label("Type a question").fill("When do you open?")
        await page.keyboard.press("Enter")
        await says(page, "bot-started-speaking")
        await expect(page.locator("#log li.user")).to_have_text("When do you open?")
        await expect(page.locator("#state")).to_have_text("Speaking")
        await expect(page.get_by_role("alert")).to_be_hidden()
        await page.get_by_role("button", name="Turn on mic").click()
        await expect(page.get_by_role("button", name="Mute", exact=True)).to_be_visible()
        await page.keyboard.press("Escape")
        await says(page, "server-message", "interrupted")
        await page.get_by_role("button", name="End", exact=True).click()
        await has_no_session(server)


async def test_a_camera_that_fails_is_said_and_hearing_goes_on(chromium: str, server: Server, microphone: Path) -> None:
    async with open_page(chromium, microphone) as page:
        await page.add_init_script(NO_CAMERA)
        await page.goto(server.address)
        await page.get_by_role("button", name="Start").click()
        await says(page, "bot-ready")
        await page.locator("#devices summary").click()
        await page.get_by_label("Camera", exact=True).select_option(index=1)
        await expect(page.get_by_role("alert")).to_contain_text("camera can't be used")
        await expect(page.get_by_label("Camera", exact=True)).to_have_value("off")
        await expect(page.get_by_role("button", name="Mute", exact=True)).to_be_visible()
        await page.get_by_role("button", name="End", exact=True).click()
        await has_no_session(server)
