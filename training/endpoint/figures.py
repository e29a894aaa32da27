"""How well a net tells the end of turns: by text, by the waits of a threshold, and in the runtime's policy."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from torch import nn

from training.endpoint.data import over_scores, pauses_of, policy_waits, text_scores
from training.endpoint.speech import SpokenTurn
from training.endpoint.texts import Cut, Mishearing
from training.endpoint.waits import best, first_over, judged, outcome, silence_rule, threshold_rule

MISHEARD_SHARE: Final = 0.15
CAREFUL: Final = 2 / 3
"""Of the turns that the policy alone cuts off, so many may be with the model."""
DOUBTS: Final = (0.0, 0.02, 0.04, 0.06, 0.08, 0.1, 0.15, 0.2, 0.3)
THRESHOLDS: Final = tuple(float(x) for x in 1 / (1 + np.exp(-np.linspace(-3, 7, 201))))


def text_figures(net: nn.Module, tested: Sequence[Cut], seen: set[tuple[str, ...]]) -> dict[str, float]:
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


def wait_figures(net: nn.Module, spoken: dict[str, list[SpokenTurn]]) -> dict[str, float]:
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


def policy_figures(net: nn.Module, kinds: dict[str, dict[str, list[SpokenTurn]]]) -> dict[str, float]:
    """Return what the runtime's policy waits with the model and without it, on turns as said and as heard.

    The model's two settings are those with the shortest waits on the validation parts among those that cut off at most
    two thirds of the turns that the policy alone does, on either kind.
    """
    held = {name: pauses_of(parts["validation"]) for name, parts in kinds.items()}
    scores = {name: over_scores(net, pauses) for name, (pauses, _) in held.items()}
    most = {
        name: CAREFUL * outcome(turns, first_over(policy_waits(pauses)))[1] for name, (pauses, turns) in held.items()
    }
    careful, least = [], []
    for threshold in THRESHOLDS:
        for doubt in (doubt for doubt in DOUBTS if doubt < threshold):
            found = {name: outcome(held[name][1], judged(scores[name], threshold, doubt)) for name in held}
            setting = (sum(wait for wait, _ in found.values()), threshold, doubt)
            least.append((sum(cut for _, cut in found.values()), *setting))
            if all(cut <= most[name] for name, (_, cut) in found.items()):
                careful.append(setting)
    _, threshold, doubt = min(careful) if careful else min(least)[1:]
    figures = {"policy_threshold": threshold, "policy_doubt": doubt}
    for name, parts in kinds.items():
        pauses, turns = pauses_of(parts["test"])
        alone, cut = outcome(turns, first_over(policy_waits(pauses)))
        wait, cut_with = outcome(turns, judged(over_scores(net, pauses), threshold, doubt))
        figures |= {f"{name}_policy_wait_s": alone, f"{name}_policy_cut_off": cut}
        figures |= {f"{name}_policy_wait_s_with_model": wait, f"{name}_policy_cut_off_with_model": cut_with}
    return figures


def auc(scores: Any, labels: Any) -> float:
    """Return the chance that a whole text scores higher than a cut one; 0.5 where there is only one kind."""
    from sklearn.metrics import roc_auc_score

    wanted = np.asarray(labels, bool)
    return float(roc_auc_score(wanted, scores)) if 0 < wanted.sum() < len(wanted) else 0.5
