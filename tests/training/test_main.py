"""The command line of training."""

import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import training
from training import __main__ as command

ROOT = Path(__file__).resolve().parents[2]
MODEL = """\
SUMMARY = "Ups to downs."
DATA = ("ups",)


def train(run):
    import json

    from tests.training.toy import toy

    words = (run.folder("ups") / "words.txt").read_text()
    net = run.fit(toy(epochs=1 if run.smoke else 2))
    run.note(words=words, resumed=run.resume)
    run.save_student(net, {"width": 16})
"""


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A model's package, as if it lay below training."""
    package = tmp_path / "models" / "ups_and_downs"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(MODEL)
    (tmp_path / "models" / "no_model").mkdir()
    (tmp_path / "models" / "no_model" / "__init__.py").write_text("")
    monkeypatch.setattr(training, "__path__", [*training.__path__, str(tmp_path / "models")])
    data = tmp_path / "data" / "ups"
    data.mkdir(parents=True)
    (data / "words.txt").write_text("up")
    (data / "card.toml").write_text('source = "me"\nlicence = "CC0"\nconsent = "mine"\nwhat = "a word"\n')
    yield "ups_and_downs"
    for name in ("ups_and_downs", "no_model"):
        sys.modules.pop(f"training.{name}", None)


def test_the_list_shows_models_and_loads_nothing_heavy() -> None:
    probe = (
        "import sys, training.__main__ as m; m.main(['list']); "
        "assert not {'torch', 'numpy', 'onnxruntime', 'cv2'} & set(sys.modules), 'heavy'"
    )
    done = subprocess.run([sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for name, package in command.models().items():
        assert f"{name} " in done.stdout
        assert package.SUMMARY.rstrip(".") in done.stdout


def test_a_model_is_trained_and_resumed(model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    torch = pytest.importorskip("torch")
    words = [model, f"--data={tmp_path / 'data'}", f"--out={tmp_path / 'out'}", "--seed=7", "--profile=smoke"]
    assert command.main([*words, "--precision", "fp32"]) == 0
    assert "result.json" in capsys.readouterr().out
    result = json.loads((tmp_path / "out/result.json").read_text())
    assert (result["model"], result["profile"], result["seed"]) == (model, "smoke", 7)
    assert result["finished"] is True
    assert result["figures"] == {"words": "up", "resumed": False}
    assert result["data"]["ups"]["card"]["source"] == "me"
    assert result["fits"]["toy"]["epochs_run"] == 1
    assert len(result["commit"].split()[0]) in (7, 40)
    student = torch.load(tmp_path / "out/student.pt", weights_only=True)
    assert (student["config"], student["model"]) == ({"width": 16}, model)
    assert "4.weight" in student["state"]

    assert command.main([*words, "--precision", "fp32", "--resume"]) == 0
    assert json.loads((tmp_path / "out/result.json").read_text())["figures"]["resumed"] is True


def test_a_review_that_training_could_not_obey_is_refused(
    model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("torch")
    from training.cleaning.review import Review, Row

    package = tmp_path / "models/ups_and_downs/__init__.py"
    package.write_text(MODEL + 'EXTRACTED = ("ups",)\n')
    Review([Row("words.txt", "by eye", 1.0, "", "", "drop")]).write(tmp_path / "data/reviews/ups.csv")
    words = [model, f"--data={tmp_path / 'data'}", f"--out={tmp_path / 'out'}", "--profile=smoke"]
    assert command.main(words) == 1
    assert "reads ups through an extract" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["", "list", "clean", "report", *command.models()])
def test_every_command_tells_what_it_takes(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        command.main([*[name] * bool(name), "--help"])
    assert left.value.code == 0
    shown = capsys.readouterr().out
    wanted = {"": "clean", "list": "usage", "clean": "--near", "report": "--label-column"}.get(name, "--resume")
    assert wanted in shown


def test_what_cannot_be_trained_is_told_in_one_line(
    model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def told(*words: str) -> str:
        assert command.main(list(words)) == 1
        line = capsys.readouterr().err
        assert line.count("\n") == 1
        return line

    line = told("no_model", "--data", str(tmp_path))
    assert line.startswith("There is no model 'no_model'. Known models: ")
    assert "ups_and_downs" in line
    assert "Give --data DIR; ups_and_downs needs ups" in told(model)
    find = importlib.util.find_spec

    def without_torch(name: str, *rest: Any) -> Any:
        return None if name == "torch" else find(name, *rest)

    monkeypatch.setattr(importlib.util, "find_spec", without_torch)
    assert "needs torch, which is not installed. Run: make setup" in told(model, "--data", str(tmp_path))
    monkeypatch.undo()
    monkeypatch.setattr(training, "__path__", [*training.__path__, str(tmp_path / "models")])
    assert "There is no ups in" in told(model, "--data", str(tmp_path / "elsewhere"), "--out", str(tmp_path / "out"))


def test_an_interrupted_training_says_how_to_go_on(
    model: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(given: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "train", interrupted)
    assert command.main([model]) == 130
    assert "--resume" in capsys.readouterr().err
