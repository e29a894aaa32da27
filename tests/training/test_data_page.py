"""The page on data sets names every set that has a card, and the models that learn from it."""

import re
from pathlib import Path

import pytest

from training.__main__ import models
from training.cards import CARDS_FOLDER, card_path

PAGE = Path(__file__).parents[2] / "docs/data.md"


def sections() -> dict[str, str]:
    """The text of each section, by the path in its heading."""
    parts = re.split(r"^### .*`(.+)`$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_every_set_with_a_card_has_a_section() -> None:
    cards = {card_path(name.removesuffix("/two_cities_16k.wav")).name for name in sections()}
    assert cards == {path.name for path in CARDS_FOLDER.glob("*.toml")}


@pytest.mark.parametrize("model", sorted(models()))
def test_the_section_of_a_set_names_the_models_that_learn_from_it(model: str) -> None:
    found = sections()
    for wanted in models()[model].DATA:
        texts = [text for path, text in found.items() if path == wanted or path.startswith(f"{wanted}/")]
        assert texts, f"docs/data.md has no section on {wanted}"
        for text in texts:
            assert f"`{model}`" in text.partition("Used by:")[2], f"docs/data.md: {wanted} is used by {model}"
