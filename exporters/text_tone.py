"""The export of the tone of words."""

import json
from pathlib import Path
from typing import Any

import torch

from exporters.export import Export
from exporters.source import load_student, read_result
from runtime.core.hashed_words import WordHasher, padded
from training.text_tone.labels import CLASSES
from training.text_tone.nets import build

TEXTS = (
    "where is the nearest toilet", "i am so happy that i came", "this is the worst service i have ever had",
    "i am afraid that i lost my child", "that smells disgusting", "wow i did not expect that at all", "yes",
    "thank you very much that was lovely", "my grandmother died last week", "why is nobody helping me",
    "how much is a ticket for a child", "i hate waiting", "what time do you close", "that is great news",
    "i am not sure that i understand", "please stop", "you are so kind", "i am worried about my brother",
    "what a wonderful place", "it is too loud in here", "is there a lift to the roof", "sorry that was my fault",
)  # fmt: skip


def spec(source: Path) -> Export:
    """Return what is exported from a training's out folder."""
    net, config = load_student(source, build)
    hasher = WordHasher(config["words"], config["pieces"], config["pieces_per_word"], config["max_words"])
    rows = [hasher.ids(text, last=True) for text in TEXTS]
    return Export(
        name="text_tone",
        net=net,
        inputs={"words": torch.from_numpy(padded(rows[:2]))},
        outputs=("emotion", "feeling"),
        dynamic={"words": {0: "texts", 1: "words"}},
        metadata={
            "labels": json.dumps(CLASSES),
            "feeling": json.dumps(["valence", "arousal"]),
            "hash_words": str(hasher.words),
            "hash_pieces": str(hasher.pieces),
            "pieces_per_word": str(hasher.pieces_per_word),
            "max_words": str(hasher.max_words),
        },
        real=[{"words": ids[None]} for ids in rows],
        warm_up={"words": (1, 8, 1 + hasher.pieces_per_word)},
        gflop=0.002,
        score="student.macro_f1",
        card=card(read_result(source).get("figures", {})),
    )


def card(figures: dict[str, Any]) -> str:
    """Return the model card's text with the figures of a training's result."""
    student = {"macro_f1": 0.0, "accuracy": 0.0, "calibration_error": 0.0} | figures.get("student", {})
    neutral = figures.get("always_neutral", {})
    classes = figures.get("student_by_class", {})
    listed = ", ".join(f"{name} {score:.2f}" for name, score in classes.items())
    return f"""# text_tone

Reads the emotion in what somebody says: the chances of {", ".join(CLASSES)}, and valence and arousal from -1 to 1. The
runtime takes it as one source of a mood, beside face and voice.

## For what, and not

For short English remarks, typed or recognised. Not for other languages, not to judge a person, and not alone: it reads
words, not feelings. It doesn't know irony. Plain questions are to come out
neutral.

## How it was made

From {figures.get("texts", 0):,.0f} texts: comments of GoEmotions, whose 28 labels are learnt, and plain questions of
Schema-Guided Dialogue and MedQuAD, which are neutral; besides, from made denials such as "I am not glad". Words and
their pieces of 3 to 5 letters are hashed into one table, a convolution looks at each with its neighbours. The labels'
classes are the set's own mapping to Ekman's emotions, so curiosity and confusion count as surprised. Their valence and
arousal are ratings of the nearest term (Russell and Mehrabian, 1977), weighed by the chances. A temperature set on the
validation part makes the chances true.

## How good it is

On GoEmotions' own dev part ({figures.get("test_texts", 0):,.0f} comments, which neither training nor the choice of
weights has seen), where all labels of a comment are of one class: macro F1 {student["macro_f1"]:.3f}, accuracy
{student["accuracy"]:.3f} ("neutral" always: {neutral.get("macro_f1", 0.0):.3f} and {neutral.get("accuracy", 0.0):.3f}),
calibration error {student["calibration_error"]:.3f}. F1 by class: {listed}. On all of them, valence agrees with that of
the labels by a concordance of {student.get("valence_concordance", 0.0):.2f}, arousal by
{student.get("arousal_concordance", 0.0):.2f}. Of questions to a bank, a kind it never learnt from,
{figures.get("bank_questions_neutral", 0.0):.1%} come out neutral. Of made denials of
pleasant words ("I am not happy"), none of which it learnt from, {figures.get("denials_read_as_happy", 0.0):.1%} are
still read as happy. It has {figures.get("parameters", 0):,.0f} parameters.

## Limits

Comments on Reddit are not talk with a character: they are younger, ruder and more American. Their raters often
disagreed, and the figures can't be better than they.
"""
