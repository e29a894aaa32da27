"""`python -m runtime persona`: a new persona from flags, from a pipe and at a terminal; checked, tested, never lost."""

import io
import os
import pty
import select
import subprocess
import sys
from pathlib import Path

import pytest

from runtime.__main__ import main
from runtime.persona.persona import load_persona

ROOT = Path(__file__).resolve().parents[2]
TOLD = (
    "The Clock Museum", "Tick", "calm", "ada", "slt", "Hello, I'm Tick, an AI.",
    "Where is the big clock? | where do i find the big clock", 'It stands in the "north" hall, behind the stairs.',
    "when was it built", "In {today} style, long ago.",
    "", "politics|the election",
)  # fmt: skip
"""The lines of a pipe, in the order of the questions."""


def new(folder: Path, *words: str) -> int:
    return main(["persona", "new", "clocks", "--into", str(folder), *words])


@pytest.fixture
def pipe(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(TOLD) + "\n"))
    return monkeypatch


def test_the_lines_of_a_pipe_make_a_persona(pipe: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert new(tmp_path) == 0
    persona = load_persona(tmp_path / "clocks" / "persona.toml")
    assert (persona.place, persona.name, persona.manner) == TOLD[:3]
    assert (persona.character, persona.voice.name, persona.greeting) == ("ada", "slt", (TOLD[5],))
    answers = {entry.id: entry for entry in persona.knowledge}
    assert answers["where-is-the-big-clock"].answer == TOLD[7]
    assert answers["where-is-the-big-clock"].questions == ("Where is the big clock?", "where do i find the big clock")
    assert persona.limits.rules[0].never_discuss == ("politics", "the election")
    assert main(["persona", "check", str(tmp_path / "clocks")]) == 0


def test_what_is_written_passes_its_own_test(
    pipe: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert new(tmp_path) == 0
    assert main(["persona", "test", str(tmp_path / "clocks")]) == 0
    assert "Tick: 3 right (100%), 0 wrong (0%), 0 asked back (0%) of 3." in capsys.readouterr().out


def test_words_that_are_not_listened_for_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert new(tmp_path, "--yes", "--place", "Inn", "--answer", "is there zwiebelrostbraten", "Yes, at noon.") == 0
    capsys.readouterr()
    assert main(["persona", "check", str(tmp_path / "clocks")]) == 0
    assert "words that it can't say: zwiebelrostbraten." in capsys.readouterr().out


def test_flags_tell_all_and_nothing_is_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("--yes", "--place", "Inn", "--answer", "is there soup", "Yes, at noon.")
    assert new(tmp_path, *words) == 0
    written = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert (
        load_persona(tmp_path / "clocks" / "persona.toml").greeting[0].startswith("Hello, I'm Ada, the AI host of Inn.")
    )
    assert new(tmp_path, *words) == 2
    assert "is there already" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == written


@pytest.mark.parametrize("name", ["", "Clocks", "../clocks", "a b", "-x", "a--b", "a" * 41, "ä", "a/b"])
def test_a_name_that_is_no_folder_of_ours_is_refused(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["persona", "new", "--into", str(tmp_path / "x"), "--yes", "--place", "Inn", "--", name]) == 2
    assert "can't be called" in capsys.readouterr().err
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--place", ""), "--place won't do: it may not be empty"),
        (("--place", "x" * 101), "over 100 characters"),
        (("--place", "a\x07b"), "signs that can't be shown"),
        (("--place", "Inn", "--greeting", "Hi, I'm Bo."), "a greeting says that it is an AI"),
        (("--place", "Inn", "--character", "nobody"), "no character 'nobody'"),
        (("--place", "Inn", "--voice", "nobody"), "--voice won't do: there are slt"),
        (("--place", "Inn", "--language", "tlh"), "--language won't do: there are en"),
        (("--place", "Inn", "--answer", "soup|Soup?", "Yes."), "'Soup?' is asked twice"),
        (("--place", "Inn", "--answer", "Thank you!", "Yes."), "'Thank you!' is asked twice"),
        (("--place", "Inn", "--answer", "?!", "Yes."), "'?!' has no words"),
        (("--place", "Inn", "--answer", "soup", "{nothing}"), "no slot {nothing}"),
        (("--place", "Inn", "--answer", "am i ill", "You have the flu."), "never be said"),
        (("--place", "Inn", "--never", "a|b"), "two letters at least"),
        (("--place", "Inn", *(("--answer", "soup", "Yes.") * 6)), "--answer is given 6 times"),
    ],
)
def test_what_will_not_do_is_told_with_the_reason_and_leaves_nothing(
    tmp_path: Path, words: tuple[str, ...], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert new(tmp_path, "--yes", *words) == 2
    assert reason in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_pipe_that_ends_too_early_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert new(tmp_path) == 2
    assert "'What is the place called?' won't do: it may not be empty" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_pipe_of_other_signs_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"\xff\xfe\n"), encoding="utf-8"))
    assert new(tmp_path) == 2
    assert "not UTF-8" in capsys.readouterr().err


def test_at_a_terminal_a_wrong_answer_is_asked_for_again(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "runtime", "persona", "new", "clocks", "--into", str(tmp_path)]
    process = subprocess.Popen(command, cwd=ROOT, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    shown = ""
    lines = iter(["", *TOLD[:5], "Hello, I'm Tick.", *TOLD[5:]])
    try:
        while process.poll() is None:
            if select.select([ours], [], [], 20)[0]:
                try:
                    shown += os.read(ours, 4_096).decode()
                except OSError:  # the other side has closed it
                    break
            if shown.endswith(("? ", "] ")):
                os.write(ours, next(lines).encode() + b"\n")
        assert process.wait(20) == 0, shown
    finally:
        process.kill()
        os.close(ours)
    assert "That won't do: it may not be empty." in shown
    assert "That won't do: a greeting says that it is an AI." in shown
    assert load_persona(tmp_path / "clocks" / "persona.toml").place == TOLD[0]


def test_a_terminal_that_is_left_leaves_nothing(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "runtime", "persona", "new", "clocks", "--into", str(tmp_path)]
    process = subprocess.Popen(command, cwd=ROOT, stdin=theirs, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    os.close(theirs)
    os.write(ours, b"Inn\n\x04")
    assert b"Nothing was written." in process.communicate(timeout=20)[1]
    assert process.returncode == 2
    os.close(ours)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("asked,expected\na,b\n", "line 1: the columns question and expected are needed"),
        ("question,expected\nwhere is it,\n", "line 2: a question and what answers it"),
        ("question,expected\n\nwhere is it,nowhere\n", "line 3: nothing that the persona knows has the id 'nowhere'"),
        ("question,expected\nis it,a,b\n", "line 2: there are 3 cells"),
    ],
)
def test_a_mistake_in_the_questions_is_named(
    tmp_path: Path, text: str, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "questions.csv"
    file.write_text(text)
    assert main(["persona", "test", "bank", str(file)]) == 2
    assert f"{file}, {reason}" in capsys.readouterr().err


def test_answers_are_judged_as_a_visitor_hears_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "questions.csv"
    file.write_text(
        "question,expected\ni have chest pain,help:chest_pain\nyou are an idiot,safety\n"
        "what could cause a headache with fever,graph:flu\n"
    )
    assert main(["persona", "test", "clinic", str(file)]) == 0
    assert "3 right (100%)" in capsys.readouterr().out


def test_without_questions_it_is_told_what_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["persona", "test", "bank"]) == 2
    assert "Name a CSV" in capsys.readouterr().err
