"""Vectors kept in files: what was read once is not read again, and a broken file costs only time."""

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from runtime.core.kept_vectors import KeptVectors


class Model:
    """Makes a vector of a text's length, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.asked += texts
        found = np.array([[len(text), 3.0] for text in texts], np.float32)
        return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), np.float32)


def test_only_new_texts_are_read(tmp_path: Path) -> None:
    model = Model()
    first = KeptVectors(tmp_path, "small", "1").vectors("Ada", ["one", "three", "one"], model)
    assert first.shape == (3, 2)
    assert np.allclose(np.linalg.norm(first, axis=1), 1, atol=1e-6)
    again = KeptVectors(tmp_path, "small", "1").vectors("Ada", ["three", "fifteen", "one"], model)
    assert np.array_equal(again[[2, 0, 2]], first)
    assert model.asked == ["one", "three", "fifteen"]


def test_a_new_vector_is_the_same_as_a_kept_one(tmp_path: Path) -> None:
    kept = KeptVectors(tmp_path, "small", "1")
    texts = [letter * number for number, letter in enumerate("abcdefgh", 1)]
    assert np.array_equal(kept.vectors("Ada", texts, Model()), kept.vectors("Ada", texts, Model()))


def test_texts_that_are_gone_are_forgotten(tmp_path: Path) -> None:
    kept, model = KeptVectors(tmp_path, "small", "1"), Model()
    kept.vectors("Ada", ["one", "three"], model)
    kept.vectors("Ada", ["three"], model)
    kept.vectors("Ada", ["one", "three"], model)
    assert model.asked == ["one", "three", "one"]
    assert [path.name for path in tmp_path.iterdir()] == ["Ada-small.npz"]


def test_another_version_or_model_or_name_shares_nothing(tmp_path: Path) -> None:
    model = Model()
    for made_by, version, name in (("small", "1", "Ada"), ("small", "2", "Ada"), ("large", "2", "../Bo")):
        KeptVectors(tmp_path, made_by, version).vectors(name, ["one"], model)
    assert model.asked == ["one"] * 3
    assert sorted(path.name for path in tmp_path.iterdir()) == ["Ada-small.npz", "___Bo-large.npz"]


@pytest.mark.parametrize("content", [b"", b"no file of vectors", b"PK\x03\x04 and no more"])
def test_a_broken_file_is_made_anew(tmp_path: Path, caplog: pytest.LogCaptureFixture, content: bytes) -> None:
    (tmp_path / "Ada-small.npz").write_bytes(content)
    model = Model()
    with caplog.at_level(logging.WARNING):
        KeptVectors(tmp_path, "small", "1").vectors("Ada", ["one"], model)
    assert "Ada-small.npz can't be read" in caplog.text
    KeptVectors(tmp_path, "small", "1").vectors("Ada", ["one"], model)
    assert model.asked == ["one"]


def test_a_folder_that_can_not_be_written_costs_only_time(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("")
    with caplog.at_level(logging.WARNING):
        found = KeptVectors(tmp_path / "file" / "vectors", "small", "1").vectors("Ada", ["one"], Model())
    assert found.shape == (1, 2)
    assert "can't be written" in caplog.text
