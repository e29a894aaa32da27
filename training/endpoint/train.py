"""Training teacher and student of the end of turns, and what they save in waiting."""

import time
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor, nn

from training.endpoint.data import (
    HASHER,
    Batch,
    Examples,
    collate,
    over_scores,
    pauses_of,
    text_scores,
)
from training.endpoint.figures import THRESHOLDS, auc, policy_figures, text_figures, wait_figures
from training.endpoint.heard import hear
from training.endpoint.nets import EndpointNet, build
from training.endpoint.speech import TEST_VOICES, TRAIN_VOICES, SpokenTurn, speak
from training.endpoint.texts import (
    MAX_WORDS,
    Cut,
    Turn,
    cuts,
    dialogues,
    other_sentences,
    spoken_words,
    visitors_turns,
)
from training.endpoint.waits import best, outcome, threshold_rule
from training.losses import distillation
from training.run import Fit, Run

SIZES: Final = {"rows": HASHER.rows, "width": 40, "hidden": 64, "layers": 3, "voice": 16, "dropout": 0.1}
TEACHER: Final = {"rows": HASHER.rows, "width": 64, "hidden": 128, "layers": 3, "voice": 32, "dropout": 0.3}
STUDENT: Final = SIZES | {
    "words": HASHER.words,
    "pieces": HASHER.pieces,
    "pieces_per_word": HASHER.pieces_per_word,
    "max_words": HASHER.max_words,
}
SPOKEN: Final = {"train": 3_000, "validation": 600, "test": 1_200}
OTHERS: Final = 4_000
"""Texts at most of each source but the users of the dialogues."""
VISITORS: Final = (5_000, 60)
"""Visitors' questions, and in a smoke run."""
SPOKEN_VISITORS: Final = 5
"""One in so many is spoken too."""
HEARD: Final = {"train": (450, 250), "validation": (80, 80), "test": (100, 100)}
"""Visitors' questions and users' turns that are also heard by the embedded recogniser."""
HEARD_OFTEN: Final = 3
SMOKE_SPOKEN: Final = 24


