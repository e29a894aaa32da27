"""The export of the model of the end of turns."""

from pathlib import Path
from typing import Any

import numpy as np
import torch

from exporters.export import Export
from exporters.source import load_student, read_result
from runtime.core.hashed_words import WordHasher, padded
from runtime.perception.prosody import FEATURES, FRAMES
from training.endpoint.nets import build

TEXTS = (
    "where is the", "where is the lift", "i would like to", "i would like to book a table", "what time", "yes",
    "thank you very much", "how much is a ticket for", "how much is a ticket for a child", "can you", "find me a",
    "is there a restaurant near the station that", "no that is all", "on the eleventh of", "at half past",
    "do you have",
    "what is their phone number", "i want to know and", "tell me about the planetarium", "how do i get", "sounds good",
    "could you look for a cheap hotel in",
)  # fmt: skip


def spec(source: Path) -> Export:
    """Return what is exported from a training's out folder."""
    net, config = load_student(source, build)
    hasher = WordHasher(config["words"], config["pieces"], config["pieces_per_word"], config["max_words"])
    chance = np.random.default_rng(0)
    rows = [hasher.ids(text, last=True) for text in TEXTS]
    voices = [_voice(chance) for _ in TEXTS]
    silences = chance.uniform(0.1, 1.5, (len(TEXTS), 1, 1)).astype(np.float32)
    return Export(
        name="endpoint",
        net=net,
        inputs={
            "words": torch.from_numpy(padded(rows[:2])),
            "voice": torch.from_numpy(np.stack(voices[:2])),
            "pause": torch.from_numpy(silences[:2, 0]),
        },
        outputs=("chance", "chance_by_text"),
        dynamic={"words": {0: "turns", 1: "words"}, "voice": {0: "turns"}, "pause": {0: "turns"}},
        metadata={
            "hash_words": str(hasher.words),
            "hash_pieces": str(hasher.pieces),
            "pieces_per_word": str(hasher.pieces_per_word),
            "max_words": str(hasher.max_words),
            "threshold": repr(float(config["threshold"])),
        },
        real=[
            {"words": ids[None], "voice": voice[None], "pause": silence}
            for ids, voice, silence in zip(rows, voices, silences, strict=True)
        ],
        warm_up={"words": (1, 8, 1 + hasher.pieces_per_word)},
        gflop=0.01,
        card=card(read_result(source).get("figures", {})),
    )


def _voice(chance: np.random.Generator) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Return prosody of the shape and range of a voice's, drawn with a seed."""
    out = np.zeros((FRAMES, FEATURES), np.float32)
    out[:, 1] = chance.random(FRAMES) < 0.6
    out[:, 0] = out[:, 1] * np.clip(np.cumsum(chance.normal(0, 0.03, FRAMES)), -1, 1)
    out[:, 2] = np.clip(chance.normal(-0.7, 0.5, FRAMES), -4, 0.5)
    return out


def card(figures: dict[str, Any]) -> str:
    """Return the model card's text with the figures of a training's result."""
    own, larger = figures.get("student", {}), figures.get("teacher", {})
    number = own.get
    auc, unseen, misheard = (number(f"auc_text{kind}", 0) for kind in ("", "_unseen_sentences", "_misheard"))
    silence, matched = number("silence_wait_s", 0), number("matched_silence_wait_s", 0)
    return f"""# endpoint

From the words understood so far, 1.5 s of pitch and energy up to the end of speech, and the silence since: the chance
that the turn is over (`chance`), and by the words alone that a sentence ends here (`chance_by_text`).

## For what, and not

For deciding how long to wait before answering a person who speaks English. Not for other languages, and not for
judging how somebody speaks.

## How it was made

Causal convolutions over hashed words, a small net over the voice. Words: users' and systems' turns of Schema-Guided
Dialogue, whole sentences of banking77 and chatterbot, and visitors' questions put together from parts, with words
misheard at random. Voice: users' turns and visitors' questions spoken by espeak-ng and flite with pauses put in.
Distilled from a larger net of the same kind.

## How good it is

On dialogues left out (blocks of 25 next to each other), telling whole sentences from cut ones by text alone: area
under the curve {auc:.3f} (teacher {larger.get("auc_text", 0):.3f}); {unseen:.3f} without the texts that some training
dialogue holds word for word; {misheard:.3f} with about 15 % of the words misheard at random.

On {figures.get("test_turns", 0):,} turns of these dialogues, spoken by voices not trained on, with settings chosen on
the validation part, the mean wait is {number("wait_s", 0):.2f} s with {number("cut_off", 0):.1%} of the turns cut off;
waiting for silence alone takes {silence:.2f} s with {number("silence_cut_off", 0):.1%}. With both set to at most 5 %
on the test turns themselves: {number("matched_wait_s", 0):.2f} s against {matched:.2f} s, which is
{number("matched_wait_share", 0):.0%}; with about 15 % of the words misheard
{number("matched_wait_share_misheard", 0):.0%}. The threshold in the file is the one chosen with words misheard. It has
{number("parameters", 0):,.0f} parameters.

## Limits

The voices are synthetic, and where and how long they pause is drawn (log-normal about 0.45 s, none to two pauses a
turn), not recorded: people who search for words, stutter or speak slowly pause otherwise, and will be cut off more
often. The dialogues are about bookings.
"""
