"""Character packs: opened when whole, refused when not."""

import hashlib
import json
import shutil
import zipfile
from pathlib import Path

import pytest

from runtime.avatar.pack import AVATARS, find_pack, open_pack
from runtime.core.errors import UserError


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return Path(shutil.copytree(AVATARS / "ada", tmp_path / "ada"))


def change_manifest(pack: Path, **values: object) -> None:
    path = pack / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def test_a_folder_and_a_zip_hold_the_same(pack: Path, tmp_path: Path) -> None:
    archive = tmp_path / "ada.avatar"
    with zipfile.ZipFile(archive, "w") as out:
        for path in pack.rglob("*"):
            out.write(path, path.relative_to(pack))
    assert open_pack(archive).contents == open_pack(pack).contents


def test_a_changed_file_is_refused(pack: Path) -> None:
    (pack / "vector" / "palette.json").write_text("[]")
    with pytest.raises(UserError, match="not what its manifest says"):
        open_pack(pack)


def test_a_missing_file_is_named(pack: Path) -> None:
    (pack / "rig.json").unlink()
    with pytest.raises(UserError, match=r"rig\.json"):
        open_pack(pack)


@pytest.mark.parametrize("name", ["../outside.json", "/etc/hostname", "a\\b"])
def test_a_path_out_of_the_pack_is_refused(pack: Path, name: str) -> None:
    (pack.parent / "outside.json").write_text("{}")
    change_manifest(pack, files={name: hashlib.sha256(b"{}").hexdigest()})
    with pytest.raises(UserError, match="outside itself"):
        open_pack(pack)


def test_a_link_out_of_the_pack_is_refused(pack: Path) -> None:
    (pack.parent / "outside.json").write_text("{}")
    (pack / "link.json").symlink_to(pack.parent / "outside.json")
    change_manifest(pack, files={"link.json": hashlib.sha256(b"{}").hexdigest()})
    with pytest.raises(UserError, match="outside itself"):
        open_pack(pack)


@pytest.mark.parametrize("values", [{"format": 2}, {"kind": "program"}, {"id": "../x"}])
def test_a_wrong_manifest_is_explained(pack: Path, values: dict[str, object]) -> None:
    change_manifest(pack, **values)
    with pytest.raises(UserError, match=next(iter(values))):
        open_pack(pack)


def test_an_unknown_character_names_the_known_ones() -> None:
    with pytest.raises(UserError, match="ada"):
        find_pack("nobody")
