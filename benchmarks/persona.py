"""`python -m benchmarks persona`: what each persona answers to questions written apart from its knowledge.

Each question is a conversation of its own, by text, with the brains that a session has: help first, what may be said at
all, the memory of people, the graph, the knowledge. Then one visitor talks on for long, and the memory must stay flat.
Where a language model is set, all is asked once more with it. What is blocked, and wrongly, is counted as in `safety`.
"""

import argparse
import asyncio
import gc
import random
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import psutil
from rich.console import Console
from rich.table import Table

from benchmarks import safety
from benchmarks.report import judge
from runtime.core.device import Profile, choose_profile, find_machine
from runtime.core.errors import UserError
from runtime.core.models import ModelRegistry
from runtime.core.settings import Settings, add_flags, settings_from
from runtime.mind import GROUNDED, Mind
from runtime.persona.safety.guarded import SOURCE as BLOCKED
from runtime.persona.scoring import Conversation, Outcome, Question, read_questions, score
from training.measures import bleu

FOLDER: Final = Path(__file__).parent / "persona"
VERDICTS: Final = ("right", "wrong", "asked")
OF_MODELS: Final = (
    "device", "brain", "llm_url", "llm_key", "llm_model", "llm_max_tokens", "llm_first_token_s", "llm_first_phrase_s",
    "llm_timeout_s",
)  # fmt: skip
TURNS: Final = 1_000
SETTLED: Final = 400
"""By this turn everything is loaded and what is bounded is full: up to 3 MiB come between turns 200 and 400."""


@dataclass(frozen=True)
class Measured:
    """What came of one persona's questions, and by how many MiB the process grew in a long talk."""

    outcomes: Sequence[Outcome]
    growth_mib: float

    def samples(self) -> dict[str, list[float]]:
        """Return the values of each budget, by its name."""
        outcomes = self.outcomes
        shares = {verdict: [share(outcomes, verdict)] for verdict in VERDICTS}
        blocked = [100 * sum(BLOCKED == o.source not in o.question.expected for o in outcomes) / len(outcomes)]
        first_ms = [1_000 * outcome.first_s for outcome in outcomes]
        return {**shares, "blocked": blocked, "first_phrase_ms": first_ms, "growth_mib": [self.growth_mib]}

    def details(self) -> dict[str, Any]:
        """Return right of all for each part of the questions, and every answer that was not right."""
        parts = Counter(outcome.question.part for outcome in self.outcomes)
        right = Counter(outcome.question.part for outcome in self.outcomes if outcome.verdict == "right")
        missed = [
            {
                "asked": outcome.question.asked,
                "after": outcome.question.after,
                "expected": sorted(outcome.question.expected),
                "verdict": outcome.verdict,
                "source": outcome.source,
                "answer": outcome.text,
            }
            for outcome in self.outcomes
            if outcome.verdict != "right"
        ]
        return {"parts": {part: f"{right[part]} of {count}" for part, count in parts.items()}, "missed": missed}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the benchmark's arguments."""
    parser.add_argument("names", nargs="*", help="personas with a file of questions in benchmarks/persona; default all")
    parser.add_argument("--turns", type=int, default=TURNS, help=f"length of the long talk, over {SETTLED}")
    parser.add_argument("--output", type=Path, default=Path("out"), help="folder of the figures: persona_NAME.json")
    add_flags(parser, *OF_MODELS)


def run(args: argparse.Namespace) -> int:
    """Ask every file's questions; return 1 where a budget is not kept."""
    if args.turns <= SETTLED:
        raise UserError(f"A talk of {args.turns} turns is too short.", f"Give --turns over {SETTLED}.")
    settings = settings_from(args)
    kept = True
    for name in args.names or sorted(path.stem for path in FOLDER.glob("*.csv")):
        questions = questions_of(name)
        embedded = asyncio.run(_measure(_of(settings, name, GROUNDED), questions, args.turns))
        path = args.output / f"persona_{name}.json"
        kept &= judge(
            "persona", embedded.samples(), embedded.details(), path, title=f"{name}, {len(questions)} questions"
        )
        if settings.brain != GROUNDED and (settings.llm_url or settings.llm_model):
            wide = asyncio.run(_measure(_of(settings, name, settings.brain), questions))
            show_model(name, wide.outcomes, embedded.outcomes)
    if not args.names:
        kept &= safety.check(args.output / "safety.json")
    return 0 if kept else 1