def train(run: Run) -> None:
    """Train both nets and score them on dialogues and voices left out."""
    torch.manual_seed(run.seed)
    parts = dialogues(run.folder("text/sgd_dialogues_dev.jsonl.gz"), run.smoke)
    asked = visitors_turns(VISITORS[run.smoke], run.seed)
    others = (list(dict.fromkeys(parts["system"])), other_sentences(run))
    texts = [*parts["train"], *asked, *(turn for some in others for turn in _some(some, run))]
    begun = time.monotonic()
    spoken = {part: _spoken(run, parts[part], part) for part in SPOKEN}
    spoken["train"] += speak(asked[: len(asked) // SPOKEN_VISITORS], TRAIN_VOICES, run.seed)
    speaking_s = time.monotonic() - begun
    heard = {part: _heard(run, parts[part], {turn.text for turn in asked}, part) for part in HEARD}
    hearing_s = time.monotonic() - begun - speaking_s
    examples = Examples(texts, [*spoken["train"], *heard["train"] * HEARD_OFTEN])
    held = cuts(parts["validation"], run.seed)
    evaluate = _evaluator(held, spoken["validation"], heard["validation"])
    teacher = run.fit(_fit(run, "teacher", build(TEACHER), _plain_loss, examples, evaluate))
    student = run.fit(_fit(run, "student", build(STUDENT), _distilled(teacher), examples, evaluate))
    seen = {cut.words for cut in cuts([*parts["train"], *parts["system"]], run.seed) if cut.whole}
    tested = cuts(parts["test"], run.seed + 1)
    figures: dict[str, Any] = {}
    with torch.no_grad():
        for name, net in (("teacher", teacher), ("student", student)):
            figures[name] = {**text_figures(net, tested, seen), **wait_figures(net, spoken)}
            figures[name] |= policy_figures(net, {"said": spoken, "heard": heard})
            figures[name]["parameters"] = sum(p.numel() for p in net.parameters())
    run.note(
        split="blocks of 25 dialogues; of ten, two are test, one validation; test voices are in no other part",
        test_texts=len(tested), test_turns=len(spoken["test"]), heard_turns=len(heard["test"]),
        speaking_seconds=speaking_s, hearing_seconds=hearing_s, **figures,
    )  # fmt: skip
    run.save_student(student, STUDENT | {key: figures["student"][f"policy_{key}"] for key in ("threshold", "doubt")})


def _some(turns: list[Turn], run: Run) -> list[Turn]:
    order = np.random.default_rng(run.seed).permutation(len(turns))
    return [turns[index] for index in order[:OTHERS]]


def _spoken(run: Run, turns: Sequence[Turn], part: str) -> list[SpokenTurn]:
    number = list(SPOKEN).index(part)
    order = np.random.default_rng(run.seed + number).permutation(len(turns))
    some = [turns[index] for index in order[: SMOKE_SPOKEN if run.smoke else SPOKEN[part]]]
    return speak(some, TEST_VOICES if part == "test" else TRAIN_VOICES, run.seed + number)


def _heard(run: Run, turns: Sequence[Turn], known: set[str], part: str) -> list[SpokenTurn]:
    """Return turns as heard: visitors' questions, in training some of those `known` from its texts, and dialogues."""
    number = list(HEARD).index(part)
    count, others = (SMOKE_SPOKEN // 2,) * 2 if run.smoke else HEARD[part]
    asked = visitors_turns(4 * count, run.seed + 1 + number)
    asked = asked if part == "train" else [turn for turn in asked if turn.text not in known]
    short = [turn for turn in turns if len(spoken_words(turn.text)) <= MAX_WORDS]
    order = np.random.default_rng(run.seed + number).permutation(len(short))[:others]
    voices = TEST_VOICES if part == "test" else TRAIN_VOICES
    some = [*asked[:count], *(short[index] for index in order)]
    return hear(some, voices, run.seed + number, processes=torch.get_num_threads())


def _fit(
    run: Run, name: str, net: nn.Module, loss: Callable[[nn.Module, Any], Tensor], examples: Examples,
    evaluate: Callable[[nn.Module], dict[str, float]],
) -> Fit:  # fmt: skip
    return Fit(
        name=name, net=net, loss=loss, train=examples, evaluate=evaluate, best="score",
        epochs=1 if run.smoke else 3 if name == "teacher" else 4, batch_size=32 if run.smoke else 128,
        rate=3e-3, ema=0.9 if run.smoke else 0.995, patience=3, collate=collate,
    )  # fmt: skip


def _evaluator(
    held: Sequence[Cut], spoken: Sequence[SpokenTurn], heard: Sequence[SpokenTurn]
) -> Callable[[nn.Module], dict[str, float]]:
    parts = {"": pauses_of(spoken), "_heard": pauses_of(heard)}

    def evaluate(net: nn.Module) -> dict[str, float]:
        text = auc(text_scores(net, held), [cut.whole for cut in held])
        found = {"auc_text": text, "score": text}
        for name, (pauses, turns) in parts.items():
            rule = threshold_rule(over_scores(net, pauses))
            wait, cut = outcome(turns, rule(best(turns, rule, THRESHOLDS)))
            found |= {f"wait_s{name}": wait, f"cut_off{name}": cut}
            found["score"] -= 0.2 * wait
        return found

    return evaluate


def _plain_loss(net: nn.Module, batch: Batch) -> Tensor:
    words, ends, shares, voice, pause, over = batch
    assert isinstance(net, EndpointNet)
    known, text, every = net.facts(words, voice)
    return _told(every, ends, shares) + _judged(net.over(known, text, pause), over)


def _told(every: Tensor, ends: Tensor, shares: Tensor) -> Tensor:
    """Return the loss of the chances that a sentence ends after each word."""
    lost = nn.functional.binary_cross_entropy_with_logits(every, ends, reduction="none")
    return (lost * shares).sum() / shares.sum().clamp(min=1)


def _judged(joined: Tensor, over: Tensor) -> Tensor:
    """Return the loss of the chance that the turn is over, where that is known."""
    known = (over >= 0).to(joined.dtype)
    lost = nn.functional.binary_cross_entropy_with_logits(joined, over.clamp(min=0), reduction="none")
    return (lost * known).sum() / known.sum().clamp(min=1)


def _distilled(teacher: nn.Module) -> Callable[[nn.Module, Batch], Tensor]:
    assert isinstance(teacher, EndpointNet)

    def loss(net: nn.Module, batch: Batch) -> Tensor:
        words, ends, shares, voice, pause, over = batch
        assert isinstance(net, EndpointNet)
        known, text, every = net.facts(words, voice)
        joined = net.over(known, text, pause)
        with torch.no_grad():
            wise, wise_text, wise_every = teacher.facts(words, voice)
            wise_joined = teacher.over(wise, wise_text, pause)
        labels = torch.where(over >= 0, over, -1.0).to(torch.int64)
        plain = _told(every, ends, shares) + _judged(joined, over)
        softly = _told(every, wise_every.sigmoid(), shares)
        return 0.5 * plain + 0.5 * softly + distillation(_pair(joined), _pair(wise_joined), labels)

    return loss


def _pair(logits: Tensor) -> Tensor:
    """Return logits (b,) of yes as logits (b, 2) of no and yes."""
    return torch.stack([torch.zeros_like(logits), logits], dim=-1)
