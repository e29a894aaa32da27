"""Data cards: what isn't described isn't trained on."""

import json
import re
from pathlib import Path

import pytest

from runtime.core.errors import UserError
from runtime.core.models import sha256_of
from training import cards

CARD = 'source = "mine"\nlicence = "CC0"\nconsent = "my own voice"\nwhat = "three words"\n'
SHARED = Path(__file__).resolve().parents[2].parent / "shared/data"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data/voices/mine"
    folder.mkdir(parents=True)
    (folder / "a.txt").write_text("one")
    (folder / "b.txt").write_text("two")
    return tmp_path / "data"


def test_data_without_a_card_are_refused(data: Path) -> None:
    with pytest.raises(UserError, match=r"voices/mine has no data card.*mine/card\.toml with source, licence, consent"):
        cards.check(data, "voices/mine")
    with pytest.raises(UserError, match="There is no voices/yours"):
        cards.check(data, "voices/yours")


@pytest.mark.parametrize("gone", cards.FIELDS)
def test_half_a_card_is_refused(data: Path, gone: str) -> None:
    (data / "voices/mine/card.toml").write_text(CARD.replace(gone, "other"))
    with pytest.raises(UserError, match=f"lacks {gone}"):
        cards.check(data, "voices/mine")
    (data / "voices/mine/card.toml").write_text(re.sub(f'({gone} = )".*"', r'\1" "', CARD))
    with pytest.raises(UserError, match=f"lacks {gone}"):
        cards.check(data, "voices/mine")


def test_a_card_that_is_no_toml_is_told(data: Path) -> None:
    (data / "voices/mine/card.toml").write_text("source = ")
    with pytest.raises(UserError, match="can't be read"):
        cards.check(data, "voices/mine")


def test_a_card_in_the_folder_goes_into_the_record_with_the_hash(data: Path) -> None:
    (data / "voices/mine/card.toml").write_text(CARD)
    found = cards.check(data, "voices/mine")["voices/mine"]
    assert found["card"]["consent"] == "my own voice"
    assert (found["files"], found["bytes"]) == (2, 6)
    (data / "voices/mine/b.txt").write_text("too")
    assert cards.check(data, "voices/mine")["voices/mine"]["sha256"] != found["sha256"]


def test_the_hash_is_of_names_and_contents_alone(data: Path, tmp_path: Path) -> None:
    before = cards.digest(data, "voices/mine")
    (data / "voices/mine/card.toml").write_text(CARD)
    (data / "voices/mine").rename(tmp_path / "data/moved")
    assert cards.digest(data, "moved") == before
    (data / "moved/b.txt").rename(data / "moved/c.txt")
    assert cards.digest(data, "moved")["sha256"] != before["sha256"]


def test_a_folder_without_a_card_counts_by_the_sets_in_it(data: Path) -> None:
    (data / "voices/mine/card.toml").write_text(CARD)
    assert list(cards.check(data, "voices")) == ["voices/mine"]
    (data / "voices/stray.wav").write_text("whose?")
    with pytest.raises(UserError, match="voices has no data card"):
        cards.check(data, "voices")


def test_a_set_in_a_set_is_not_counted_twice(data: Path) -> None:
    before = cards.digest(data, "voices")
    (data / "voices/mine/card.toml").write_text(CARD)
    assert before["files"] == 2
    assert cards.digest(data, "voices")["files"] == 0


def test_hashes_are_kept_while_size_and_time_stay(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = tmp_path / "hashes.json"
    read: list[str] = []

    def hashed(path: Path) -> str:
        read.append(path.name)
        return sha256_of(path)

    monkeypatch.setattr(cards, "sha256_of", hashed)
    first = cards.digest(data, "voices/mine", cache)
    assert cards.digest(data, "voices/mine", cache) == first
    assert read == ["a.txt", "b.txt"]
    (data / "voices/mine/b.txt").write_text("other")
    cards.digest(data, "voices/mine", cache)
    assert read == ["a.txt", "b.txt", "b.txt"]
    cache.write_text("no JSON")
    cards.digest(data, "voices/mine", cache)
    assert len(read) == 5
    assert json.loads(cache.read_text())


def test_other_data_do_not_pass_under_a_public_sets_card(tmp_path: Path) -> None:
    folder = tmp_path / "voice_emotion/emodb"
    folder.mkdir(parents=True)
    (folder / "03a01Fa.wav").write_bytes(b"my neighbour")
    with pytest.raises(UserError, match="is not the public set"):
        cards.check(tmp_path, "voice_emotion/emodb")
    (folder / "card.toml").write_text(CARD)
    assert cards.check(tmp_path, "voice_emotion/emodb")["voice_emotion/emodb"]["card"]["source"] == "mine"


def test_every_committed_card_is_whole() -> None:
    paths = sorted(cards.CARDS_FOLDER.glob("*.toml"))
    assert len(paths) > 10
    for path in paths:
        assert re.fullmatch("[0-9a-f]{64}", cards.read_card(path)["sha256"]), path


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data are not beside the repository")
def test_every_shared_set_is_the_one_of_its_card() -> None:
    rows = re.findall(
        r"^\| ((?:speech|lipsync|voice_emotion|gesture|face|text|weights)\S*) \|",
        (SHARED / "README.md").read_text(),
        re.M,
    )
    assert len(rows) > 10
    for relative in rows:
        place = str(Path(relative).parent) if relative.endswith(".wav") else relative
        assert list(cards.check(SHARED, place)) == [place]
