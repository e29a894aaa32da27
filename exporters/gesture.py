"""Exports the gesture model: a window of one hand's landmarks in, the chance of each gesture out."""

import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray

from exporters.export import Export
from exporters.source import load_student, read_result
from runtime.core.errors import UserError
from runtime.perception.hand_features import FEATURES, LABELS, RAISED_FINGERS, STEP_S, STEPS
from training.gesture.data import PALM_PX, RATE_HZ, generated
from training.gesture.nets import Chances, build
from training.gesture.scores import THRESHOLD
from training.gesture.shapes import modelled

CASES: Final = 32
SEED: Final = 5
GFLOP: Final = 0.0003
SCORES: Final = {
    "hands_held": (("hands", "held", "all"), "still hands of the recordings, last fifth of each class, held 1 s"),
    "hands_once": (("hands", "once", "all"), "the same, seen in one frame only"),
    "paths": (("paths", "all"), "fingertip paths of the recordings, last fifth of each class"),
    "fingers": (("pictures", "consistent"), "pictures: raised fingers as labelled, where the gesture implies a number"),
    "fingers_coverage": (("pictures", "coverage"), "pictures: hands named as a gesture that implies a number"),
    "fingers_strict": (
        ("pictures", "strict"),
        "pictures: raised fingers as labelled, or none where no gesture holds up that many",
    ),
    "face_frames": (("faces", "frames"), "none, over all frames of face clips as tracked"),
    "face_pictures": (("faces", "lax_pictures"), "none, over pictures of faces at a detector confidence of 0.1"),
    "face_finds": (("faces", "lax_finds"), "none, over the places in these that the detector took for a hand"),
    "idle": (("idle",), "none, idle hands of the model (half-bent fingers, at rest or moved)"),
    "model": (("model", "all"), "modelled hands and movements made anew, all labels"),
}
"""By the name of the figure: where in the scores it is, and what it is the share of."""
NORMALISATION: Final = (
    "A row is one of 16 steps, 1/15 s apart, the newest last: 1 where the hand was seen; the palm's shift since then "
    "in palms (x, y); 21 landmarks about the palm's middle in palms of that step (x, y, y downwards). The picture is "
    "seen as in a mirror. A palm is the widest distance between landmarks 0, 5, 9, 13 and 17."
)


def spec(source: Path) -> Export:
    """Return the export of the model trained into `source`.

    Raises:
        UserError: it isn't trained there, or its result.json lacks scores.
    """
    net, _ = load_student(source, build)
    real, (teacher, student, parameters) = windows(), read_scores(source)
    return Export(
        name="gesture",
        net=Chances(net).eval(),
        inputs={"window": torch.from_numpy(real[:2].copy())},
        outputs=("probabilities",),
        dynamic={"window": {0: "hands"}},
        metadata={
            "labels": json.dumps(LABELS),
            "threshold": str(THRESHOLD),
            "steps": str(STEPS),
            "step_s": str(STEP_S),
            "raised_fingers": json.dumps(RAISED_FINGERS),
            "normalisation": NORMALISATION,
        },
        real=[{"window": window[None]} for window in real],
        warm_up={"window": (1, STEPS, FEATURES)},
        gflop=GFLOP,
        card=card(teacher, student, parameters),
        figures={
            **{f"student.{name}": _at(student, path) for name, (path, _) in SCORES.items()},
            **{f"teacher.{name}": _at(teacher, path) for name, (path, _) in SCORES.items()},
            **parameters,
        },
        score="student.hands_held",
    )


def windows() -> NDArray[np.float32]:
    """Return windows of modelled hands in motion, (32, 16, 45), always the same."""
    rng = np.random.default_rng(SEED)
    shapes = modelled(400, rng)
    return generated(CASES, shapes, None, shapes, rng).values


