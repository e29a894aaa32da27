"""`python -m runtime persona check|test NAME`: name every mistake of a persona, or score its answers."""

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    does = "check: read the files and name their mistakes; test: ask the questions of a CSV and judge the answers"
    parser.add_argument("action", choices=["check", "test"], help=does)
    parser.add_argument("name", help="a persona in assets/personas, a folder, or a file")
    parser.add_argument("questions", nargs="?", type=Path, help="test: a CSV with the columns question and expected")


def run(args: argparse.Namespace) -> int:
    """Check or test the persona; return the exit status."""
    return _test(args) if args.action == "test" else _check(args)


def _check(args: argparse.Namespace) -> int:
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


def _test(args: argparse.Namespace) -> int:
    from runtime.core.device import choose_profile, find_machine
    from runtime.core.errors import UserError
    from runtime.core.models import ModelRegistry
    from runtime.persona.embedding import load_embedding
    from runtime.persona.grounded import GroundedBrain
    from runtime.persona.persona import find_persona, load_persona
    from runtime.persona.scoring import read_questions, score_now

    if args.questions is None:
        raise UserError("No questions were given.", "Name a CSV with the columns question and expected.")
    persona = load_persona(find_persona(args.name))
    outcomes = score_now(
        GroundedBrain(persona, load_embedding(ModelRegistry(choose_profile("auto", find_machine())[0]))),
        read_questions(args.questions),
    )
    for found in outcomes:
        if found.verdict != "right":
            expected = " or ".join(sorted(found.question.expected))
            print(f"{found.verdict}: {found.question.asked!r} should be {expected}, is {found.source or found.text!r}")
    counts = {verdict: sum(o.verdict == verdict for o in outcomes) for verdict in ("right", "wrong", "asked")}
    shown = ", ".join(f"{n} {'asked back' if v == 'asked' else v} ({n / len(outcomes):.0%})" for v, n in counts.items())
    print(f"{persona.name}: {shown} of {len(outcomes)}.")
    return 0
