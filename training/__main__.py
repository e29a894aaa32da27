"""The command line of training: `python -m training list` and `python -m training NAME --data DIR --out DIR`."""

import argparse
import importlib
import importlib.util
import logging
import pkgutil
import sys
from pathlib import Path
from types import ModuleType

import training
from runtime.core.errors import UserError

INSTALL = 'pip install ".[training]"'


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit status: 0 done, 1 refused, 2 wrong words, 130 interrupted."""
    given = parser().parse_args(arguments)
    try:
        if given.name == "list":
            print(listing())
            return 0
        train(given)
    except UserError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped. The same command with --resume goes on from here.", file=sys.stderr)
        return 130
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    found = argparse.ArgumentParser("python -m training", description=training.__doc__)
    found.add_argument("name", metavar="NAME", help="a model's name, or: list")
    found.add_argument("--data", type=Path, help="the folder of the data sets; each has a card")
    found.add_argument("--out", type=Path, help="where weights, curves and result.json go (default: out/training/NAME)")
    found.add_argument("--profile", choices=("smoke", "full"), default="full", help="smoke: a few steps")
    found.add_argument("--resume", action="store_true", help="go on where a run into the same folder was stopped")
    found.add_argument("--seed", type=int, default=0)
    found.add_argument("--precision", choices=("auto", "fp32", "bf16", "fp16"), default="auto")
    found.add_argument("--threads", type=int, help="threads on the CPU (default: as many as there are cores)")
    return found


def models() -> dict[str, ModuleType]:
    """Return the packages below training that are models, by name: those with a SUMMARY."""
    names = [entry.name for entry in pkgutil.iter_modules(training.__path__) if entry.ispkg]
    packages = {name: importlib.import_module(f"training.{name}") for name in names}
    return {name: package for name, package in packages.items() if hasattr(package, "SUMMARY")}


def listing() -> str:
    """Return one line a model: its name, what it is and the data it learns from."""
    found = models()
    width = max(map(len, found), default=0)
    return "\n".join(
        f"{name:{width}}  {model.SUMMARY.rstrip('.')} (data: {', '.join(model.DATA)})" for name, model in found.items()
    )


def train(given: argparse.Namespace) -> None:
    """Train the model that the command line names."""
    package = models().get(given.name)
    if package is None:
        raise UserError(f"There is no model {given.name!r}.", f"Known models: {', '.join(models()) or 'none'}.")
    if given.data is None:
        raise UserError(
            "Where the data are is not said.", f"Give --data DIR; {given.name} needs {', '.join(package.DATA)}."
        )
    if importlib.util.find_spec("torch") is None:
        raise UserError("Training needs torch, which is not installed.", f"Run: {INSTALL}")
    import torch

    from training import distributed
    from training.run import Run

    logging.basicConfig(level=logging.INFO, format="%(message)s")
    if given.threads:
        torch.set_num_threads(given.threads)
    out = given.out or Path("out/training") / given.name
    with distributed.group():
        run = Run(
            given.name,
            given.data,
            out,
            smoke=given.profile == "smoke",
            resume=given.resume,
            seed=given.seed,
            precision=given.precision,
        )
        for relative in package.DATA:
            run.folder(relative)
        package.train(run)
        done = run.record.write(finished=True)
        if distributed.rank() == 0:
            print(f"Done: {done}")


if __name__ == "__main__":
    sys.exit(main())
