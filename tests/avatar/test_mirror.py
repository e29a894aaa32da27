"""The mirror: a person's face on the character."""

import numpy as np
import pytest

from runtime.avatar.client import Character
from runtime.avatar.mirror import CALIBRATE_S, MirrorAnimator, OneEuro
from runtime.avatar.service import SERVICE, CharacterService
from runtime.core.blendshapes import INDEX, weights
from runtime.core.messages import Face, FaceState, FrameRequest, Manner
from runtime.core.workers import InlineWorker

SMILE = INDEX["mouthSmileLeft"]


def face(
    shapes: dict[str, float], head: tuple[float, float, float] = (0.0, 0.0, 0.0), gaze: tuple[float, float] = (0, 0)
) -> Face:
    return Face(np.zeros((478, 3), np.float32), weights(shapes), head, gaze, 0.6)


def play(mirror: MirrorAnimator, faces: dict[float, Face], seconds: float) -> list[FaceState]:
    """Draw 25 times a second while faces come at their own times."""
    states, left = [], sorted(faces.items())
    for frame in range(round(seconds * 25)):
        while left and left[0][0] <= frame / 25:
            mirror.see(*left.pop(0))
        states.append(mirror.step(FrameRequest(frame / 25, -1, 0.0, Manner.IDLE)))
    return states


def test_a_smile_reaches_the_character_within_120_ms_of_the_camera() -> None:
    calm = {t / 15: face({}) for t in range(30)}
    smiling = {2.0 + t / 15: face({"mouthSmile": 0.8}) for t in range(15)}
    states = play(MirrorAnimator(), calm | smiling, 3.0)
    assert states[48].weights[SMILE] < 0.16
    assert states[53].weights[SMILE] > 0.4
    assert states[-1].weights[SMILE] == pytest.approx(0.8, abs=0.05)


def test_a_persons_rest_is_taken_off_and_the_rest_of_the_range_stretched() -> None:
    rest = {t / 15: face({"browInnerUp": 0.3}, (4.0, -6.0, 1.0)) for t in range(30)}
    raised = {2.0 + t / 15: face({"browInnerUp": 1.0}, (14.0, -6.0, 1.0)) for t in range(30)}
    states = play(MirrorAnimator(), rest | raised, 4.0)
    brow = INDEX["browInnerUp"]
    assert states[45].weights[brow] < 0.02
    assert np.abs(states[45].head).max() < 0.2
    assert states[-1].weights[brow] == pytest.approx(1.0, abs=0.03)
    assert states[-1].head[0] == pytest.approx(10.0, abs=0.3)


def test_eyes_that_follow_the_head_stay_straight_in_it() -> None:
    ahead = {t / 15: face({}) for t in range(30)}
    turned = {2.0 + t / 15: face({}, (15.0, 0.0, 0.0), (0.5, 0.0)) for t in range(30)}
    states = play(MirrorAnimator(), ahead | turned, 4.0)
    assert states[-1].head[0] == pytest.approx(15.0, abs=0.5)
    assert abs(states[-1].gaze[0]) < 0.03


def test_jitter_is_stilled() -> None:
    random = np.random.default_rng(0)
    noisy = {t / 15: face({"jawOpen": 0.3 + 0.02 * random.standard_normal()}) for t in range(150)}
    jaw = np.array([state.weights[INDEX["jawOpen"]] for state in play(MirrorAnimator(), noisy, 10.0)])[50:]
    assert jaw.std() < 0.012


def test_a_lost_face_goes_to_rest_without_a_jump_and_comes_back_without_one() -> None:
    open_mouth = face({"jawOpen": 0.9, "mouthSmile": 0.5}, (12.0, 4.0, 0.0))
    calm = {t / 15: face({}) for t in range(int(CALIBRATE_S * 15) + 2)}
    there = {1.2 + t / 15: open_mouth for t in range(20)}
    back = {5.0 + t / 15: open_mouth for t in range(20)}
    states = play(MirrorAnimator(), calm | there | back, 6.0)
    values = np.array([np.concatenate([s.weights, np.array(s.head) / 20]) for s in states])
    assert values[62, INDEX["jawOpen"]] > 0.8
    assert values[120, INDEX["jawOpen"]] < 0.02
    assert np.abs(np.diff(values[60:125], axis=0)).max() < 0.12
    assert np.abs(np.diff(values, axis=0)).max() < 0.6


def test_no_face_ever_is_a_face_at_rest_and_bad_numbers_are_dropped() -> None:
    mirror = MirrorAnimator()
    mirror.see(0.0, face({"jawOpen": float("nan")}))
    state = mirror.step(FrameRequest(0.0, -1, 0.0, Manner.IDLE))
    assert np.isfinite(state.weights).all()
    assert state.head == (0.0, 0.0, 0.0)


def test_one_euro_follows_a_ramp_more_closely_when_beta_is_larger() -> None:
    slow, fast = (OneEuro(np.ones(1), np.full(1, beta)) for beta in (0.0, 5.0))
    for step in range(1, 60):
        value = np.array([step / 30])
        lag_slow = value - slow.feed(step / 30, value)
        lag_fast = value - fast.feed(step / 30, value)
    assert lag_fast[0] < 0.5 * lag_slow[0]


async def test_a_mirrored_character_is_drawn_with_the_persons_face() -> None:
    service = CharacterService(width=128, height=128)
    service.load()
    character = Character(InlineWorker({SERVICE: service}), "mirror", "ada", 128, 128, mirror=True)
    await character.open()
    pictures = []
    for frame in range(40):
        await character.see(frame / 25, face({"jawOpen": 0.9 if frame > 30 else 0.0}))
        pictures.append(await character.draw(FrameRequest(frame / 25, -1, 0.0, Manner.IDLE)))
    await character.close()
    service.close()
    still, opened = (np.asarray(pictures[frame], np.int32) for frame in (29, 39))
    assert np.abs(opened - still).max() > 40
