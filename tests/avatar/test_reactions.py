"""Short movements, and the feeling that stands on the face between utterances."""

import numpy as np
import pytest

from runtime.avatar.animator import Animator
from runtime.avatar.reactions import Reactions
from runtime.core.blendshapes import INDEX
from runtime.core.messages import Affect, FaceState, FrameRequest, Manner, React, Reaction

FRAME_S = 0.04


def faces(
    react: React | None = None, feeling: Affect | None = None, seconds: float = 4.0, fps: int = 25
) -> list[FaceState]:
    animator = Animator(seed=3)
    asked = feeling or Affect()
    times = [frame / fps for frame in range(round(seconds * fps))]
    return [
        animator.step(
            FrameRequest(t, -1, 0.0, Manner.IDLE, asked, react if react and t >= react.media_time_s else None)
        )
        for t in times
    ]


def vectors(states: list[FaceState]) -> np.ndarray:
    return np.array([np.concatenate([10 * state.weights, state.head, 10 * np.array(state.gaze)]) for state in states])


@pytest.mark.parametrize("reaction", list(Reaction))
def test_each_reaction_is_seen_within_a_quarter_second_and_passes_without_a_jump(reaction: Reaction) -> None:
    plain, moved = vectors(faces()), vectors(faces(React(reaction, 1.0)))
    gap = np.abs(moved - plain).max(1)
    assert gap[:25].max() == 0.0
    assert gap[31] > 0.7 * gap.max() > 1.0
    assert gap[-5:].max() < 1e-6
    assert np.abs(np.diff(moved - plain, axis=0)).max() < 2.5


def test_each_reaction_differs_from_the_others() -> None:
    shapes = {reaction: vectors(faces(React(reaction, 0.0), seconds=0.4))[5:].mean(0) for reaction in Reaction}
    for one in Reaction:
        for other in Reaction:
            assert one is other or np.abs(shapes[one] - shapes[other]).max() > 0.8


def test_the_same_reaction_told_with_every_frame_is_one() -> None:
    once, often = Reactions(), Reactions()
    react = React(Reaction.NOD, 0.0)
    once.add(react)
    for _ in range(20):
        often.add(react)
    for mine, theirs in zip(once.at(0.2), often.at(0.2), strict=True):
        assert np.array_equal(mine, theirs)


def test_a_standing_feeling_comes_smoothly_and_shows_while_silent() -> None:
    smile, inner = INDEX["mouthSmileLeft"], INDEX["browInnerUp"]
    happy = np.array([state.weights for state in faces(feeling=Affect("happy", 0.6))])
    sad = np.array([state.weights for state in faces(feeling=Affect("concerned", 0.6))])
    calm = np.array([state.weights for state in faces()])
    assert happy[-1, smile] > calm[-1, smile] + 0.3
    assert sad[-1, inner] > calm[-1, inner] + 0.3
    assert np.abs(np.diff(happy[:, smile])).max() < 0.1
