"""Character packs: a folder or a zip with a manifest, checked before anything of it is used. No code in packs."""

import hashlib
import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from runtime.core.errors import UserError

AVATARS: Final = Path(__file__).parents[2] / "assets" / "avatars"
MAX_FILES: Final = 64
MAX_FILE_BYTES: Final = 32 * 1024 * 1024
MAX_ARRAY_VALUES: Final = 20_000_000


class Manifest(BaseModel):
    """What a pack says of itself; unknown keys are ignored."""

    model_config = ConfigDict(frozen=True)

    format: Literal[1]
    id: str = Field(pattern=r"^[a-z0-9_-]{1,40}$")
    kind: Literal["vector", "puppet", "neural"]
    name: str = Field(max_length=100)
    canvas: tuple[int, int]
    author: str = Field("", max_length=200)
    licence: str = Field("", max_length=200)
    consent: str = Field("", max_length=500)
    files: dict[str, str] = Field(max_length=MAX_FILES)
    """Path inside the pack -> sha256."""


@dataclass(frozen=True)
class Pack:
    """An opened pack: its manifest, and its files as they were when they were checked."""

    manifest: Manifest
    contents: dict[str, bytes]

    def json(self, path: str) -> Any:
        """Return a JSON file of the pack."""
        try:
            return json.loads(self._bytes(path))
        except (ValueError, UnicodeDecodeError) as error:
            raise self._broken(path, str(error)) from error

    def arrays(self, path: str) -> dict[str, NDArray[Any]]:
        """Return the arrays of an .npz file of the pack; pickled objects are refused."""
        try:
            with np.load(io.BytesIO(self._bytes(path)), allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
        except (ValueError, OSError, zipfile.BadZipFile, KeyError) as error:
            raise self._broken(path, str(error)) from error
        if sum(array.size for array in arrays.values()) > MAX_ARRAY_VALUES:
            raise self._broken(path, "it is too large")
        return arrays

    def _bytes(self, path: str) -> bytes:
        if path not in self.contents:
            raise self._broken(path, "it is missing")
        return self.contents[path]

    def _broken(self, path: str, reason: str) -> UserError:
        return UserError(f"{path} in the character pack {self.manifest.id!r} can't be used: {reason}.", "Get it anew.")


def find_pack(name: str) -> Path:
    """Return where a pack is: a name in assets/avatars, or a path to a folder or zip.

    Raises:
        UserError: there is none.
    """
    for path in (AVATARS / name, AVATARS / f"{name}.avatar", Path(name)):
        if path.is_file() or (path / "manifest.json").is_file():
            return path
    known = ", ".join(sorted(p.name for p in AVATARS.iterdir() if p.is_dir())) if AVATARS.is_dir() else "none"
    raise UserError(f"There is no character {name!r}.", f"Give a pack's path, or one of: {known}.")


def open_pack(path: Path) -> Pack:
    """Open a pack and check every file it names: path, size and sha256.

    Raises:
        UserError: something is missing, too large, misplaced or changed.
    """
    try:
        if path.is_dir():
            return _check(path, lambda name: _read_file(path, name))
        with zipfile.ZipFile(path) as archive:
            return _check(path, lambda name: _read_member(archive, name))
    except (OSError, zipfile.BadZipFile, KeyError) as error:
        raise UserError(f"The character pack {path} can't be opened: {error}.", "Give a folder or zip.") from error


def _check(path: Path, read: Any) -> Pack:
    try:
        manifest = Manifest.model_validate_json(read("manifest.json"))
    except ValidationError as error:
        first = error.errors()[0]
        what = f"manifest.json of {path}: {'.'.join(map(str, first['loc']))}: {first['msg']}."
        raise UserError(what, "Mend it, or get the pack anew.") from error
    contents = {}
    for name, digest in manifest.files.items():
        inner = PurePosixPath(name)
        if inner.is_absolute() or ".." in inner.parts or "\\" in name:
            raise UserError(f"The pack {path} names the file {name!r} outside itself.", "Don't use this pack.")
        contents[name] = read(name)
        if hashlib.sha256(contents[name]).hexdigest() != digest:
            raise UserError(f"{name} of the pack {path} is not what its manifest says.", "Get the pack anew.")
    return Pack(manifest, contents)


def _read_file(folder: Path, name: str) -> bytes:
    file = folder / name
    if not file.resolve().is_relative_to(folder.resolve()):
        raise UserError(f"The pack {folder} names the file {name!r} outside itself.", "Don't use this pack.")
    if file.stat().st_size > MAX_FILE_BYTES:
        raise UserError(f"{name} of the pack {folder} is over {MAX_FILE_BYTES >> 20} MiB.", "Don't use this pack.")
    return file.read_bytes()


def _read_member(archive: zipfile.ZipFile, name: str) -> bytes:
    if archive.getinfo(name).file_size > MAX_FILE_BYTES:
        raise UserError(f"{name} of {archive.filename} is over {MAX_FILE_BYTES >> 20} MiB.", "Don't use this pack.")
    return archive.read(name)