def questions_of(name: str) -> list[Question]:
    """Return the questions for a persona. Raises UserError where there are none."""
    path = FOLDER / f"{name}.csv"
    if not path.is_file():
        raise UserError(f"There are no questions for {name!r}.", f"Put them into {path}.")
    return read_questions(path)


def share(outcomes: Sequence[Outcome], verdict: str) -> float:
    """Return how many of the outcomes have a verdict, in percent."""
    return 100 * sum(outcome.verdict == verdict for outcome in outcomes) / len(outcomes)


def show_model(name: str, wide: Sequence[Outcome], embedded: Sequence[Outcome]) -> None:
    """Print what a language model makes of the questions: an answer is its own where it differs from the other's.

    BLEU is of the model's own answers to questions with a reference; without any there is none.
    """
    own = [one for one, other in zip(wide, embedded, strict=True) if one.text != other.text]
    told = [(one.question.reference, one.text) for one in own if one.question.reference]
    first_ms = [1_000 * outcome.first_s for outcome in own]
    late = [f"{np.percentile(first_ms, q):.0f}" if own else "–" for q in (50, 95)]
    table = Table(title=f"{name}, with the language model")
    for column in ("questions", "right %", "wrong %", "asked back %", "by the model", "first phrase ms p50", "p95"):
        table.add_column(column, justify="right")
    table.add_column(f"BLEU of {len(told)}", justify="right")
    shares = [f"{share(wide, verdict):.1f}" for verdict in VERDICTS]
    score_of = f"{bleu(*zip(*told, strict=True)):.1f}" if told else "–"
    table.add_row(str(len(wide)), *shares, str(len(own)), *late, score_of)
    Console(width=150).print(table)


# ------------------------------------------------------------ asking


def _of(settings: Settings, name: str, brain: str) -> Settings:
    return settings.model_copy(update={"persona": name, "brain": brain, "database_url": None})


async def _measure(settings: Settings, questions: Sequence[Question], turns: int = 0) -> Measured:
    """Ask every question; then, where `turns` are wanted, talk for so long."""
    async with _opened(settings) as mind:
        await Conversation(mind.for_visitor()).say("good morning")  # what is read at the first turn is read
        outcomes = [outcome for question in questions for outcome in await score(mind.for_visitor(), [question])]
        growth = await grown_mib(mind, [question.asked for question in questions], turns) if turns else 0.0
        return Measured(outcomes, growth)


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[Mind]:
    """Open a mind that remembers people in a folder of its own, for this time only."""
    profile: Profile = choose_profile(settings.device, find_machine())[0]
    with tempfile.TemporaryDirectory() as folder:
        mind = Mind(settings.model_copy(update={"data_dir": Path(folder)}), profile)
        mind.load(ModelRegistry(profile))
        await mind.start(hear=_unheard)
        await mind.until_thinking()
        try:
            yield mind
        finally:
            await mind.close()


async def _unheard(phrases: Sequence[str]) -> None:
    """No recogniser listens for the phrases of a changed file here."""


async def grown_mib(mind: Mind, texts: Sequence[str], turns: int) -> float:
    """Return by how many MiB the process grows after its first `SETTLED` turns of one talk of `turns`.

    The visitor agrees to be remembered, and says two things at a time, so that no two turns are alike.
    """
    conversation, process = Conversation(mind.for_visitor(token="")), psutil.Process()
    chance = random.Random(1)
    pairs = [f"{chance.choice(texts)} and {text}" for _ in range(turns // len(texts) + 1) for text in texts]
    settled = 0
    for number, text in enumerate(["remember me", "yes", *pairs][:turns], 1):
        await conversation.say(text)
        await mind.people.settle()  # nobody asks faster than it writes
        if number in (SETTLED, turns):
            gc.collect()
            size = process.memory_info().rss
            settled = settled or size
    return (size - settled) / 2**20
