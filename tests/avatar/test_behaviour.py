"""Blinks, gaze, head and manners, over simulated minutes."""

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from runtime.avatar.behaviour import Bearing, Behaviour
from runtime.avatar.eyes import BLINK_S, Blinks, closure
from runtime.avatar.motion import Spring, settle, wander
from runtime.core.blendshapes import INDEX
from runtime.core.messages import Manner

FPS = 25


def run(behaviour: Behaviour, manner: Manner, seconds: float, start_s: float = 0.0, fps: int = FPS) -> list[Bearing]:
    times = start_s + np.arange(round(seconds * fps)) / fps
    return [behaviour.step(float(t), manner, speaking=False) for t in times]


def looks(bearings: list[Bearing]) -> NDArray[np.float64]:
    """Where the eyes point in the world, undoing the turn of the head."""
    return np.array([b.gaze + 0.85 * b.head[:2] / 30.0 for b in bearings])


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_blinks_in_ten_minutes_come_at_a_human_rate(seed: int) -> None:
    lids = np.array([b.lids for b in run(Behaviour(seed), Manner.IDLE, 600.0)])
    begun = int(((lids[1:] > 0.3) & (lids[:-1] <= 0.3)).sum())
    assert 10 * 11 < begun < 10 * 24
    assert (lids > 0.9).mean() < 0.05


def test_a_blink_closes_faster_than_it_opens_and_lasts_a_fifth_of_a_second() -> None:
    path = np.array([closure(t) for t in np.arange(0.0, 0.3, 0.001)])
    assert path.max() == 1.0
    assert int(path.argmax()) < (BLINK_S * 1000) / 2
    assert 0.1 < (path > 0.1).sum() / 1000 < 0.22
    assert path[-1] == 0.0


def test_blinks_asked_for_come_but_not_right_after_another() -> None:
    blinks = Blinks(5)
    blinks.step(0.0)
    blinks.ask(0.5, 1.0)
    assert blinks.step(0.5 + 0.075) == 1.0
    blinks.ask(0.8, 1.0)
    assert blinks.step(0.8 + 0.075) == 0.0


def test_every_interval_gets_its_blink_however_the_steps_fall() -> None:
    fine, coarse = Blinks(9), Blinks(9)
    times = np.arange(0.0, 60.0, 0.01)
    every = {round(float(t), 2): fine.step(float(t)) for t in times}
    for t in times[::30]:
        assert coarse.step(float(t)) == pytest.approx(every[round(float(t), 2)])


def test_the_same_seed_gives_the_same_bearing_and_another_another() -> None:
    first, again, other = (run(Behaviour(seed), Manner.THINKING, 20.0) for seed in (4, 4, 5))
    assert all(np.array_equal(a.head, b.head) and a.lids == b.lids for a, b in zip(first, again, strict=True))
    assert any(not np.array_equal(a.head, b.head) for a, b in zip(first, other, strict=True))


def test_it_stays_on_the_viewer_when_listening_and_looks_away_in_thought() -> None:
    behaviour = Behaviour(7)
    listening = looks(run(behaviour, Manner.LISTENING, 60.0))
    thinking = looks(run(behaviour, Manner.THINKING, 60.0, start_s=60.0))
    idle = looks(run(Behaviour(8), Manner.IDLE, 120.0))
    assert (np.abs(listening).max(axis=1) < 0.12).mean() > 0.98
    assert (np.abs(thinking).max(axis=1) > 0.2).mean() > 0.6
    assert 0.65 < (np.abs(idle).max(axis=1) < 0.12).mean() < 0.97


def test_listening_tilts_nods_and_lifts_the_brows() -> None:
    bearings = run(Behaviour(11), Manner.LISTENING, 40.0)
    roll = np.array([b.head[2] for b in bearings[50:]])
    assert abs(roll.mean()) > 2.0
    assert bearings[-1].weights[INDEX["browInnerUp"]] > 0.1
    pitch = np.array([b.head[1] for b in bearings])
    dips = pitch - np.convolve(pitch, np.ones(25) / 25, "same")
    nods = ((dips[1:] < -1.0) & (dips[:-1] >= -1.0)).sum()
    assert 3 <= nods <= 20


@pytest.mark.parametrize("seed", range(6))
def test_no_change_of_manner_makes_anything_jump(seed: int) -> None:
    behaviour, path = Behaviour(seed), []
    for t in range(40 * 100):
        manner = list(Manner)[(t // 137) % 3]
        bearing = behaviour.step(t / 100, manner, speaking=(t // 411) % 2 == 1)
        path.append(np.concatenate([bearing.head, 30 * bearing.gaze, 10 * bearing.weights]))
    track = np.array(path)
    speed, acceleration = np.diff(track, axis=0) * 100, np.diff(track, 2, axis=0) * 100**2
    assert np.abs(speed[:, :3]).max() < 45.0  # head, degrees a second
    assert np.abs(acceleration[:, :3]).max() < 900.0
    assert np.abs(speed[:, 3:5]).max() < 700.0  # a saccade is fast, but takes time
    assert np.abs(speed[:, 5:]).max() < 15.0  # tenths of a weight a second
    assert np.abs(acceleration[:, 5:]).max() < 300.0


def test_the_head_wanders_without_a_loop_and_stays_near() -> None:
    head = np.array([wander(3, t, 0.45, 3) for t in np.arange(0.0, 240.0, 0.1)])
    assert np.abs(head).max() < 1.5
    assert head.std() > 0.2
    piece = head[:100, 0]
    others = [abs(np.corrcoef(piece, head[i : i + 100, 0])[0, 1]) for i in range(150, 2300, 10)]
    assert max(others) < 0.98
    assert np.array_equal(wander(3, 100.0, 0.45, 3), wander(3, 100.0, 0.45, 3))


def test_breath_rises_and_falls_about_fifteen_times_a_minute() -> None:
    breath = np.array([b.breath for b in run(Behaviour(2), Manner.IDLE, 60.0)])
    peaks = ((breath[1:-1] > breath[:-2]) & (breath[1:-1] >= breath[2:])).sum()
    assert 12 <= peaks <= 17
    assert breath.min() >= 0.0
    assert breath.max() <= 1.0


def test_a_leap_in_time_costs_no_more_than_a_step() -> None:
    behaviour = Behaviour(1)
    run(behaviour, Manner.LISTENING, 2.0)
    bearing = behaviour.step(1e7, Manner.LISTENING, speaking=False)
    assert np.isfinite(bearing.head).all()
    assert np.abs(bearing.head).max() < 15.0


def test_a_spring_lands_in_the_same_place_in_one_step_or_many() -> None:
    one, many, goal = Spring(np.zeros(2)), Spring(np.zeros(2)), np.array([1.0, -2.0])
    one.step(goal, 0.4, 9.0)
    for dt in itertools.repeat(0.01, 40):
        many.step(goal, dt, 9.0)
    assert one.value == pytest.approx(many.value)
    assert one.speed == pytest.approx(many.speed)
    assert settle(-goal, np.zeros(2), 0.4, np.full(2, 9.0)) == pytest.approx(one.value - goal)
