"""Filling a graph from MedQuAD (Ben Abacha and Demner-Fushman, 2019; CC BY 4.0): topic, kind of question, answer.

The answers, of pages of the US National Institutes of Health, are cut to what can be said aloud, with their source.
"""

import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from runtime.core.errors import UserError
from runtime.persona.brain import MAX_PHRASE_CHARS
from runtime.persona.graph.model import Fact, Graph, Relation
from runtime.persona.graph.words import key_of

MAX_BYTES: Final = 100_000_000
"""Of the unpacked file, so much is read."""
MAX_LINE_CHARS: Final = 200_000
MAX_FACTS: Final = 50_000
MAX_TEXT_CHARS: Final = 320
MIN_TEXT_CHARS: Final = 30
BATCH: Final = 500
KINDS: Final[dict[str, Relation]] = {
    "information": "about",
    "symptoms": "symptoms",
    "treatment": "treatment",
    "causes": "causes",
    "genetic changes": "causes",
    "prevention": "prevention",
    "outlook": "outlook",
    "complications": "outlook",
    "exams and tests": "tests",
    "inheritance": "risk",
    "susceptibility": "risk",
    "frequency": "risk",
}
"""What MedQuAD's kinds of question are here; the others are left out."""
SOURCES: Final = {
    "CancerGov": "the National Cancer Institute",
    "GARD": "the Genetic and Rare Diseases Information Center",
    "GHR": "Genetics Home Reference",
    "MPlus": "MedlinePlus",
    "NIDDK": "the National Institute of Diabetes and Digestive and Kidney Diseases",
    "NINDS": "the National Institute of Neurological Disorders and Stroke",
    "SeniorHealth": "NIH SeniorHealth",
    "NHLBI": "the National Heart, Lung, and Blood Institute",
    "CDC": "the Centers for Disease Control and Prevention",
}
_SENTENCE: Final = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")
_CLUTTER: Final = re.compile(r"\([^()]*\)|https?://\S+|\s-\s|[•*|]|^Key Points\b|\bSee the .*?\.(?=\s|$)|--+")


@dataclass
class Report:
    """What was read: `facts` added by relation, and why lines were left out."""

    lines: int = 0
    added: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    topics: int = 0


def shortened(answer: str) -> str:
    """Return the first whole sentences of an answer, together at most 320 characters; "" where there are none."""
    text = " ".join(_CLUTTER.sub(" ", " ".join(answer.split())).split())
    kept = ""
    for sentence in _SENTENCE.split(text):
        if sentence[-1:] not in (".", "!") or len(sentence) > MAX_PHRASE_CHARS:
            if kept:
                break
            continue
        if len(kept) + 1 + len(sentence) > MAX_TEXT_CHARS:
            break
        kept = f"{kept} {sentence}".strip()
    return kept if len(kept) >= MIN_TEXT_CHARS else ""


async def load_medquad(graph: Graph, path: Path, most: int = MAX_FACTS) -> Report:
    """Add the facts of a MedQuAD file (JSON lines, packed or not) to a graph, at most `most`.

    Raises:
        UserError: the file can't be read, or the graph can't be reached.
    """
    report = Report()
    seen: set[tuple[str, str, str]] = set()
    batch: list[Fact] = []
    for fact in _facts(path, report):
        place = (fact.key, fact.relation, fact.source)
        if place in seen:
            report.left_out["another answer to the same"] += 1
            continue
        if len(seen) >= min(most, MAX_FACTS):
            report.left_out["over the limit"] += 1
            continue
        seen.add(place)
        batch.append(fact)
        report.added[fact.relation] += 1
        if len(batch) >= BATCH:
            await graph.add_facts(batch)
            batch.clear()
    await graph.add_facts(batch)
    report.topics = len({key for key, _, _ in seen})
    return report


def _facts(path: Path, report: Report) -> Iterator[Fact]:
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
            read = 0
            while (line := file.readline(MAX_LINE_CHARS)) and read < MAX_BYTES:
                read += len(line)
                report.lines += 1
                if fact := _fact(line, report):
                    yield fact
    except (OSError, EOFError) as error:
        raise UserError(f"{path} can't be read: {error}.", "Give MedQuAD as JSON lines, or packed (.gz).") from error


def _fact(line: bytes, report: Report) -> Fact | None:
    try:
        row = json.loads(line)
        topic, kind, answer, source = (str(row[name]) for name in ("focus", "type", "answer", "source"))
    except (ValueError, KeyError, TypeError):
        report.left_out["not of MedQuAD's form"] += 1
        return None
    relation = KINDS.get(kind)
    text, key = shortened(answer), key_of(topic[:200])
    if relation is None or not text or not key:
        report.left_out[f"the kind {kind[:30]!r}" if relation is None else "no sentence short enough"] += 1
        return None
    named = next((name for word, name in SOURCES.items() if word in source), "MedQuAD")
    return Fact(key, " ".join(topic[:200].split()), relation, text, named)
