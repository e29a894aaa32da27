import json
from collections.abc import Callable
from pathlib import Path

import onnx
import pytest

from exporters.__main__ import main
from exporters.verify import faults
from runtime.core.models import MANIFEST_NAME, MODELS_FOLDER, read_manifest, sha256_of
from training.__main__ import models as trained_models


def edit_manifest(folder: Path, **changes: object) -> None:
    path = folder / "manifest.json"
    held = json.loads(path.read_text())
    held["models"][0] |= changes
    path.write_text(json.dumps(held))


def edit_file(folder: Path, change: Callable[[onnx.ModelProto], object]) -> None:
    """Change the model and let the manifest agree with the new file."""
    path = folder / "toy.onnx"
    model = onnx.load(path)
    change(model)
    onnx.save(model, path)
    edit_manifest(folder, sha256=sha256_of(path), size_bytes=path.stat().st_size)


def change_a_weight(model: onnx.ModelProto) -> None:
    weight = max(model.graph.initializer, key=lambda one: len(one.raw_data))
    weight.raw_data = b"\x00\x3c" * (len(weight.raw_data) // 2)


def drop(key: str) -> Callable[[onnx.ModelProto], object]:
    def change(model: onnx.ModelProto) -> None:
        kept = [prop for prop in model.metadata_props if prop.key != key]
        del model.metadata_props[:]
        model.metadata_props.extend(kept)

    return change


def smoke(model: onnx.ModelProto) -> None:
    next(prop for prop in model.metadata_props if prop.key == "profile").value = "smoke"


@pytest.mark.parametrize(
    ("harm", "fault"),
    [
        (lambda folder: (folder / "toy.onnx").unlink(), "missing"),
        (lambda folder: (folder / "toy.onnx").write_bytes(b"x"), "another size or SHA-256"),
        (lambda folder: (folder / "toy.md").unlink(), "toy.md is missing"),
        (lambda folder: (folder / "toy.md").write_text("A better model than any."), "says something else"),
        (lambda folder: (folder / "toy.examples.npz").unlink(), "can't be read"),
        (lambda folder: (folder / "old.onnx").write_bytes(b"x"), "does not name old.onnx"),
        (lambda folder: (folder / "big.onnx").write_bytes(bytes(25_000_001)), "all files together"),
        (lambda folder: edit_manifest(folder, figures={"student.accuracy": 0.99}), "figures of the file"),
        (lambda folder: edit_manifest(folder, version="9"), "its version is '1' in the file"),
        (lambda folder: edit_file(folder, change_a_weight), "differs from torch"),
        (lambda folder: edit_file(folder, drop("data")), "holds no data"),
        (lambda folder: edit_file(folder, smoke), "smoke training"),
    ],
)
def test_every_harm_is_named(
    models: Path, harm: Callable[[Path], object], fault: str, capsys: pytest.CaptureFixture[str]
) -> None:
    harm(models)
    assert any(fault in found for found in faults(models)), faults(models)
    assert main(["verify", "--to", str(models)]) == 1
    assert fault in capsys.readouterr().err


def test_what_was_exported_is_in_order(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "--to", str(made)]) == 0
    assert "1 models" in capsys.readouterr().out


def test_a_model_that_must_be_there_is_missed(made: Path) -> None:
    assert faults(made, ["toy", "other"]) == ["other: manifest.json does not name it"]


def test_the_models_that_ship_are_in_order() -> None:
    assert faults(MODELS_FOLDER) == []


@pytest.mark.parametrize("name", sorted(trained_models()))
def test_every_model_that_can_be_trained_ships(name: str) -> None:
    assert name in read_manifest(MODELS_FOLDER / MANIFEST_NAME), f"python -m exporters {name}"
