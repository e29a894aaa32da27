"""`python -m runtime persona check NAME`: name every mistake in a persona file."""

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("action", choices=["check"], help="check: read the file and name its mistakes")
    parser.add_argument("name", help="a persona in assets/personas, a folder, or a file")


def run(args: argparse.Namespace) -> int:
    """Check the persona; return the exit status."""
    from runtime.persona.persona import find_persona, load_persona
    from runtime.persona.safety.guarded import unfit_answers

    path = find_persona(args.name)
    persona = load_persona(path)
    if unfit := unfit_answers(persona):
        for entry, reason in unfit:
            print(f"{path}: the answer of {entry!r} would be held back: {reason}. See docs/keep-it-safe.md.")
        return 1
    print(f"{path} is in order: {persona.name}, {len(persona.knowledge)} answers, {len(persona.phrases)} questions.")
    return 0
