import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import onnx  # noqa: E402
import onnxruntime  # noqa: E402
from onnx import TensorProto  # noqa: E402
from torch import nn  # noqa: E402

from exporters.check import STORED_TOLERANCE, difference, run  # noqa: E402
from exporters.examples import load_examples, mixed  # noqa: E402
from exporters.export import export  # noqa: E402
from exporters.graph import OPSET, to_onnx  # noqa: E402
from exporters.precision import to_fp16_weights, to_int8  # noqa: E402
from exporters.source import command_of, figures_of, load_student  # noqa: E402
from exporters.verify import faults  # noqa: E402
from runtime.core.device import PROFILES  # noqa: E402
from runtime.core.errors import UserError  # noqa: E402
from runtime.core.models import ModelRegistry, open_session  # noqa: E402
from runtime.core.precision import in_fp16, without_casts  # noqa: E402
from tests.exporters.toy import BANDS, HIDDEN, RESULT, Toy, real, toy, trained  # noqa: E402


def test_an_export_is_loaded_by_the_runtime_and_says_what_torch_says(made: Path) -> None:
    assert sorted(path.name for path in made.iterdir()) == ["manifest.json", "toy.examples.npz", "toy.md", "toy.onnx"]
    registry = ModelRegistry(PROFILES["edge"], made)
    session = registry.load("toy")
    assert [value.shape for value in session.get_inputs()] == [[1, "time", BANDS], [2, 1, HIDDEN]]
    assert [value.shape for value in session.get_outputs()] == [[1, "time", 5], [2, 1, HIDDEN]]
    spec = toy()
    for case in real(5):
        with torch.no_grad():
            wanted = spec.net(*map(torch.from_numpy, case.values()))[0].numpy()
        assert np.abs(session.run(None, case)[0] - wanted).max() < 2e-3
    entry = registry.entries()["toy"]
    assert entry.figures == {"teacher.accuracy": 0.75, "student.accuracy": 0.5}
    assert entry.score == "student.accuracy"
    metadata = registry.metadata("toy")
    assert json.loads(metadata["labels"]) == ["a", "b", "c", "d", "e"]
    assert json.loads(metadata["data"]) == RESULT["data"]
    assert metadata["command"] == "python -m training toy --data DIR --out=DIR --seed 3"
    assert faults(made) == []


def test_the_file_holds_fp16_weights_and_no_trace_of_the_machine(made: Path) -> None:
    data = (made / "toy.onnx").read_bytes()
    model = onnx.load_model_from_string(data)
    assert [(entry.domain, entry.version) for entry in model.opset_import] == [("", OPSET)]
    large = [weight for weight in model.graph.initializer if np.prod(weight.dims) >= 256]
    assert len(large) >= 4
    assert {weight.data_type for weight in large} == {TensorProto.FLOAT16}
    assert sum(node.op_type == "GRU" for node in model.graph.node) == 2  # one operator a layer, not a loop unrolled
    assert str(Path.cwd()).encode() not in data
    assert b"site-packages" not in data


def test_the_cpu_computes_in_fp32_without_a_cast_at_run_time(made: Path, tmp_path: Path) -> None:
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(tmp_path / "ready.onnx")
    onnxruntime.InferenceSession(str(made / "toy.onnx"), options, providers=["CPUExecutionProvider"])
    ready = onnx.load(tmp_path / "ready.onnx")
    assert "Cast" not in {node.op_type for node in ready.graph.node}
    assert TensorProto.FLOAT16 not in {weight.data_type for weight in ready.graph.initializer}


def test_the_same_net_gives_the_same_file(made: Path, tmp_path: Path) -> None:
    export(toy(), trained(tmp_path / "out"), tmp_path / "models")
    assert (tmp_path / "models" / "toy.onnx").read_bytes() == (made / "toy.onnx").read_bytes()
    assert (tmp_path / "models" / "manifest.json").read_text() == (made / "manifest.json").read_text()


