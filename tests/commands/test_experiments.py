"""`python -m runtime experiments`: files checked, experiments listed, reported and erased."""

import json
import shutil
from pathlib import Path

import pytest

from runtime.__main__ import main
from runtime.core.settings import Settings
from runtime.experiments.experiment import FOLDER
from runtime.experiments.outcomes import Visit
from runtime.trial import open_store
from tests.experiments.files import TWO, experiment, written


def experiments(tmp_path: Path, *words: str) -> int:
    return main(["experiments", *words, "--data-dir", str(tmp_path)])


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with an experiment of 240 visits, in which short does better."""
    folder = tmp_path_factory.mktemp("measured")
    written(folder / FOLDER)
    store = open_store(Settings.model_validate({"data_dir": folder}))
    for i in range(240):
        name = ("long", "short")[i % 2]
        store.add(experiment(), Visit(name, turns=1, done=name == "short" or i % 4 == 0, waited_s=0.5 + i % 3 / 10))
    store.close()
    return folder


@pytest.fixture
def measured(tmp_path: Path, once: Path) -> Path:
    """A copy of that folder."""
    shutil.copytree(once, tmp_path, dirs_exist_ok=True)
    return tmp_path


def test_a_report_is_a_table_and_a_verdict(measured: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert experiments(measured, "report", "shorter") == 0
    shown = capsys.readouterr().out
    assert "shorter: 240 visits" in shown
    assert "100.0 % (96.9 % to 100.0 %)" in shown
    assert "+50.0 % (40.7 % to 58.8 %)" in shown
    assert "short: decided after 100 visits: better" in shown
    assert "WARNING" not in shown


def test_the_experiment_under_way_needs_no_name(measured: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert experiments(measured, "report", "--experiment", "shorter", "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert [arm["visits"] for arm in report["arms"]] == [120, 120]
    assert report["arms"][1]["test"]["decided_after"] == 100
    assert experiments(measured, "report") == 2
    assert "needs a name" in capsys.readouterr().err


def test_experiments_are_listed_and_erased(measured: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert experiments(measured, "list", "--json") == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["name"], row["visits"]) == ("shorter", 240)
    (measured / FOLDER / "shorter.toml").unlink()
    assert experiments(measured, "list") == 0
    assert "shorter: 240 visits, its file is gone" in capsys.readouterr().out
    assert experiments(measured, "erase", "shorter") == 0
    assert experiments(measured, "erase", "shorter") == 2
    assert experiments(measured, "list") == 0
    assert "There are no experiments" in capsys.readouterr().out


def test_a_file_is_checked_with_its_personas_and_brains(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, TWO + 'persona = "bank"\nweight = 3\n')
    assert experiments(tmp_path, "check", str(path)) == 0
    assert "shorter is in order: long 25%, short 75%" in capsys.readouterr().out
    for more, told in (
        ('persona = "nobody"', "no persona 'nobody'"),
        ('brain = "clever"', "no brain 'clever'"),
        ('brain = "openai"', "llm_url"),
        ("weight = 1000", "line 11"),
    ):
        assert experiments(tmp_path, "check", str(written(tmp_path, TWO + more))) == 2
        assert told in capsys.readouterr().err
