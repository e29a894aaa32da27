"""Training obeys a review, whatever way the data are labelled, and nothing in the data is changed."""

import csv
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

import training  # noqa: E402
from runtime.core.errors import UserError  # noqa: E402
from training.__main__ import models  # noqa: E402
from training.cleaning.review import Review, Row  # noqa: E402
from training.run import Fit, Run  # noqa: E402

CARD = 'source = "mine"\nlicence = "CC0"\nconsent = "my own"\nwhat = "words"\n'


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Sets labelled in each of the four ways."""
    files = {
        "table/words.csv": 'text,side\nup and up,1\ndown it goes,0\nup again,1\n"down,\nthen down",0\nhigh up,1\n',
        "voices/03a01W.wav": "angry",
        "voices/03a02N.wav": "calm",
        "voices/08a01W.wav": "angry too",
        "faces/joy/a.jpg": "smile",
        "faces/joy/b.jpg": "grin",
        "faces/anger/c.jpg": "frown",
        "hands/one.jpg": "a finger",
        "hands/two.jpg": "two fingers",
        "hands/labels.csv": "file,label,xmin\none.jpg,1-hand,5\ntwo.jpg,3-hand,6\n",
    }
    for name, content in files.items():
        path = tmp_path / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    for name in ("table", "voices", "faces", "hands"):
        (tmp_path / "data" / name / "card.toml").write_text(CARD)
    return tmp_path / "data"


def decide(data: Path, relative: str, *decisions: tuple[str, ...], reviews: str = "reviews") -> Path:
    """Write a review: items, decisions, and where their labels stand."""
    path = data / reviews / (relative.replace("/", "-") + ".csv")
    rows = [Row(item, "label", 1.0, "", "", decision, "", *at) for item, decision, *at in decisions]
    Review(rows).write(path)
    return path


def content(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "card.toml"
    }


def folder(data: Path, relative: str, **changes: Any) -> Path:
    """What a model's `run.folder(relative)` gives."""
    return Run("toy", data, data.parent / "out", device=torch.device("cpu"), **changes).folder(relative)


def test_without_a_review_the_data_themselves_are_read(data: Path) -> None:
    assert folder(data, "voices") == data / "voices"
    decide(data, "voices", ("03a01W.wav", "keep"), ("03a02N.wav", ""))
    assert folder(data, "voices") == data / "voices"


def test_files_are_left_out_or_named_anew(data: Path) -> None:
    before = content(data)
    decide(data, "voices", ("03a01W.wav", "drop"), ("08a01W.wav", "label N", "name 5 4"))
    assert content(folder(data, "voices")) == {"03a02N.wav": "calm", "08a01N.wav": "angry too"}
    decide(data, "faces", ("joy/a.jpg", "label anger", "folder"), ("joy/b.jpg", "drop"))
    assert content(folder(data, "faces")) == {"anger/a.jpg": "smile", "anger/c.jpg": "frown"}
    assert {name: text for name, text in content(data).items() if not name.startswith("reviews/")} == before


def test_a_list_of_labels_loses_and_changes_lines(data: Path) -> None:
    decide(data, "hands", ("two.jpg", "label 2-hand", "labels.csv"))
    assert content(folder(data, "hands"))["labels.csv"] == "file,label,xmin\none.jpg,1-hand,5\ntwo.jpg,2-hand,6\n"
    decide(data, "hands", ("one.jpg", "drop"))
    found = content(folder(data, "hands"))
    assert found == {"two.jpg": "two fingers", "labels.csv": "file,label,xmin\ntwo.jpg,3-hand,6\n"}


def test_a_table_loses_and_changes_lines_and_keeps_the_others_to_the_letter(data: Path) -> None:
    decide(data, "table", ("words.csv:3", "drop"), ("words.csv:4", "label 0", "column 1"))
    text = content(folder(data, "table"))["words.csv"]
    assert text == 'text,side\nup and up,1\nup again,0\n"down,\nthen down",0\nhigh up,1\n'
    decide(data, "table", ("words.csv:6", "drop"))  # the line that goes on over two, by its last
    assert [row[0] for row in csv.reader(content(folder(data, "table"))["words.csv"].splitlines())][1:] == [
        "up and up",
        "down it goes",
        "up again",
        "high up",
    ]


