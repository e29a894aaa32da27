"""The mouth from curves: between them, before the first, after the last; and in the animator in place of phonemes."""

import numpy as np
import pytest

from runtime.avatar.animator import Animator
from runtime.avatar.curves import SETTLE_S, CurveTrack
from runtime.core.blendshapes import INDEX
from runtime.core.messages import MOUTH_RATE_HZ, Affect, FaceCue, FrameRequest, Manner, TimedPhoneme

JAW = INDEX["jawOpen"]


def curves(*jaw: float) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    found = np.zeros((len(jaw), 52), np.float32)
    found[:, JAW] = jaw
    return found


def test_between_two_curves_the_mouth_is_between_them() -> None:
    track = CurveTrack(curves(0.2, 0.6, 0.4))
    step_s = 1 / MOUTH_RATE_HZ
    assert track.at(0.0)[JAW] == pytest.approx(0.2)
    assert track.at(0.25 * step_s)[JAW] == pytest.approx(0.3)
    assert track.at(step_s)[JAW] == pytest.approx(0.6)
    assert track.at(1.5 * step_s)[JAW] == pytest.approx(0.5)


def test_before_and_after_the_mouth_comes_from_rest_and_goes_back_to_it() -> None:
    track = CurveTrack(curves(0.5, 0.5, 0.5))
    end_s = 2 / MOUTH_RATE_HZ
    before = [float(track.at(-beyond * SETTLE_S)[JAW]) for beyond in (0.0, 0.3, 0.6, 1.0, 5.0)]
    after = [float(track.at(end_s + beyond * SETTLE_S)[JAW]) for beyond in (0.0, 0.3, 0.6, 1.0, 5.0)]
    assert before == pytest.approx(after, abs=1e-5)
    assert before == sorted(before, reverse=True)
    assert before[0] == pytest.approx(0.5)
    assert before[3:] == pytest.approx([0.0, 0.0], abs=1e-6)


def test_no_curves_and_bad_ones_are_no_harm() -> None:
    assert not CurveTrack(np.zeros((0, 52), np.float32)).at(0.1).any()
    assert CurveTrack(curves(np.nan, 7.0)).at(0.02)[JAW] == 1.0


def test_the_animator_moves_the_mouth_by_curves_where_they_are_there() -> None:
    animator = Animator(seed=1)
    phonemes = (TimedPhoneme("ɑː", 0.0, 1.0),)
    closed = np.tile(curves(0.0), (50, 1))
    opened = np.tile(curves(0.7), (50, 1))
    animator.cue(FaceCue(0, phonemes, 1.0, Affect(), mouth=closed))
    animator.cue(FaceCue(1, (), 1.0, Affect(), mouth=opened))
    still = [animator.step(FrameRequest(0.04 * n, 0, 0.04 * n, Manner.IDLE)).weights[JAW] for n in range(25)]
    moved = [animator.step(FrameRequest(1 + 0.04 * n, 1, 0.04 * n, Manner.IDLE)).weights[JAW] for n in range(25)]
    assert max(still) < 0.1
    assert min(moved[10:]) > 0.6
