import numpy as np
import pytest

from runtime.perception.face_features import LANDMARKS, USED, BlendshapeWindow, normalise, windows


def face(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 50, (LANDMARKS, 3)).astype(np.float32)


def test_place_and_size_of_a_face_do_not_count() -> None:
    points = face()
    moved = points * 2.5 + np.array([300, -40, 7], np.float32)
    np.testing.assert_allclose(normalise(moved), normalise(points), atol=1e-4)


def test_a_turn_of_the_face_stays() -> None:
    points = face()
    turned = points.copy()
    turned[:, 0], turned[:, 1] = -points[:, 1], points[:, 0]
    found, plain = normalise(turned), normalise(points)
    np.testing.assert_allclose(found[:, 0], -plain[:, 1], atol=1e-5)


def test_normalised_faces_are_centred_at_distance_one() -> None:
    found = normalise(np.stack([face(1), face(2)]))
    assert found.shape == (2, len(USED), 3)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found.mean(1), 0, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(found[..., :2], axis=-1).mean(1), 1, atol=1e-5)


def test_landmarks_on_one_point_give_finite_numbers() -> None:
    assert np.isfinite(normalise(np.zeros((LANDMARKS, 3), np.float32))).all()


def test_used_landmarks_are_rising_and_within_the_mesh() -> None:
    assert len(USED) == 146
    assert list(USED) == sorted(set(USED))
    assert USED[-1] == LANDMARKS - 1


def test_a_window_is_interpolated_at_even_points() -> None:
    times = np.array([0.0, 0.25, 0.5])
    frames = np.zeros((3, 52), np.float32)
    frames[:, 3] = [0.0, 0.5, 1.0]
    found = windows(times, frames, np.array([0.5]))
    np.testing.assert_allclose(found[0, :, 3], np.linspace(0, 1, 6), atol=1e-6)


def test_before_the_first_frame_it_is_held() -> None:
    frames = np.full((2, 52), 0.3, np.float32)
    frames[1] = 0.9
    found = windows(np.array([0.0, 0.1]), frames, np.array([0.1]))
    np.testing.assert_allclose(found[0, :5], 0.3, atol=1e-6)
    np.testing.assert_allclose(found[0, 5], 0.9, atol=1e-6)


def test_a_stream_gives_the_windows_of_the_whole() -> None:
    rng = np.random.default_rng(4)
    times = np.cumsum(rng.uniform(0.02, 0.09, 60))
    frames = rng.random((60, 52)).astype(np.float32)
    whole, stream = windows(times, frames, times), BlendshapeWindow()
    for number, (time_s, weights) in enumerate(zip(times, frames, strict=True)):
        stream.add(float(time_s), weights)
        found = stream.features()
        assert found is not None
        np.testing.assert_allclose(found, whole[number], atol=1e-6)


def test_a_window_is_empty_at_first() -> None:
    window = BlendshapeWindow()
    assert window.features() is None
    window.add(1.0, np.ones(52, np.float32))
    assert window.features() is not None


@pytest.mark.parametrize(("later_s", "kept"), [(0.3, True), (2.0, False)])
def test_a_face_that_was_away_begins_anew(later_s: float, kept: bool) -> None:
    window = BlendshapeWindow()
    window.add(0.0, np.zeros(52, np.float32))
    window.add(later_s, np.ones(52, np.float32))
    found = window.features()
    assert found is not None
    assert bool(found[0, 0] < 0.5) is kept


def test_a_frame_that_is_not_newer_is_dropped() -> None:
    window = BlendshapeWindow()
    window.add(1.0, np.zeros(52, np.float32))
    window.add(1.0, np.ones(52, np.float32))
    window.add(0.5, np.ones(52, np.float32))
    found = window.features()
    assert found is not None
    assert found.max() == 0
