"""How `make` finds a Python, with stand-ins that note what they were asked to do."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
GOOD = '#!/bin/sh\necho "$(basename "$0") $*" >>calls\nexit 0\n'
BAD = "#!/bin/sh\necho 'command not found; it exists in these versions: 3.12.1' >&2\nexit 127\n"

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "bin").mkdir()
    for tool in ("make", "sh", "basename", "rm"):
        found = shutil.which(tool)
        assert found is not None
        (tmp_path / "bin" / tool).symlink_to(found)
    return tmp_path


def program(place: Path, name: str, text: str) -> None:
    path = place / "bin" / name
    path.write_text(text)
    path.chmod(0o755)


def make(place: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("MAKE", "MFLAGS", "PYTHON"))}
    return subprocess.run(
        ["make", *words], cwd=place, env={**environment, "PATH": str(place / "bin")}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip


def calls(place: Path) -> str:
    return (place / "calls").read_text() if (place / "calls").exists() else ""


def test_a_shim_that_fails_is_passed_over(place: Path) -> None:
    program(place, "python3.12", BAD)
    program(place, "python3.11", GOOD)
    done = make(place, ".venv/bin/python")
    assert done.returncode == 0, done.stderr
    assert "python3.11 -m venv --clear .venv" in calls(place)
    assert "3.12.1" not in done.stderr


def test_without_a_python_the_message_says_what_to_install(place: Path) -> None:
    program(place, "python3", BAD)
    done = make(place, "run")
    assert done.returncode != 0
    assert "Install Python 3.11 or 3.12" in done.stderr
    assert "make PYTHON=" in done.stderr
    assert not (place / ".venv").exists()


def test_a_python_that_is_named_is_the_only_one_tried(place: Path) -> None:
    program(place, "python3.12", GOOD)
    program(place, "mine", GOOD)
    assert make(place, ".venv/bin/python", "PYTHON=mine").returncode == 0
    assert "mine -m venv" in calls(place)
    assert "python3.12" not in calls(place)
    done = make(place, ".venv/bin/python", "PYTHON=absent")
    assert done.returncode != 0
    assert "PYTHON=absent is not one" in done.stderr


@pytest.mark.parametrize("wheel", [True, False])
def test_where_mediapipe_has_no_wheel_the_rest_is_installed_and_it_is_said_once(place: Path, wheel: bool) -> None:
    python = place / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    fails = "" if wheel else 'case "$*" in *mediapipe*) echo no matching distribution >&2; exit 1;; esac\n'
    python.write_text(f'#!/bin/sh\necho "$*" >>calls\n{fails}exit 0\n')
    python.chmod(0o755)
    (place / "bin" / "touch").symlink_to(shutil.which("touch") or "/usr/bin/touch")
    done = make(place, ".venv/.runtime")
    assert done.returncode == 0, done.stderr
    assert (place / ".venv" / ".runtime").exists()
    installs = [line for line in calls(place).splitlines() if line.startswith("-m pip install") and "mediapipe" in line]
    assert len(installs) == 1
    assert "--no-deps" in installs[0]
    assert "-c constraints.txt" in installs[0]
    assert done.stderr.count("won't see") == (not wheel)
    assert "no matching distribution" not in done.stderr
