"""The manifest's entry of an exported model."""

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from runtime.core.models import MANIFEST_NAME, ModelEntry, read_manifest, sha256_of

if TYPE_CHECKING:
    from exporters.export import Export


def write_entry(spec: "Export", path: Path, figures: Mapping[str, float], score: str) -> ModelEntry:
    """Put the model of `path` into the manifest beside it, in the place of its older entry; return the new one.

    Raises:
        UserError: the manifest that is there is wrong.
    """
    from filelock import FileLock

    entry = ModelEntry(
        name=spec.name,
        file=path.name,
        sha256=sha256_of(path),
        size_bytes=path.stat().st_size,
        precision=spec.weights,
        gflop=spec.gflop,
        warm_up=spec.warm_up,
        licence=spec.licence,
        version=spec.version,
        figures=dict(figures),
        score=score,
    )
    manifest = path.with_name(MANIFEST_NAME)
    with FileLock(
        Path(tempfile.gettempdir()) / "avatar-models-manifest.lock"
    ):  # several models may be exported at once
        entries = read_manifest(manifest) | {spec.name: entry}
        listed = [entries[name].model_dump(mode="json", exclude_defaults=True) for name in sorted(entries)]
        part = manifest.with_suffix(".part")
        part.write_text(json.dumps({"models": listed}, indent=1) + "\n", encoding="utf-8")
        os.replace(part, manifest)
    return entry
