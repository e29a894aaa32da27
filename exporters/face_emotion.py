"""Exports the emotion of faces: half a second of blendshapes in, chances of 7 expressions, valence and arousal out."""

import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

from exporters.export import Export
from exporters.source import filled_card, load_student
from runtime.core.blendshapes import BLENDSHAPES
from runtime.perception.face_features import WINDOW_S, WINDOW_STEPS
from training.face_emotion.face_api import LABELS
from training.face_emotion.nets import build
from training.face_emotion.prototypes import draw

CASES: Final = 32
SEED: Final = 4
GFLOP: Final = 0.00001


def spec(source: Path) -> Export:
    """Return the export of the model trained into `source`.

    Raises:
        UserError: it isn't trained there, or its result.json lacks the scores.
    """
    net, _ = load_student(source, build)
    real, _, _ = draw(CASES, np.random.default_rng(SEED))
    return Export(
        name="face_emotion",
        net=net,
        inputs={"window": torch.from_numpy(real[:2].copy())},
        outputs=("emotion", "valence_arousal"),
        dynamic={"window": {0: "faces"}},
        metadata={
            "labels": json.dumps(LABELS),
            "shapes": json.dumps(BLENDSHAPES),
            "window_s": str(WINDOW_S),
            "steps": str(WINDOW_STEPS),
            "valence_arousal": json.dumps([-1, 1]),
            "normalisation": "ARKit weights beyond the person's neutral face, or as they are where it is not known.",
        },
        real=[{"window": window[None]} for window in real],
        warm_up={"window": (1, WINDOW_STEPS, len(BLENDSHAPES))},
        gflop=GFLOP,
        card=filled_card(card, source),
        score="student.agreement",
    )


def card(figures: dict[str, Any]) -> str:
    """Return the model's card with the figures of its training. Raises KeyError where one is missing."""
    student, raw, made = (figures[name] for name in ("student", "student_raw", "made"))
    rows = [
        ("agreement with the teacher", "agreement", ".1%"),
        ("faces that the teacher calls neutral, called neutral", "neutral", ".1%"),
        ("expected calibration error", "calibration_error", ".3f"),
        ("macro F1", "macro_f1", ".2f"),
        ("concordance of valence", "valence_concordance", ".2f"),
        ("concordance of arousal", "arousal_concordance", ".2f"),
    ]
    scores = "\n".join(f"| {what} | {student[key]:{form}} | {raw[key]:{form}} |" for what, key, form in rows)
    clips = ", ".join(f"{name} {share:.0%}" for name, share in student["clips"].items())
    table = student["confusion"]
    counts = ", ".join(f"{name} {sum(table[place])}" for place, name in enumerate(LABELS))
    labels = ", ".join(f"{name} {share:.0%}" for name, share in made["by_label"].items())
    return TEXT.format(
        figures=figures,
        student=student,
        made=made,
        names=", ".join(LABELS),
        scores=scores,
        clips=clips,
        counts=counts,
        labels=labels,
    )


TEXT: Final = """# face_emotion

Which of seven expressions a face shows ({names}), how pleasant (valence) and how lively (arousal) it looks,
from half a second of its blendshapes.

## What it is for

A character that notices a smile, a surprised or a troubled face and answers in kind. Its input is how far the face is
from the person's own neutral one, so that a resting face that looks stern is not taken for anger.

## What it is not for

What somebody feels: a face says what it shows, and people differ in what they show. Not for judging people in work,
school, medicine, policing or at borders, where reading emotion is unreliable, and in places forbidden.

## Data

* Eight face videos (LivePortrait's examples, MIT; the rights of the people shown are not stated). Teacher: the
  expression net of face-api (vladmandic, MIT) on the pictures, its mean over three sizes of the face and over the half
  second; blendshapes by MediaPipe's face landmarker. Only numbers are in the model.
* Made expressions after EMFACS (Friesen and Ekman), for what the clips lack.
* Valence and arousal are not observed: they are what the classes stand for in the circumplex (Russell, 1980).

## Figures

On clips left out ({figures[split]};
{student[frames]:,} frames). Each is scored by a student that never saw it, with a temperature fitted on the others.
The neutral face is the 20th percentile of each shape over the clip. The sizes of the recipe were settled on these same
clips, so expect a little less on others. The student that ships learnt from all.

| | beyond the neutral face | blendshapes as they are |
|---|---|---|
{scores}

Agreement by clip: {clips}.

The teacher's classes in these frames: {counts}; so **angry, fearful and disgusted have hardly been tested on real
faces**, and on these few it mostly failed; sad is mostly taken for neutral.

On made expressions drawn anew, {made[accuracy]:.1%} are named right ({labels}).

It has {figures[student_parameters]:,} parameters.

## Limits

* The teacher is a small net that is often unsure itself; agreement with it is not truth.
* The figures are for the face landmarker's own blendshapes. With those of the model `blendshapes` in their place,
  agreement with the teacher is some points lower.
* Speech moves the mouth as surprise and disgust do; while somebody speaks, believe it less.
* Few people were seen; how good it is by age, skin or sex is not known.
"""