def read_scores(source: Path) -> tuple[dict[str, Any], dict[str, Any], dict[str, float]]:
    """Return the scores of teacher and student, and how many parameters each has.

    Raises:
        UserError: they aren't all there.
    """
    figures = read_result(source).get("figures", {})
    try:
        teacher, student = figures["teacher"], figures["student"]
        for scores in (teacher, student):
            _ = [_at(scores, path) for path, _ in SCORES.values()]
        return teacher, student, {name: float(figures[name]) for name in ("teacher_parameters", "student_parameters")}
    except (KeyError, TypeError) as error:
        raise UserError(f"{source / 'result.json'} lacks scores: {error!r}.", "Train in full profile first.") from None


def card(teacher: dict[str, Any], student: dict[str, Any], parameters: dict[str, float]) -> str:
    """Return the model's card with the figures of its training."""
    scores = "\n".join(
        f"| {what} | {_at(teacher, path):.1%} | {_at(student, path):.1%} |" for path, what in SCORES.values()
    )
    sizes = [f"{parameters[name]:,.0f}" for name in ("teacher_parameters", "student_parameters")]
    classes = ", ".join(f"{name} {student['model'][name]:.0%}" for name in LABELS if name in student["model"])
    by_recording = ", ".join(f"{name}: {share:.1%}" for name, share in student["pictures"]["recordings"].items())
    return f"""# gesture

What a hand says and does, from its 21 landmarks over up to one second: {", ".join(LABELS[1:])}, or none.

## What it is for

Gestures as a means to talk to a character: a raised palm, a thumb, a swipe. It takes the landmarks of any hand tracker
that numbers them as mediapipe does. Left, right, clockwise and counter-clockwise are the person's own, as in a mirror.

## What it is not for

Sign language, counting (three and four raised fingers are none), identifying people, anything where a wrong answer does
harm. It isn't a hand detector: it says what a hand does, and mostly, but not always, notices that something is no hand.

## Data

* Still hands and fingertip paths of hand-gesture-recognition-using-mediapipe (Kazuhito00, Apache-2.0): few people.
  The last fifth of each class, in the order of the file, is for the figures below alone; of the first four fifths, cut
  into twenty runs of rows, four runs picked the weights and sixteen were learnt from. The hand model was widened after
  a look at hands of the last fifth that an earlier net got wrong, so its figures aren't wholly those of unseen hands.
* Hands in webcam pictures (HandsDataset, SubhiH, Apache-2.0), landmarks by mediapipe 0.10.21: one man. Recording "2"
  was learnt from, "16" picked the weights, the figures below are of the three others.
* What that detector takes for hands in face clips; the clips of the figures are not among those learnt from.
* A kinematic model of the hand (joint angles, bone lengths, view, perspective, jitter, movement), for everything else.
  **Thumbs, OK, pinch, waves and swipes have been learnt from this model alone**, and are scored on it alone.

## Figures

| held out | teacher ({sizes[0]} parameters) | student ({sizes[1]}) |
|---|---|---|
{scores}

The student on modelled hands and movements by label: {classes}.

Pictures by recording, consistent: {by_recording}.

A recorded fingertip was moved by a recorded pointing hand whose palm is {PALM_PX[0]:g} to {PALM_PX[1]:g} pixels wide,
at {RATE_HZ[0]:g} to {RATE_HZ[1]:g} frames a second, both drawn at random, as the recording tells neither. A "move" of
the recording counts as right where it is called point or none, or the swipe to the side it went to. Gestures imply
these numbers of raised fingers: {_implied()};
a pinch, a movement and none imply no number. Modelled windows that may be called two things aren't counted.

## Limits

* A hand with half-bent fingers lies between open palm, fist and none; the recordings call some of them fist or open.
* The last fifth of the recordings shows hands in views that the rest hardly has, such as pointing downwards; there the
  figures are lower than a random split of the same rows would give, and a pointing hand is often called a fist or none.
* A hand is judged by where its landmarks are in the picture, not by depth: a finger that points at the camera
  is hidden.
* The way back of a swipe is a swipe to the other side; whoever acts on swipes should pause after one.
* The people of the recordings are few, and their skin, age and hands not varied; figures by group are not known.
"""


def _implied() -> str:
    return ", ".join(f"{name} {count}" for name, count in RAISED_FINGERS.items())


def _at(scores: Any, path: tuple[str, ...]) -> float:
    for key in path:
        scores = scores[key]
    return float(scores)
