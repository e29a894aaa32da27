"""`python -m exporters NAME|all [--from DIR]` writes models into assets/models; `verify` checks what is there."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from runtime.core.errors import UserError
from runtime.core.models import MODELS_FOLDER


def main(arguments: Sequence[str] | None = None) -> int:
    """Export or verify; return the exit status."""
    from exporters.export import OUT_FOLDER, models

    parser = argparse.ArgumentParser(prog="python -m exporters", description=__doc__)
    parser.add_argument("name", help=f"all, verify, or one of: {', '.join(models()) or 'none yet'}")
    parser.add_argument(
        "--from",
        dest="source",
        type=Path,
        metavar="DIR",
        help=f"the out folder of the training [{OUT_FOLDER}/NAME]; for all, the folder that holds them",
    )
    parser.add_argument("--to", dest="folder", type=Path, default=MODELS_FOLDER, metavar="DIR", help="[assets/models]")
    args = parser.parse_args(arguments)
    try:
        return verify(args.folder) if args.name == "verify" else export_all(args.name, args.source, args.folder)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def verify(folder: Path) -> int:
    """Print what is wrong in `folder`; return 1 if anything is. In assets/models every model must be there."""
    from exporters.export import models
    from exporters.verify import faults
    from runtime.core.models import MANIFEST_NAME, read_manifest

    found = faults(folder, models() if folder == MODELS_FOLDER else ())
    for fault in found:
        print(fault, file=sys.stderr)
    if not found:
        print(f"{len(read_manifest(folder / MANIFEST_NAME))} models in {folder} are in order.")
    return 1 if found else 0


def export_all(name: str, source: Path | None, folder: Path) -> int:
    """Export one model or all; go on to the next where one fails, and return 1 at the end."""
    from exporters.export import OUT_FOLDER, export, models, spec_of

    failed = False
    for one in models() if name == "all" else [name]:
        default = (source or OUT_FOLDER) / one
        place = default if name == "all" or source is None else source
        try:
            print(export(spec_of(one, place), place, folder).line(), flush=True)
        except UserError as error:
            if name != "all":
                raise
            print(f"error: {error}", file=sys.stderr)
            failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
