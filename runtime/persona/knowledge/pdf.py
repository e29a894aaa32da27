"""The paragraphs of a PDF with their headings, told apart by the size of the letters and the room between the lines."""

import itertools
import logging
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from runtime.core.errors import UserError

if TYPE_CHECKING:
    from pypdf import PdfReader

MAX_PDF_BYTES: Final = 10_000_000
MAX_PDF_PAGES: Final = 100
HEADING_SIZE: Final = 1.15
"""Letters so much larger than most make a heading."""
MAX_HEADING_CHARS: Final = 120
PARAGRAPH_GAP: Final = 1.3
"""The step to the next line, in steps that are usual, from which on a paragraph ends."""
MOST_STEP: Final = 1.6
"""Lines farther apart than this, in sizes of their letters, are no paragraph, however usual it is."""
SAME_LINE: Final = 0.3
"""Text this near in height, in sizes of its letters, is on one line."""

Matrix = Sequence[float]
_WORD: Final = re.compile(r"[^\W\d]{2}")


@dataclass
class _Line:
    """A line: its height above the bottom of its page and the size of its letters, in points; its text."""

    page: int
    y: float
    size: float
    text: str


def read_pdf(path: Path) -> Iterator[tuple[str, str]]:
    """Yield heading and text of each paragraph; the file's name is the heading of what comes before any.

    Raises:
        UserError: it is too large, broken, locked by a password, or holds no text.
    """
    from pypdf import PdfReader

    logging.getLogger("pypdf").setLevel(logging.ERROR)
    if path.stat().st_size > MAX_PDF_BYTES:
        raise UserError(f"{path} is over {MAX_PDF_BYTES // 1_000_000} MB.", "Split it over several files.")
    try:
        lines = _lines(path, PdfReader(path))
    except UserError:
        raise
    except Exception as error:  # a broken file can make pypdf raise nearly anything
        raise UserError(f"{path} is no PDF that can be read: {error}.", "Save it anew, or as text.") from error
    if not lines:
        raise UserError(f"{path} holds no text: is it a scan?", "Recognise its text first, or write it as a page.")
    yield from (found for found in _paragraphs(path.stem, lines) if _WORD.search(found[1]))  # no page numbers


def _lines(path: Path, reader: "PdfReader") -> list[_Line]:
    if reader.is_encrypted and not reader.decrypt(""):
        raise UserError(f"{path} is locked by a password.", "Save it without one.")
    if len(reader.pages) > MAX_PDF_PAGES:
        raise UserError(f"{path} has {len(reader.pages)} pages.", f"Split it: {MAX_PDF_PAGES} are read at most.")
    lines: list[_Line] = []
    for number, page in enumerate(reader.pages):

        def take(text: str, cm: Matrix, tm: Matrix, _: Any, size: float, number: int = number) -> None:
            height = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
            points = size * math.hypot(tm[1], tm[3]) * math.hypot(cm[1], cm[3])
            for row, part in enumerate(text.strip().splitlines()):
                _add(lines, _Line(number, height - row * points * 1.2, points, part))

        page.extract_text(visitor_text=take)
    return lines


def _add(lines: list[_Line], line: _Line) -> None:
    last = lines[-1] if lines else None
    if last is not None and last.page == line.page and abs(last.y - line.y) < SAME_LINE * line.size:
        last.text += f" {line.text}"
    elif line.text.strip():
        lines.append(line)


def _paragraphs(title: str, lines: Sequence[_Line]) -> Iterator[tuple[str, str]]:
    body = _usual(line.size for line in lines for _ in line.text)
    steps = (a.y - b.y for a, b in itertools.pairwise(lines) if a.page == b.page and a.size == b.size)
    step = min(_usual(step for step in steps if step > 0), MOST_STEP * body)
    heading, text, last = title, "", lines[0]
    for line in lines:
        large = line.size > HEADING_SIZE * body and len(line.text) <= MAX_HEADING_CHARS
        ended = line.page != last.page or not 0 <= last.y - line.y <= PARAGRAPH_GAP * step
        if text and (large or ended):
            yield heading, text
            text = ""
        if large:
            heading = " ".join(line.text.split())
        else:
            text = _joined(text, " ".join(line.text.split()))
        last = line
    if text:
        yield heading, text


def _joined(text: str, more: str) -> str:
    """Return text with its next line; a word that was parted at the end of the line is made whole."""
    if text.endswith("-") and text[-2:-1].isalpha() and more[:1].islower():
        return text[:-1] + more
    return f"{text} {more}".strip()


def _usual(numbers: Iterable[float]) -> float:
    counted = Counter(round(number, 1) for number in numbers).most_common(1)
    return counted[0][0] if counted else math.inf
