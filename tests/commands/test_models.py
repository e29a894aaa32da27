import json
from pathlib import Path

import pytest

from runtime.__main__ import main
from runtime.core.models import sha256_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "ears.onnx").write_bytes(b"a model")
    entry = {
        "name": "ears",
        "file": "ears.onnx",
        "sha256": sha256_of(tmp_path / "ears.onnx"),
        "size_bytes": 7,
        "precision": "fp16",
        "version": "3",
        "score": "student.accuracy",
        "figures": {"teacher.accuracy": 0.75, "student.words": 12, "student.accuracy": 0.625},
    }
    (tmp_path / "manifest.json").write_text(json.dumps({"models": [entry]}))
    return tmp_path


def test_the_command_lists_size_version_and_figures(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "--folder", str(folder)]) == 0
    words = capsys.readouterr().out.split()
    assert {"ears", "3", "0.0", "fp16", "right", "0.625"} <= set(words)
    assert words.index("0.625") < words.index("12")  # the score comes first


@pytest.mark.parametrize(("content", "word"), [(b"another", "another"), (None, "missing")])
def test_a_file_that_is_not_the_manifests_is_told(
    folder: Path, content: bytes | None, word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "ears.onnx").unlink()
    if content is not None:
        (folder / "ears.onnx").write_bytes(content)
    assert main(["models", "--folder", str(folder)]) == 1
    assert word in capsys.readouterr().out


def test_no_models_are_no_failure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "--folder", str(tmp_path)]) == 0
    assert "holds no models" in capsys.readouterr().out
