"""A picture of the persona's own, shown in Chromium beside the character while it speaks of it."""

from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from playwright.async_api import FloatRect, Page, expect

from benchmarks.server import running
from tests.personas import BO
from tests.server.browser import open_page

pytestmark = pytest.mark.chromium

PERSONA = (
    BO
    + """[[knowledge]]
id = "plan"
questions = ["where is the cafe"]
answer = "The cafe is on the first floor. It opens at nine."
picture = "plan of the house.png"
[[knowledge]]
id = "wifi"
questions = ["is there wifi"]
answer = "Yes, everywhere."
"""
)
CAPTION = "The first floor, with the cafe beside the stairs."
ALT = "A floor plan with two rooms"


@pytest.fixture
def persona(tmp_path: Path) -> Path:
    knowledge = tmp_path / "knowledge"
    knowledge.mkdir()
    picture = Image.new("RGB", (600, 400), "#f4ead8")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((40, 40, 300, 360), outline="#1f5560", width=8)
    pen.rectangle((300, 40, 560, 360), outline="#b84735", width=8)
    picture.save(knowledge / "plan of the house.png")
    (knowledge / "pictures.csv").write_text(f'file,caption,alt\nplan of the house.png,"{CAPTION}",{ALT}\n')
    (tmp_path / "persona.toml").write_text(PERSONA)
    return tmp_path


async def ask(page: Page, text: str, answer: str) -> None:
    await page.get_by_label("Type a question").fill(text)
    await page.keyboard.press("Enter")
    await expect(page.locator("#log li.bot").last).to_contain_text(answer)


async def test_a_picture_is_shown_with_its_answer_and_goes_with_the_next(
    chromium: str, persona: Path, tmp_path: Path
) -> None:
    with running("--device", "edge", "--persona", str(persona)) as server:
        async with open_page(chromium, None) as page:
            await page.goto(server.address)
            await page.get_by_role("button", name="Start").click()
            await expect(page.locator("#log li.bot")).to_have_count(1)
            figure, image = page.locator("#picture"), page.locator("#picture-image")
            await expect(figure).to_be_hidden()
            await ask(page, "Where is the cafe?", "first floor")
            await expect(figure).to_be_visible()
            await expect(page.get_by_role("img", name=ALT)).to_be_visible()
            await expect(figure.locator("figcaption")).to_have_text(CAPTION)
            assert await image.evaluate("image => image.naturalWidth") == 600
            for width, height in ((1280, 800), (1920, 1080), (390, 844), (844, 390)):
                await page.set_viewport_size({"width": width, "height": height})
                await figure.scroll_into_view_if_needed()
                stage, shown = await page.locator(".stage").bounding_box(), await image.bounding_box()
                assert stage is not None
                assert shown is not None
                assert not overlap(stage, shown), f"at {width}x{height} the picture covers the character"
                assert shown["width"] / shown["height"] == pytest.approx(1.5, rel=0.02)
                assert shown["height"] >= 60
                await page.screenshot(path=tmp_path / f"picture-{width}x{height}.png")
            await page.set_viewport_size({"width": 1280, "height": 800})
            await ask(page, "Is there wifi?", "everywhere")
            await expect(figure).to_be_hidden()
            await ask(page, "Show me the plan of the house", "beside the stairs")  # the caption is said
            await expect(figure).to_be_visible()
            await page.get_by_role("button", name="End", exact=True).click()
            await expect(figure).to_be_hidden()


def overlap(one: FloatRect, other: FloatRect) -> bool:
    across = one["x"] < other["x"] + other["width"] and other["x"] < one["x"] + one["width"]
    return across and one["y"] < other["y"] + other["height"] and other["y"] < one["y"] + one["height"]
