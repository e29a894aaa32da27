"""`python -m runtime graph load|ask|show PERSONA`: fill the graph of a persona, ask it, and see what is in it."""

import argparse
import asyncio
from pathlib import Path
from typing import Any


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    from runtime.core.settings import add_flags

    parser.add_argument(
        "action",
        choices=["load", "ask", "show"],
        help="load: put the files into the store; ask: a question; show: counts",
    )
    parser.add_argument("name", help="a persona with a graph: a name in assets/personas, a folder, or a file")
    parser.add_argument("words", nargs="*", help="ask: the question; show: a condition or symptom")
    parser.add_argument(
        "--medquad", type=Path, metavar="FILE", help="load: also the facts of MedQuAD (.jsonl or .jsonl.gz)"
    )
    parser.add_argument("--limit", type=int, default=20_000, metavar="N", help="load: at most N of those facts [20000]")
    add_flags(parser, "graph_url", "data_dir")


def run(args: argparse.Namespace) -> int:
    """Do what the command line says; return the exit status."""
    from runtime.core.errors import UserError
    from runtime.core.settings import settings_from
    from runtime.persona.graph.backends import files_of
    from runtime.persona.persona import find_persona, load_persona

    path = find_persona(args.name)
    persona = load_persona(path)
    folder = files_of(path, persona)
    if folder is None:
        raise UserError(f"{path} has no graph.", "Add a [graph] table; docs/knowledge-graph.md tells how.")
    if args.action != "load" and args.medquad:
        raise UserError("--medquad belongs to load.", "Leave it out.")
    action = {"load": _load, "ask": _ask, "show": _show}[args.action]
    return asyncio.run(action(args, settings_from(args), path, persona, folder))


async def _load(args: argparse.Namespace, settings: Any, path: Path, persona: Any, folder: Path) -> int:
    from runtime.persona.graph.backends import store_of
    from runtime.persona.graph.medquad import load_medquad
    from runtime.persona.graph.neo4j_graph import open_neo4j
    from runtime.persona.graph.sqlite import SqliteGraph
    from runtime.persona.graph.tables import read_tables

    store = store_of(settings.data_dir, path)
    graph = open_neo4j(settings.graph_url, path.parent.name) if settings.graph_url else SqliteGraph(store)
    try:
        await graph.load(read_tables(folder))
        if args.medquad:
            report = await load_medquad(graph, args.medquad, args.limit)
            added = ", ".join(f"{count} {relation}" for relation, count in report.added.most_common())
            print(f"read {report.lines} lines: {report.added.total()} facts about {report.topics} topics ({added})")
            for reason, count in report.left_out.most_common():
                print(f"left out {count}: {reason}")
        counts = await graph.counts()
    finally:
        await graph.close()
    print(f"{'the graph database' if settings.graph_url else store}: " + _counted(counts))
    return 0


async def _ask(args: argparse.Namespace, settings: Any, path: Path, persona: Any, folder: Path) -> int:
    from runtime.core.errors import UserError
    from runtime.core.messages import UserTurn
    from runtime.persona.graph.backends import open_graph, store_of, with_graph
    from runtime.persona.grounded import GroundedBrain
    from runtime.persona.memory import Context

    question = " ".join(args.words)
    if not question:
        raise UserError("There is no question.", 'Write it behind the name: graph ask clinic "my head hurts".')
    graph = open_graph(settings.graph_url, folder, path.parent.name, store_of(settings.data_dir, path))
    brain = with_graph(GroundedBrain(persona), persona, graph)
    try:
        async for phrase in brain.respond(UserTurn(0, question, 0.0, 0.0, spoken=False), Context()):
            print(f"{phrase.text}  [{phrase.source}]" if phrase.source else phrase.text)
    finally:
        await graph.close()
    return 0


async def _show(args: argparse.Namespace, settings: Any, path: Path, persona: Any, folder: Path) -> int:
    from runtime.core.errors import UserError
    from runtime.persona.graph.backends import open_graph, store_of
    from runtime.persona.graph.words import keys_in

    graph = open_graph(settings.graph_url, folder, path.parent.name, store_of(settings.data_dir, path))
    try:
        if not args.words:
            print(_counted(await graph.counts()))
            return 0
        names = {symptom.id: symptom.name for symptom in await graph.symptoms()}
        found = await graph.conditions_named(keys_in(" ".join(args.words)))
        if not found:
            raise UserError(f"There is no condition named {' '.join(args.words)!r}.", "Name it as people would.")
        for condition in found:
            print(f"{condition.name} ({condition.id}): {condition.about}")
            print(f"  urgency: {condition.urgency.id}, rank {condition.urgency.rank}: {condition.urgency.text}")
            for advice in condition.advice:
                print(f"  advice: {advice.text}")
            print(f"  warning: {condition.warning}")
            for sign, likely in condition.signs:
                print(f"  sign: {names[sign]}, {likely:g}")
            for source in condition.sources:
                print(f"  source: {source.name} ({source.kind})")
    finally:
        await graph.close()
    return 0


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items())
