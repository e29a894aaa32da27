import argparse
import json
from pathlib import Path

import pytest

pytest.importorskip("torch")

from benchmarks import models as benchmark
from benchmarks.models import STORED
from exporters.export import export
from runtime.core.errors import UserError
from tests.exporters.toy import toy, trained


def test_each_model_is_measured_in_three_precisions(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "models"
    export(toy(), trained(tmp_path), folder)
    args = argparse.Namespace(folder=folder, output=tmp_path / "figures.json", calls=8)
    assert benchmark.run(args) == 0
    shown = capsys.readouterr().out
    assert "student.accuracy 0.5" in shown
    assert "toy: INT8" in shown
    figures = json.loads((tmp_path / "figures.json").read_text())
    rows = {row["precision"]: row for row in figures["rows"]}
    assert list(rows) == [STORED, "FP32", "INT8"]
    assert rows[STORED]["size_bytes"] == (folder / "toy.onnx").stat().st_size
    assert rows[STORED]["size_bytes"] < rows["FP32"]["size_bytes"]
    for row in rows.values():
        assert len(row["p50_ms"]) == len(row["p95_ms"]) == 2
        assert all(0 < p50 <= p95 for p50, p95 in zip(row["p50_ms"], row["p95_ms"], strict=True))
    assert rows["FP32"]["change"] == 0
    assert rows["INT8"]["change"] > 0
    (folder / "toy.onnx").write_bytes(b"x")
    with pytest.raises(UserError, match="not the one"):
        benchmark.run(args)
