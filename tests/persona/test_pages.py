"""Pages of a persona's knowledge: real PDF and HTML, and what is told of those that can't be read."""

import sys
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter

from runtime.core.errors import UserError
from runtime.core.messages import UserTurn
from runtime.persona.grounded import GroundedBrain
from runtime.persona.knowledge.pages import read_page
from runtime.persona.knowledge.pdf import MAX_PDF_BYTES, MAX_PDF_PAGES, read_pdf
from runtime.persona.memory import Context
from runtime.persona.persona import load_persona
from tests.personas import BO

ORCHARD = (
    (24, 720, "The orchard"), (12, 680, "Pears and quinces grow behind the gar-"),
    (12, 665, "age. They are ripe in October."), (12, 635, "The gate is open until six."),
    (18, 590, "The bees"), (12, 560, "Four hives stand under the limes."),
    (12, 40, "3"),
)  # fmt: skip
PERSONA = (
    BO
    + """[[knowledge]]
id = "wifi"
questions = ["is there wifi"]
answer = "Yes."
"""
)


def pdf(path: Path, *lines: tuple[int, int, str], pages: int = 1) -> Path:
    """Write a PDF by hand: each line with the size of its letters and its height, in points."""
    shown = "".join(f"BT /F1 {size} Tf 72 {y} Td ({text}) Tj ET\n" for size, y, text in lines).encode()
    kids = " ".join(f"{4 + i} 0 R" for i in range(pages))
    page = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 3 0 R /Resources << /Font << /F1 "
    page += "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {pages} /Kids [{kids}] >>".encode(),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(shown), shown),
        *[page.encode()] * pages,
    ]
    out, places = b"%PDF-1.4\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    end = b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
    path.write_bytes(out + end % (size, table, size, len(out)))
    return path


def test_a_pdf_is_read_by_headings_and_paragraphs(tmp_path: Path) -> None:
    assert list(read_pdf(pdf(tmp_path / "guide.pdf", *ORCHARD))) == [
        ("The orchard", "Pears and quinces grow behind the garage. They are ripe in October."),
        ("The orchard", "The gate is open until six."),
        ("The bees", "Four hives stand under the limes."),
    ]


def test_what_a_pdf_says_is_answered(tmp_path: Path) -> None:
    (tmp_path / "persona.toml").write_text(PERSONA)
    (tmp_path / "knowledge").mkdir()
    pdf(tmp_path / "knowledge" / "guide.pdf", *ORCHARD)
    brain = GroundedBrain(load_persona(tmp_path / "persona.toml"))
    [phrase] = brain.answer(UserTurn(1, "tell me about the bees", 0, 0, False), Context())
    assert (phrase.text, phrase.source) == ("Four hives stand under the limes.", "guide.pdf#3")


def test_without_the_package_a_pdf_is_left_out_and_the_rest_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "persona.toml").write_text(PERSONA)
    (tmp_path / "knowledge").mkdir()
    path = pdf(tmp_path / "knowledge" / "guide.pdf", *ORCHARD)
    monkeypatch.setitem(sys.modules, "pypdf", None)
    assert [entry.id for entry in load_persona(tmp_path / "persona.toml").knowledge] == ["wifi"]
    [record] = caplog.records
    assert record.getMessage() == f'{path} is left out: to read it, pip install -e ".[pdf]"'


def test_a_locked_pdf_is_told_and_one_with_an_owners_password_alone_is_read(tmp_path: Path) -> None:
    for password in ("secret", ""):
        writer = PdfWriter(clone_from=PdfReader(pdf(tmp_path / "open.pdf", *ORCHARD)))
        writer.encrypt(password, "owner", algorithm="AES-256")
        writer.write(tmp_path / f"locked{len(password)}.pdf")
    with pytest.raises(UserError, match=r"locked6\.pdf is locked by a password"):
        list(read_pdf(tmp_path / "locked6.pdf"))
    assert len(list(read_pdf(tmp_path / "locked0.pdf"))) == 3


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is no PDF that can be read"),
        (b"%PDF-1.4 and no more", "is no PDF that can be read"),
        (b"%PDF-1.4\n1 0 obj << /Type /Catalog /Pages 1 0 R >>\nendobj\ntrailer << /Root 1 0 R >>", "is no PDF"),
        (b"x" * (MAX_PDF_BYTES + 1), "is over 10 MB"),
    ],
    ids=["empty", "cut", "circle", "large"],
)
def test_a_pdf_that_cannot_be_read_is_named(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "guide.pdf"
    path.write_bytes(content)
    with pytest.raises(UserError, match=rf"guide\.pdf {reason}"):
        read_page(path)


def test_a_scan_and_a_book_are_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"scan\.pdf holds no text"):
        read_page(pdf(tmp_path / "scan.pdf"))
    with pytest.raises(UserError, match=rf"book\.pdf has {MAX_PDF_PAGES + 1} pages"):
        read_page(pdf(tmp_path / "book.pdf", *ORCHARD, pages=MAX_PDF_PAGES + 1))


def test_html_keeps_what_is_read_and_leaves_out_what_is_not(tmp_path: Path) -> None:
    path = tmp_path / "house.html"
    path.write_text(
        "<!doctype html><title>Not said</title><style>p { color: red }</style><nav><a>Home</a></nav>"
        "<h1>The <em>vault</em></h1><p>Ten tons &amp; one door.<p>Never closed<br>on Mondays.<script>x()</script>"
        "<h2>Prices</h2><table><tr><th>Child<td>4 euros</table><ul><li>Dogs are free</ul>"
    )
    assert [(e.id, e.clues[0], e.answer) for e in read_page(path)] == [
        ("house.html#1", "The vault Ten tons & one door.", "Ten tons & one door."),
        ("house.html#2", "The vault Never closed", "Never closed"),
        ("house.html#3", "The vault on Mondays.", "on Mondays."),
        ("house.html#4", "Prices Child, 4 euros", "Child, 4 euros"),
        ("house.html#5", "Prices Dogs are free", "Dogs are free"),
    ]


def test_markdown_is_read_without_its_marks(tmp_path: Path) -> None:
    path = tmp_path / "house.md"
    path.write_text(
        "First words.\n\n# The *vault* #\n\nSee [the door](door.md), **now**.\n- One\n- Two\n```\ncode\n```\n"
    )
    assert [(e.questions[0], e.answer) for e in read_page(path)] == [
        ("tell me about house", "First words."),
        ("tell me about The vault", "See the door, now."),
        ("more about The vault 2", "One"),
        ("more about The vault 3", "Two"),
    ]
