"""Data cards: whose data a model learns from, under which licence and with whose consent. Without one nothing trains.

A card is a TOML file with `source`, `licence`, `consent` and `what`. A folder of your own carries it inside, as
`card.toml`. The public sets have theirs in `training/cards`, with the hash of the data that they speak of.
"""

import hashlib
import json
import tomllib
from pathlib import Path
from typing import Any, Final

from runtime.core.errors import UserError
from runtime.core.models import sha256_of

CARDS_FOLDER: Final = Path(__file__).parent / "cards"
OWN_CARD_NAME: Final = "card.toml"
FIELDS: Final = ("source", "licence", "consent", "what")


def check(data: Path, relative: str, cache: Path | None = None) -> dict[str, dict[str, Any]]:
    """Return card and hash of DATA/relative, by relative name: `card`, `sha256`, `files`, `bytes`.

    Args:
        data: the folder given with --data.
        relative: a folder or a file below it. A folder without a card of its own counts by all that lies in it.
        cache: a JSON file that remembers the hashes of files whose size and time of change are the same.

    Raises:
        UserError: the data aren't there, have no card or half a card, or aren't those that the card speaks of.
    """
    path = data / relative
    if not path.exists():
        raise UserError(f"There is no {relative} in {data}.", "Give the folder that holds it with --data.")
    own, common = path / OWN_CARD_NAME, card_path(relative)
    source = own if own.is_file() else common
    if not source.is_file():
        inside = [entry for entry in sorted(path.glob("*")) if not entry.name.startswith(".")]
        if not inside or not all(entry.is_dir() or card_path(f"{relative}/{entry.name}").is_file() for entry in inside):
            raise UserError(f"{path} has no data card, so it isn't trained on.", _remedy(own))
        found: dict[str, dict[str, Any]] = {}
        for entry in inside:
            found |= check(data, entry.relative_to(data).as_posix(), cache)
        return found
    card = read_card(source)
    contents = digest(data, relative, cache)
    if source == common and contents["sha256"] != card.get("sha256"):
        raise UserError(
            f"{path} is not the public set that {common.name} describes: its contents differ.",
            f"Restore it, or, if the data are your own: {_remedy(own)}",
        )
    return {relative: {"card": {name: card[name] for name in FIELDS}, **contents}}


def _remedy(own: Path) -> str:
    return f"Write {own} with {', '.join(FIELDS)}, each a string."


def card_path(relative: str) -> Path:
    """Return where the card of a public set is, whether or not there is one."""
    return CARDS_FOLDER / (relative.strip("/").replace("/", "-") + ".toml")


def read_card(path: Path) -> dict[str, str]:
    """Return a card's fields. Raises UserError where one is missing, empty or no string."""
    try:
        card = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"The data card {path} can't be read: {error}.", "Mend it.") from None
    missing = [name for name in FIELDS if not isinstance(card.get(name), str) or not card[name].strip()]
    if missing:
        raise UserError(f"The data card {path} lacks {', '.join(missing)}.", "Say it there, each as a string.")
    return card


def digest(data: Path, relative: str, cache: Path | None = None) -> dict[str, Any]:
    """Return `sha256`, `files` and `bytes` of DATA/relative: one hash over names and contents of its files.

    A folder below that has a card of its own is another set, and isn't counted.
    """
    root = data / relative
    known = _read_cache(cache)
    total, size_bytes, files = hashlib.sha256(), 0, _files(data, root)
    for path in files:
        name, stat = path.relative_to(data).as_posix(), path.stat()
        stamp = [stat.st_size, stat.st_mtime_ns]
        if known.get(name, [])[:2] != stamp:
            known[name] = [*stamp, sha256_of(path)]
        shown = path.relative_to(root).as_posix() if path != root else path.name
        total.update(f"{known[name][2]}  {shown}\n".encode())
        size_bytes += stat.st_size
    if cache is not None:
        cache.parent.mkdir(parents=True, exist_ok=True)
        cache.write_text(json.dumps(known))
    return {"sha256": total.hexdigest(), "files": len(files), "bytes": size_bytes}


def _files(data: Path, root: Path) -> list[Path]:
    if root.is_file():
        return [root]
    files: list[Path] = []
    for path in sorted(root.iterdir()):
        if path.is_dir():
            another = card_path(path.relative_to(data).as_posix()).exists() or (path / OWN_CARD_NAME).exists()
            files += [] if another else _files(data, path)
        elif path.name != OWN_CARD_NAME and not path.name.startswith("."):
            files.append(path)
    return files


def _read_cache(cache: Path | None) -> dict[str, list[Any]]:
    try:
        known: dict[str, list[Any]] = json.loads(cache.read_text()) if cache else {}
    except (OSError, ValueError):
        return {}
    return known
