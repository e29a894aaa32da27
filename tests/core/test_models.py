"""The Silero model in faster-whisper's wheel stands for a model of ours: a real file, small, with open dimensions."""

import importlib.util
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from runtime.core.device import PROFILES
from runtime.core.errors import UserError
from runtime.core.models import MODELS_FOLDER, ModelRegistry, open_session, read_manifest, sha256_of

SHAPES = {"input": [1, 576], "h": [1, 1, 128], "c": [1, 1, 128]}


def silero() -> Path:
    spec = importlib.util.find_spec("faster_whisper")
    if spec is None or spec.origin is None:
        pytest.skip("faster-whisper is not installed")
    return next((Path(spec.origin).parent / "assets").glob("silero_vad*.onnx"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A models folder with one good entry."""
    file = tmp_path / "ears.onnx"
    shutil.copy(silero(), file)
    write(tmp_path, entry(file))
    return tmp_path


def entry(file: Path) -> dict[str, Any]:
    return {
        "name": "ears",
        "file": file.name,
        "sha256": sha256_of(file),
        "size_bytes": file.stat().st_size,
        "gflop": 0.01,
        "warm_up": SHAPES,
    }


def write(folder: Path, *entries: dict[str, Any]) -> None:
    (folder / "manifest.json").write_text(json.dumps({"models": list(entries)}))


def test_a_model_is_checked_loaded_warm_and_kept(folder: Path) -> None:
    registry = ModelRegistry(PROFILES["edge"], folder)
    session = registry.load("ears")
    assert registry.load("ears") is session
    assert session.get_providers() == ["CPUExecutionProvider"]
    options = session.get_session_options()
    assert (options.intra_op_num_threads, options.inter_op_num_threads) == (1, 1)
    assert options.get_session_config_entry("session.intra_op.allow_spinning") == "0"
    feeds = {name: np.zeros(shape, np.float32) for name, shape in SHAPES.items()}
    assert 0 <= float(session.run(None, feeds)[0].ravel()[0]) < 0.5  # silence is no speech


def test_a_changed_file_is_refused(folder: Path) -> None:
    data = bytearray((folder / "ears.onnx").read_bytes())
    data[-1] ^= 1
    (folder / "ears.onnx").write_bytes(data)
    with pytest.raises(UserError, match="not the one that manifest"):
        ModelRegistry(PROFILES["edge"], folder).load("ears")
    (folder / "ears.onnx").unlink()
    with pytest.raises(UserError, match="missing"):
        ModelRegistry(PROFILES["edge"], folder).load("ears")


def test_an_unknown_name_lists_what_there_is(folder: Path) -> None:
    with pytest.raises(UserError, match="Known models: ears"):
        ModelRegistry(PROFILES["edge"], folder).load("eyes")


def test_a_profile_whose_provider_is_not_there_falls_back(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    import onnxruntime

    if "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        pytest.skip("this machine has CUDA")
    session = ModelRegistry(PROFILES["gpu"], folder).load("ears")
    assert session.get_providers() == ["CPUExecutionProvider"]
    assert "CUDAExecutionProvider is not there" in caplog.text
    with pytest.raises(UserError, match="has none of"):
        open_session(folder / "ears.onnx", 1, ("CUDAExecutionProvider",))


def test_a_file_that_is_no_model_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "text.onnx").write_text("not a model")
    with pytest.raises(UserError, match=r"text\.onnx can't be loaded"):
        open_session(tmp_path / "text.onnx")


@pytest.mark.parametrize(
    "change",
    [
        {"file": "../ears.onnx"},
        {"file": "/etc/passwd"},
        {"sha256": "0"},
        {"size_bytes": 0},
        {"name": ""},
        {"precision": "fp8"},
        {"surplus": 1},
    ],
)
def test_a_wrong_entry_is_named(folder: Path, change: dict[str, Any]) -> None:
    write(folder, entry(folder / "ears.onnx") | change)
    with pytest.raises(UserError, match=next(iter(change))):
        read_manifest(folder / "manifest.json")


def test_a_wrong_manifest_is_a_clear_error(folder: Path) -> None:
    good = entry(folder / "ears.onnx")
    write(folder, good, good)
    with pytest.raises(UserError, match="more than once"):
        read_manifest(folder / "manifest.json")
    for content in ("[]", "{}", "{", '{"models": 3}', '{"models": [3]}'):
        (folder / "manifest.json").write_text(content)
        with pytest.raises(UserError):
            read_manifest(folder / "manifest.json")


def test_the_models_that_ship_are_all_there_and_load() -> None:
    registry = ModelRegistry(PROFILES["edge"], MODELS_FOLDER)
    assert {"lipsync", "retrieval", "endpoint"} <= registry.entries().keys()
    for name in registry.entries():
        registry.load(name)


def test_no_manifest_means_no_models(tmp_path: Path) -> None:
    assert ModelRegistry(PROFILES["edge"], tmp_path).entries() == {}
