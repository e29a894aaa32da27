"""Reading a TOML file that people write, bounded; every mistake is named with its file and line."""

import re
import tomllib
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from runtime.core.errors import UserError

MAX_FILE_BYTES: Final = 1_000_000
MAX_SHOWN_MISTAKES: Final = 20
Model = TypeVar("Model", bound=BaseModel)


def read_text(path: Path, most_bytes: int = MAX_FILE_BYTES) -> str:
    """Return a file's text.

    Raises:
        UserError: it is too large, can't be read, or is not UTF-8.
    """
    try:
        if path.stat().st_size > most_bytes:
            raise UserError(f"{path} is over {most_bytes // 1000} kB.", "Split it over several files.")
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path} can't be read: {error}.", "Check the path, and that it is UTF-8 text.") from error


def parse_toml(path: Path, text: str) -> dict[str, Any]:
    """Return what a TOML text says. Raises UserError where it isn't TOML."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"{path} is not valid TOML: {error}.", "Mend that line.") from error


def checked(path: Path, text: str, model: type[Model]) -> Model:
    """Return what a TOML text says as `model`. Raises UserError naming every mistake with its line."""
    values = parse_toml(path, text)
    try:
        return model.model_validate(values)
    except ValidationError as error:
        found = [mistake(path, text, item["loc"], item["msg"]) for item in error.errors()[:MAX_SHOWN_MISTAKES]]
        raise UserError("\n".join(found), "Mend these and try again.") from error


def mistake(path: Path, text: str, place: tuple[int | str, ...], reason: str) -> str:
    """Say where in the file a mistake is: the line of the innermost table or key that can be found."""
    lines = text.splitlines()
    line = 1
    for position, part in enumerate(place):
        if isinstance(part, int):
            tables = [i for i, words in enumerate(lines) if words.strip() == f"[[{place[position - 1]}]]"]
            line = tables[part] + 1 if part < len(tables) else line
        else:
            key = re.compile(rf"\s*(\[+\s*)?{re.escape(part)}\b")
            line = next((i + 1 for i in range(line - 1, len(lines)) if key.match(lines[i])), line)
    return f"{path}, line {line}: {'.'.join(map(str, place))}: {reason}."
