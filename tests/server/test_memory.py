"""A visitor agrees to be remembered, comes back in the same browser, is greeted by name, and has it all erased."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from benchmarks.server import Server, running
from tests.personas import brief_concierge
from tests.server.browser import open_page

pytestmark = pytest.mark.chromium

KEY = "avatar-memory"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with running("--device", "edge", "--data-dir", str(tmp_path), "--persona", brief_concierge(tmp_path)) as server:
        yield server


async def start(page: Page, server: Server) -> None:
    await page.goto(server.address)
    await page.get_by_role("button", name="Start").click()
    await heard(page)


async def heard(page: Page) -> str:
    """Wait until the character has said its answer to the end; return the words of all its answers so far."""
    answers = "() => watch.of('bot-stopped-speaking', '').length > (window.heardAnswers ?? 0)"
    await page.wait_for_function(answers, timeout=40_000)
    await page.evaluate("() => { window.heardAnswers = watch.of('bot-stopped-speaking', '').length }")
    return " ".join(await page.locator("#log li.bot").all_inner_texts())


async def say(page: Page, text: str) -> str:
    await page.get_by_label("Type a question").fill(text)
    await page.keyboard.press("Enter")
    return await heard(page)


async def token(page: Page) -> str | None:
    kept: str | None = await page.evaluate("key => localStorage.getItem(key)", KEY)
    return kept


async def test_a_visitor_is_remembered_once_they_agree(chromium: str, server: Server) -> None:
    async with open_page(chromium, None) as page:
        await start(page, server)
        assert "May I remember you?" in await say(page, "I'm Anna")
        assert await token(page) is None
        assert "I will remember you" in await say(page, "yes")
        assert await token(page)
        await page.get_by_role("button", name="End", exact=True).click()
        await expect(page.get_by_role("button", name="Start")).to_be_visible()
        await start(page, server)
        assert "Welcome back, Anna." in " ".join(await page.locator("#log li.bot").all_inner_texts())
        assert "erased everything" in await say(page, "forget me")
        assert await token(page) is None
