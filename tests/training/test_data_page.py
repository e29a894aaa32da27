"""Every data set has a page and a row in the list of all; both name the models that learn from it."""

import re
from pathlib import Path

import pytest

from training.__main__ import models
from training.cards import CARDS_FOLDER

LIST = Path(__file__).parents[2] / "docs/data.md"
PAGES = LIST.parent / "data"


def pages() -> dict[str, str]:
    """The text of each page, by the path of its set below the data folder."""
    found = {}
    for page in PAGES.glob("*.md"):
        text = page.read_text(encoding="utf-8")
        place = re.search(r"^Its place below the data folder: `(.+?)`", text, re.MULTILINE)
        assert place, f"{page.name} does not say where its set lies"
        found[place[1]] = text
    return found


def test_every_set_with_a_card_has_a_page_and_a_row() -> None:
    cards = {card.stem for card in CARDS_FOLDER.glob("*.toml")}
    assert cards == {page.stem for page in PAGES.glob("*.md")}
    assert cards == set(re.findall(r"\(data/(.+?)\.md\)", LIST.read_text(encoding="utf-8")))


@pytest.mark.parametrize("model", sorted(models()))
def test_the_page_of_a_set_names_the_models_that_learn_from_it(model: str) -> None:
    found = pages()
    rows = LIST.read_text(encoding="utf-8").splitlines()
    for wanted in models()[model].DATA:
        sets = [path for path in found if path == wanted or path.startswith(f"{wanted}/")]
        assert sets, f"docs/data has no page on {wanted}"
        for path in sets:
            assert f"`{model}`" in found[path].partition("Used by:")[2], f"the page of {path} leaves {model} out"
            row = next(row for row in rows if f"`{path}`" in row)
            assert f"`{model}`" in row, f"docs/data.md: {path} is used by {model}"
