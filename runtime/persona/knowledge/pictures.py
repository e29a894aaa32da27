"""Pictures with captions: pictures.csv names those that may be shown, and each can be asked for."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from runtime.core.errors import UserError
from runtime.persona.knowledge.entry import Entry
from runtime.persona.knowledge.files import at, read_csv

FILE_NAME: Final = "pictures.csv"
SUFFIXES: Final = (".png", ".jpg", ".jpeg", ".webp", ".gif")
TOPIC: Final = "pictures"
MAX_PICTURES: Final = 200
MAX_PICTURE_BYTES: Final = 5_000_000
MAX_ALT_CHARS: Final = 300
_KINDS: Final = {
    "image/png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "image/jpeg": re.compile(rb"\xff\xd8\xff"),
    "image/webp": re.compile(rb"RIFF....WEBP", re.DOTALL),
    "image/gif": re.compile(rb"GIF8[79]a"),
}
"""How each kind of file begins."""


@dataclass(frozen=True)
class Picture:
    """A picture: its `file` below the knowledge folder, what is said of it, and `alt` for who can't see it."""

    file: str
    caption: str
    alt: str
    path: Path


def read_pictures(path: Path) -> tuple[list[Picture], list[tuple[int, Entry]]]:
    """Return the pictures of a CSV with the columns file, caption, and perhaps alt; and the entries that show them.

    Raises:
        UserError: a mistake in a line, or a file that is no picture.
    """
    pictures, entries = list[Picture](), list[tuple[int, Entry]]()
    for line, row in read_csv(path):
        if not {"file", "caption"} <= set(row) <= {"file", "caption", "alt"}:
            raise at(path, 1, "the columns are file, caption and perhaps alt")
        if len(pictures) >= MAX_PICTURES:
            raise at(path, line, f"there are more than {MAX_PICTURES} pictures", "Leave some out.")
        if len(row.get("alt", "")) > MAX_ALT_CHARS:
            raise at(path, line, f"alt has more than {MAX_ALT_CHARS} characters")
        picture = Picture(row["file"], row["caption"], row.get("alt") or row["caption"], path.parent / row["file"])
        if picture.file in (other.file for other in pictures):
            raise at(path, line, f"{picture.file!r} is listed twice")
        try:
            if not picture.path.resolve().is_relative_to(path.parent.resolve()):
                raise UserError(f"{picture.file!r} lies outside the folder")
            read_picture(picture.path)
            entries.append((line, _entry(picture)))
        except UserError as error:
            raise at(path, line, error.what, error.remedy) from error
        except ValidationError as error:
            raise at(path, line, f"the caption: {error.errors()[0]['msg']}") from error
        pictures.append(picture)
    return pictures, entries


def read_picture(path: Path) -> tuple[bytes, str]:
    """Return a picture and its media type.

    Raises:
        UserError: it can't be read, is too large, or is no PNG, JPEG, WebP or GIF.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_PICTURE_BYTES + 1)
    except OSError as error:
        raise UserError(f"{path.name} can't be read: {error.strerror}", "Check its name.") from error
    if len(content) > MAX_PICTURE_BYTES:
        raise UserError(f"{path.name} is over {MAX_PICTURE_BYTES // 1_000_000} MB", "Make it smaller.")
    for kind, beginning in _KINDS.items():
        if beginning.match(content):
            return content, kind
    raise UserError(f"{path.name} is no picture that can be shown", "Save it as PNG, JPEG, WebP or GIF.")


def _entry(picture: Picture) -> Entry:
    """Return what answers "show me ..." with the file's name in words."""
    name = " ".join(re.findall(r"\w+", Path(picture.file).stem.replace("_", " ")))
    return Entry(
        id=f"{TOPIC}/{picture.file}",
        questions=(f"show me {name}", f"show me a picture of {name}"),
        answer=picture.caption,
        topic=TOPIC,
        clues=(picture.caption,),
        picture=picture.file,
    )
