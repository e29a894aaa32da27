"""Exports the emotion of voices: the figures of 2 s of speech in, the chance of each emotion and the arousal out."""

import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray

from exporters.export import Export
from exporters.source import filled_card, load_student
from runtime.core.mel import MEL_RATE_HZ
from runtime.perception.voice_emotion import LABELS
from runtime.perception.voice_features import FEATURES, FEATURES_VERSION, SPEECH_SAMPLES, voice_features
from training.voice_emotion.nets import Calibrated, build
from training.voice_emotion.scores import AROUSAL
from training.voice_emotion.sounds import NOISES, TEST_SNR_DB

CASES: Final = 32
SEED: Final = 7
GFLOP: Final = 0.0003
NORMALISATION: Final = (
    f"{FEATURES} figures of the last {SPEECH_SAMPLES / MEL_RATE_HZ:g} s of speech, as "
    "runtime.perception.voice_features computes them; the file holds their scale."
)


def spec(source: Path) -> Export:
    """Return the export of the model trained into `source`.

    Raises:
        UserError: it isn't trained there, or its result.json lacks the scores.
    """
    net, config = load_student(source, build)
    real = buzzes()
    return Export(
        name="voice_emotion",
        net=Calibrated(net, config["temperature"], tuple(config["arousal"])).eval(),
        inputs={"features": torch.from_numpy(real[:2].copy())},
        outputs=("emotion", "arousal"),
        dynamic={"features": {0: "voices"}},
        metadata={
            "labels": json.dumps(LABELS),
            "arousal": json.dumps(dict(zip(LABELS, config["arousal"], strict=True))),
            "temperature": repr(config["temperature"]),
            "rate_hz": str(MEL_RATE_HZ),
            "features_version": str(FEATURES_VERSION),
            "normalisation": NORMALISATION,
        },
        real=[{"features": row[None]} for row in real],
        warm_up={"features": (1, FEATURES)},
        gflop=GFLOP,
        card=filled_card(card, source),
        score="student.accuracy",
    )


