"""Pitch and energy of the last speech."""

import numpy as np
import pytest
import soxr
from numpy.typing import NDArray

from runtime.perception.prosody import FEATURES, FRAMES, PROSODY_RATE_HZ, STRETCH, RecentSound, pitch, prosody
from runtime.voice.backends import open_synthesizer
from runtime.voice.synthesizer import VoiceStyle


def tone(hertz: NDArray[np.float64]) -> NDArray[np.float32]:
    phase = np.cumsum(2 * np.pi * hertz / PROSODY_RATE_HZ)
    return np.asarray(0.3 * np.sin(phase) + 0.1 * np.sin(2 * phase), np.float32)


def vowel(hertz: float, formants: tuple[float, ...], seed: int = 0) -> NDArray[np.float32]:
    """Return a voice of a steady pitch: harmonics that fall by 6 dB an octave, lifted near formants, and some noise."""
    time = np.arange(STRETCH) / PROSODY_RATE_HZ
    sound = np.zeros(STRETCH)
    for number in range(1, int(4_000 / hertz)):
        at = number * hertz
        lift = sum(1 / (1 + ((at - formant) / 80) ** 2) for formant in formants)
        sound += (0.05 + lift) / number * np.sin(2 * np.pi * at * time + number)
    noise = np.random.default_rng(seed).normal(0, 0.1 * sound.std(), STRETCH)
    return np.asarray(0.2 * (sound + noise) / np.abs(sound).max(), np.float32)


def test_silence_has_no_voice() -> None:
    features = prosody(np.zeros(100, np.float32))
    assert features.shape == (FRAMES, FEATURES)
    assert features.dtype == np.float32
    assert not features[:, :2].any()


def test_a_falling_pitch_falls_by_as_much() -> None:
    features = prosody(tone(np.geomspace(240, 120, STRETCH)))
    assert features[:, 1].mean() > 0.95
    assert features[-3, 0] - features[2, 0] == pytest.approx(-1, abs=0.1)  # an octave


@pytest.mark.parametrize("hertz", [75, 90, 110, 140, 175, 210, 260, 310, 370])
@pytest.mark.parametrize("formants", [(700, 1_200, 2_600), (300, 2_200, 3_000), (350, 700, 2_500)], ids=["a", "i", "u"])
def test_the_pitch_of_vowels_is_known_without_jumps_of_an_octave(hertz: float, formants: tuple[float, ...]) -> None:
    found, _ = pitch(vowel(hertz, formants))
    assert np.isfinite(found).mean() > 0.95
    off = np.log2(found[np.isfinite(found)] / hertz)
    assert np.mean(np.abs(off) > 0.1) <= 0.02
    assert abs(float(np.median(off))) < 0.02


@pytest.mark.parametrize("voice", ["en-us", "en-us+m3", "en-us+f2", "en-gb-scotland"])
def test_a_spoken_sentence_raised_by_semitones_is_heard_as_much_higher(voice: str) -> None:
    speaker = open_synthesizer("espeak")
    spoken = [
        speaker.synthesise("where is the nearest lift and how do i get there", VoiceStyle(voice, 1.0, float(semitones)))
        for semitones in (-3, 0, 3)
    ]
    speaker.close()
    found = [pitch(soxr.resample(said.audio, said.rate_hz, PROSODY_RATE_HZ))[0] for said in spoken]
    middles = [float(np.nanmedian(heights)) for heights in found]
    assert middles == sorted(middles)
    assert np.log2(middles[2] / middles[0]) == pytest.approx(0.5, abs=0.1)  # espeak-ng says nothing twice alike
    for heights in found:
        steps = np.abs(np.diff(np.log2(heights)))
        assert np.nanmean(steps > 0.5) <= 0.03  # a voice doesn't jump so far within 20 ms
        assert np.nanmax(heights) < 2.2 * np.nanmedian(heights)


def test_noise_has_no_pitch() -> None:
    found, _ = pitch(np.random.default_rng(0).normal(0, 0.1, STRETCH).astype(np.float32))
    assert np.isnan(found).mean() > 0.9


def test_neither_loudness_nor_height_counts() -> None:
    low, high = tone(np.geomspace(130, 100, STRETCH)), tone(np.geomspace(260, 200, STRETCH))
    assert np.abs(prosody(low) - prosody(0.1 * low)).max() < 0.02
    assert np.abs(prosody(low)[:, 0] - prosody(high)[:, 0]).max() < 0.1


def test_only_the_end_of_the_sound_counts() -> None:
    sound = tone(np.full(STRETCH, 150.0))
    before = np.random.default_rng(0).normal(0, 0.3, 9_000).astype(np.float32)
    assert np.array_equal(prosody(sound), prosody(np.concatenate([before, sound])))


@pytest.mark.parametrize("size", [160, 512, 40_000, 100_000])
def test_recent_sound_is_what_was_fed_last(size: int) -> None:
    sound = np.arange(100_000, dtype=np.float32)
    recent = RecentSound(2.0)
    for begin in range(0, len(sound), size):
        piece = sound[begin : begin + size]
        recent.feed(piece, (begin + len(piece)) / PROSODY_RATE_HZ)
    assert np.array_equal(recent.before(100_000 / PROSODY_RATE_HZ), sound[-32_000:])
    assert recent.before(99_000 / PROSODY_RATE_HZ)[-1] == 98_999
    assert len(recent.before(0.0)) == 0
