"""`python -m benchmarks turns`: how long the end of a turn is waited for, and how many turns are cut off in a pause.

Spoken questions go through voice activity and recogniser in the time of the sound itself, so that neither the machine's
load nor the network counts. What the endpointer is asked is kept, and decided upon twice: by the policy alone, and with
the model of the end of turns.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks.questions import VOICES, free_questions
from runtime.core.clock import run_simulated
from runtime.core.device import PROFILES
from runtime.core.errors import UserError
from runtime.core.messages import AudioChunk, Utterance
from runtime.core.models import ModelRegistry
from runtime.perception.client import Hearing
from runtime.perception.endpoint import Endpointer, EndpointEvent
from runtime.perception.listener import Listener
from runtime.perception.service import HearingService
from runtime.perception.turn_end import TurnEnd, load_turn_end
from runtime.perception.vad import RATE_HZ, SileroVad
from runtime.persona.people.requests import PHRASES
from runtime.persona.persona import Persona, find_persona, load_persona
from runtime.voice.backends import open_synthesizer
from runtime.voice.synthesizer import VoiceStyle

BEFORE_S, AFTER_S = 0.5, 2.5
PAUSE_MEDIAN_S, PAUSE_SPREAD, PAUSE_RANGE_S = 0.45, 0.6, (0.15, 2.0)
"""Pauses within turns are log-normal (Campione and Véronis 2002)."""
FADE = 640
QUIET = 0.01
LEVEL, NOISE = 0.37, 2e-4
PIECE = 320


@dataclass(frozen=True)
class Spoken:
    """A question as a microphone takes it at 16 kHz: the end of its speech, and whether it stops within."""

    text: str
    sound: NDArray[np.float32]
    end_s: float
    paused: bool


class EverListening(Endpointer):
    """Ends no turn, and keeps what it was asked."""

    def __init__(self) -> None:
        super().__init__(lambda text: False)
        self.events: list[EndpointEvent] = []

    def step(self, event: EndpointEvent) -> bool:
        """Keep the event."""
        self.events.append(event)
        return False


class Here:
    """Calls the hearing service in this process."""

    def __init__(self, service: HearingService) -> None:
        self._service = service

    async def call(self, service: str, method: str, *args: Any) -> Any:
        """See `Caller.call`."""
        return getattr(self._service, method)(*args)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("--questions", type=int, default=80, help="how many of each kind are asked")
    parser.add_argument(
        "--seed", type=int, default=1, help="draws the listed questions, and where and how long is paused"
    )
    parser.add_argument("--output", type=Path, default=Path("out/turns.json"), help="where the figures are written")


def run(args: argparse.Namespace) -> int:
    """Measure both ways of ending turns on both kinds of questions, print a table, write the figures."""
    persona = load_persona(find_persona("concierge"))
    model = load_turn_end(ModelRegistry(PROFILES["edge"]))
    service = HearingService("pocketsphinx", (*persona.phrases, *PHRASES))
    service.load()
    vad = SileroVad()
    vad.load()
    texts = {"listed": _listed(persona, args.seed), "free": free_questions()}
    table = Table(title="ends of turns")
    for column in ("questions", "ended by", "mean wait ms", "p95 ms", "cut off", "turns, with a pause"):
        table.add_column(column, justify="left" if column in ("questions", "ended by") else "right")
    figures: dict[str, Any] = {}
    for kind, lines in texts.items():
        spoken = speak(lines[: args.questions], args.seed)
        asked = [follow(one, service, vad, model) for one in spoken]
        for name, judge in (("policy", None), ("policy and model", model)):
            if name != "policy" and judge is None:
                continue
            found = outcome([wait_s(one, some, persona, judge) for one, some in zip(spoken, asked, strict=True)])
            figures[f"{kind}, {name}"] = found
            row = [f"{found[key]:.0f}" for key in ("mean_ms", "p95_ms")]
            table.add_row(
                kind, name, *row, f"{found['cut_off']:.1%}", f"{len(spoken)}, {sum(s.paused for s in spoken)}"
            )
    service.close()
    Console(width=110).print(table)
    args.output.parent.mkdir(parents=True, exist_ok=True)
    args.output.write_text(json.dumps(figures, indent=1) + "\n")
    return 0


def _listed(persona: Persona, seed: int) -> list[str]:
    """Return the persona's questions of four words or more, in an order drawn by chance."""
    texts = [text for entry in persona.knowledge for text in entry.questions if len(text.split()) >= 4]
    return [texts[index] for index in np.random.default_rng(seed).permutation(len(texts))]


