"""MediaPipe's compiled part, without its Python packages.

`import mediapipe` pulls in matplotlib, sounddevice (which needs PortAudio), jax and the contrib build of OpenCV, and
its Python code is bound to numpy 1 and protobuf 4. The compiled part needs none of these: it takes arrays, runs graphs
that the wheel carries, and gives bytes back. So that alone is loaded; the wheel is installed without dependencies.
"""

import contextlib
import functools
import importlib.machinery
import importlib.metadata
import importlib.util
import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from runtime.core.backends import BackendState
from runtime.core.errors import UserError

log = logging.getLogger(__name__)

PART: Final = "face and hands"
VERSION: Final = "0.10.21"
"""The last release whose wheel carries the models; what is used here of its inside is not promised by another."""
_MODULE: Final = "mediapipe.python._framework_bindings"
_REMEDY: Final = f"Install it with: pip install --no-deps mediapipe=={VERSION} (wheels: Linux x86-64, macOS, Windows)."


def why_blind() -> UserError | None:
    """Return why faces and hands can't be looked for on this machine, or None. Loads nothing."""
    try:
        found = importlib.metadata.version("mediapipe")
    except importlib.metadata.PackageNotFoundError:
        return UserError("The character can't see: mediapipe is not installed.", _REMEDY)
    if found != VERSION:
        return UserError(f"The character can't see: mediapipe is {found}, not {VERSION}.", _REMEDY)
    return None


def available(face_task: str = "") -> list[BackendState]:
    """Return the state of what can find faces and hands on this machine, best first."""
    blind = why_blind()
    bundle = BackendState(
        PART,
        "task bundles",
        bool(face_task) and blind is None,
        face_task,
        "" if face_task else "Set face_landmarker_task and hand_landmarker_task to their files.",
        True,
    )
    remedy = "" if blind is None else blind.remedy
    return [bundle, BackendState(PART, "mediapipe", blind is None, f"embedded, {VERSION}", remedy)]


def package_folder() -> Path:
    """Return the folder of the installed package. Raises UserError where there is none, or another version."""
    if reason := why_blind():
        raise reason
    spec = importlib.util.find_spec("mediapipe")
    if spec is None or spec.origin is None:
        raise UserError("The character can't see: mediapipe's files are missing.", _REMEDY)
    return Path(spec.origin).parent


@functools.cache
def bindings() -> Any:
    """Return the compiled module, loaded once in a process.

    Raises:
        UserError: mediapipe is missing, is another version, or can't be loaded on this machine.
    """
    folder = package_folder()
    module = sys.modules.get(_MODULE)
    if module is None:
        for suffix in importlib.machinery.EXTENSION_SUFFIXES:
            path = folder / "python" / f"_framework_bindings{suffix}"
            if path.is_file():
                break
        else:
            raise UserError("The character can't see: mediapipe was installed for another Python.", _REMEDY)
        spec = importlib.util.spec_from_file_location(_MODULE, path)
        assert spec is not None
        assert spec.loader is not None
        try:
            with quiet():  # it misses a method that protobuf 5 dropped, says so, and does without
                module = importlib.util.module_from_spec(spec)
                spec.loader.exec_module(module)
        except ImportError as error:
            raise UserError(f"The character can't see: mediapipe can't be loaded: {error}.", _REMEDY) from error
        sys.modules[_MODULE] = module  # it can't be loaded twice, should something import the whole package later
    module.resource_util.set_resource_dir(str(folder.parent))
    return module


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep what C++ writes to standard error off the screen: MediaPipe's warnings can't be switched off otherwise.

    With the log at debug level nothing is hidden.
    """
    if log.isEnabledFor(logging.DEBUG):
        yield
        return
    try:
        saved = os.dup(2)
    except OSError:  # there is no standard error
        yield
        return
    try:
        with open(os.devnull, "w", encoding="ascii") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