def test_reviews_of_folders_around_and_within_count(data: Path) -> None:
    decide(data, "faces/joy", ("a.jpg", "drop"))
    assert set(content(folder(data, "faces"))) == {"joy/b.jpg", "anger/c.jpg"}
    decide(data, "table/words.csv", ("words.csv:2", "drop"))
    assert "up and up" not in content(folder(data, "table"))["words.csv"]


def test_a_decision_holds_for_the_content_that_was_looked_at(data: Path) -> None:
    sha = hashlib.sha256((data / "voices/03a01W.wav").read_bytes()).hexdigest()[:16]
    path = decide(data, "voices", ("gone.wav", "drop"))
    Review([*Review.read(path).rows, Row("03a01W.wav", "label", 1, "", "", "drop", sha)]).write(path)
    run = Run("toy", data, data.parent / "out", device=torch.device("cpu"))
    assert not (run.folder("voices") / "03a01W.wav").exists()
    told = run.record.reviews["voices"]
    assert (told["dropped"], told["relabelled"], told["passed over"]) == (1, 0, 1)
    (data / "voices/03a01W.wav").write_text("another recording of that name")
    assert content(folder(data, "voices"))["03a01W.wav"] == "another recording of that name"


@pytest.mark.parametrize(
    ("relative", "decisions", "fault"),
    [
        (
            "voices",
            [("03a01W.wav", "label N", "name 5 4"), ("03a01W.wav", "label T", "name 5 4")],
            "label N and label T",
        ),
        ("voices", [("03a01W.wav", "label N")], "not where it stands"),
        ("faces", [("joy/a.jpg", "label ../../x", "folder")], "which no file can be named by"),
        ("table", [("words.csv:3", "label 1")], "not where it stands"),
    ],
)
def test_what_can_not_be_followed_is_told(data: Path, relative: str, decisions: list[Any], fault: str) -> None:
    decide(data, relative, *decisions)
    with pytest.raises(UserError, match=fault):
        folder(data, relative)


def test_a_new_name_that_is_another_files_is_told(data: Path) -> None:
    (data / "voices/03a01N.wav").write_text("another")
    decide(data, "voices", ("03a01W.wav", "label N", "name 5 4"))
    with pytest.raises(UserError, match="which is another file"):
        folder(data, "voices")


def test_what_is_dropped_is_not_trained_on_and_comes_back_when_the_decision_is_erased(data: Path) -> None:
    def trained(out: str, **changes: Any) -> tuple[set[str], dict[str, Any]]:
        """Train on the table and return the texts that the loss met, and the record."""
        run = Run("toy", data, data.parent / out, device=torch.device("cpu"), **changes)
        with (run.folder("table") / "words.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        met: set[str] = set()

        def loss(net: Any, batch: Any) -> Any:
            met.update(batch["text"])
            return net(torch.ones(len(batch["text"]), 1)).square().mean()

        net = torch.nn.Linear(1, 1)
        run.fit(Fit("student", net, loss, rows, lambda net: {"score": 0.0}, "score", epochs=2, batch_size=2))  # type: ignore[arg-type]
        return met, json.loads((run.out / "result.json").read_text())

    path = decide(data, "table", ("words.csv:2", "drop"))
    met, result = trained("first")
    assert "up and up" not in met
    assert len(met) == 4
    assert result["reviews"]["table"]["dropped"] == 1
    path.write_text(path.read_text().replace(",drop,", ",,"))
    with pytest.raises(UserError, match=r"another .*data"):
        trained("first", resume=True)
    met, result = trained("second")
    assert "up and up" in met
    assert result["reviews"] == {}


def test_another_folder_of_reviews_can_be_named(data: Path) -> None:
    decide(data, "voices", ("03a01W.wav", "drop"), reviews="mine")
    assert (folder(data, "voices") / "03a01W.wav").exists()
    assert not (folder(data, "voices", reviews=data / "mine") / "03a01W.wav").exists()
    with pytest.raises(UserError, match="There is no folder"):
        folder(data, "voices", reviews=data / "nowhere")


@pytest.mark.parametrize("name", sorted(models()))
def test_a_model_that_reads_data_past_run_folder_says_of_which(name: str) -> None:
    """Reviews can't reach what a model reads by itself; training refuses them for that data."""
    files = [path for folder in training.__path__ for path in (Path(folder) / name).glob("*.py")]
    past = [path.name for path in files if path.name == "extract.py" or re.search(r"\brun\.data\b", path.read_text())]
    assert not past or hasattr(models()[name], "EXTRACTED"), f"{name} reads data by itself in {past}"
