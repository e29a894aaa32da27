"""`python -m benchmarks thresholds PERSONA FILE...`: the thresholds that answer most, with few wrong answers.

The files are questions to develop on, never those that `persona` measures. Asking back with the answer among what is
named counts half as much as the answer.
"""

import argparse
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from runtime.core.device import choose_profile, find_machine
from runtime.core.messages import UserTurn
from runtime.core.models import ModelRegistry
from runtime.persona.deciding import BY_MODEL, BY_WORDS, Thresholds, decide
from runtime.persona.embedding import MODELS, load_embedding
from runtime.persona.grounded import GroundedBrain
from runtime.persona.memory import Context, Exchange
from runtime.persona.persona import Persona, find_persona, load_persona
from runtime.persona.retrieval import NOTHING, Match
from runtime.persona.scoring import NONE, Question, read_questions

WORDS: Final = "words"
"""In the place of a model: without sentence vectors."""
CLOSE: Final = (0.0, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.08, 0.1)
BELOW: Final = (0.0, 0.02, 0.04, 0.06, 0.08, 0.10, 0.12)
"""How far `possible` may lie below `sure`."""
STEP: Final = 0.01
SHOWN: Final = 8
Ranked = list[tuple[Question, list[Match]]]


@dataclass(frozen=True)
class Score:
    """Shares of the questions: answered right, answered wrong, and asked back naming what answers them."""

    right: float
    wrong: float
    named: float


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the benchmark's arguments."""
    parser.add_argument("persona", help="a name in assets/personas, a folder or a file")
    parser.add_argument("questions", nargs="+", type=Path, help="CSV files with the columns question and expected")
    parser.add_argument("--most-wrong", type=float, default=0.03, help="share of wrong answers allowed [0.03]")
    parser.add_argument("--model", choices=(*MODELS, WORDS), default=MODELS[0], help=f"[{MODELS[0]}]")


def run(args: argparse.Namespace) -> int:
    """Print the best thresholds, and what they and those in use do with the questions."""
    persona = load_persona(find_persona(args.persona))
    registry = ModelRegistry(choose_profile("auto", find_machine())[0])
    embedding = None if args.model == WORDS else load_embedding(registry, best=args.model)
    questions = [question for path in args.questions for question in read_questions(path)]
    in_use = BY_WORDS if embedding is None else BY_MODEL[embedding.name]
    ranked = rank(GroundedBrain(persona, embedding), persona, questions)
    print(_line("in use", scored(persona, ranked, in_use), in_use))
    found = [(scored(persona, ranked, at), at) for at in _grid(in_use, ranked)]
    best = [(score, at) for score, at in found if score.wrong <= args.most_wrong]
    best.sort(key=lambda pair: (-pair[0].right - pair[0].named / 2, pair[0].wrong))
    for score, at in best[:SHOWN]:
        print(_line("found", score, at))
    return 0 if best else 1


def rank(brain: GroundedBrain, persona: Persona, questions: Sequence[Question]) -> Ranked:
    """Return what fits each question."""
    found = []
    for question in questions:
        context = Context()
        if question.after:
            before = brain.rank(_turn(1, question.after), context)
            known = next((persona.knowledge[match.entry] for match in before if match.entry != NOTHING), None)
            source, heard = (known.id, known.answer or "") if known else ("", "")
            context = Context((Exchange(1, question.after, heard, source=source),))
        found.append((question, brain.rank(_turn(2, question.asked), context)))
    return found


def scored(persona: Persona, ranked: Ranked, at: Thresholds) -> Score:
    """Judge the answers that these thresholds give; saying that it isn't known is right where nothing answers."""
    right = wrong = named = 0
    for question, matches in ranked:
        verdict = decide(matches, at)
        ids = {persona.knowledge[entry].id for entry in verdict.entries}
        hit = bool(ids & question.expected)
        right += hit if verdict.act == "tell" else verdict.act == "fallback" and question.expected == {NONE}
        wrong += verdict.act == "tell" and not hit
        named += verdict.act == "ask" and hit
    return Score(*(count / len(ranked) for count in (right, wrong, named)))


def _grid(start: Thresholds, ranked: Ranked) -> Iterator[Thresholds]:
    tops = [matches[0].score for _, matches in ranked if matches]
    for sure, close, below in itertools.product(np.arange(min(tops), max(tops), STEP), CLOSE, BELOW):
        yield replace(start, sure=float(sure), close=close, possible=float(sure) - below)


def _turn(number: int, text: str) -> UserTurn:
    return UserTurn(number, text, 0.0, 0.0, spoken=False)


def _line(name: str, score: Score, at: Thresholds) -> str:
    return (
        f"{name}: right {score.right:.1%}, wrong {score.wrong:.1%}, asked back naming it {score.named:.1%}; "
        f"sure {at.sure:.2f}, possible {at.possible:.2f}, close {at.close:.2f}"
    )
