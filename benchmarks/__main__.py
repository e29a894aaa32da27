"""`python -m benchmarks NAME`: run a benchmark; it exits with 1 when a budget is not kept."""

import argparse
import importlib
import sys

from runtime.core.errors import UserError

BENCHMARKS = {
    "latency": "a conversation over WebRTC, measured at the client against budgets.toml",
    "models": "each model of assets/models: size, score, load time, time a call as stored, in FP32 and in INT8",
    "persona": "answers that are right, wrong and asked back, and the time to the first phrase",
    "safety": "what is blocked of abuse, tricks and forbidden words, and what is blocked wrongly",
    "thresholds": "the thresholds of a persona's answers that answer most of a file's questions, with few wrong",
    "stages": "each stage of a turn on its own",
    "vision": "seeing on real pictures: cost, rates, reaction to signs, errors, mirror, with all cores busy",
    "turns": "how long the end of a turn is waited for, and turns cut off, with and without the model",
}


def main() -> int:
    """Run the benchmark that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    commands = parser.add_subparsers(dest="name", required=True, metavar="NAME")
    for name, purpose in BENCHMARKS.items():
        command = commands.add_parser(name, help=purpose, description=purpose)
        if name in sys.argv[1:2]:
            importlib.import_module(f"benchmarks.{name}").add_arguments(command)
    args = parser.parse_args()
    try:
        return int(importlib.import_module(f"benchmarks.{args.name}").run(args))
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
