"""`python -m benchmarks stages`: each stage of a turn on its own, in this process, without network."""

import argparse
import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.questions import Question, record
from runtime.avatar.animator import Animator
from runtime.avatar.renderer import open_renderer
from runtime.core.messages import Affect, FaceCue, FrameRequest, Manner, UserTurn
from runtime.delivery.source import RATE_HZ
from runtime.perception.backends import open_recogniser
from runtime.perception.vad import WINDOW, SileroVad
from runtime.persona.grounded import GroundedBrain
from runtime.persona.memory import Context
from runtime.persona.persona import Persona, find_persona, load_persona
from runtime.voice.backends import available
from runtime.voice.service import VoiceService
from runtime.voice.synthesizer import VoiceStyle

SIZE = 512
RUNS = 50
SENTENCE = "The planetarium is on the third floor, next to the roof garden. Take the lift to your left."
HEARING_RATE_HZ = 16_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("--output", type=Path, default=Path("out/stages.json"), help="where the figures are written")


def run(args: argparse.Namespace) -> int:
    """Measure every stage, print a table, write the figures."""
    persona = load_persona(find_persona("concierge"))
    questions = record(persona, 12)
    rows = {**_hearing(persona, questions), **_thinking(persona), **_speaking(), **_moving()}
    table = Table(title="stages alone")
    for column in ("stage", "p50 ms", "p95 ms", "samples"):
        table.add_column(column, justify="left" if column == "stage" else "right")
    figures = {}
    for name, values in rows.items():
        p50, p95 = np.percentile(values, [50, 95])
        figures[name] = {"p50_ms": float(p50), "p95_ms": float(p95), "samples": len(values)}
        table.add_row(name, f"{p50:.2f}", f"{p95:.2f}", str(len(values)))
    Console(width=110).print(table)
    args.output.parent.mkdir(parents=True, exist_ok=True)
    args.output.write_text(json.dumps(figures, indent=1) + "\n")
    return 0


def _ms(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1_000


def _run(function: Callable[[str], Awaitable[None]], text: str) -> None:
    async def wait() -> None:
        await function(text)

    asyncio.run(wait())


def _hearing(persona: Persona, questions: list[Question]) -> dict[str, list[float]]:
    import soxr

    vad = SileroVad()
    vad.load()
    recogniser = open_recogniser("pocketsphinx", persona.phrases)
    rows: dict[str, list[float]] = {"voice activity, a 32 ms window": [], "recogniser, 100 ms of speech": []}
    rows["recogniser, the last word"] = []
    for question in questions:
        sound = soxr.resample(question.pcm.astype(np.float32) / 32_768, RATE_HZ, HEARING_RATE_HZ)
        for start in range(0, len(sound) - WINDOW, WINDOW):
            window = sound[start : start + WINDOW]
            rows["voice activity, a 32 ms window"].append(_ms(partial(vad.probability, window)))
        for start in range(0, len(sound), HEARING_RATE_HZ // 10):
            piece = sound[start : start + HEARING_RATE_HZ // 10]
            rows["recogniser, 100 ms of speech"].append(_ms(partial(recogniser.feed, "bench", piece)))
        rows["recogniser, the last word"].append(_ms(partial(recogniser.finish, "bench")))
    recogniser.close()
    return rows


def _thinking(persona: Persona) -> dict[str, list[float]]:
    brain = GroundedBrain(persona)

    async def first_phrase(text: str) -> None:
        async for _ in brain.respond(UserTurn(1, text, 0.0, 0.0), Context()):
            return

    texts = [entry.questions[-1] for entry in persona.knowledge]
    return {"brain, first phrase": [_ms(partial(_run, first_phrase, text)) for text in texts]}


def _speaking() -> dict[str, list[float]]:
    rows = {}
    for state in available():
        if not state.ready:
            continue
        service = VoiceService(state.name)
        service.load()
        rows[f"voice {state.name}, a sentence of 5 s"] = [
            _ms(partial(service.synthesise, SENTENCE, VoiceStyle(), Affect())) for _ in range(RUNS)
        ]
        service.close()
    return rows


def _moving() -> dict[str, list[float]]:
    voice = VoiceService("espeak")
    voice.load()
    utterance = voice.synthesise(SENTENCE, VoiceStyle(), Affect("warm", 0.6))
    voice.close()
    renderer = open_renderer("ada", SIZE, SIZE)
    renderer.load()
    animator = Animator(seed=1)
    animator.cue(FaceCue(0, utterance.phonemes, utterance.duration_s, utterance.affect))
    rows: dict[str, list[float]] = {"face, one frame": [], f"drawing, one frame at {SIZE}": []}
    for number in range(int(utterance.duration_s * 25)):
        request = FrameRequest(number / 25, 0, number / 25, Manner.IDLE)
        begun = time.perf_counter()
        state = animator.step(request)
        rows["face, one frame"].append((time.perf_counter() - begun) * 1_000)
        rows[f"drawing, one frame at {SIZE}"].append(_ms(partial(renderer.draw, state)))
    renderer.close()
    return rows
