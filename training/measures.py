"""Measures of what a model does on data it never saw. All take numpy arrays and return plain numbers."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


def accuracy(wanted: ArrayLike, got: ArrayLike) -> float:
    """Return the share of answers that are right, 0..1. Both are class numbers, shape (items,)."""
    return float(np.mean(np.asarray(wanted) == np.asarray(got)))


def confusion(wanted: ArrayLike, got: ArrayLike, classes: int) -> NDArray[np.int64]:
    """Return how often each class (row) was answered with each class (column), shape (classes, classes)."""
    table = np.zeros((classes, classes), np.int64)
    np.add.at(table, (np.asarray(wanted), np.asarray(got)), 1)
    return table


def macro_f1(wanted: ArrayLike, got: ArrayLike, classes: int) -> float:
    """Return the mean over the classes of F1, 0..1; a class that is neither there nor answered isn't counted."""
    table = confusion(wanted, got, classes)
    right, there = np.diag(table), table.sum(axis=0) + table.sum(axis=1)
    return float(np.mean(2 * right[there > 0] / there[there > 0]))


def calibration_error(wanted: ArrayLike, probabilities: ArrayLike, bins: int = 15) -> float:
    """Return the expected calibration error, 0..1: how far confidence and accuracy lie apart.

    Equal bins of the confidence (Guo et al.: On Calibration of Modern Neural Networks, 2017).

    Args:
        wanted: class numbers, (items,).
        probabilities: (items, classes), rows sum to 1.
        bins: how many bins.
    """
    chances = np.asarray(probabilities, np.float64)
    confidence, right = chances.max(axis=1), chances.argmax(axis=1) == np.asarray(wanted)
    place = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    gaps = [abs(confidence[place == at].sum() - right[place == at].sum()) for at in range(bins)]
    return float(np.sum(gaps) / len(confidence))


def correlation(wanted: ArrayLike, got: ArrayLike) -> float:
    """Return Pearson's r, -1..1; 0 where one of them never moves."""
    one, other = np.asarray(wanted, np.float64).ravel(), np.asarray(got, np.float64).ravel()
    one, other = one - one.mean(), other - other.mean()
    norm = float(np.sqrt((one**2).sum() * (other**2).sum()))
    return float((one * other).sum() / norm) if norm > 0 else 0.0


def concordance(wanted: ArrayLike, got: ArrayLike) -> float:
    """Return Lin's concordance coefficient, -1..1: correlation that also counts offset and scale (Lin, 1989)."""
    one, other = np.asarray(wanted, np.float64).ravel(), np.asarray(got, np.float64).ravel()
    spread = one.var() + other.var() + (one.mean() - other.mean()) ** 2
    return float(2 * np.mean((one - one.mean()) * (other - other.mean())) / spread) if spread > 0 else 1.0


def word_error_rate(wanted: Sequence[str], got: Sequence[str]) -> float:
    """Return wrong, missing and added words over the words wanted, 0 and up; case and punctuation don't count."""
    import jiwer

    plain = jiwer.Compose(
        [
            jiwer.ToLowerCase(),
            jiwer.RemovePunctuation(),  # type: ignore[no-untyped-call]
            jiwer.RemoveMultipleSpaces(),
            jiwer.Strip(),
            jiwer.ReduceToListOfListOfWords(),
        ]
    )
    return float(jiwer.wer(list(wanted), list(got), reference_transform=plain, hypothesis_transform=plain))


def bleu(wanted: Sequence[str], got: Sequence[str]) -> float:
    """Return corpus BLEU, 0..100, of sentences with one reference each, as sacrebleu computes it."""
    import sacrebleu

    return float(sacrebleu.corpus_bleu(list(got), [list(wanted)]).score)


def frechet(one: ArrayLike, other: ArrayLike) -> float:
    """Return the Fréchet distance between two sets of features, each (items, features), taken as Gaussian.

    It is FID only where the features are Inception's (Heusel et al., 2017); of any other features, say which.
    """
    a, b = np.asarray(one, np.float64), np.asarray(other, np.float64)
    cov_a, cov_b = np.atleast_2d(np.cov(a, rowvar=False)), np.atleast_2d(np.cov(b, rowvar=False))
    # tr sqrt(AB) = tr sqrt(√A B √A), which is symmetric: no complex numbers by rounding
    root = _root(cov_a)
    middle = np.sqrt(np.clip(np.linalg.eigvalsh(root @ cov_b @ root), 0, None)).sum()
    gap = ((a.mean(axis=0) - b.mean(axis=0)) ** 2).sum()
    return float(max(0.0, gap + np.trace(cov_a) + np.trace(cov_b) - 2 * middle))


def _root(matrix: NDArray[np.float64]) -> NDArray[Any]:
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T)