def speak(texts: list[str], seed: int) -> list[Spoken]:
    """Speak texts with the benchmark's voices; every other one stops after a word drawn by chance."""
    chance = np.random.default_rng(seed)
    speakers: dict[str, Any] = {}
    for backend in {backend for backend, _ in VOICES}:
        try:
            speakers[backend] = open_synthesizer(backend)
        except UserError:
            continue
    voices = [voice for voice in VOICES if voice[0] in speakers]
    out = []
    for number, text in enumerate(texts):
        backend, name = voices[number % len(voices)]
        utterance = speakers[backend].synthesise(text, VoiceStyle(name, float(chance.uniform(0.88, 1.02))))
        out.append(_recorded(text, utterance, chance, pause=number % 2 == 1))
    for speaker in speakers.values():
        speaker.close()
    return out


def _recorded(text: str, utterance: Utterance, chance: np.random.Generator, pause: bool) -> Spoken:
    sound = np.asarray(soxr.resample(utterance.audio, utterance.rate_hz, RATE_HZ), np.float32)
    loud = np.flatnonzero(np.abs(sound) > QUIET)
    sound, begun_s = sound[loud[0] : loud[-1] + 1], loud[0] / RATE_HZ
    words = utterance.words[:-1]
    if pause and words:
        at = round((words[int(chance.integers(len(words)))].end_s - begun_s) * RATE_HZ)
        length_s = float(np.clip(chance.lognormal(np.log(PAUSE_MEDIAN_S), PAUSE_SPREAD), *PAUSE_RANGE_S))
        before = sound[:at].copy()
        before[-FADE:] *= np.linspace(1, 0, len(before[-FADE:]), dtype=np.float32)
        sound = np.concatenate([before, np.zeros(round(length_s * RATE_HZ), np.float32), sound[at:]])
    around = [np.zeros(round(length * RATE_HZ), np.float32) for length in (BEFORE_S, AFTER_S)]
    whole = np.concatenate([around[0], sound * (LEVEL / np.abs(sound).max()), around[1]])
    noisy = (whole + chance.normal(0, NOISE, len(whole))).astype(np.float32)
    return Spoken(text, noisy, BEFORE_S + len(sound) / RATE_HZ, pause and bool(words))


def follow(spoken: Spoken, service: HearingService, vad: SileroVad, judge: TurnEnd | None) -> list[EndpointEvent]:
    """Return what the endpointer is asked while a question is listened to, as long as no answer ends the turn."""
    asked = EverListening()

    async def listen() -> None:
        listener = Listener(vad.stream(), Hearing(Here(service)), asked, "turn", lambda event: None, judge)
        for begin in range(0, len(spoken.sound), PIECE):
            await listener.feed(AudioChunk(spoken.sound[begin : begin + PIECE], begin / RATE_HZ))
        await listener.close()

    run_simulated(listen())
    return asked.events


def wait_s(spoken: Spoken, asked: Sequence[EndpointEvent], persona: Persona, judge: TurnEnd | None) -> float | None:
    """Return the seconds from the end of the speech to the end of the turn; None where the turn ended before."""
    endpointer = Endpointer(persona.is_known_question, persona.is_likely_question)
    ended = (e.time_s for e in asked if endpointer.step(e if judge is not None else replace(e, chance=None)))
    committed_s = next(ended, len(spoken.sound) / RATE_HZ)
    return None if committed_s < spoken.end_s else committed_s - spoken.end_s


def outcome(waits_s: list[float | None]) -> dict[str, float]:
    """Return mean and 95th percentile in ms of the waits in turns not cut off (None), and the share that was, 0..1."""
    kept = [wait * 1_000 for wait in waits_s if wait is not None]
    mean, late = (float(np.mean(kept)), float(np.percentile(kept, 95))) if kept else (float("nan"), float("nan"))
    return {"mean_ms": mean, "p95_ms": late, "cut_off": 1 - len(kept) / len(waits_s)}
