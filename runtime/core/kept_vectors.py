"""Vectors of texts, kept in files, so that what a model has read once it need not read again."""

import contextlib
import hashlib
import logging
import os
import re
import threading
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

log = logging.getLogger(__name__)

MAX_FILE_BYTES: Final = 1 << 28
_HASH_BYTES: Final = 16

Vectors = NDArray[np.float32]


class KeptVectors:
    """Files of vectors in a folder, each with the hashes of the texts; the texts themselves are not kept.

    Numbers are rounded to float16, also when they are new, so that a text has the same vector each time.
    """

    def __init__(self, folder: Path, model: str, version: str) -> None:
        """`model` is part of the files' names; vectors of another `version` of it are not taken."""
        self._folder, self._model, self._version = folder, model, version

    def vectors(self, name: str, texts: Sequence[str], make: Callable[[Sequence[str]], Vectors]) -> Vectors:
        """Return (n, size) vectors of length 1; `make` is asked for those of texts that the file of `name` lacks.

        The file then holds these texts' alone. One that can't be read or written is said in the log, and done without.
        """
        path = self._folder / f"{re.sub(r'[^A-Za-z0-9_-]', '_', name)}-{self._model}.npz"
        keys = [hashlib.blake2b(text.encode(), digest_size=_HASH_BYTES).digest() for text in texts]
        known = self._read(path)
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        if missing:
            known.update(zip(missing, make(list(missing.values())).astype(np.float16), strict=True))
        if missing or len(known) > len(set(keys)):
            self._write(path, {key: known[key] for key in keys})
        found = np.array([known[key] for key in keys], np.float32)
        return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), np.float32)

    def _read(self, path: Path) -> dict[bytes, NDArray[np.float16]]:
        if not path.is_file() or path.stat().st_size > MAX_FILE_BYTES:
            return {}
        try:
            with path.open("rb") as file, np.load(file) as kept:
                if str(kept["version"]) != self._version:
                    return {}
                return dict(zip(map(bytes, kept["keys"]), kept["vectors"], strict=True))
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            log.warning("%s can't be read and is made anew: %s", path, error)
            return {}

    def _write(self, path: Path, known: dict[bytes, NDArray[np.float16]]) -> None:
        keys = np.frombuffer(b"".join(known), np.uint8).reshape(-1, _HASH_BYTES)
        part = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}.part")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as file:
                np.savez(file, version=np.array(self._version), keys=keys, vectors=np.array(list(known.values())))
            part.replace(path)
        except OSError as error:
            log.warning("%s can't be written, so the next start takes longer: %s", path, error)
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
