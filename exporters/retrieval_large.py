"""The larger sentence encoder's export."""

import json
from pathlib import Path

import torch

from exporters.export import Export
from exporters.retrieval import SENTENCES
from exporters.source import load_student, read_result
from runtime.core.word_pieces import WordPieces, padded
from training.retrieval_large.nets import build


def spec(source: Path) -> Export:
    """Return what is exported from a training's out folder."""
    net, config = load_student(source, build)
    vocabulary = json.loads(config["vocabulary"])
    splitting = WordPieces(vocabulary, config["max_pieces"])
    rows = [splitting.ids(sentence) for sentence in SENTENCES]
    return Export(
        name="retrieval_large",
        net=net,
        inputs={"pieces": torch.from_numpy(padded(rows[:2]))},
        outputs=("vector",),
        dynamic={"pieces": {0: "sentences", 1: "pieces"}},
        metadata={
            "vocabulary": " ".join(vocabulary),
            "max_pieces": str(config["max_pieces"]),
            "size": str(config["width"]),
        },
        real=[{"pieces": ids[None]} for ids in rows],
        warm_up={"pieces": (1, 12)},
        gflop=0.5,  # of a sentence of 30 pieces; what a persona knows is read in batches of many
        weights="int8",
        score="student_accuracy",
        card=card(read_result(source).get("figures", {}), len(vocabulary)),
    )


def card(figures: dict[str, float], pieces: int) -> str:
    """Return the model card's text with the figures of a training's result."""
    teacher, student = figures.get("teacher_accuracy", 0.0), figures.get("student_accuracy", 0.0)
    return f"""# retrieval_large

Turns a sentence into a vector of 384 numbers and length 1, as `retrieval` does, closer to what a sentence means and
with more work. The runtime takes it where `retrieval_model` doesn't say otherwise.

## For what, and not

For short English questions and remarks, typed or recognised. Not for other languages, for documents (48 word pieces
are read), for telling a statement from its denial, or to judge what a person thinks or means.

## How it was made

Distilled from all-MiniLM-L6-v2 (Apache-2.0): it begins as five of its six layers, all but the fifth, with
{pieces:,} of its 30,522 word pieces, and learns to give the vectors of the whole on
{figures.get("sentences", 0):,.0f} texts, those of `retrieval`. Words are dropped and mistyped while it learns.

## How good it is

On every fifth question of each banking77 intent, which neither training nor the choice of weights has seen, the
nearest question of the others has the same intent in {student:.1%} ({teacher:.1%} with the teacher, so
{figures.get("share_of_teacher", 0):.1%} of it). The mean cosine to the teacher's vectors is
{figures.get("cosine_to_teacher", 0):.3f}; it was {figures.get("cosine_before", 0):.3f} before it learned. It has
{figures.get("parameters", 0):,.0f} parameters. What it does for whole conversations is measured by
`python -m benchmarks persona`.

## Limits

Other questions of banking77 were learned from, so that figure is for a subject that is known, not for any. Rare words
are read in pieces that say less. What the teacher's texts say of people, with all prejudice in it, is in the vectors.
"""
