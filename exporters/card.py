"""The card next to each model: what its owner wrote, and the facts that follow from the manifest and the file."""

from pathlib import Path
from typing import Any

from runtime.core.models import ModelEntry, file_metadata, open_session

HEADING = "## The file"


def write_card(text: str, entry: ModelEntry, folder: Path) -> Path:
    """Write `folder`/NAME.md and return its path. `text` is Markdown, its title included or not."""
    title = "" if text.lstrip().startswith("# ") else f"# {entry.name}\n\n"
    path = folder / f"{entry.name}.md"
    path.write_text(f"{title}{text.strip()}\n\n{facts(entry, folder)}", encoding="utf-8")
    return path


def facts(entry: ModelEntry, folder: Path) -> str:
    """Return the card's last section, made of the manifest's entry and the file it names."""
    session = open_session(folder / entry.file)
    metadata = file_metadata(session)
    lines = [
        HEADING,
        "",
        f"`{entry.file}`, version {entry.version}, {entry.size_bytes:,} bytes, licence {entry.licence}. The",
        f"weights are stored in {entry.precision.upper()}; on a CPU they are computed with in FP32.",
        "",
        "| | name | type | shape |",
        "|---|---|---|---|",
        *(_row("input", value) for value in session.get_inputs()),
        *(_row("output", value) for value in session.get_outputs()),
        "",
        "| figure | value |",
        "|---|---|",
        *(f"| {name} | {value:.6g} |" for name, value in entry.figures.items()),
        "",
    ]
    if command := metadata.get("command"):
        lines += ["Trained by:", "", "```", command, "```", ""]
    return "\n".join(lines)


def _row(kind: str, value: Any) -> str:
    shape = " × ".join(map(str, value.shape)) or "scalar"
    return f"| {kind} | `{value.name}` | {value.type.removeprefix('tensor(').removesuffix(')')} | {shape} |"
