"""Training teacher and student of the end of turns, and what they save in waiting."""

import time
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor, nn

from training.endpoint.data import HASHER, Batch, Examples, collate, over_scores, pauses_of, text_scores
from training.endpoint.nets import EndpointNet, build
from training.endpoint.speech import TEST_VOICES, TRAIN_VOICES, SpokenTurn, speak
from training.endpoint.texts import Cut, Mishearing, Turn, cuts, dialogues, other_sentences, visitors_turns
from training.endpoint.waits import best, outcome, silence_rule, threshold_rule
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
SMOKE_SPOKEN: Final = 24
MISHEARD_SHARE: Final = 0.15
THRESHOLDS: Final = tuple(float(x) for x in 1 / (1 + np.exp(-np.linspace(-3, 7, 201))))


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
    examples = Examples(texts, spoken["train"])
    held = cuts(parts["validation"], run.seed)
    evaluate = _evaluator(held, spoken["validation"])
    teacher = run.fit(_fit(run, "teacher", build(TEACHER), _plain_loss, examples, evaluate))
    student = run.fit(_fit(run, "student", build(STUDENT), _distilled(teacher), examples, evaluate))
    seen = {cut.words for cut in cuts([*parts["train"], *parts["system"]], run.seed) if cut.whole}
    tested = cuts(parts["test"], run.seed + 1)
    figures: dict[str, Any] = {}
    with torch.no_grad():
        for name, net in (("teacher", teacher), ("student", student)):
            figures[name] = {**_text_figures(net, tested, seen), **_wait_figures(net, spoken)}
            figures[name]["parameters"] = sum(p.numel() for p in net.parameters())
    run.note(
        split="blocks of 25 dialogues; of ten, two are test, one validation; test voices are in no other part",
        test_texts=len(tested), test_turns=len(spoken["test"]), speaking_seconds=speaking_s, **figures,
    )  # fmt: skip
    run.save_student(student, STUDENT | {"threshold": figures["student"]["threshold_misheard"]})


def _some(turns: list[Turn], run: Run) -> list[Turn]:
    order = np.random.default_rng(run.seed).permutation(len(turns))
    return [turns[index] for index in order[:OTHERS]]


def _spoken(run: Run, turns: Sequence[Turn], part: str) -> list[SpokenTurn]:
    number = list(SPOKEN).index(part)
    order = np.random.default_rng(run.seed + number).permutation(len(turns))
    some = [turns[index] for index in order[: SMOKE_SPOKEN if run.smoke else SPOKEN[part]]]
    return speak(some, TEST_VOICES if part == "test" else TRAIN_VOICES, run.seed + number)


def _fit(
    run: Run, name: str, net: nn.Module, loss: Callable[[nn.Module, Any], Tensor], examples: Examples,
    evaluate: Callable[[nn.Module], dict[str, float]],
) -> Fit:  # fmt: skip
    return Fit(
        name=name, net=net, loss=loss, train=examples, evaluate=evaluate, best="score",
        epochs=1 if run.smoke else 3 if name == "teacher" else 4, batch_size=32 if run.smoke else 128,
        rate=3e-3, ema=0.9 if run.smoke else 0.995, patience=3, collate=collate,
    )  # fmt: skip


def _evaluator(held: Sequence[Cut], spoken: Sequence[SpokenTurn]) -> Callable[[nn.Module], dict[str, float]]:
    pauses, turns = pauses_of(spoken)

    def evaluate(net: nn.Module) -> dict[str, float]:
        text = auc(text_scores(net, held), [cut.whole for cut in held])
        rule = threshold_rule(over_scores(net, pauses))
        wait, cut = outcome(turns, rule(best(turns, rule, THRESHOLDS)))
        return {"auc_text": text, "wait_s": wait, "cut_off": cut, "score": text - 0.2 * wait}

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


def _text_figures(net: nn.Module, tested: Sequence[Cut], seen: set[tuple[str, ...]]) -> dict[str, float]:
    """Return AUC on all texts, on those that no training dialogue holds word for word, and on texts misheard."""
    scores, whole = text_scores(net, tested), np.array([cut.whole for cut in tested])
    new = np.array([cut.words not in seen for cut in tested])
    wrong = [Cut(words, cut.whole) for words, cut in zip(_misheard([cut.words for cut in tested]), tested, strict=True)]
    return {
        "auc_text": auc(scores, whole),
        "auc_text_unseen_sentences": auc(scores[new], whole[new]),
        "auc_text_misheard": auc(text_scores(net, wrong), whole),
    }


def _misheard(texts: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    """Return texts with about 15 % of their words misheard, always alike."""
    np.random.seed(1)
    mishearing = Mishearing([word for text in texts for word in text])
    return [tuple(word for words in mishearing.words(text, MISHEARD_SHARE) for word in words) for text in texts]


def _wait_figures(net: nn.Module, spoken: dict[str, list[SpokenTurn]]) -> dict[str, float]:
    """Return what the rules wait on the test part, with settings chosen on the validation part, misheard words too.

    `matched` figures have both rules set to at most 5 % on the test turns themselves, as the bar is worded.
    """
    pauses, turns = {}, {}
    for part in ("validation", "test"):
        pauses[part], turns[part] = pauses_of(spoken[part])
    test = turns["test"]
    silences = tuple(float(x) for x in np.arange(0.1, 3.01, 0.01))
    alone, level = (
        outcome(test, silence_rule(len(pauses["test"]))(best(turns[part], silence_rule(len(pauses[part])), silences)))
        for part in ("validation", "test")
    )
    figures = {"silence_wait_s": alone[0], "silence_cut_off": alone[1], "matched_silence_wait_s": level[0]}
    for suffix in ("", "_misheard"):
        words = {
            part: _misheard([p.words for p in some]) if suffix else [p.words for p in some]
            for part, some in pauses.items()
        }
        rules = {part: threshold_rule(over_scores(net, some, words[part])) for part, some in pauses.items()}
        thresholds = {part: best(turns[part], rule, THRESHOLDS) for part, rule in rules.items()}
        wait, cut = outcome(test, rules["test"](thresholds["validation"]))
        matched, _ = outcome(test, rules["test"](thresholds["test"]))
        found = {"threshold": thresholds["validation"], "wait_s": wait, "cut_off": cut, "wait_share": wait / alone[0]}
        found |= {"matched_wait_s": matched, "matched_wait_share": matched / level[0]}
        figures |= {f"{name}{suffix}": value for name, value in found.items()}
    return figures


def auc(scores: Any, labels: Any) -> float:
    """Return the chance that a whole text scores higher than a cut one; 0.5 where there is only one kind."""
    from sklearn.metrics import roc_auc_score

    wanted = np.asarray(labels, bool)
    return float(roc_auc_score(wanted, scores)) if 0 < wanted.sum() < len(wanted) else 0.5
