from pathlib import Path

import pytest

pytest.importorskip("torch")

from exporters import export as core
from exporters.__main__ import main
from exporters.export import Export, models
from runtime.core.errors import UserError
from tests.exporters.toy import toy, trained


def test_only_models_are_listed() -> None:
    assert not {"export", "verify", "ada", "__main__"} & set(models())


def test_an_unknown_or_untrained_model_is_a_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(core, "models", lambda: ["toy"])
    assert main(["nothing", "--to", str(tmp_path)]) == 2
    assert "no exporter 'nothing'" in capsys.readouterr().err
    assert main(["toy", "--from", str(tmp_path), "--to", str(tmp_path)]) == 2
    assert "python -m training toy" in capsys.readouterr().err


def test_all_goes_on_after_a_model_that_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def spec_of(name: str, source: Path) -> Export:
        if name == "bad":
            raise UserError("It is not trained.", "Train it.")
        trained(source)
        return toy(name=name)

    monkeypatch.setattr(core, "models", lambda: ["bad", "good"])
    monkeypatch.setattr(core, "spec_of", spec_of)
    assert main(["all", "--from", str(tmp_path), "--to", str(tmp_path / "models")]) == 1
    shown = capsys.readouterr()
    assert "It is not trained" in shown.err
    assert "good: " in shown.out
    assert (tmp_path / "models" / "good.onnx").is_file()
