"""Train the runtime's models, or clean the data they learn from.

`python -m training NAME --help` tells what a command takes; NAME is a model or one of list, clean and report.
"""

import argparse
import importlib
import importlib.util
import logging
import pkgutil
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import training
from runtime.core.errors import UserError

INSTALL = "make setup"
COMMANDS = {
    "list": "show each model, what it is and the data it learns from",
    "clean": "look for copies, silence, clipping, blur and wrong labels, into a review file that training obeys",
    "report": "show how the classes of a data set are balanced, with the weights that even them out",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status: 0 done, 1 refused, 2 wrong words, 130 interrupted."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        _refuse_unknown(words)
        given = parser(words[0] if words else "").parse_args(words)
        if given.name == "list":
            print(listing())
        elif given.name in COMMANDS:
            _refuse_without("sklearn", "Cleaning")
            from training import clean

            print(clean.clean(given) if given.name == "clean" else clean.report(given))
        else:
            train(given)
    except UserError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped. The same command with --resume goes on from here.", file=sys.stderr)
        return 130
    return 0


def parser(chosen: str) -> argparse.ArgumentParser:
    """Return the parser of the command line: one command a model, and those of `COMMANDS`.

    The arguments of cleaning are there if `chosen` needs them: they load its modules, which take time.
    """
    found = argparse.ArgumentParser(
        "python -m training", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = found.add_subparsers(dest="name", required=True, metavar="NAME")
    for name, purpose in COMMANDS.items():
        command = names.add_parser(name, help=purpose, description=purpose)
        if name == chosen != "list":
            from training import clean

            clean.add_arguments(command)
            if name == "clean":
                clean.add_clean_arguments(command)
    for name, model in models().items():
        about = f"{model.SUMMARY.rstrip('.')}. It needs {', '.join(model.DATA)}."
        _add_training(names.add_parser(name, help=model.SUMMARY, description=about))
    return found


def _add_training(command: argparse.ArgumentParser) -> None:
    command.add_argument("--data", type=Path, help="the folder of the data sets; each has a card")
    command.add_argument("--out", type=Path, help="for weights, curves and result.json [out/training/NAME]")
    command.add_argument("--profile", choices=("smoke", "full"), default="full", help="smoke: a few steps")
    command.add_argument("--resume", action="store_true", help="go on where a run into the same folder was stopped")
    command.add_argument("--reviews", type=Path, help="the folder of the data's review files [DATA/reviews]")
    command.add_argument("--seed", type=int, default=0, help="where all chance comes from [0]")
    command.add_argument(
        "--precision", choices=("auto", "fp32", "bf16", "fp16"), default="auto", help="auto: the fastest of the device"
    )
    command.add_argument("--threads", type=int, help="on the CPU [as many as there are cores]")


def _refuse_unknown(words: Sequence[str]) -> None:
    if words and not words[0].startswith("-") and words[0] not in {*COMMANDS, *models()}:
        raise UserError(f"There is no model {words[0]!r}.", f"Known models: {', '.join(models()) or 'none'}.")


def _refuse_without(package: str, what: str) -> None:
    if importlib.util.find_spec(package) is None:
        raise UserError(f"{what} needs {package}, which is not installed.", f"Run: {INSTALL}")


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
    package = models()[given.name]
    if given.data is None:
        raise UserError(
            "Where the data are is not said.", f"Give --data DIR; {given.name} needs {', '.join(package.DATA)}."
        )
    _refuse_without("torch", "Training")
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
            reviews=given.reviews,
        )
        for relative in package.DATA:
            run.folder(relative)
            if relative in run.record.reviews and relative in getattr(package, "EXTRACTED", ()):
                raise UserError(
                    f"{given.name} reads {relative} through an extract made beforehand, which its review can't reach.",
                    "Take what it drops out of the folder, extract again, and erase its decisions.",
                )
        package.train(run)
        done = run.record.write(finished=True)
        if distributed.rank() == 0:
            print(f"Done: {done}")


if __name__ == "__main__":
    sys.exit(main())
