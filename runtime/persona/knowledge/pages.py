"""Pages (Markdown, HTML, PDF) as entries: one for each paragraph, found by its heading and its sentences."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

from runtime.core.errors import UserError
from runtime.core.toml_file import read_text
from runtime.persona.knowledge.entry import MAX_CLUES, Entry
from runtime.persona.knowledge.pdf import read_pdf

SUFFIXES: Final = (".md", ".html", ".htm", ".pdf")
MAX_PARAGRAPHS: Final = 500
MAX_SPOKEN_CHARS: Final = 600
_BLOCKS: Final = frozenset(("p", "li", "div", "dd", "dt", "blockquote", "section", "article", "br", "table", "tr"))
_HIDDEN: Final = frozenset(("script", "style", "nav", "title", "template"))
_HEADINGS: Final = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
Paragraph = tuple[str, str]
"""A heading and a text below it."""


def read_page(path: Path) -> list[Entry]:
    """Return the entries of a page.

    Raises:
        UserError: it can't be read, or has too many paragraphs.
    """
    if path.suffix.lower() == ".pdf":
        paragraphs = list(read_pdf(path))
    elif path.suffix.lower() == ".md":
        paragraphs = list(_markdown(read_text(path), path.stem))
    else:
        parser = _Html(path.stem)
        parser.feed(read_text(path))
        parser.close()
        paragraphs = parser.paragraphs()
    if len(paragraphs) > MAX_PARAGRAPHS:
        raise UserError(f"{path} has more than {MAX_PARAGRAPHS} paragraphs.", "Split it over several pages.")
    return list(_entries(path, paragraphs))


def _entries(path: Path, paragraphs: list[Paragraph]) -> Iterator[Entry]:
    counts: dict[str, int] = {}
    for number, (heading, text) in enumerate(paragraphs, 1):
        heading = heading[:120]
        count = counts[heading] = counts.get(heading, 0) + 1
        sentences = re.split(r"(?<=[.!?])\s+", text)
        yield Entry(
            id=f"{path.name}#{number}",
            questions=(f"tell me about {heading}" if count == 1 else f"more about {heading} {count}",),
            answer=_spoken(sentences),
            topic=path.stem[:100],
            clues=tuple(f"{heading} {sentence}"[:1_200] for sentence in sentences[:MAX_CLUES]),
        )


def _spoken(sentences: list[str]) -> str:
    """Return the first whole sentences, as many as can well be listened to."""
    text = sentences[0][:MAX_SPOKEN_CHARS]
    for sentence in sentences[1:]:
        if len(text) + len(sentence) + 1 > MAX_SPOKEN_CHARS:
            break
        text += f" {sentence}"
    return text.replace("{", "(").replace("}", ")")


def _markdown(text: str, title: str) -> Iterator[Paragraph]:
    heading, lines, fenced = title, list[str](), False
    for line in [*text.splitlines(), ""]:
        if line.lstrip().startswith("```"):
            fenced = not fenced
        found = re.match(r"#{1,6}\s+(.+?)\s*#*$", line)
        if not fenced and (found or not line.strip() or re.match(r"\s*([-*+]|\d+\.)\s", line)):
            if said := _plain(" ".join(lines)):
                yield heading, said
            lines = []
            heading = _plain(found[1]) if found else heading
        if not fenced and not found and line.strip() and not line.lstrip().startswith("```"):
            lines.append(re.sub(r"^\s*([-*+>]|\d+\.)\s+", "", line.strip()))


def _plain(text: str) -> str:
    """Return Markdown without its marks: pictures go, links keep their words."""
    text = re.sub(r"!\[[^\]]*\]\([^)]*\)", "", text)
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    return " ".join(re.sub(r"[*_`]{1,3}(\S(?:.*?\S)?)[*_`]{1,3}", r"\1", text).split())


class _Html(HTMLParser):
    """Collects the text of a page by headings, a row of a table as one; scripts and navigation are left out."""

    def __init__(self, title: str) -> None:
        super().__init__(convert_charrefs=True)
        self._heading = title
        self._text: list[str] = []
        self._hidden = 0
        self._found: list[Paragraph] = []

    def paragraphs(self) -> list[Paragraph]:
        """Return what has been found."""
        self._end()
        return self._found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """See HTMLParser."""
        self._hidden += tag in _HIDDEN
        if tag in _BLOCKS or tag in _HEADINGS:
            self._end()
        elif tag in ("td", "th") and (row := "".join(self._text).rstrip()):
            self._text = [f"{row}, "]

    def handle_endtag(self, tag: str) -> None:
        """See HTMLParser."""
        self._hidden = max(0, self._hidden - (tag in _HIDDEN))
        if tag in _HEADINGS:
            self._heading = " ".join("".join(self._text).split()) or self._heading
            self._text = []
        elif tag in _BLOCKS:
            self._end()

    def handle_data(self, data: str) -> None:
        """See HTMLParser."""
        if not self._hidden:
            self._text.append(data)

    def _end(self) -> None:
        if text := " ".join("".join(self._text).split()):
            self._found.append((self._heading, text))
        self._text = []
