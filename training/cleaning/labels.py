"""Labels that are likely wrong: confident learning (Northcutt et al. 2021) by cleanlab, on guesses without the item."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from training.cleaning.items import Item
from training.cleaning.looked import found
from training.cleaning.review import LABEL, Row

FOLDS: Final = 5
LEAST_ITEMS: Final = 10
"""Smaller classes are left out: there is too little to learn them from."""
STRENGTH: Final = 10.0
"""Inverse strength of the regularisation for text, as scikit-learn's C."""
SEED: Final = 0


def guess(traits: Any, labels: NDArray[np.int64], groups: NDArray[Any]) -> NDArray[np.float64]:
    """Return each label's probability for each item, shape (items, labels), by models that saw none of its group.

    Logistic regression, for sparse traits (text) by stochastic descent; for dense ones its mean with a random forest.

    Args:
        traits: shape (items, m), dense or sparse.
        labels: shape (items,), 0 to the number of labels.
        groups: shape (items,); items of one group are never on both sides.
    """
    import scipy.sparse
    from sklearn.ensemble import ExtraTreesClassifier
    from sklearn.linear_model import LogisticRegression, SGDClassifier
    from sklearn.model_selection import StratifiedGroupKFold
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    sparse = scipy.sparse.issparse(traits)
    probabilities = np.zeros((len(labels), int(labels.max()) + 1))
    folds = min(FOLDS, len(np.unique(groups)))
    for train, test in StratifiedGroupKFold(folds, shuffle=True, random_state=SEED).split(traits, labels, groups):
        models: list[Any] = [
            SGDClassifier(loss="log_loss", alpha=1 / (STRENGTH * len(train)), max_iter=20, tol=None, random_state=SEED)
            if sparse
            else make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=400))
        ]
        if not sparse:
            models.append(ExtraTreesClassifier(200, min_samples_leaf=2, random_state=SEED, n_jobs=2))
        for model in models:
            model.fit(traits[train], labels[train])
            probabilities[np.ix_(test, model.classes_)] += model.predict_proba(traits[test]) / len(models)
    return probabilities


def suspects(items: Sequence[Item], traits: Any, groups: NDArray[Any]) -> list[Row]:
    """Return a row for each item whose label is likely wrong, the likeliest first, with the label it should have.

    Args:
        items: as many as `traits` has rows; those without a label, and of rare labels, are passed over.
        traits: shape (items, m), what labels are guessed from.
        groups: shape (items,): what near relatives share.
    """
    counts = Counter(item.label for item in items if item.label)
    names = sorted(label for label, count in counts.items() if label and count >= LEAST_ITEMS)
    places = np.array([place for place, item in enumerate(items) if item.label in names], dtype=np.int64)
    if len(names) < 2 or len(np.unique(groups[places])) < 2:
        return []
    chosen = [items[place] for place in places]
    labels = np.array([names.index(str(item.label)) for item in chosen], dtype=np.int64)
    return judged(chosen, names, labels, guess(traits[places], labels, groups[places]))


def judged(
    items: Sequence[Item], names: Sequence[str], labels: NDArray[np.int64], probabilities: NDArray[np.float64]
) -> list[Row]:
    """Return rows for the labels that disagree with probabilities found without them.

    Args:
        items: the items, each with a label.
        names: of the labels.
        labels: shape (items,), places in `names`.
        probabilities: shape (items, names), from a model that did not learn from the item.
    """
    from cleanlab.filter import find_label_issues

    wrong = find_label_issues(labels, probabilities, return_indices_ranked_by="self_confidence", n_jobs=1)
    rows = []
    for place in wrong:
        given, likely = int(labels[place]), int(probabilities[place].argmax())
        own, other = float(probabilities[place, given]), float(probabilities[place, likely])
        if given != likely:
            told = f"labelled {names[given]} ({own:.0%} likely), looks like {names[likely]} ({other:.0%})"
            rows.append(found(items[place], "label", 1 - own, told, LABEL + names[likely]))
    return rows
