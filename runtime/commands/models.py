"""`python -m runtime models`: list the models that ship with the runtime."""

import argparse
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from runtime.core.models import MANIFEST_NAME, MODELS_FOLDER, ModelEntry, read_manifest, sha256_of

MAX_FIGURES = 5
WIDTH = 120
"""Characters, where the table goes to no terminal."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("--folder", type=Path, default=MODELS_FOLDER, help="the models' folder [assets/models]")


def run(args: argparse.Namespace) -> int:
    """Print the table; return 1 where a file is missing or another than the manifest's."""
    entries = read_manifest(args.folder / MANIFEST_NAME)
    if not entries:
        print(f"{args.folder} holds no models.")
        return 0
    states = {name: state(entry, args.folder) for name, entry in entries.items()}
    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDTH)
    console.print(table(list(entries.values()), states))
    total = sum(entry.size_bytes for entry in entries.values())
    print(f"{len(entries)} models, {total / 1e6:.2f} MB. What the figures mean is on each model's card, {args.folder}.")
    return 0 if all(found == "right" for found in states.values()) else 1


def state(entry: ModelEntry, folder: Path) -> str:
    """Return `right`, `missing` or `another` for the file of an entry."""
    path = folder / entry.file
    if not path.is_file():
        return "missing"
    right = path.stat().st_size == entry.size_bytes and sha256_of(path) == entry.sha256
    return "right" if right else "another"


def first_figures(entry: ModelEntry) -> list[str]:
    """Return the names of the figures that are shown: the score, and some of the student's others."""
    others = [name for name in entry.figures if name.startswith("student.") and name != entry.score]
    return [*([entry.score] if entry.score in entry.figures else []), *others][:MAX_FIGURES]


def table(entries: list[ModelEntry], states: dict[str, str]) -> Table:
    """Return one row a model."""
    made = Table(title="Models", title_justify="left")
    for heading in ("model", "version", "kB", "weights", "licence", "file", "figures"):
        shown_whole = heading != "figures"
        made.add_column(heading, justify="right" if heading == "kB" else "left", overflow="fold", no_wrap=shown_whole)
    for entry in entries:
        figures = "\n".join(f"{name} {entry.figures[name]:.4g}" for name in first_figures(entry))
        right = states[entry.name] == "right"
        shown = "[green]right[/]" if right else f"[red]{states[entry.name]}[/]"
        size = f"{entry.size_bytes / 1e3:.1f}"
        made.add_row(
            *map(escape, (entry.name, entry.version, size, entry.precision, entry.licence)), shown, escape(figures)
        )
    return made