def test_a_second_model_joins_the_manifest_and_a_new_version_takes_the_old_ones_place(models: Path) -> None:
    registry = models.parent / "out"
    export(toy(name="other", version="2", chunks=None), trained(registry), models)
    export(toy(version="7"), registry, models)
    entries = ModelRegistry(PROFILES["edge"], models).entries()
    assert {name: entry.version for name, entry in entries.items()} == {"other": "2", "toy": "7"}
    assert faults(models) == []


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"real": real(3)}, "3 real inputs"),
        ({"real": [{"frames": one["frames"]} for one in real()]}, "is named frames"),
        ({"card": " "}, "no card"),
        ({"dynamic": {"sound": {0: "time"}}}, "which is no input"),
        ({"dynamic": {"frames": {0: "batch"}}}, "length 1"),
        ({"score": "beauty"}, "no figure 'beauty'"),
        (
            {"dynamic": {}, "real": [one for one in real(60) if one["frames"].shape[1] == 4][:20]},
            "frames has the shape",
        ),
        ({"outputs": ("chances",)}, "2 outputs"),
        ({"chunks": lambda session: (np.zeros(3), np.full(3, 0.1))}, "fed in chunks differs"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_description_with_a_fault_writes_nothing(tmp_path: Path, changes: dict[str, Any], fault: str) -> None:
    with pytest.raises(UserError, match=fault):
        export(toy(**changes), trained(tmp_path / "out"), tmp_path / "models")
    assert not (tmp_path / "models").exists()


def test_an_axis_that_the_net_fixes_can_not_be_said_to_be_open() -> None:
    class Fixed(nn.Module):
        def forward(self, frames: Any, state: Any) -> Any:
            return frames.reshape(6, BANDS) + 1, state

    with pytest.raises(UserError, match="can't be exported"):
        to_onnx(toy(net=Fixed()))


def test_a_file_that_says_something_else_than_torch_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = to_onnx(toy(net=Toy().eval()))  # other weights: the seed is drawn on
    monkeypatch.setattr("exporters.graph.to_onnx", lambda spec: other)
    with pytest.raises(UserError, match="in FP32 differs from torch"):
        export(toy(), trained(tmp_path / "out"), tmp_path / "models")
    assert not (tmp_path / "models").exists()


@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize("layers", [1, 3])
def test_a_gru_keeps_its_open_time_axis(batch_first: bool, layers: int) -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.gru = nn.GRU(3, 4, layers, batch_first=batch_first)

        def forward(self, x: Any) -> Any:
            return self.gru(x)

    net = Net().eval()
    axis = 1 if batch_first else 0
    spec = toy(net=net, inputs={"x": torch.randn(2, 2, 3)}, outputs=("y", "last"), dynamic={"x": {axis: "time"}})
    session = open_session(to_onnx(spec).SerializeToString())
    for time in (1, 2, 7):
        x = torch.randn((2, time, 3) if batch_first else (time, 2, 3))
        with torch.no_grad():
            wanted = net(x)
        for found, tensor in zip(session.run(None, {"x": x.numpy()}), wanted, strict=True):
            np.testing.assert_allclose(found, tensor.numpy(), atol=1e-6)


def test_a_gru_that_can_not_be_exported_faithfully_is_refused() -> None:
    net = nn.GRU(BANDS, HIDDEN, 1, bidirectional=True).eval()
    with pytest.raises(UserError, match="both ways"):
        to_onnx(toy(net=net))


def test_weights_that_fp16_can_not_hold_and_small_ones_stay_in_fp32() -> None:
    net = nn.Linear(40, 40, bias=True).eval()
    spec = toy(net=net, inputs={"x": torch.randn(1, 40)}, outputs=("y",), dynamic={})
    assert [weight.data_type for weight in _weights(spec)] == [TensorProto.FLOAT16, TensorProto.FLOAT]
    with torch.no_grad():
        net.weight[0, 0] = 1e6
    assert {weight.data_type for weight in _weights(spec)} == {TensorProto.FLOAT}


def _weights(spec: Any) -> list[Any]:
    found = to_fp16_weights(to_onnx(spec)).graph.initializer
    return sorted(found, key=lambda weight: -int(np.prod(weight.dims)))


def test_the_weights_written_out_in_fp32_say_the_same(made: Path) -> None:
    large = without_casts(onnx.load(made / "toy.onnx"))
    assert "Cast" not in {node.op_type for node in large.graph.node}
    full = open_session(large.SerializeToString())
    shipped = open_session(made / "toy.onnx")
    for case, _ in load_examples(made / "toy.examples.npz"):
        assert difference(run(shipped, case), run(full, case)) < 1e-6


def test_the_fp16_form_for_a_gpu_takes_and_gives_float32_and_says_the_same(made: Path) -> None:
    half = in_fp16(made / "toy.onnx")
    model = onnx.load_model_from_string(half)
    assert {value.type.tensor_type.elem_type for value in [*model.graph.input, *model.graph.output]} == {
        TensorProto.FLOAT
    }
    assert TensorProto.FLOAT16 in {weight.data_type for weight in model.graph.initializer}
    options = onnxruntime.SessionOptions()  # the last level rewrites for the CPU alone, and fails on FP16 there
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    session = onnxruntime.InferenceSession(half, options, providers=["CPUExecutionProvider"])
    for case, wanted in load_examples(made / "toy.examples.npz"):
        assert difference(wanted, run(session, case)) < STORED_TOLERANCE["fp16"]


def test_int8_is_made_from_the_examples_and_stays_near() -> None:
    net = nn.Sequential(nn.Linear(40, 64), nn.ReLU(), nn.Linear(64, 8)).eval()
    cases = [{"x": np.random.default_rng(n).standard_normal((1, 40)).astype(np.float32)} for n in range(20)]
    spec = toy(net=net, inputs={"x": torch.randn(1, 40)}, outputs=("y",), dynamic={}, real=cases)
    model = to_fp16_weights(to_onnx(spec))
    small = to_int8(model, cases)
    kinds = {weight.data_type for weight in onnx.load_model_from_string(small).graph.initializer}
    assert {TensorProto.INT8, TensorProto.UINT8} <= kinds
    full, quantised = open_session(model.SerializeToString()), open_session(small)
    assert 0 < max(difference(run(full, case), run(quantised, case)) for case in cases) < 0.05


def test_examples_are_mixed_so_that_no_recording_is_given_away() -> None:
    chance = np.random.default_rng(0)
    cases: list[dict[str, Any]] = [
        {
            "x": chance.standard_normal((2, 3)).astype(np.float32),
            "words": chance.integers(0, 9, 5),
            "flags": chance.integers(0, 2, 4).astype(np.float32),
        }
        for _ in range(20)
    ]
    found = mixed(cases, 16)
    assert len(found) == 16
    for one in found:
        assert min(np.abs(one["x"] - case["x"]).max() for case in cases) > 0.05
        assert one["words"].dtype == np.int64
        assert np.isin(one["words"], range(9)).all()
        assert np.isin(one["flags"], (0, 1)).all()
    again = mixed(cases, 16)
    assert all(np.array_equal(one["x"], other["x"]) for one, other in zip(found, again, strict=True))


def test_figures_are_the_plain_numbers_of_the_result() -> None:
    assert figures_of(RESULT) == {"teacher.accuracy": 0.75, "student.accuracy": 0.5}
    assert figures_of({"figures": {"a": 1, "b": float("nan"), "c": "x"}}) == {"a": 1.0}
    assert figures_of({}) == {}


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        ("python -m training x --data '/a b/c' --out out/x", "python -m training x --data DIR --out DIR"),
        ("python -m training x --data=/a --resume", "python -m training x --data=DIR --resume"),
        ("python -m training x --cache=/a/b", "python -m training x --cache=DIR"),
        ("", ""),
    ],
)
def test_a_command_is_told_without_the_folders_of_a_machine(command: str, shown: str) -> None:
    assert command_of({"command": command}) == shown


def test_a_student_that_does_not_fit_is_a_clear_error(tmp_path: Path) -> None:
    def build(config: dict[str, Any]) -> Any:
        return nn.Linear(config["size"], 2)

    with pytest.raises(UserError, match="missing"):
        load_student(tmp_path, build)
    torch.save({"state": nn.Linear(3, 2).state_dict(), "config": {"size": 3}}, tmp_path / "student.pt")
    net, config = load_student(tmp_path, build)
    assert config == {"size": 3}
    assert not net.training
    torch.save({"state": nn.Linear(3, 2).state_dict(), "config": {"size": 4}}, tmp_path / "student.pt")
    with pytest.raises(UserError, match="does not fit"):
        load_student(tmp_path, build)
    (tmp_path / "student.pt").write_bytes(b"no checkpoint")
    with pytest.raises(UserError, match="is no checkpoint"):
        load_student(tmp_path, build)


def test_a_model_without_figures_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no figures"):
        export(dataclasses.replace(toy()), tmp_path, tmp_path / "models")
