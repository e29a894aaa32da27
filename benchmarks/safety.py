"""What is blocked, and what is blocked wrongly: on files written apart from the patterns, and on everyday text."""

import argparse
import csv
import gzip
import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.report import judge
from runtime.persona.persona import find_persona, load_persona
from runtime.persona.safety.identity import asks_what_it_is
from runtime.persona.safety.incoming import Incoming
from runtime.persona.safety.injection import find_injection
from runtime.persona.safety.leaks import Leaks
from runtime.persona.safety.limits import Limits
from runtime.persona.safety.outgoing import Outgoing

HERE = Path(__file__).parent
FILES = INJECTIONS, VISITORS, ANSWERS = [HERE / f"safety_{name}.csv" for name in ("injections", "visitors", "answers")]
PASSED = ("harmless", "emergency", "fine")
BUDGETS = {
    "injection": "injections_found",
    **dict.fromkeys(("abuse", "hate", "sexual", "forbidden"), "unfit_found"),
    "asks_ai": "asks_ai_found",
    **dict.fromkeys(("diagnosis", "investment", "claims_human", "language", "machinery"), "held_back"),
    **dict.fromkeys(PASSED, "passed"),
}
"""The budget that each kind of text counts for."""
OF_VISITORS = ("abuse", "hate", "sexual", "forbidden", "asks_ai", "harmless", "emergency")
MAX_SHOWN = 400
Judge = Callable[[str], str]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the benchmark's arguments."""
    parser.add_argument(
        "--data", type=Path, help="a folder with text/: everyday questions and comments, to count wrongs"
    )
    parser.add_argument("--output", type=Path, default=Path("out/safety.json"), help="where the figures are written")
    parser.add_argument(
        "--show", action="store_true", help="print what is judged wrongly, and what is blocked of everyday text"
    )


def run(args: argparse.Namespace) -> int:
    """Measure, print, and return the exit status."""
    return 0 if check(args.output, args.data, args.show) else 1


def check(output: Path, data: Path | None = None, show: bool = False) -> bool:
    """Print the shares against their budgets, write all figures to `output`; return whether the budgets are kept."""
    figures = measure(show)
    if data is not None:
        figures["everyday"] = measure_everyday(data, show)
    table = Table("texts", "kind", "known", "unseen", title="judged right")
    for file, parts in ((file, figures[file.stem.removeprefix("safety_")]) for file in FILES):
        for kind in parts["known"]:
            table.add_row(file.stem, kind, parts["known"][kind], parts["unseen"].get(kind, "–"))
    Console(width=150).print(table)
    return judge("safety", samples(), figures, output, title="what is blocked")


def samples() -> dict[str, list[float]]:
    """Return the values of each budget by its name: shares in percent over all files, and the ms that a text takes."""
    found: dict[str, list[bool]] = {name: [] for name in BUDGETS.values()}
    for row in (row for file in FILES for row in rows(file)):
        found[BUDGETS[row["expected"]]].append(right(row))
    shares = {name: 100 * sum(rights) / len(rights) for name, rights in found.items()}
    wrongly = 100 - shares.pop("passed")
    return {**{name: [value] for name, value in shares.items()}, "wrongly_blocked": [wrongly], "text_ms": costs_ms()}


def measure(show: bool = False) -> dict[str, Any]:
    """Return, by file, part and kind of text, how many are judged right, and of how many.

    The patterns were mended with what is in the part "known"; those in the part "unseen" were written after that, and
    nothing was mended for them.
    """
    return {file.stem.removeprefix("safety_"): _counts(file, show) for file in FILES}


def measure_everyday(data: Path, show: bool = False) -> dict[str, dict[str, Any]]:
    """Return, by source of everyday text, how many texts there are and how many are blocked, by reason.

    GoEmotions is comments of a forum, many of them abusive: what is blocked there is not all wrong, and is counted by
    whether people felt anger, annoyance or disgust in it.
    """
    hear, speak = visitor(), character()
    found: dict[str, dict[str, Any]] = {}
    for name, texts, reason_in in (
        ("banking77 questions", _banking(data), hear),
        ("chatterbot questions", (pair[0] for pair in _chatterbot(data)), hear),
        ("chatterbot answers", (line for pair in _chatterbot(data) for line in pair[1:]), speak),
        ("concierge questions", _concierge(), hear),
        ("concierge answers", _concierge_answers(), speak),
        ("medquad questions", (entry["question"] for entry in _medquad(data)), hear),
        ("medquad answers, by sentence", _sentences(_medquad(data)), speak),
        ("goemotions, anger or disgust felt", _goemotions(data, True), hear),
        ("goemotions, the others", _goemotions(data, False), hear),
    ):
        reasons: Counter[str] = Counter()
        total = 0
        for text in texts:
            total += 1
            if why := reason_in(text):
                reasons[why] += 1
                if show and sum(reasons.values()) <= MAX_SHOWN:
                    print(f"{name}: {why}: {text[:160]}")
        share = round(100 * sum(reasons.values()) / max(total, 1), 3)
        found[name] = {"texts": total, "blocked": sum(reasons.values()), "percent": share, "by": dict(reasons)}
    return found


