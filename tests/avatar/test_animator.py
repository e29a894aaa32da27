"""The face of a session: speech, silence, and the way between."""

import numpy as np
import pytest
from numpy.typing import NDArray

from runtime.avatar.animator import MAX_CUES, Animator
from runtime.avatar.coarticulation import aperture
from runtime.core.blendshapes import INDEX, weights
from runtime.core.messages import Affect, FaceCue, FaceState, FrameRequest, Manner
from tests.avatar.speech import WELCOME, WELCOME_S

MOUTH = np.flatnonzero(
    weights(dict.fromkeys(["jawOpen", "mouthClose", "mouthFunnel", "mouthPucker", "mouthLowerDown", "mouthStretch"], 1))
)


def cue(number: int = 0, label: str = "neutral", retire_before: int = 0) -> FaceCue:
    return FaceCue(number, WELCOME, WELCOME_S, Affect(label, 0.6), retire_before)


def play(animator: Animator, times: NDArray[np.float64], starts_s: float, ends_s: float = 1e9) -> list[FaceState]:
    """Step through `times`; cue 0 starts at `starts_s`, its lead is asked for, and it is cut at `ends_s`."""
    states = []
    for t in times:
        heard = starts_s - 0.3 <= t < min(ends_s, starts_s + WELCOME_S)
        request = FrameRequest(float(t), 0 if heard else -1, float(t - starts_s) if heard else 0.0, Manner.IDLE)
        states.append(animator.step(request))
    return states


def test_the_mouth_speaks_the_cue_and_rests_without_one() -> None:
    animator = Animator(1)
    animator.cue(cue())
    times = np.arange(0, 6, 0.04)
    gaps = np.array([aperture(s.weights) for s in play(animator, times, starts_s=1.0)])
    assert gaps[times < 0.7].max() < 0.02
    assert gaps[(times > 1.2) & (times < 1.3)].min() > 0.25
    assert gaps[(times > 1.49) & (times < 1.53)].max() < 0.03  # the m of welcome
    assert gaps[times > 3.3].max() < 0.02


def test_skipped_frames_change_nothing_in_speech() -> None:
    full, some = Animator(3), Animator(3)
    for animator in (full, some):
        animator.cue(cue(label="warm"))
    times = np.arange(0, 4, 0.02)
    every = play(full, times, starts_s=1.0)
    kept = np.sort(np.random.default_rng(0).choice(len(times), len(times) // 3, replace=False))
    fewer = play(some, times[kept], starts_s=1.0)
    for index, state in zip(kept, fewer, strict=True):
        if 1.0 <= times[index] < 1.0 + WELCOME_S:
            assert state.weights[MOUTH] == pytest.approx(every[index].weights[MOUTH], abs=0.012)


@pytest.mark.parametrize("cut_s", [1.2, 1.5, 1.85, 2.4])
def test_a_cut_eases_the_mouth_to_rest_in_about_120_ms(cut_s: float) -> None:
    animator = Animator(2)
    animator.cue(cue())
    times = np.arange(0, 4, 0.01)
    states = np.array([s.weights[MOUTH] for s in play(animator, times, starts_s=1.0, ends_s=cut_s)])
    assert np.abs(states[times >= cut_s + 0.13]).max() < 0.07
    assert np.abs(states[times >= cut_s + 0.3]).max() < 0.01
    assert np.abs(np.diff(states, axis=0)).max() < 0.3


@pytest.mark.parametrize("seed", range(4))
def test_nothing_jumps_when_state_cue_and_manner_change(seed: int) -> None:
    animator, random, path = Animator(seed), np.random.default_rng(seed), []
    animator.cue(cue(0, "happy"))
    animator.cue(cue(1, "sad"))
    number, started, manner = -1, 0.0, Manner.IDLE
    for t in np.arange(0, 30, 0.01):
        if random.random() < 0.012:
            number, started = int(random.integers(-1, 2)), float(t - random.uniform(-0.3, 1.5))
            manner = list(Manner)[random.integers(3)]
        state = animator.step(FrameRequest(float(t), number, float(t) - started, manner))
        path.append(np.concatenate([state.weights, np.array(state.head) / 30, np.array(state.gaze)]))
    track = np.array(path)
    lids = [INDEX["eyeBlinkLeft"], INDEX["eyeBlinkRight"], INDEX["eyeWideLeft"], INDEX["eyeWideRight"]]
    steps = np.abs(np.diff(track, axis=0))
    assert steps[:, lids].max() < 0.3  # a blink takes six steps of 10 ms to close
    assert np.delete(steps, lids, axis=1).max() < 0.35
    assert steps[:, 52:55].max() * 30 < 0.5  # head, degrees in 10 ms


def test_weights_stay_in_range_and_are_float32() -> None:
    animator = Animator(5)
    animator.cue(FaceCue(0, WELCOME, WELCOME_S, Affect("happy", 1.0, 1.0, 1.0)))
    for state in play(animator, np.arange(0, 20, 0.04), starts_s=1.0):
        assert state.weights.dtype == np.float32
        assert state.weights.min() >= 0.0
        assert state.weights.max() <= 1.0
        assert np.abs(state.gaze).max() <= 1.0
        assert 0.0 <= state.breath <= 1.0


def test_determinism_by_seed() -> None:
    def path(seed: int) -> NDArray[np.float32]:
        animator = Animator(seed)
        animator.cue(cue())
        return np.array([(*s.weights, *s.head, *s.gaze) for s in play(animator, np.arange(0, 8, 0.04), 2.0)])

    assert np.array_equal(path(1), path(1))
    assert not np.array_equal(path(1), path(2))


def test_accents_lift_the_brows_and_nod_the_head() -> None:
    still, talking = Animator(6), Animator(6)
    talking.cue(cue())
    times = np.arange(0, 4, 0.04)
    brow = INDEX["browOuterUpLeft"]
    spoken = np.array([s.weights[brow] for s in play(talking, times, 1.0)])
    silent = np.array([s.weights[brow] for s in play(still, times, 1.0)])
    assert spoken.max() > silent.max() + 0.08
    assert spoken[-1] < 0.05


def test_unknown_late_and_retired_cues_are_silence() -> None:
    animator = Animator(1)
    assert aperture(animator.step(FrameRequest(0.0, 7, 0.2, Manner.IDLE)).weights) < 0.02
    animator.cue(cue(7))
    animator.cue(cue(8, retire_before=8))
    for t in np.arange(0.04, 0.4, 0.04):
        assert aperture(animator.step(FrameRequest(float(t), 7, 0.2 + float(t), Manner.IDLE)).weights) < 0.02
    for number in range(9, 9 + 3 * MAX_CUES):
        animator.cue(cue(number))
    assert len(animator._cues) == MAX_CUES


def test_time_that_falls_back_is_held() -> None:
    animator = Animator(1)
    late = animator.step(FrameRequest(10.0, -1, 0.0, Manner.IDLE))
    early = animator.step(FrameRequest(3.0, -1, 0.0, Manner.IDLE))
    assert np.allclose(late.head, early.head)
