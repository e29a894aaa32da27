"""The questions that personas are measured on, and what the benchmark makes of the answers."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from benchmarks import persona as benchmark
from benchmarks.__main__ import main
from benchmarks.persona import FOLDER, Measured, questions_of, show_model
from runtime.core.errors import UserError
from runtime.persona.graph.emergency import KINDS
from runtime.persona.graph.tables import read_tables
from runtime.persona.persona import find_persona, load_persona, normal
from runtime.persona.safety.guarded import SOURCE
from runtime.persona.scoring import NONE, Outcome, Question, read_questions

DEV = Path(__file__).parents[1] / "persona" / "questions_concierge_dev.csv"
COUNTS = {"bank": 80, "clinic": 60, "concierge": 200, "tutor": 60}


def outcome(verdict: str, first_s: float = 0.01, **question: str) -> Outcome:
    return Outcome(Question("where", frozenset({"a"}), **question), verdict, "", "Here.", first_s)


def sources_of(name: str) -> set[str]:
    """Return every source that an answer of a persona may have."""
    path = find_persona(name)
    persona = load_persona(path)
    found = {NONE, SOURCE, *(entry.id for entry in persona.knowledge)}
    if persona.quiz:
        found.add("quiz:")
    if persona.graph is not None:
        conditions = read_tables(path.parent / "knowledge" / "graph").conditions
        found |= {f"graph:{condition.id}" for condition in conditions} | {f"help:{kind}" for kind in KINDS}
    return found


@pytest.mark.parametrize("name", COUNTS)
def test_the_questions_of_a_persona_are_others_than_it_lists(name: str) -> None:
    questions = questions_of(name)
    asked = [question.asked for question in questions]
    assert len(asked) == len(set(asked)) == COUNTS[name]
    assert 0.05 <= sum(question.expected == {NONE} for question in questions) / len(asked) <= 0.12
    assert not {source for question in questions for source in question.expected} - sources_of(name)


def test_every_shipped_persona_has_questions() -> None:
    assert {path.stem for path in FOLDER.glob("*.csv")} == set(COUNTS)
    assert set(COUNTS) == {path.parent.name for path in find_persona("concierge").parents[1].glob("*/persona.toml")}


def test_what_the_answers_are_tuned_on_is_not_what_they_are_measured_on() -> None:
    tuned = {normal(question.asked) for question in read_questions(DEV)}
    assert len(tuned) == 120
    assert not tuned & {normal(question.asked) for question in questions_of("concierge")}


def test_shares_are_of_all_questions_and_what_was_missed_is_kept() -> None:
    outcomes = [
        outcome("right", part="short"),
        outcome("right", 0.03, part="long"),
        outcome("asked", part="long"),
        Outcome(Question("why", frozenset({"b"}), "when", "long"), "wrong", "safety", "No.", 0.02),
    ]
    samples = Measured(outcomes, 0.5).samples()
    assert samples == {
        "right": [50], "wrong": [25], "asked": [25], "blocked": [25], "first_phrase_ms": [10, 30, 10, 20],
        "growth_mib": [0.5],
    }  # fmt: skip
    details = Measured(outcomes, 0.5).details()
    assert details["parts"] == {"short": "1 of 1", "long": "1 of 3"}
    assert [missed["verdict"] for missed in details["missed"]] == ["asked", "wrong"]
    assert details["missed"][1] == {
        "asked": "why", "after": "when", "expected": ["b"], "verdict": "wrong", "source": "safety", "answer": "No.",
    }  # fmt: skip


def test_a_persona_without_questions_is_named() -> None:
    with pytest.raises(UserError, match="nobody"):
        questions_of("nobody")


# ------------------------------------------------------------ the whole command

ASKED = """question,expected,after,part,reference
where are the toilets,lift,,plain,The toilets are behind the stairs.
when did the dinosaurs die out,none,,unknown,I don't know when.
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "concierge.csv").write_text(ASKED)
    monkeypatch.setattr(benchmark, "FOLDER", tmp_path)
    monkeypatch.setattr(benchmark, "SETTLED", 20)
    for name in ("LLM_URL", "LLM_MODEL", "BRAIN"):
        monkeypatch.delenv(f"AVATAR_{name}", raising=False)
    return tmp_path


@pytest.fixture
def model_server() -> Iterator[str]:
    """An OpenAI-compatible service that says the same to everything."""

    class Says(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")
            for text, finish in (("I don't know when.", None), ("", "stop")):
                choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish}
                self.wfile.write(b"data: " + json.dumps({"choices": [choice]}).encode() + b"\n\n")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = HTTPServer(("127.0.0.1", 0), Says)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def run(folder: Path, monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    command = ["benchmarks", "persona", "concierge", "--turns", "30", "--output", str(folder / "out")]
    monkeypatch.setattr("sys.argv", [*command, *words])
    return main()


def test_the_figures_are_written_and_judged(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(folder, monkeypatch) == 1
    figures = json.loads((folder / "out" / "persona_concierge.json").read_text())
    results = {result["name"]: result for result in figures["results"]}
    assert results["right"]["values"] == [50]
    assert results["wrong"]["values"] == [50]
    assert results["asked"]["values"] == results["blocked"]["values"] == [0]
    assert len(results["first_phrase_ms"]["values"]) == 2
    (missed,) = figures["missed"]
    assert (missed["verdict"], missed["expected"], missed["source"]) == ("wrong", ["lift"], "toilets")


def test_a_language_model_is_measured_beside_it(
    folder: Path, model_server: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(folder, monkeypatch, "--llm-url", model_server, "--llm-model", "tiny")
    told = capsys.readouterr().out
    assert "with the language model" in told
    row = [cell.strip() for cell in told.split("BLEU of 2")[1].splitlines()[2].strip("│ ").split("│")]
    assert row[:5] == ["2", "50.0", "0.0", "50.0", "2"]
    assert 0 < float(row[-1]) < 100


def test_answers_that_are_as_without_a_model_are_not_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    same = [outcome("right", reference="Here.")]
    show_model("concierge", same, same)
    told = capsys.readouterr().out
    assert "BLEU of 0" in told
    assert "–" in told


def test_a_talk_that_is_too_short_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(folder, monkeypatch, "--turns", "20") == 2
    assert "too short" in capsys.readouterr().err
