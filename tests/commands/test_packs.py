"""The commands for personas and characters."""

from pathlib import Path

import pytest

from runtime.__main__ import main


def test_the_persona_that_ships_is_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["persona", "check", "concierge"]) == 0
    assert "is in order: Ada" in capsys.readouterr().out


def test_a_mistake_in_a_persona_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "persona.toml"
    path.write_text('name = "Bea"\ncolour = "red"\n')
    assert main(["persona", "check", str(path)]) == 2
    error = capsys.readouterr().err
    assert "colour" in error
    assert str(path) in error


def test_a_contact_sheet_is_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["avatar", "sheet", "ada", "--output", str(tmp_path / "sheet.png")]) == 0
    assert (tmp_path / "sheet.png").read_bytes().startswith(b"\x89PNG")
    assert main(["avatar", "sheet", "nobody"]) == 2
    assert "nobody" in capsys.readouterr().err
