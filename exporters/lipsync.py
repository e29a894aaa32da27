"""The lip-sync as ONNX: one streaming step of the student, whose state is an input and an output."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from exporters.export import Arrays, Export
from exporters.source import load_student, read_result
from runtime.voice.lipsync import AHEAD_STEPS, BANDS, CURVES_PER_S, MODEL, RATE_HZ, SHAPES, LipSync

if TYPE_CHECKING:
    from training.lipsync.nets import Student
    from training.lipsync.speech import Take

TEXTS: Final = (
    "The big brown bear made my poor mother jump.",
    "Peter kept swimming in the warm blue pool.",
    "We open at nine and close when you leave.",
    "Five very old foxes gave their thanks to the judge.",
)
VOICES: Final = ("+f2", "+m3", "+linda", "+Mike", "")
PIECE_STEPS: Final = (2, 25, 50)


def spec(source: Path) -> Export:
    """Return how the student in `source` is exported."""
    import torch

    from training.lipsync.nets import build
    from training.lipsync.speech import spoken

    student, _ = load_student(source, build)
    takes = [take for n, voice in enumerate(VOICES) for take in spoken(TEXTS, [voice], n, rooms=False)]
    real = [case for take in takes for case in cases(student, take)]  # type: ignore[arg-type]
    return Export(
        name=MODEL,
        net=streaming(student),  # type: ignore[arg-type]
        inputs={name: torch.from_numpy(value) for name, value in real[1].items()},
        outputs=("shapes", "next_state"),
        dynamic={"mel": {1: "steps"}},
        metadata={
            "shapes": json.dumps(SHAPES),
            "input": json.dumps({"rate_hz": RATE_HZ, "mel_bands": BANDS, "mel_frames_a_step": 2, "natural_log": True}),
            "output": json.dumps({"rate_hz": CURVES_PER_S, "delay_steps": AHEAD_STEPS - 1, "range": [0, 1]}),
        },
        real=real,
        warm_up={"mel": (1, 1, 2 * BANDS)},
        gflop=0.001,
        card=card(read_result(source).get("figures", {})),
        chunks=in_chunks,
    )


def streaming(student: "Student") -> Any:
    """Return a net whose forward is the student's `step`."""
    from torch import Tensor, nn

    class Streaming(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.student = student

        def forward(self, mel: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
            return self.student.step(mel, state)

    return Streaming().eval()


def cases(student: "Student", take: "Take") -> list[Arrays]:
    """Return pieces of a take, each with the state that the pieces before it leave."""
    import torch

    found, begin, state = [], 0, student.no_state()
    for steps in PIECE_STEPS:
        mel = take.mel[None, begin : begin + steps]
        found.append({"mel": mel.copy(), "state": state.numpy().copy()})
        with torch.no_grad():
            state = student.step(torch.from_numpy(mel), state)[1]
        begin += steps
    return found


def in_chunks(session: Any) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the mouth for noise that comes and goes, fed in ragged pieces and fed whole."""
    chance = np.random.default_rng(3)
    envelope = np.abs(np.sin(np.arange(3 * RATE_HZ) / RATE_HZ * 12.0))
    sound = (0.1 * envelope * chance.standard_normal(len(envelope))).astype(np.float32)
    lips, pieces = LipSync(session), []
    begin = 0
    while begin < len(sound):
        size = int(chance.integers(1, 1_500))
        pieces.append(lips.feed(sound[begin : begin + size]))
        begin += size
    pieces.append(lips.finish())
    return np.concatenate(pieces), np.concatenate([lips.feed(sound), lips.finish()])


def card(figures: dict[str, Any]) -> str:
    """Return the model card; every number in it is one that training measured."""
    student, teacher = figures.get("student", {}), figures.get("teacher", {})
    rows = [
        f"| {name} | {_at(student, *keys)} | {_at(teacher, *keys)} |"
        for name, keys in (
            ("jaw, r, facegood recording left out", ("jaw_r_facegood",)),
            ("shapes, mean r, espeak voices and sentences left out", ("shapes_r_espeak_mean",)),
            ("m, b, p closed within ±40 ms, espeak", ("lips_espeak", "bilabials_closed")),
            ("vowels wrongly closed, espeak", ("lips_espeak", "vowels_closed")),
            ("closings that belong to an m, b or p, espeak", ("lips_espeak", "closures_right")),
            ("m, b, p closed within ±40 ms, a real reader", ("lips_ljspeech", "bilabials_closed")),
            ("vowels wrongly closed, a real reader", ("lips_ljspeech", "vowels_closed")),
            ("closings that belong to an m, b or p, a real reader", ("lips_ljspeech", "closures_right")),
            ("parameters", ()),
        )
        if keys
    ]
    sizes = figures.get("parameters", {})
    return "\n".join([TEXT.strip(), "", "| | student | teacher |", "|---|---|---|", *rows]) + (
        f"\n| parameters | {sizes.get('student', '?')} | {sizes.get('teacher', '?')} |\n"
        f"\nThe test is of: {figures.get('split', 'nothing yet')}.\n"
    )


def _at(values: Any, *keys: str) -> Any:
    for key in keys:
        values = values.get(key, "?") if isinstance(values, dict) else "?"
    return values


TEXT: Final = """
# Lip-sync

Sound of a voice to the mouth: twelve ARKit shapes, 50 a second, each known 80 ms after its sound. For voices that come
without phonemes: a recording, a remote voice. Where a voice tells its phonemes, the runtime's rules are better and are
used.

**Not for** reading lips, for judging whether a recording is genuine, or for anything about the speaker. It was made for
one voice at a time; music and several people at once move the mouth too.

**Data.** Speech of espeak-ng (GPL-3; only its sound is used) of some fifty voices and of flite's three, with speed,
pitch, echo, noise and the length of the vocal tract varied, and the curves that the runtime's phoneme rules give;
FACEGOOD's recordings (MIT: one speaker of Mandarin, the captured jaw); LibriSpeech (CC BY 4.0: ten readers), with the
curves of the words that pocketsphinx recognised. Sentences are from Banking77 and MedQuAD (CC BY 4.0).

**How.** The teacher is a recurrent net that hears the whole recording in both directions. The student hears 80 ms
ahead, and learns the teacher's curves and what is known of the true ones. A last layer closes the lips by the chance
that they are closed, made firmer than trained, as the eye sees lips that nearly close as a fault.

**Limits.** Only the jaw was ever captured from a person; the other shapes are what rules say of a sound. English is
what it heard most. A closing of the lips in real speech is missed more often than in synthetic speech. Very loud noise
opens the mouth.
"""
