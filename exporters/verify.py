"""All of assets/models held against what is said of it; needs neither torch nor data."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from exporters.card import facts
from exporters.check import STORED_TOLERANCE, difference, run
from exporters.examples import load_examples
from runtime.core.errors import UserError
from runtime.core.models import MANIFEST_NAME, MODELS_FOLDER, ModelEntry, file_metadata, open_session, read_manifest
from runtime.core.models import sha256_of as hash_of

ROOM_BYTES: Final = 25_000_000
"""What all files of the folder may weigh together."""
NEEDED: Final = ("name", "version", "licence", "precision", "figures", "command", "data")
"""Keys that every model's file holds."""


def faults(folder: Path = MODELS_FOLDER, wanted: Sequence[str] = ()) -> list[str]:
    """Return everything in the folder that is not as it is said to be; nothing where all is well.

    Args:
        folder: of the models.
        wanted: names of the models that must be there.

    Raises:
        UserError: the manifest can't be read.
    """
    entries = read_manifest(folder / MANIFEST_NAME)
    found = [f"{name}: {MANIFEST_NAME} does not name it" for name in wanted if name not in entries]
    found += [fault for entry in entries.values() for fault in _faults_of(entry, folder)]
    if surplus := {path.name for path in folder.glob("*.onnx")} - {entry.file for entry in entries.values()}:
        found.append(f"{MANIFEST_NAME} does not name {', '.join(sorted(surplus))}")
    if (size := sum(path.stat().st_size for path in folder.iterdir() if path.is_file())) > ROOM_BYTES:
        found.append(f"all files together have {size:,} bytes, over {ROOM_BYTES:,}")
    return found


def _faults_of(entry: ModelEntry, folder: Path) -> Iterator[str]:
    """Yield what is wrong with one model."""
    path = folder / entry.file
    if not path.is_file():
        yield f"{entry.name}: {entry.file} is missing"
        return
    if path.stat().st_size != entry.size_bytes or hash_of(path) != entry.sha256:
        yield f"{entry.name}: {entry.file} has another size or SHA-256 than {MANIFEST_NAME} says"
        return
    try:
        session = open_session(path)
        metadata = file_metadata(session)
        yield from (f"{entry.name}: the file holds no {key}" for key in NEEDED if not metadata.get(key))
        yield from _other_words(entry, metadata)
        pairs = load_examples(folder / f"{entry.name}.examples.npz")
        worst = max((difference(wanted, run(session, given)) for given, wanted in pairs), default=float("inf"))
    except UserError as error:
        yield f"{entry.name}: {error}"
        return
    if not worst <= STORED_TOLERANCE[entry.precision]:
        yield f"{entry.name}: differs from torch by {worst:.2e} of its scale on its examples"
    card = folder / f"{entry.name}.md"
    if not card.is_file() or not card.read_text(encoding="utf-8").endswith(facts(entry, folder)):
        yield f"{entry.name}: {card.name} is missing or says something else than the file and {MANIFEST_NAME}"


def _other_words(entry: ModelEntry, metadata: dict[str, str]) -> Iterator[str]:
    """Yield where file and manifest contradict each other."""
    for key in ("name", "version", "licence", "precision"):
        if metadata.get(key) != getattr(entry, key):
            both = f"{metadata.get(key)!r} in the file, {getattr(entry, key)!r} in the manifest"
            yield f"{entry.name}: its {key} is {both}"
    if metadata.get("profile") == "smoke":
        yield f"{entry.name}: comes from a smoke training, which shows that the code runs and no more"
    if not entry.figures or json.loads(metadata.get("figures", "{}")) != entry.figures:
        yield f"{entry.name}: the figures of the file are not those of the manifest"
