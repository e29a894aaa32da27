"""Changed copies: exactly as drawn, the same by the same seed, none while augmentation is off."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

pytest.importorskip("scipy")

from training.augment import chance, landmarks, pictures, sound
from training.augment.landmarks import LandmarkChange
from training.augment.pictures import PictureChange
from training.augment.sound import SoundChange

RATE_HZ = 16_000


def tone(hertz: float = 440.0, seconds: float = 0.5) -> NDArray[np.float32]:
    return (0.3 * np.sin(2 * np.pi * hertz * np.arange(int(seconds * RATE_HZ)) / RATE_HZ)).astype(np.float32)


def peak_hz(heard: NDArray[Any]) -> float:
    return float(np.abs(np.fft.rfft(heard)).argmax() * RATE_HZ / len(heard))


def spots() -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """A dark picture with three bright spots of different size, and where they are."""
    picture = np.zeros((81, 121), np.uint8)
    places = np.array([[30.0, 20.0], [90.0, 30.0], [60.0, 60.0]])
    across, down = np.meshgrid(np.arange(121), np.arange(81))
    for (x, y), width in zip(places, (3.0, 4.0, 5.0), strict=True):
        spot = 255 * np.exp(-((across - x) ** 2 + (down - y) ** 2) / (2 * width**2))
        picture = np.maximum(picture, spot.astype(np.uint8))
    return picture, places


def centres(picture: NDArray[Any], about: NDArray[np.float64], reach: int = 9) -> NDArray[np.float64]:
    """Where the light near each of some places has its centre."""
    across, down = np.meshgrid(np.arange(picture.shape[1]), np.arange(picture.shape[0]))
    found = []
    for x, y in about:
        near = picture * (np.hypot(across - x, down - y) < reach)
        found.append([(near * across).sum() / near.sum(), (near * down).sum() / near.sum()])
    return np.array(found)


@pytest.mark.parametrize(
    "draw",
    [
        pictures.Draw(rotation_deg=12.0),
        pictures.Draw(scale=1.15),
        pictures.Draw(shift_x=0.05, shift_y=-0.04),
        pictures.Draw(mirrored=True),
        pictures.Draw(rotation_deg=-8.0, scale=0.9, shift_x=0.03, mirrored=True),
    ],
)
def test_the_landmarks_of_a_picture_go_where_the_picture_goes(draw: pictures.Draw) -> None:
    picture, places = spots()
    change = PictureChange()
    moved = change.move(places, picture, draw)
    changed = change.apply(picture, draw, np.random.default_rng(0))
    assert np.abs(moved - places).max() > 1
    assert centres(changed, moved) == pytest.approx(moved, abs=0.25)


def test_a_mirrored_picture_has_its_landmarks_numbered_from_the_other_side() -> None:
    picture, places = spots()
    moved = PictureChange(partner=np.array([1, 0, 2])).move(places, picture, pictures.Draw(mirrored=True))
    assert moved == pytest.approx(np.array([[30.0, 30.0], [90.0, 20.0], [60.0, 60.0]]))


def test_light_and_noise_of_a_picture_are_as_stated() -> None:
    grey = np.full((200, 200), 100, np.uint8)
    assert (pictures.relight(grey, gain=1.5, gamma=1.0) == 150).all()
    assert (pictures.relight(grey, gain=1.0, gamma=2.0) == round(255 * (100 / 255) ** 2)).all()
    noisy = pictures.add_noise(grey, 0.03, np.random.default_rng(0))
    assert noisy.std() == pytest.approx(0.03 * 255, rel=0.02)
    assert noisy.mean() == pytest.approx(100, abs=0.2)


@pytest.mark.parametrize("snr_db", [-5.0, 0.0, 12.5, 40.0])
@pytest.mark.parametrize("length", [100, 8_000, 30_000])
def test_noise_is_mixed_at_exactly_the_ratio_stated(snr_db: float, length: int) -> None:
    noise = np.random.default_rng(1).standard_normal(length).astype(np.float32)
    mixed = sound.mix_at_snr(tone(), noise, snr_db)
    added = mixed.astype(np.float64) - tone()
    assert 10 * np.log10(sound.power(tone()) / sound.power(added)) == pytest.approx(snr_db, abs=0.01)
    assert np.array_equal(sound.mix_at_snr(tone(), np.zeros(9, np.float32), snr_db), tone())


@pytest.mark.parametrize("colour", [0.0, 1.0, 2.0])
def test_noise_has_its_colour(colour: float) -> None:
    noise = sound.coloured_noise(2**16, colour, np.random.default_rng(2))
    assert sound.power(noise) == pytest.approx(1.0, rel=1e-5)
    power = np.abs(np.fft.rfft(noise)) ** 2
    octaves = [power[2**n : 2 ** (n + 1)].mean() for n in range(6, 15)]
    slope = np.polyfit(np.arange(len(octaves)), np.log2(octaves), 1)[0]
    assert slope == pytest.approx(-colour, abs=0.1)


def test_speed_changes_length_and_pitch_together_and_pitch_alone_keeps_the_length() -> None:
    fast = sound.change_speed(tone(), 1.25)
    assert len(fast) == pytest.approx(len(tone()) / 1.25, abs=2)
    assert peak_hz(fast) == pytest.approx(550, abs=4)
    higher = sound.shift_pitch(tone(seconds=1.0), RATE_HZ, 2.0)
    assert len(higher) == RATE_HZ
    assert peak_hz(higher) == pytest.approx(440 * 2 ** (2 / 12), rel=0.01)


def test_a_room_rings_as_long_as_stated_and_delays_nothing() -> None:
    response = sound.room(0.4, 6.0, RATE_HZ, np.random.default_rng(3))
    assert response.argmax() == 0
    tail = response[1:].astype(np.float64)
    assert -10 * np.log10((tail**2).sum()) == pytest.approx(6.0, abs=1e-3)
    left_db = 10 * np.log10(np.cumsum(tail[::-1] ** 2)[::-1])
    fall = left_db[int(0.05 * RATE_HZ)] - left_db[int(0.25 * RATE_HZ)]
    assert fall / 0.2 == pytest.approx(60 / 0.4, rel=0.1)
    assert sound.power(sound.reverberate(tone(), response)) == pytest.approx(sound.power(tone()), rel=1e-4)


def test_a_whole_change_of_a_sound_is_as_drawn_and_within_full_scale() -> None:
    change = SoundChange()
    loud, _ = change(3 * tone(), RATE_HZ, np.random.default_rng(1))
    assert np.abs(loud).max() <= 1.0
    quiet = change.apply(tone(), RATE_HZ, sound.Draw(gain_db=-6.0), np.random.default_rng(1))
    assert quiet == pytest.approx(tone() * 10 ** (-6 / 20), abs=1e-6)


def test_a_sequence_is_turned_as_one_and_played_faster() -> None:
    steps = np.random.default_rng(0).standard_normal((11, 5, 2))
    still = LandmarkChange(about="origin")
    turned = still.apply(steps, landmarks.Draw(rotation_deg=90.0), np.random.default_rng(0))
    assert turned == pytest.approx(np.stack([-steps[..., 1], steps[..., 0]], axis=-1), abs=1e-6)
    faster = still.apply(steps, landmarks.Draw(speed=2.0), np.random.default_rng(0))
    assert faster == pytest.approx(steps[::2], abs=1e-6)


@pytest.mark.parametrize("yaw_deg", [0.0, 20.0])
def test_turning_keeps_a_solid_hands_distances(yaw_deg: float) -> None:
    points = np.random.default_rng(0).standard_normal((21, 3))
    draw = landmarks.Draw(rotation_deg=30.0, yaw_deg=yaw_deg, pitch_deg=-9.0)
    turned = LandmarkChange().apply(points, draw, np.random.default_rng(0))
    before, after = (np.linalg.norm(p[:, None] - p[None], axis=-1) for p in (points, turned))
    assert after == pytest.approx(before, abs=1e-5)
    assert not np.allclose(points, turned)


CALLS: dict[str, Any] = {
    "picture": lambda rng: PictureChange()(spots()[0], spots()[1], rng)[:2],
    "sound": lambda rng: SoundChange(pitch_chance=1.0, room_chance=1.0, noise_chance=1.0)(tone(), RATE_HZ, rng)[:1],
    "landmarks": lambda rng: LandmarkChange(shift=0.1, mirror_chance=0.5)(spots()[1], rng)[:1],
}


@pytest.mark.parametrize("kind", CALLS)
def test_the_same_seed_makes_the_same_copy_and_another_another(kind: str) -> None:
    def made(seed: int, own: bool) -> Any:
        if own:
            return CALLS[kind](np.random.default_rng(seed))
        np.random.seed(seed)  # as the training loop does for each item
        return CALLS[kind](None)

    for own in (True, False):
        one, again, other = made(1, own), made(1, own), made(2, own)
        assert all(np.array_equal(a, b) for a, b in zip(one, again, strict=True))
        assert not all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("kind", CALLS)
def test_nothing_is_changed_while_augmentation_is_off(kind: str) -> None:
    plain = {"picture": spots(), "sound": (tone(),), "landmarks": (spots()[1].astype(np.float32),)}[kind]
    with chance.off():
        assert not chance.is_on()
        found = CALLS[kind](None)
    assert chance.is_on()
    assert all(np.array_equal(a, b) for a, b in zip(found, plain, strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(CALLS[kind](None), plain, strict=True))
