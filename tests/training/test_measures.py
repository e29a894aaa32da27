"""The measures, against values worked out by hand."""

import math

import numpy as np
import pytest

from training import measures

WANTED, GOT = [0, 0, 0, 1, 1, 2], [0, 0, 1, 1, 2, 2]


def test_accuracy_confusion_and_macro_f1() -> None:
    assert measures.accuracy(WANTED, GOT) == pytest.approx(4 / 6)
    assert measures.confusion(WANTED, GOT, 3).tolist() == [[2, 1, 0], [0, 1, 1], [0, 0, 1]]
    # F1 = 2 right / (wanted + got): 4/5, 2/4, 2/3.
    assert measures.macro_f1(WANTED, GOT, 3) == pytest.approx((4 / 5 + 2 / 4 + 2 / 3) / 3)
    assert measures.macro_f1(WANTED, GOT, 5) == pytest.approx((4 / 5 + 2 / 4 + 2 / 3) / 3), "classes that never come"


def test_calibration_error() -> None:
    # Two bins: confidences 0.9 and 0.7, one of both right; 0.5 and 0.4, both right.
    chances = [[0.9, 0.1, 0.0], [0.7, 0.2, 0.1], [0.3, 0.5, 0.2], [0.3, 0.3, 0.4]]
    wanted = [0, 1, 1, 2]
    assert measures.calibration_error(wanted, chances, bins=2) == pytest.approx((1.6 - 1 + 2 - 0.9) / 4)
    assert measures.calibration_error([0, 1], [[1.0, 0.0], [0.0, 1.0]]) == 0.0
    assert measures.calibration_error([1, 0], [[1.0, 0.0], [0.0, 1.0]]) == 1.0


def test_correlation_and_concordance() -> None:
    one = [1.0, 2.0, 3.0]
    assert measures.correlation(one, [2.0, 4.0, 6.0]) == pytest.approx(1.0)
    assert measures.correlation(one, [3.0, 1.0, 2.0]) == pytest.approx(-0.5)
    assert measures.correlation(one, [5.0, 5.0, 5.0]) == 0.0
    assert measures.concordance(one, one) == pytest.approx(1.0)
    # Variance 2/3 each, covariance 2/3, means 1 apart: 2 · 2/3 / (2/3 + 2/3 + 1).
    assert measures.concordance(one, [2.0, 3.0, 4.0]) == pytest.approx((4 / 3) / (7 / 3))
    assert measures.concordance([1.0], [1.0]) == 1.0


def test_word_error_rate() -> None:
    pytest.importorskip("jiwer")
    # One of six words wrong, one missing; case and punctuation are as good as equal.
    assert measures.word_error_rate(["The cat sat on the mat."], ["the cat SAT on a"]) == pytest.approx(2 / 6)
    assert measures.word_error_rate(["one two", "three"], ["one two", "three four"]) == pytest.approx(1 / 3)


def test_bleu() -> None:
    pytest.importorskip("sacrebleu")
    assert measures.bleu(["the cat sat on the mat"], ["the cat sat on the mat"]) == pytest.approx(100.0)
    # Precisions 5/6, 3/5, 2/4, 1/3 of 1- to 4-grams, no penalty as the lengths are equal.
    wanted = 100 * (5 / 6 * 3 / 5 * 2 / 4 * 1 / 3) ** 0.25
    assert measures.bleu(["one two three four five six"], ["one two three four ten six"]) == pytest.approx(wanted)


def test_frechet_distance() -> None:
    # In one dimension: (difference of means)² + (difference of deviations)². Here 3² + (2 - 1)².
    one = np.array([[-1.0], [0.0], [1.0]])
    assert measures.frechet(one, 2 * one + 3) == pytest.approx(10.0)
    # Independent axes add up: deviations (1, 1) and (2, 3), means equal.
    corners = np.array([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]]) * math.sqrt(3 / 4)
    assert measures.frechet(corners, corners * [2.0, 3.0]) == pytest.approx(1.0 + 4.0)
    # Covariances that don't commute, from the closed form for 2 x 2: tr √(AB) = √(tr AB + 2 √det AB).
    turn = np.array([[1.0, -1.0], [1.0, 1.0]]) / math.sqrt(2)
    a, b = np.diag([4.0, 1.0]), turn @ np.diag([9.0, 1.0]) @ turn.T
    root = math.sqrt(np.trace(a @ b) + 2 * math.sqrt(np.linalg.det(a @ b)))
    points = corners * [2.0, 1.0], (corners * [3.0, 1.0]) @ turn.T
    assert measures.frechet(*points) == pytest.approx(np.trace(a + b) - 2 * root)
    assert measures.frechet(points[0], points[0]) == pytest.approx(0.0, abs=1e-9)
