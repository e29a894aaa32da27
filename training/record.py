"""What a run was: OUT/result.json with data, command, commit, packages, figures and durations."""

import importlib.metadata
import json
import os
import platform
import shlex
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[1]
RESULT_NAME: Final = "result.json"
PACKAGES: Final = ("torch", "numpy", "scikit-learn", "scipy", "opacus", "cleanlab", "mediapipe", "onnxruntime")


class Record:
    """The record of one run. `write` may be called at any time; the file is whole at every moment."""

    def __init__(self, name: str, out: Path, smoke: bool, seed: int) -> None:
        self.data: dict[str, Any] = {}
        """By folder below --data: its card, hash, number of files and bytes."""
        self.reviews: dict[str, dict[str, Any]] = {}
        """By folder below --data: what its review changed, where it has one."""
        self.fits: dict[str, Any] = {}
        """By name of the net: what the loop did with it."""
        self._figures: dict[str, Any] = {}
        self._out = out
        self._start = time.monotonic()
        self._head = {
            "model": name,
            "profile": "smoke" if smoke else "full",
            "seed": seed,
            "command": shlex.join(["python", *sys.orig_argv[1:]]),
            "commit": commit(),
            "started": datetime.now(UTC).isoformat(timespec="seconds"),
            "python": platform.python_version(),
            "machine": f"{platform.system()} {platform.machine()}",
            "packages": versions(),
        }

    def note(self, figures: dict[str, Any]) -> None:
        """Add figures and write."""
        self._figures.update(figures)
        self.write()

    def write(self, finished: bool = False) -> Path:
        """Write OUT/result.json, by process 0 alone, and return its path."""
        path = self._out / RESULT_NAME
        if os.environ.get("RANK", "0") != "0":
            return path
        seconds = round(time.monotonic() - self._start, 1)
        whole: dict[str, Any] = {**self._head, "data": self.data, "reviews": self.reviews}
        whole |= {"fits": self.fits, "figures": self._figures}
        whole |= {"seconds": seconds, "finished": finished}
        write_text(path, json.dumps(whole, indent=2, default=_plain) + "\n")
        return path


def write_file(path: Path, write: Callable[[Path], object]) -> None:
    """Have a file written such that it is the old or the new one, whole, whenever the process may end."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    write(part)
    part.replace(path)


def write_text(path: Path, text: str) -> None:
    """Write a text file, whole or not at all."""
    write_file(path, lambda part: part.write_text(text, encoding="utf-8"))


def commit() -> str:
    """Return the commit of this checkout, "+ changes" where tracked files differ from it; "unknown" without git."""
    try:
        words = [_git("rev-parse", "HEAD"), "+ changes" if _git("status", "--porcelain", "-uno") else ""]
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return " ".join(words).strip()


def _git(*words: str) -> str:
    done = subprocess.run(["git", "-C", str(ROOT), *words], capture_output=True, text=True, timeout=30, check=True)
    return done.stdout.strip()


def versions() -> dict[str, str]:
    """Return the versions of those packages of `PACKAGES` that are installed."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def _plain(value: Any) -> Any:
    """Return what JSON takes instead of a numpy or torch value, or a path."""
    return value.tolist() if hasattr(value, "tolist") else str(value)
