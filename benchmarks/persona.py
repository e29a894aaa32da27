"""`python -m benchmarks persona`: answers that are right, wrong or asked back, and the time to the first phrase."""

import argparse
from pathlib import Path

import numpy as np

from runtime.core.device import choose_profile, find_machine
from runtime.core.models import ModelRegistry
from runtime.persona.embedding import load_embedding
from runtime.persona.grounded import GroundedBrain
from runtime.persona.persona import find_persona, load_persona
from runtime.persona.scoring import read_questions, score_now

FOLDER = Path(__file__).parent / "persona"
MAX_FIRST_PHRASE_S = 0.040


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the benchmark's arguments."""
    parser.add_argument("names", nargs="*", help="personas with a file of questions in benchmarks/persona; default all")


def run(args: argparse.Namespace) -> int:
    """Ask every file's questions; return 1 where a first phrase came late."""
    embedding = load_embedding(ModelRegistry(choose_profile("auto", find_machine())[0]))
    late = False
    for path in sorted(FOLDER.glob("*.csv")):
        if args.names and path.stem not in args.names:
            continue
        outcomes = score_now(GroundedBrain(load_persona(find_persona(path.stem)), embedding), read_questions(path))
        shares = [sum(o.verdict == v for o in outcomes) / len(outcomes) for v in ("right", "wrong", "asked")]
        p95_s = float(np.percentile([o.first_s for o in outcomes], 95))
        late |= p95_s > MAX_FIRST_PHRASE_S
        print(f"{path.stem}: {len(outcomes)} questions, right {shares[0]:.0%}, wrong {shares[1]:.0%}, "
              f"asked back {shares[2]:.0%}; first phrase p95 {p95_s * 1000:.1f} ms")  # fmt: skip
    return int(late)
