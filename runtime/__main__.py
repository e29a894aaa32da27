"""The command line: `python -m runtime [COMMAND]`; without a command it serves."""

import argparse
import importlib
import sys
from collections.abc import Sequence

COMMANDS = {
    "serve": "serve the character to browsers (the default)",
    "talk": "talk to the character with a recording, with text, or with this machine's microphone",
    "devices": "show this machine, the profile it gets and the state of every backend",
    "models": "list the models that ship: size, version, figures, and whether each file is the right one",
    "avatar": "work with character packs: draw a contact sheet",
    "people": "show, export or erase what is remembered of people",
    "experiments": "compare variants of a persona or model: check, list, report",
    "graph": "work with the medical graph of a persona: load it, ask it, show what is in it",
    "persona": "work with persona files: write a new one, check one, test its answers",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if not words or (words[0].startswith("-") and words[0] not in ("-h", "--help")):
        words.insert(0, "serve")
    parser = argparse.ArgumentParser(prog="python -m runtime", description=__doc__)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for name, purpose in COMMANDS.items():
        command = commands.add_parser(name, help=purpose, description=purpose)
        if name == words[0]:
            importlib.import_module(f"runtime.commands.{name}").add_arguments(command)
    args = parser.parse_args(words)
    from runtime.core.errors import UserError

    try:
        return int(importlib.import_module(f"runtime.commands.{args.command}").run(args))
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
