"""`python -m runtime persona new|check|test NAME`: write a persona, name every mistake of one, or score its answers."""

import argparse
import importlib.util
from pathlib import Path

from runtime.commands import new_persona

MAX_SHOWN_WORDS = 50
OTHER_SOURCES = ("safety", "help:", "graph:", "quiz:")
"""What an answer may come from besides the persona's entries: see docs/make-your-own-persona.md."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    new_persona.add_arguments(actions.add_parser("new", help="ask a few questions and write a persona"))
    check = actions.add_parser("check", help="read the files and name their mistakes")
    test = actions.add_parser("test", help="ask the questions of a CSV and judge the answers")
    for action in (check, test):
        action.add_argument("name", help="a persona in assets/personas, a folder, or a file")
    what = "a CSV with the columns question and expected; without it test.csv beside persona.toml"
    test.add_argument("questions", nargs="?", type=Path, help=what)


def run(args: argparse.Namespace) -> int:
    """Write, check or test the persona; return the exit status."""
    return {"new": new_persona.run, "check": _check, "test": _test}[args.action](args)


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
    if importlib.util.find_spec("pocketsphinx") is not None:
        from runtime.perception.sphinx import unknown_words

        if unknown := unknown_words(persona.phrases):
            shown = ", ".join(unknown[:MAX_SHOWN_WORDS]) + (", ..." if len(unknown) > MAX_SHOWN_WORDS else "")
            print(f"The embedded recogniser does not listen for questions with words that it can't say: {shown}.")
    return 0


def _test(args: argparse.Namespace) -> int:
    from runtime.core.device import choose_profile, find_machine
    from runtime.core.errors import UserError
    from runtime.core.models import ModelRegistry
    from runtime.core.settings import load_settings
    from runtime.mind import Mind
    from runtime.persona.persona import find_persona
    from runtime.persona.scoring import TEST_FILE, read_questions, score_now

    path = args.questions or find_persona(args.name).parent / TEST_FILE
    if not path.is_file():
        raise UserError(f"There are no questions in {path}.", "Name a CSV with the columns question and expected.")
    profile, _ = choose_profile("auto", find_machine())
    mind = Mind(load_settings({"persona": args.name, "brain": "retrieval"}), profile)
    mind.load(ModelRegistry(profile))
    known = {entry.id for entry in mind.persona.knowledge}
    questions = read_questions(path, lambda source: source in known or source.startswith(OTHER_SOURCES))
    outcomes = [found for question in questions for found in score_now(mind.for_visitor(), [question])]
    for found in outcomes:
        if found.verdict != "right":
            expected = " or ".join(sorted(found.question.expected))
            print(f"{found.verdict}: {found.question.asked!r} should be {expected}, is {found.source or found.text!r}")
    counts = {verdict: sum(o.verdict == verdict for o in outcomes) for verdict in ("right", "wrong", "asked")}
    shown = ", ".join(f"{n} {'asked back' if v == 'asked' else v} ({n / len(outcomes):.0%})" for v, n in counts.items())
    print(f"{mind.persona.name}: {shown} of {len(outcomes)}.")
    return 0
