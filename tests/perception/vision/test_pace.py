"""When to look, on simulated time."""

import numpy as np
import pytest

from runtime.perception.vision.pace import FACES_HZ, HANDS_HZ, LEAST, SHARE, Pace


def run(
    pace: Pace, camera_hz: float, start_s: float, length_s: float, costs_s: tuple[float, float]
) -> tuple[float, float]:
    """Run a camera past a pace, looks costing so much; return how often faces and hands were looked for a second."""
    jitter = np.random.default_rng(5)
    faces = hands = 0
    for index in range(round(length_s * camera_hz)):
        time_s = start_s + (index + jitter.uniform(-0.15, 0.15)) / camera_hz
        look = pace.due(time_s)
        faces, hands = faces + look.faces, hands + look.hands
        if look.faces or look.hands:
            pace.took(costs_s[0] if look.faces else None, costs_s[1] if look.hands else None)
            pace.lateness(time_s, 0.0)
    return faces / length_s, hands / length_s


@pytest.mark.parametrize("camera_hz", [15, 20, 25, 30, 60])
def test_faces_and_hands_have_their_own_rates_whatever_the_cameras(camera_hz: float) -> None:
    faces_hz, hands_hz = run(Pace(), camera_hz, 0.0, 20.0, (0.005, 0.01))
    assert faces_hz == pytest.approx(FACES_HZ, rel=0.06)
    assert hands_hz == pytest.approx(HANDS_HZ, rel=0.06)


def test_a_slow_camera_is_looked_at_whole() -> None:
    assert run(Pace(), 5, 0.0, 20.0, (0.005, 0.01)) == (5.0, 5.0)


def test_the_share_of_a_core_is_kept_and_the_rates_come_back() -> None:
    pace = Pace()
    run(pace, 30, 0.0, 10.0, (0.03, 0.06))  # a machine six times as slow
    faces_hz, hands_hz = run(pace, 30, 10.0, 20.0, (0.03, 0.06))
    assert faces_hz * 0.03 + hands_hz * 0.06 == pytest.approx(SHARE, rel=0.1)
    assert faces_hz / hands_hz == pytest.approx(FACES_HZ / HANDS_HZ, rel=0.1)
    run(pace, 30, 30.0, 5.0, (0.005, 0.01))
    faces_hz, hands_hz = run(pace, 30, 35.0, 10.0, (0.005, 0.01))
    assert faces_hz == pytest.approx(FACES_HZ, rel=0.06)
    assert hands_hz == pytest.approx(HANDS_HZ, rel=0.06)


def test_one_long_look_is_no_reason_to_slow_down_much() -> None:
    pace = Pace()
    pace.took(0.5, 0.5)  # the first picture, say
    assert pace.level > 0.85


def test_late_drawings_slow_it_step_by_step_and_it_recovers() -> None:
    pace, levels = Pace(), []
    for tick in range(250):  # a drawing is late 25 times a second for 10 s
        pace.lateness(tick / 25, 0.08)
        levels.append(pace.level)
    assert levels == sorted(levels, reverse=True)
    assert levels[0] == pytest.approx(0.7)
    assert levels[1] == levels[0]  # not more than a step at a time
    assert levels[-1] == LEAST
    assert pace.rates_hz == pytest.approx((FACES_HZ * LEAST, HANDS_HZ * LEAST))
    for tick in range(250, 750):
        pace.lateness(tick / 25, 0.0)
    assert pace.level == 1.0
    assert pace.rates_hz == (FACES_HZ, HANDS_HZ)


def test_now_and_then_late_keeps_it_slow() -> None:
    pace = Pace()
    for tick in range(500):
        pace.lateness(tick / 25, 0.08 if tick % 10 == 0 else 0.0)
    assert pace.level == LEAST


def test_a_gap_is_not_made_up_for_and_a_clock_set_back_is_no_end() -> None:
    pace = Pace()
    run(pace, 30, 100.0, 2.0, (0.005, 0.01))
    faces_hz, _ = run(pace, 30, 160.0, 2.0, (0.005, 0.01))
    assert faces_hz <= FACES_HZ * 1.1
    faces_hz, _ = run(pace, 30, 0.0, 2.0, (0.005, 0.01))
    assert faces_hz == pytest.approx(FACES_HZ, rel=0.1)


def test_a_rate_of_nothing_is_never_due() -> None:
    pace = Pace(10, 0)
    assert not any(pace.due(tick / 30).hands for tick in range(100))
