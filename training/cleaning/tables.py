"""Lines of text and of numbers (landmarks, features) looked through: what they are compared by."""

import re
from pathlib import Path
from typing import Final

import numpy as np

from runtime.core.errors import UserError
from training.cleaning.items import Item, Patterns, number_lines, text_lines
from training.cleaning.looked import Looked, found
from training.cleaning.review import DROP

NEAR_TEXT: Final = 0.9
NEAR_NUMBERS: Final = 0.9995


def look_text(folder: Path, patterns: Patterns, text_column: int = 0, label_column: int | None = 1) -> Looked:
    """Look through the lines of text in a folder's tables."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    items, rows = [], []
    for item in text_lines(folder, text_column, label_column, patterns):
        if plain(item.text):
            items.append(item)
        else:
            rows.append(found(item, "empty", 1.0, "it holds no word", DROP, DROP))
    if not items:
        raise UserError(f"There is no text in {folder}.", "Name another column with --text-column.")
    texts = [plain(item.text) for item in items]
    prints = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), dtype=np.float32).fit_transform(texts)
    traits = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"\S+").fit_transform(texts)
    return Looked(items, prints, NEAR_TEXT, traits, rows)


def plain(text: str) -> str:
    """Return the words of a text in small letters, without marks."""
    return " ".join(re.findall(r"[^\W_]+", text.casefold()))


def look_numbers(folder: Path, patterns: Patterns, label_column: int | None = 0) -> Looked:
    """Look through the lines of numbers in a folder's tables. Raises UserError where lines differ in length."""
    from sklearn.preprocessing import StandardScaler, normalize

    items: list[Item] = []
    rows = []
    for item in number_lines(folder, label_column, patterns):
        if np.isfinite(item.values).all():
            items.append(item)
        else:
            rows.append(found(item, "unreadable", 1.0, "a number is missing or infinite", DROP, DROP))
    if not items:
        raise UserError(f"There is no line of numbers in {folder}.", "Name the table itself: SET/FILE.")
    lengths = {len(item.values) for item in items}
    if len(lengths) > 1:
        raise UserError(
            f"The lines in {folder} hold {min(lengths)} to {max(lengths)} numbers.", "Name one table of it: SET/FILE."
        )
    values = np.array([item.values for item in items])
    return Looked(items, normalize(StandardScaler().fit_transform(values)), NEAR_NUMBERS, values, rows)