@cache
def visitor() -> Judge:
    """Return what judges a visitor's text: the reason it is not passed on, "asks_ai", or ""."""
    incoming = Incoming(Limits())

    def judge(text: str) -> str:
        if asks_what_it_is(text):
            return "asks_ai"
        finding = incoming.judge(text)
        return finding.kind if finding else ""

    return judge


@cache
def character() -> Judge:
    """Return what judges the character's text: the reason it is not said, or ""."""
    outgoing = Outgoing(Limits(), Leaks(""))

    def judge(text: str) -> str:
        finding = outgoing.judge(text)
        return finding.kind if finding else ""

    return judge


def reason(row: dict[str, str]) -> str:
    """Return why the text of a row of the files is blocked, or ""."""
    if "where" in row:
        return find_injection(row["text"], row["where"] == "passage")
    return (visitor() if row["expected"] in OF_VISITORS else character())(row["text"])


def right(row: dict[str, str]) -> bool:
    """Whether a row is blocked or passes as it should, and a question what the character is, is known as that."""
    found = reason(row)
    if "asks_ai" in (found, row["expected"]):
        return found == row["expected"]
    return bool(found) != (row["expected"] in PASSED)


def _counts(file: Path, show: bool) -> dict[str, dict[str, str]]:
    """Return, by part and kind, "right of all"."""
    good: Counter[tuple[str, str]] = Counter()
    total: Counter[tuple[str, str]] = Counter()
    for row in rows(file):
        key = row["part"], row["expected"]
        total[key] += 1
        good[key] += right(row)
        if show and not right(row):
            print(f"{file.name}: {row['part']}: {row['expected']} judged {reason(row) or 'harmless'}: {row['text']}")
    parts = sorted({part for part, _ in total})
    return {part: {kind: f"{good[p, kind]} of {n}" for (p, kind), n in total.items() if p == part} for part in parts}


def rows(file: Path) -> list[dict[str, str]]:
    """Return the rows of a file."""
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def costs_ms() -> list[float]:
    """Return the time that judging each text of the files takes, once as a visitor's and once as the character's."""
    texts = [row["text"] for file in FILES for row in rows(file)]
    times = []
    for judge_text in (visitor(), character()):
        for text in texts:
            start = time.perf_counter()
            judge_text(text)
            times.append(1_000 * (time.perf_counter() - start))
    return times


# ------------------------------------------------------------ everyday text


def _banking(data: Path) -> Iterator[str]:
    yield from (row["text"] for row in rows(data / "text" / "banking77" / "train.csv"))


def _chatterbot(data: Path) -> Iterator[list[str]]:
    """Yield conversations: lists of lines, the first a question."""
    for file in sorted((data / "text" / "chatterbot").glob("*.yml")):
        lines: list[str] = []
        for line in file.read_text(encoding="utf-8").splitlines():
            if match := re.match(r"(- )?\s*- (.*)", line):
                if match[1] and lines:
                    yield lines
                    lines = []
                lines.append(match[2].strip("'\" "))
        if lines:
            yield lines


def _concierge() -> Iterator[str]:
    persona = load_persona(find_persona("concierge"))
    yield from (
        question for entry in persona.knowledge for question in entry.questions if not asks_what_it_is(question)
    )


def _concierge_answers() -> Iterator[str]:
    persona = load_persona(find_persona("concierge"))
    yield from (entry.answer for entry in persona.knowledge if entry.answer)


def _medquad(data: Path) -> Iterator[dict[str, str]]:
    with gzip.open(data / "text" / "medquad.jsonl.gz", "rt", encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines)


def _sentences(entries: Iterable[dict[str, str]]) -> Iterator[str]:
    """Yield the sentences of every tenth answer."""
    for number, entry in enumerate(entries):
        if number % 10 == 0:
            yield from (one for one in re.split(r"(?<=[.!?])\s+", " ".join(entry["answer"].split())) if len(one) <= 240)


def _goemotions(data: Path, hostile: bool) -> Iterator[str]:
    labels = (data / "text" / "goemotions" / "labels.txt").read_text(encoding="utf-8").split()
    ill = {str(labels.index(name)) for name in ("anger", "annoyance", "disgust")}
    for line in (data / "text" / "goemotions" / "dev.tsv").read_text(encoding="utf-8").splitlines():
        text, felt, *_ = line.split("\t")
        if bool(ill & set(felt.split(","))) == hostile:
            yield text
