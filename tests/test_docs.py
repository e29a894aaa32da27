"""What the documents say can be done: their links lead somewhere, their commands exist, their settings are known."""

import re
import subprocess
from pathlib import Path

import pytest

from benchmarks.__main__ import BENCHMARKS
from exporters import export as exporters
from runtime.__main__ import COMMANDS
from runtime.core.settings import Settings
from training import __main__ as training

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "benchmarks").rglob("*.md")])
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)|<(?:img|a)\b[^>]*?(?:src|href)=\"([^\"]+)\"")
CODE = re.compile(r"```[a-z]*\n(.*?)```|`([^`\n]+)`", re.DOTALL)


def code_of(document: Path) -> str:
    return "\n".join(block or inline for block, inline in CODE.findall(document.read_text(encoding="utf-8")))


def tracked() -> list[Path]:
    """Return the text files that git tracks."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("this is no git checkout")
    files = [ROOT / name for name in listed.stdout.split("\0") if name]
    return [file for file in files if file.is_file() and b"\0" not in file.read_bytes()[:4_096]]


def test_the_documents_are_there() -> None:
    names = {str(document.relative_to(ROOT)) for document in DOCUMENTS}
    assert names >= {"README.md", "CHANGELOG.md", "docs/install.md", "docs/licences.md", "docs/log.md"}
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "make run" in readme
    assert "make test" in readme


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_within_the_project_leads_to_a_file(document: Path) -> None:
    for groups in LINK.findall(document.read_text(encoding="utf-8")):
        link = (groups[0] or groups[1]).partition("#")[0]
        if link and "://" not in link and not link.startswith("mailto:"):
            assert (document.parent / link).exists(), f"{document.name} links to {link}, which is not there"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_in_a_document_exists(document: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    code = code_of(document)
    for target in re.findall(r"\bmake (?!-)([a-z]+)\b", code):
        assert target in targets, f"{document.name} names make {target}"
    for command in re.findall(r"python -m runtime ([a-z]+)", code):
        assert command in COMMANDS, f"{document.name} names python -m runtime {command}"
    for program in re.findall(r"python -m ((?:benchmarks|training|exporters)(?:\.[a-z_]+)*)", code):
        path = ROOT / program.replace(".", "/")
        assert path.with_suffix(".py").exists() or (path / "__main__.py").exists(), f"{document.name} names {program}"
    known = {"training": {*training.COMMANDS, *training.models()}, "exporters": {"all", "verify", *exporters.models()}}
    for package, word in re.findall(r"python -m (training|exporters) ([a-z][a-z_]*)", code):
        assert word in known[package], f"{document.name} names python -m {package} {word}"
    for word in re.findall(r"python -m benchmarks ([a-z]+)", code):
        assert word in BENCHMARKS, f"{document.name} names python -m benchmarks {word}"
    for name in re.findall(r"\bAVATAR_([A-Z_]+)", code):
        assert name == "CONFIG" or name.lower() in Settings.model_fields, f"{document.name} names AVATAR_{name}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_what_a_document_imports_is_there(document: Path) -> None:
    for line in re.findall(r"^from (?:runtime|training|exporters)\b.+ import .+$", code_of(document), re.MULTILINE):
        exec(line, {})


def test_no_file_says_where_packages_come_from() -> None:
    """Pins and lock files name packages and versions only, so that every network's own registry serves."""
    words = "index-url|find-links|trusted-host"
    told = re.compile(rf"--(?:{words})|^registry\s*=|@ file://|\"resolved\": *\"http|^\s*--hash", re.MULTILINE)
    names = re.compile(
        r"\b(?:files\.)?python" + r"hosted\b|\bpypi" + r"\.|\bregistry\.npm" + r"js\b|\bdeb\.deb" + r"ian\b"
    )
    for file in tracked():
        text = file.read_text(encoding="utf-8", errors="replace")
        if file != Path(__file__):
            assert not told.search(text), f"{file.relative_to(ROOT)} says where packages come from"
        assert not names.search(text), f"{file.relative_to(ROOT)} names the host of a package registry"


def test_every_pin_is_exact_and_every_dependency_is_pinned() -> None:
    import tomllib

    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [
        re.match(r"([a-z0-9-]+)==[0-9][0-9A-Za-z.]*(?:; python_version [<>=]+ \"[0-9.]+\")?(?:  # .+)?$", line)
        for line in lines[1:]
    ]
    assert all(pins), [line for line, pin in zip(lines[1:], pins, strict=True) if not pin]
    pinned = {pin[1] for pin in pins if pin}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *(need for extra in project["optional-dependencies"].values() for need in extra),
    ]
    assert {re.split(r"[\[<>=~! ]", need)[0].lower().replace("_", "-") for need in wanted} <= pinned
