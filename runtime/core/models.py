"""The models that ship with the runtime: a registry read from assets/models/manifest.json, and their sessions."""

import hashlib
import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from runtime.core.device import CPU_PROVIDERS, GPU_PROVIDERS, Profile
from runtime.core.errors import UserError

log = logging.getLogger(__name__)

MODELS_FOLDER: Final = Path(__file__).resolve().parents[2] / "assets" / "models"
CUDA: Final = GPU_PROVIDERS[0]
MANIFEST_NAME: Final = "manifest.json"
MAX_MANIFEST_BYTES = 1 << 20
NUMPY_TYPES: Final = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(int64)": np.int64,
    "tensor(int32)": np.int32,
    "tensor(uint8)": np.uint8,
    "tensor(bool)": np.bool_,
}


class ModelEntry(BaseModel):
    """One model of the manifest. `file` lies in the manifest's folder; `gflop` is the work of one run."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")
    file: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    size_bytes: int = Field(gt=0)
    precision: Literal["fp32", "fp16", "int8"] = "fp32"
    gflop: float = Field(0.1, ge=0)
    providers: tuple[str, ...] = ()
    """Execution providers in order; the profile's where empty."""
    warm_up: dict[str, tuple[int, ...]] = {}
    """Input shapes of the warm-up run; an input not named takes its own shape, with 1 where that is open."""
    url: str | None = None
    """Where the file is fetched from if it does not ship."""
    licence: str = "Apache-2.0"
    version: str = "1"
    figures: dict[str, float] = {}
    """What was measured in training, on data held out; what each means is said on the model's card."""
    score: str = ""
    """The name of the figure that says best how good the model is."""


class ModelRegistry:
    """The models of one folder. A session is made on the first `load` of its name and kept."""

    def __init__(self, profile: Profile, folder: Path = MODELS_FOLDER) -> None:
        self._profile = profile
        self._folder = folder
        self._entries: dict[str, ModelEntry] | None = None
        self._sessions: dict[str, Any] = {}

    def entries(self) -> dict[str, ModelEntry]:
        """Return the manifest's models by name; none where there is no manifest.

        Raises:
            UserError: the manifest can't be read or is wrong.
        """
        if self._entries is None:
            self._entries = read_manifest(self._folder / MANIFEST_NAME)
        return self._entries

    def load(self, name: str) -> Any:
        """Return the warm `onnxruntime.InferenceSession` of a model.

        Raises:
            UserError: there is no such model, its file is missing or is not the one of the manifest.
        """
        if name not in self._sessions:
            entry = self.entries().get(name)
            if entry is None:
                known = ", ".join(self.entries()) or "none"
                raise UserError(f"There is no model {name!r} in {self._folder}.", f"Known models: {known}.")
            path = self._checked_file(entry)
            providers = entry.providers or self._profile.providers
            threads = self._profile.threads(entry.gflop)
            session = open_session(path, threads, providers)
            if entry.precision == self._profile.precision == "fp16" and session.get_providers()[0] == CUDA:
                session = open_fp16(path, session)
            warm_up(session, entry.warm_up)
            self._sessions[name] = session
        return self._sessions[name]

    def metadata(self, name: str) -> dict[str, str]:
        """Return what a model's file says of itself, such as `labels`; loads the model. Raises UserError as `load`."""
        return file_metadata(self.load(name))

    def close(self) -> None:
        """Let go of every session."""
        self._sessions.clear()

    def _checked_file(self, entry: ModelEntry) -> Path:
        path = self._folder / entry.file
        if not path.is_file():
            if entry.url is None:
                raise UserError(f"The model file {path} is missing.", "Restore it from the repository.")
            from runtime.core.download import download  # brings an HTTP client, which few starts need

            download(entry.url, entry.sha256, path, limit_bytes=entry.size_bytes)
        if path.stat().st_size != entry.size_bytes or sha256_of(path) != entry.sha256:
            raise UserError(
                f"The model file {path} is not the one that {MANIFEST_NAME} names (another size or SHA-256).",
                "Restore it from the repository; if git LFS is in use, run: git lfs pull.",
            )
        return path


def read_manifest(path: Path) -> dict[str, ModelEntry]:
    """Return the models that a manifest (`{"models": [...]}`) names. Raises UserError where it is wrong."""
    if not path.exists():
        return {}
    try:
        if path.stat().st_size > MAX_MANIFEST_BYTES:
            raise UserError(f"{path} is over {MAX_MANIFEST_BYTES:,} bytes.", "Restore it from the repository.")
        listed = json.loads(path.read_text(encoding="utf-8"))["models"]
        entries = [ModelEntry.model_validate(item) for item in listed]
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        raise UserError(f"{path}: {field}: {first['msg']}.", "Correct that entry.") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(f"{path} can't be read: {error!r}.", "Restore it from the repository.") from None
    names = [entry.name for entry in entries]
    if twice := {name for name in names if names.count(name) > 1}:
        raise UserError(f"{path} names {', '.join(sorted(twice))} more than once.", "Remove one.")
    return dict(zip(names, entries, strict=True))


def open_session(model: Path | bytes, threads: int = 1, providers: Sequence[str] = CPU_PROVIDERS) -> Any:
    """Return an `onnxruntime.InferenceSession` that never spins, on the first of `providers` that is there.

    `model` is a file or what one holds.

    Spinning makes a model that runs 25 times a second burn a whole core between its runs.

    Raises:
        UserError: the file is no model, or no provider is there.
    """
    import onnxruntime

    name = "The model" if isinstance(model, bytes) else str(model)
    usable = [name for name in providers if name in onnxruntime.get_available_providers()]
    if not usable:
        raise UserError(f"ONNX Runtime here has none of {', '.join(providers)}.", "See: python -m runtime devices.")
    if CUDA in usable and hasattr(onnxruntime, "preload_dlls"):
        onnxruntime.preload_dlls()  # CUDA's libraries come as packages, which the loader does not look into
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        session = onnxruntime.InferenceSession(
            model if isinstance(model, bytes) else str(model), options, providers=usable
        )
    except Exception as error:  # onnxruntime raises classes of its own, without a common base but this
        raise UserError(f"{name} can't be loaded as an ONNX model: {error}.", "Restore the file.") from None
    if (used := session.get_providers()[0]) != providers[0]:  # missing, or it failed to start
        log.warning("%s runs on %s; %s is not there", name, used, providers[0])
    return session


def open_fp16(path: Path, single: Any) -> Any:
    """Return a CUDA session of a model that computes in FP16, or `single`, the FP32 one, where it can't be made."""
    from runtime.core.precision import in_fp16

    try:
        return open_session(in_fp16(path), 1, GPU_PROVIDERS)
    except UserError as error:
        log.warning("%s computes in FP32: %s", path.name, error)
        return single


def file_metadata(session: Any) -> dict[str, str]:
    """Return what a model's file says of itself: labels, rates, version, figures; all text, JSON where structured."""
    return dict(session.get_modelmeta().custom_metadata_map)


def warm_up(session: Any, shapes: dict[str, tuple[int, ...]] | None = None) -> None:
    """Run a session once on zeros, so that the first real run is as fast as any."""
    feeds: dict[str, NDArray[Any]] = {}
    for wanted in session.get_inputs():
        own = tuple(size if isinstance(size, int) else 1 for size in wanted.shape)
        feeds[wanted.name] = np.zeros((shapes or {}).get(wanted.name, own), NUMPY_TYPES[wanted.type])
    session.run(None, feeds)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, in lower-case hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
