"""`python -m runtime people`: what an operator can see, hand out and erase."""

import json
import stat
from pathlib import Path

import pytest

from runtime.__main__ import main
from runtime.persona.memory import Exchange
from runtime.persona.people.database import database_url
from runtime.persona.people.person import Fact
from runtime.persona.people.store import Store


@pytest.fixture
def person(tmp_path: Path) -> str:
    """The id of somebody who is remembered in the folder `tmp_path`."""
    store = Store(database_url(None, tmp_path))
    store.open()
    known, _ = store.remember([Fact("name", "name", "Zoë [bold]", "v1", 2)])
    store.add(known, (), "v1", [Exchange(2, "hello", "Hel", cut=True)])
    store.close()
    return known


def people(tmp_path: Path, *words: str) -> int:
    return main(["people", *words, "--data-dir", str(tmp_path)])


def test_everybody_is_listed(tmp_path: Path, person: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert people(tmp_path, "list") == 0
    shown = capsys.readouterr().out
    assert person in shown
    assert "Zoë [bold]" in shown


def test_one_persons_data_is_one_command(tmp_path: Path, person: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert people(tmp_path, "export", person) == 0
    kept = json.loads(capsys.readouterr().out)
    assert kept["facts"][0]["value"] == "Zoë [bold]"
    assert (kept["exchanges"][0]["heard"], kept["exchanges"][0]["cut"]) == ("Hel", True)
    file = tmp_path / "zoe.json"
    assert people(tmp_path, "export", person, "--out", str(file)) == 0
    assert json.loads(file.read_text(encoding="utf-8")) == kept
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert people(tmp_path, "export", person, "--out", str(file)) == 2  # nothing is written over


def test_who_is_forgotten_is_no_longer_there(tmp_path: Path, person: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert people(tmp_path, "forget", person) == 0
    assert people(tmp_path, "forget", person) == 2
    assert people(tmp_path, "export", person) == 2
    assert people(tmp_path, "list") == 0
    assert "Nobody is remembered." in capsys.readouterr().out


def test_what_is_too_old_goes(tmp_path: Path, person: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert people(tmp_path, "expire", "--keep-days", "30") == 0
    assert "0 people" in capsys.readouterr().out
    assert people(tmp_path, "expire", "--keep-days", "0") == 0
    assert "1 people" in capsys.readouterr().out


@pytest.mark.parametrize("words", [("export",), ("forget",), ("list", "x"), ("expire", "x")])
def test_a_wrong_use_is_told(tmp_path: Path, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert people(tmp_path, *words) == 2
    assert "error:" in capsys.readouterr().err
