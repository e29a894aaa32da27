"""The sentence encoder's export."""

from pathlib import Path

import numpy as np
import torch

from exporters.export import Export
from exporters.source import load_student, read_result
from runtime.core.hashed_words import WordHasher, padded
from training.retrieval.nets import build

SENTENCES = (
    "where is the nearest toilet", "how much is a ticket for a child", "when do you close today", "thank you very much",
    "i lost my bag this morning", "can i pay with a card", "is there a lift to the roof", "what is on the second floor",
    "my card has not arrived yet", "how do i top up my account", "what time does the tour start", "are dogs allowed",
    "i would like to book a table for two people tonight", "do you have anything to eat", "who painted this picture",
    "what are the symptoms of the flu", "tell me something about yourself", "yes",
    "i do not know what you mean by that",
    "could you say that again please", "is it far from the station", "why is the garden closed",
)  # fmt: skip


def spec(source: Path) -> Export:
    """Return what is exported from a training's out folder."""
    net, config = load_student(source, build)
    hasher = WordHasher(config["words"], config["pieces"], config["pieces_per_word"], config["max_words"])
    rows = [hasher.ids(sentence) for sentence in SENTENCES]
    example = torch.from_numpy(padded(rows[:2]))
    return Export(
        name="retrieval",
        net=net,
        inputs={"words": example},
        outputs=("vector",),
        dynamic={"words": {0: "sentences", 1: "words"}},
        metadata={
            "hash_words": str(hasher.words),
            "hash_pieces": str(hasher.pieces),
            "pieces_per_word": str(hasher.pieces_per_word),
            "max_words": str(hasher.max_words),
            "size": str(config["size"]),
        },
        real=[{"words": ids[None].astype(np.int64)} for ids in rows],
        warm_up={"words": (1, 8, 1 + hasher.pieces_per_word)},
        gflop=0.005,
        score="student_accuracy",
        card=card(read_result(source).get("figures", {})),
    )


def card(figures: dict[str, float]) -> str:
    """Return the model card's text with the figures of a training's result."""
    teacher, student = figures.get("teacher_accuracy", 0.0), figures.get("student_accuracy", 0.0)
    return f"""# retrieval

Turns a sentence into a vector of 384 numbers and length 1; sentences that mean alike lie near each other. The runtime
finds with it which of the persona's questions a visitor asks.

## For what, and not

For short English questions and remarks, typed or recognised. Not for other languages, for documents (40 words are
read), for telling a statement from its denial, or to judge what a person thinks or means.

## How it was made

Distilled from all-MiniLM-L6-v2 on {figures.get("sentences", 0):,.0f} texts: sentences of banking77 (its training part
alone), GoEmotions, chatterbot, Schema-Guided Dialogue and MedQuAD, visitors' questions and remarks put together from
parts, and single words, alone and in frames of questions. The student meets words dropped and mistyped. Words and
their pieces of 3 to 5 letters are hashed into one table, so there is no vocabulary.

## How good it is

On every fifth question of each banking77 intent, which neither training nor the choice of weights has seen, the
nearest question of the others has the same intent in {student:.1%} ({teacher:.1%} with the teacher, so
{figures.get("share_of_teacher", 0):.1%} of it; {figures.get("words_alone_accuracy", 0):.1%} with tf-idf of the words).
The mean cosine to the teacher's vectors is {figures.get("cosine_to_teacher", 0):.3f}. It has
{figures.get("parameters", 0):,.0f} parameters.

## Limits

Other questions of banking77 were learned from, so that figure is for a subject that is known, not for any. What the
sets say of people, with all prejudice in it, is in the vectors.
"""
