"""MedQuAD into a graph: shortened, with its source, bounded and counted; and the command that does it."""

import gzip
import json
from pathlib import Path

import pytest

from runtime.__main__ import main
from runtime.core.errors import UserError
from runtime.persona.graph.medquad import load_medquad, shortened
from runtime.persona.graph.sqlite import SqliteGraph
from runtime.persona.graph.words import keys_in

SHARED = Path(__file__).parents[3].parent / "shared" / "data" / "text" / "medquad.jsonl.gz"


def row(focus: str, kind: str, answer: str, source: str = "4_MPlus_Health_Topics_QA") -> str:
    return json.dumps({"source": source, "focus": focus, "type": kind, "question": "?", "answer": answer})


def written(folder: Path, *lines: str) -> Path:
    path = folder / "some.jsonl"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


LONG = "Narcolepsy makes people fall asleep by day. " + "It is treated in many ways by many people. " * 30


async def test_lines_become_facts_and_what_is_left_out_is_counted(tmp_path: Path) -> None:
    graph = SqliteGraph()
    path = written(
        tmp_path,
        row("Narcolepsy", "treatment", LONG),
        row("Narcolepsy", "treatment", "Another answer to the very same question, from the same place."),
        row("Narcolepsy", "research", LONG),
        row("Narcolepsy", "causes", "Short."),
        "{ not json",
        json.dumps(["a list"]),
    )
    report = await load_medquad(graph, path)
    assert report.lines == 6
    assert dict(report.added) == {"treatment": 1}
    assert report.topics == 1
    assert sum(report.left_out.values()) == 5
    facts = await graph.facts(keys_in("how is narcolepsy treated"), "treatment")
    assert facts[0].source == "MedlinePlus"
    assert facts[0].text.startswith("Narcolepsy makes")
    assert len(facts[0].text) <= 320


async def test_no_more_facts_are_added_than_allowed(tmp_path: Path) -> None:
    graph = SqliteGraph()
    path = written(tmp_path, *(row(f"Illness {n}", "information", LONG) for n in range(20)))
    report = await load_medquad(graph, path, most=5)
    assert report.added.total() == (await graph.counts())["facts"] == 5
    assert report.left_out["over the limit"] == 15


def test_an_answer_is_cut_at_whole_sentences_without_clutter() -> None:
    text = "Key Points   - What is it? (See https://x.org/y.) It is a disease of the eye that many get. It heals."
    assert shortened(text) == "It is a disease of the eye that many get. It heals."
    assert shortened("x" * 5_000) == ""
    assert shortened("") == ""


async def test_a_broken_file_is_told(tmp_path: Path) -> None:
    bad = tmp_path / "bad.jsonl.gz"
    bad.write_bytes(gzip.compress(b"{}" * 1_000)[:-20])
    for path in (bad, tmp_path / "missing.jsonl"):
        with pytest.raises(UserError, match="can't be read"):
            await load_medquad(SqliteGraph(), path)


@pytest.mark.skipif(not SHARED.is_file(), reason="the shared data are not beside the repository")
async def test_the_real_data_load_and_answer() -> None:
    graph = SqliteGraph()
    report = await load_medquad(graph, SHARED, most=2_000)
    assert report.lines == 16_407
    assert report.added.total() == 2_000
    facts = await graph.facts(keys_in("what are the symptoms of adult acute lymphoblastic leukemia"), "symptoms")
    assert facts[0].topic == "Adult Acute Lymphoblastic Leukemia"


def test_the_command_loads_asks_and_shows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = ["--data-dir", str(tmp_path)]
    path = written(tmp_path, row("Narcolepsy", "treatment", LONG))
    assert main(["graph", "load", "clinic", "--medquad", str(path), *data]) == 0
    assert "1 facts about 1 topics" in capsys.readouterr().out
    assert main(["graph", "ask", "clinic", "how is narcolepsy treated", *data]) == 0
    assert "fall asleep by day" in capsys.readouterr().out
    assert main(["graph", "ask", "clinic", "I have chest pain", *data]) == 0
    assert "help:chest_pain" in capsys.readouterr().out
    assert main(["graph", "show", "clinic", "influenza", *data]) == 0
    assert "a fever, 0.9" in capsys.readouterr().out
    assert main(["graph", "show", "clinic", *data]) == 0
    assert "1 facts" in capsys.readouterr().out
    assert main(["graph", "show", "clinic", "nonsense", *data]) == 2
    assert main(["graph", "ask", "clinic", *data]) == 2
    assert main(["graph", "ask", "concierge", "hello", *data]) == 2
    assert main(["graph", "load", "clinic", "--graph-url", "http://x", *data]) == 2
