"""The files of a graph, and the mistakes that are named in them with file and line."""

import shutil
from pathlib import Path

import pytest

from runtime.core.errors import UserError
from runtime.persona.graph.tables import read_tables
from runtime.persona.persona import find_persona, load_persona

SHIPPED = find_persona("clinic").parent


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(SHIPPED / "knowledge" / "graph", tmp_path / "graph")
    return tmp_path / "graph"


def changed(folder: Path, name: str, line: int, old: str, new: str) -> None:
    path = folder / f"{name}.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    assert old in lines[line - 1]
    lines[line - 1] = lines[line - 1].replace(old, new, 1)
    path.write_text("\n".join(lines), encoding="utf-8")


def test_the_shipped_graph_is_whole() -> None:
    tables = read_tables(SHIPPED / "knowledge" / "graph")
    assert len(tables.conditions) >= 100
    assert len(tables.symptoms) >= 100
    used = {sign for condition in tables.conditions for sign, _ in condition.signs}
    assert used == {symptom.id for symptom in tables.symptoms}
    assert all(condition.advice and condition.sources and condition.warning for condition in tables.conditions)
    assert all(text.endswith((".", "!")) for c in tables.conditions for text in (c.about, c.warning, c.urgency.text))


@pytest.mark.parametrize(
    ("name", "line", "old", "new", "reason"),
    [
        ("conditions", 3, "fever|aches", "fever|akes", "always names 'akes', which is not there"),
        ("conditions", 2, ",home,", ",hom,", "urgency names 'hom'"),
        ("conditions", 2, "library,3,", "library,9,", "common is '9' and not a number from 1 to 3"),
        ("conditions", 3, "flu,flu,", "cold,flu,", "the id 'cold' is used twice"),
        ("conditions", 3, "flu,flu,", "Flu!,flu,", "is not small letters"),
        ("conditions", 4, "covid,COVID-19,", "covid,COVID-19,more,", "13 cells and not 12"),
        ("conditions", 2, "cold,a common cold,", "cold,,", "name is empty"),
        ("conditions", 3, "tiredness|headache", "fever|headache", "'fever' is named twice"),
        ("advice", 1, "id,text", "id,words", "the first line has to be id,text"),
        ("urgency", 6, "emergency,4", "emergency,5", "rank is '5'"),
        ("symptoms", 2, "headache,a headache", 'headache,"a" headache', "no CSV"),
    ],
)
def test_a_mistake_is_named_with_its_file_and_line(
    folder: Path, name: str, line: int, old: str, new: str, reason: str
) -> None:
    changed(folder, name, line, old, new)
    with pytest.raises(UserError) as error:
        read_tables(folder)
    assert reason in str(error.value)
    assert f"{name}.csv, line {line}" in str(error.value)


def test_several_mistakes_are_named_at_once(folder: Path) -> None:
    changed(folder, "conditions", 2, "library,3,", "library,x,")
    changed(folder, "conditions", 3, "library,3,", "library,y,")
    with pytest.raises(UserError) as error:
        read_tables(folder)
    assert str(error.value).count("common is") == 2


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "advice.csv").unlink()
    with pytest.raises(UserError, match=r"advice\.csv"):
        read_tables(folder)


def test_a_file_that_is_too_large_is_refused(folder: Path) -> None:
    (folder / "advice.csv").write_text("x" * 2_000_001)
    with pytest.raises(UserError, match="over 2 MB"):
        read_tables(folder)


def test_persona_check_reads_the_graph_too(tmp_path: Path) -> None:
    shutil.copytree(SHIPPED, tmp_path / "clinic")
    file = tmp_path / "clinic" / "persona.toml"
    assert load_persona(file).graph is not None
    changed(tmp_path / "clinic" / "knowledge" / "graph", "conditions", 2, ",home,", ",nowhere,")
    with pytest.raises(UserError, match=r"conditions\.csv, line 2"):
        load_persona(file)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [("most = 3", "most = 30", "graph.most"), ('call = "112', 'cal = "112', "emergency.cal")],
)
def test_a_mistake_in_the_tables_of_the_persona_is_named_with_its_line(
    tmp_path: Path, old: str, new: str, reason: str
) -> None:
    shutil.copytree(SHIPPED, tmp_path / "clinic")
    file = tmp_path / "clinic" / "persona.toml"
    text = file.read_text(encoding="utf-8").replace(old, new)
    file.write_text(text, encoding="utf-8")
    line = next(i for i, words in enumerate(text.splitlines(), 1) if new in words)
    with pytest.raises(UserError, match=reason) as error:
        load_persona(file)
    assert f"line {line}" in str(error.value)
