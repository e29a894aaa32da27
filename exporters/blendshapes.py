"""Exports the blendshape model: 146 normalised face mesh landmarks in, 52 ARKit weights out."""

import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray

from exporters.export import Export
from exporters.source import filled_card, load_student
from runtime.core.blendshapes import BLENDSHAPES
from runtime.perception.face_features import USED
from training.blendshapes.nets import Student, build

CASES: Final = 32
SEED: Final = 3
GFLOP: Final = 0.001
NORMALISATION: Final = (
    "Landmarks of MediaPipe's face mesh with iris, by the numbers in `landmarks`: x right, y down, z away from the "
    "viewer, in one unit, less their mean, over the mean distance of (x, y) from it."
)


def spec(source: Path) -> Export:
    """Return the export of the model trained into `source`.

    Raises:
        UserError: it isn't trained there, or its result.json lacks the scores.
    """
    net, _ = load_student(source, build)
    assert isinstance(net, Student)
    real = faces(net)
    return Export(
        name="blendshapes",
        net=net,
        inputs={"landmarks": torch.from_numpy(real[:2].copy())},
        outputs=("weights",),
        dynamic={"landmarks": {0: "faces"}},
        metadata={
            "labels": json.dumps(BLENDSHAPES),
            "landmarks": json.dumps(USED),
            "range": json.dumps([0, 1]),
            "normalisation": NORMALISATION,
        },
        real=[{"landmarks": face[None]} for face in real],
        warm_up={"landmarks": (1, len(USED), 3)},
        gflop=GFLOP,
        card=filled_card(card, source),
        score="student.r",
    )


def faces(net: Student) -> NDArray[np.float32]:
    """Return faces (32, 146, 3), always the same: the mean face of the training, changed by as much as faces differ."""
    rng = np.random.default_rng(SEED)
    mean, spread = net.get_buffer("mean").numpy(), net.get_buffer("spread").numpy()
    drawn = mean + spread * rng.normal(0, 0.5, (CASES, len(mean)))
    return drawn.reshape(CASES, len(USED), 3).astype(np.float32)


def card(figures: dict[str, Any]) -> str:
    """Return the model's card with the figures of its training. Raises KeyError where one is missing."""
    student, teacher, uncorrected = (figures[name] for name in ("student", "teacher", "uncorrected"))
    clips = "\n".join(
        f"| {name} | {uncorrected['clips'][name]:.3f} | {teacher['clips'][name]:.3f} | {r:.3f} |"
        for name, r in student["clips"].items()
    )
    shapes = sorted(student["shapes"].items(), key=lambda pair: pair[1])
    worst = ", ".join(f"{name} {r:.2f}" for name, r in shapes[:8])
    best = ", ".join(f"{name} {r:.2f}" for name, r in shapes[-8:])
    rows = (
        ("teacher on face mesh, as it is", figures["teacher_parameters"], uncorrected),
        ("teacher on face mesh, corrected", figures["teacher_parameters"], teacher),
        ("student", figures["student_parameters"], student),
    )
    table = "\n".join(
        f"| {name} | {size:,} | {scores['r']:.3f} | {scores['r_pooled']:.3f} | {scores['error']:.3f} |"
        for name, size, scores in rows
    )
    return TEXT.format(figures=figures, student=student, table=table, clips=clips, worst=worst, best=best)


TEXT: Final = """# blendshapes

What a face does now, as the 52 weights of ARKit's blendshapes, from the landmarks of MediaPipe's face mesh.

## What it is for

Reading blinks, brows, the mouth and its expressions off a face that a camera sees, one frame at a time, without a
head's place, size and moderate turn getting in the way much.

## What it is not for

Telling people apart, medical or legal use, or judging what somebody feels: a weight says what a face does. It isn't
precise enough to animate a double of the person.

## Data

* Eight face videos of LivePortrait's examples (MIT; the rights of the people shown are not stated) and nine pictures,
  most of them paintings. Only numbers drawn from them are in the model.
* Teacher: the blendshape net of MediaPipe's face landmarker (Apache-2.0). It expects landmarks of another net than the
  face mesh of mediapipe 0.10.21, so it gets them through a linear correction fitted on the clips that are learnt from.
* Most faces that it learns from are made of these: heads turned, identities mixed and reshaped, expressions added,
  mirrored with left and right swapped, and labelled by that teacher.

## Figures

Against what the unchanged face landmarker says of the same pictures, on clips that the student scored never saw
({figures[split]}).
The student that ships was trained by the same recipe on all clips, so no clip is left that could score it itself. The
number of components of the teacher's correction, and how many faces are made, were settled on these same folds, so
expect a little less on other people.

Mean r is over the pairs of a clip and a shape that moves in it (standard deviation above 0.05),
{student[pairs]} of them, each over that clip's frames alone; pooled r is over the shapes, each over the frames of
all clips.

| | parameters | mean r | pooled r | mean error |
|---|---|---|---|---|
{table}

Mean r by clip left out:

| clip | teacher as it is | teacher corrected | student |
|---|---|---|---|
{clips}

Followed worst: {worst}. Followed best: {best}.

## Limits

* Eight people at most were seen, and which groups they belong to is not known; figures by group can't be given.
* `cheekPuff`, `cheekSquint`, `noseSneer` and `tongueOut` stay near 0: the face landmarker hardly ever gives them.
* The landmarker itself is not exact: its weights for a picture and for its mirror image differ notably.
* Landmarks of another tracker, also of a later MediaPipe, are read with a bias.
"""
