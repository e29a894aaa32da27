"""The import rules: who may import whom, and what a start must not load."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("capture", "perception", "persona", "voice", "avatar", "delivery")
HEAVY = set(
    "aiortc av cv2 ctranslate2 faster_whisper mediapipe onnx onnxruntime pocketsphinx pygame sounddevice thorvg_python "
    "torch transformers".split()
)
LIGHT = {"numpy", "fastapi", "pydantic", "scipy", "rich"}
"""Not heavy, but not needed to print a help text."""
# What each part of ours may import of ours; a part that is not named may import anything.
ALLOWED: dict[str, tuple[str, ...]] = {
    "runtime.core": ("runtime.core",),
    **{f"runtime.{room}": ("runtime.core", f"runtime.{room}") for room in ROOMS},
    "runtime.experiments": ("runtime.core", "runtime.experiments"),
    "runtime.server": (
        "runtime.core",
        "runtime.server",
        "runtime.session",
        "runtime.speaking",
        *(f"runtime.{r}" for r in ROOMS),
    ),
}
LIGHT_PACKAGES = (
    "runtime",
    "runtime.commands",
    "runtime.core",
    "runtime.experiments",
    *(f"runtime.{room}" for room in ROOMS),
)


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """Yield line and dotted name of everything a file imports, wherever in it; a string given to import_module too."""
    module = module_of(path)
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                anchor = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*anchor, *([node.module] if node.module else [])])
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            yield from ((node.lineno, str(name.value)) for name in node.args if isinstance(name, ast.Constant))


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


def breaches(path: Path) -> list[str]:
    """Return what a file imports against the rules."""
    module, found = module_of(path), []
    ours = ("runtime", "training", "exporters", "benchmarks", "tests")
    part = next((part for part in ALLOWED if within(module, part)), None)
    for line, name in imported(path):
        if name.split(".")[0] not in ours or name in ("runtime", "runtime.__version__"):
            continue
        if name.split(".")[0] != "runtime" and within(module, "runtime"):
            found.append(f"{path}:{line}: runtime imports {name}")
        elif part and not any(within(name, allowed) for allowed in ALLOWED[part]):
            found.append(f"{path}:{line}: {part} imports {name}")
        elif module.split(".")[0] in ("training", "exporters") and any(
            within(name, barred) for barred in ("runtime.session", "runtime.server")
        ):
            found.append(f"{path}:{line}: {module} imports {name}")
    return found


def sources(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def test_no_part_imports_what_it_must_not() -> None:
    paths = sources("runtime", "training", "exporters")
    assert len(paths) > 20
    assert [breach for path in paths for breach in breaches(path)] == []


@pytest.mark.parametrize(
    ("file", "line", "bad"),
    [
        ("runtime/voice/x.py", "from runtime.avatar import rig", True),
        ("runtime/voice/x.py", "import runtime.session", True),
        ("runtime/voice/x.py", "from ..avatar import rig", True),
        ("runtime/voice/x.py", "from . import espeak", False),
        ("runtime/voice/x.py", "from runtime.core import clock", False),
        ("runtime/core/x.py", "def f():\n    import runtime.voice.client", True),
        ("runtime/core/x.py", "importlib.import_module('runtime.voice')", True),
        ("runtime/core/x.py", "from runtime import voice", True),
        ("runtime/core/x.py", "from runtime import __version__", False),
        ("runtime/server/x.py", "from runtime.session import Session", False),
        ("runtime/server/x.py", "from runtime.commands import talk", True),
        ("runtime/session.py", "from runtime.voice.client import Voice", False),
        ("runtime/session.py", "from training import losses", True),
        ("training/x.py", "from runtime.session import Session", True),
        ("training/x.py", "from runtime.core.models import sha256_of", False),
    ],
)
def test_the_rules_themselves(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, file: str, line: str, bad: bool) -> None:
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    path = tmp_path / file
    path.parent.mkdir(parents=True)
    path.write_text(line + "\n")
    assert bool(breaches(path)) is bad


def loaded_by(*words: str) -> set[str]:
    """Return the top-level modules a fresh interpreter has loaded after `words` ran."""
    probe = "import atexit, sys; atexit.register(lambda: print('LOADED', *sorted(sys.modules), file=sys.stderr)); "
    done = subprocess.run(
        [sys.executable, "-c", probe + words[0], *words[1:]],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "LOADED" in done.stderr, done.stderr
    return {name.split(".")[0] for name in done.stderr.rpartition("LOADED ")[2].split()}


@pytest.mark.parametrize(
    "words",
    [
        (f"import {', '.join(LIGHT_PACKAGES)}",),
        ("import runpy; sys.argv[0] = 'runtime'; runpy.run_module('runtime', run_name='__main__')", "--help"),
    ],
    ids=["packages", "help"],
)
def test_a_start_loads_nothing_heavy(words: tuple[str, ...]) -> None:
    loaded = loaded_by(*words)
    assert loaded & (HEAVY | LIGHT) == set()


def test_core_loads_no_model_and_no_media_library() -> None:
    names = [module_of(path) for path in sources("runtime/core")]
    assert loaded_by(f"import {', '.join(names)}") & HEAVY == set()