def buzzes() -> NDArray[np.float32]:
    """Return the features (32, 265) of buzzing tones in noise, whose pitch and strength move as a voice's do."""
    chance = np.random.default_rng(SEED)
    rows = []
    for _ in range(CASES):
        wander = np.repeat(chance.normal(0, 0.15, 8), SPEECH_SAMPLES // 8)
        turns = np.cumsum(np.exp(np.log(chance.uniform(90, 280)) + wander)) / MEL_RATE_HZ
        harmonics = np.arange(1, 16)[:, None]
        buzz = (np.sin(2 * np.pi * harmonics * turns) * harmonics ** -chance.uniform(0.5, 2.0)).sum(axis=0)
        syllables = np.repeat(chance.uniform(0.05, 1.0, 10), SPEECH_SAMPLES // 10)
        noise = chance.normal(0, chance.uniform(0.01, 0.2), SPEECH_SAMPLES)
        features = voice_features((0.1 * (buzz * syllables + noise)).astype(np.float32))
        assert features is not None
        rows.append(features)
    return np.array(rows)


def card(figures: dict[str, Any]) -> str:
    """Return the model's card with the figures of its training. Raises KeyError where one is missing."""
    student, teacher = figures["student"], figures["teacher"]
    rows = {
        "accuracy": "right, of all utterances",
        "unweighted_accuracy": "right, mean over the emotions",
        "macro_f1": "F1, mean over the emotions",
        "tuned_on": "right, speakers 03, 08, 10, 11, by whose scores settings were chosen",
        "not_tuned_on": "right, speakers 12 to 15",
        "women": "right, women (08, 13, 14)",
        "men": "right, men (03, 10, 11, 12, 15)",
        **{
            f"accuracy_{noise.replace(' ', '_')}_10db": f"right, in {noise} at {TEST_SNR_DB:g} dB SNR"
            for noise in NOISES
        },
        "arousal_high_or_low": "arousal on the right side of the middle",
        "readers_neutral": "English readers never learnt from, called neutral",
    }
    scores = "\n".join(f"| {what} | {teacher[key]:.1%} | {student[key]:.1%} |" for key, what in rows.items())
    errors = "\n".join(
        f"| {what} | {teacher[key]:.3f} | {student[key]:.3f} |"
        for key, what in (
            ("arousal_concordance", "concordance of the arousal with the classes' values (Lin)"),
            ("calibration_error", "expected calibration error, 15 bins"),
            ("uncalibrated_error", "the same before calibration"),
        )
    )
    table = "\n".join(
        f"| {name} | {' | '.join(map(str, counts))} |"
        for name, counts in zip(LABELS, student["confusion"], strict=True)
    )
    levels = ", ".join(f"{name} {value:g}" for name, value in zip(LABELS, AROUSAL, strict=True))
    speakers = ", ".join(f"{name}: {share:.1%}" for name, share in student["speakers"].items())
    others = ", ".join(f"{name} {share:.1%}" for name, share in student["readers"].items())
    return TEXT.format(
        figures=figures,
        student=student,
        teacher=teacher,
        names=", ".join(LABELS),
        levels=levels,
        scores=scores,
        errors=errors,
        speakers=speakers,
        columns=" | ".join(LABELS),
        rule="---|" * len(LABELS),
        table=table,
        others=others,
    )


TEXT: Final = """# voice_emotion

How 2 s of speech sound: the chance of {names}, and the
arousal from 0 (drowsy) to 1 (agitated).

## What it is for

To let a character take notice of a tone of voice: speak more softly to a sad one, ask an angry one what is wrong. It
goes by timbre, energy, rhythm and pitch alone, not by words, and doesn't hear how loud the microphone is.

## What it is not for

Judging, sorting or watching people, at work, in school or anywhere; medical use; anything where a wrong answer does
harm. It says what a voice sounds like to it, not what a person feels, and it is often wrong.

## Data

* {figures[utterances]} utterances of EmoDB, the Berlin database of emotional speech: ten German sentences,
  **acted** by **8 speakers** between 25 and 35 years old, in a studio. Distributed freely; believed CC0, not verified.
* Windows of 2 s from LibriSpeech's test-other (CC BY 4.0): English books read by 10 people, taken as mostly neutral,
  which nobody has checked. Every other reader is learnt from, the rest are for the figure below alone.
* Changed copies of both: other speed, pitch, room, microphone and cut, noises from white to brown, babble.

EmoDB has no ratings of arousal. Each emotion was given a value by hand:
{levels}.
Above and below the middle they are divided as by Schuller et al. (2009), and ordered as on the circumplex of Russell
(1980). The model's arousal is the mean of these values by its chances, so it tells nothing that the chances don't.

## Figures

Each speaker in turn was left out of everything: scales, teacher, student. Weights are those at the end of a fixed
number of steps; settings were chosen by the scores of four speakers and then left alone. The features were chosen with
the scores of all eight in view. **The file here is trained on all eight speakers in the same way; it has no score of
its own, and the figures are those of the eight students that came before it.** The temperature for each speaker's
chances comes from the others' scores, the file's from all.

| on speakers left out | teacher ({teacher[parameters]:,} parameters) | student ({student[parameters]:,}) |
|---|---|---|
{scores}
{errors}

The student by speaker: {speakers}.

Its answers (columns, in the same order) to each emotion acted (rows):

| | {columns} |
|---|{rule}
{table}

Of the readers it says: {others}.

## Limits

* Acted emotions are far stronger than those of a person who talks to a kiosk: expect it to be right much less often
  there than above. No figure on spontaneous speech is known.
* One language, one culture, 8 voices, no children, nobody old. In other languages pitch and rhythm mean other things.
* Happiness is often taken for anger, boredom for neutral and the other way round. Of the few utterances of disgust it
  knows {student[emotions][disgusted]:.0%}.
* In noise it gets worse, as the table says; music, laughter and several people at once it has not learnt.
* Less than 0.5 s of speech gives no answer; about 2 s are best.
"""
