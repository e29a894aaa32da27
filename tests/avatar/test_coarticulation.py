"""The mouth of an utterance: closures, contacts, rounding, anticipation, reduction."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.avatar.coarticulation import LEAD_S, MouthTrack, aperture
from runtime.avatar.visemes import MOUTH, is_pause, is_vowel, visemes
from runtime.core.blendshapes import BLENDSHAPES, INDEX, weights
from runtime.core.messages import TimedPhoneme
from tests.avatar.speech import WELCOME, WELCOME_S, spoken

# What espeak-ng wrote for 25,000 dictionary words with the voices en-us and en-gb-x-rp.
ESPEAK = """
    n k s ɪ ɹ l ə t b æ d z m p ɛ ɚ oʊ ɑː eɪ i iː ŋ ᵻ v aɪ ʌ uː ɾ f ʃ w tʃ ɡ ɜː ɑːɹ əl ɐ j dʒ ɔː aʊ θ h oːɹ
    iə ɔ ɔːɹ ʊ ɔɪ oː ɛɹ ɪɹ ʊɹ ʒ ð aɪɚ aɪə ʔ n̩ x r ɬ ɑ̃ əʊ ɒ eə ʊə aʊə
"""


def at_middle(symbols: str, index: int, length_s: float = 0.09) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    phonemes, duration = spoken(symbols, length_s)
    return MouthTrack(phonemes, duration).at((index + 0.5) * length_s)


@pytest.mark.parametrize("symbol", ESPEAK.split())
def test_every_sound_of_english_is_made_of_known_visemes(symbol: str) -> None:
    parts = visemes(symbol)
    assert sum(share for _, share in parts) == pytest.approx(1.0)
    letters = [c for c in symbol if c not in "ː\u0329\u0303"]
    assert len(parts) == len(letters)
    assert not is_pause(symbol)


def test_unknown_symbols_look_like_something_sane() -> None:
    assert is_pause("")
    assert is_pause("|")
    assert is_vowel("ㅁ")
    assert visemes("ɸ")[0][0] is visemes("p")[0][0]
    assert visemes("ɱ")[0][0] is visemes("f")[0][0]
    assert len(visemes("a" * 500)) <= 12


@pytest.mark.parametrize("rate_s", [0.12, 0.08, 0.05])
@pytest.mark.parametrize("sound", ["p", "b", "m"])
@pytest.mark.parametrize(("before", "after"), list(itertools.product(["ɑː", "iː", "uː", "s"], repeat=2)))
def test_bilabials_close_completely_for_their_core(sound: str, before: str, after: str, rate_s: float) -> None:
    phonemes, duration = spoken(f"{before} {sound} {after}", rate_s)
    track = MouthTrack(phonemes, duration)
    core = np.linspace(1.35, 1.65, 7) * rate_s
    assert max(aperture(track.at(t)) for t in core) < 0.03
    assert aperture(track.at(rate_s * 0.4)) > (0.05 if rate_s > 0.06 else 0.015)


@pytest.mark.parametrize(("vowel", "least"), [("iː", 0.07), ("ɛ", 0.1), ("ɑː", 0.15), ("eɪ", 0.09)])
def test_a_short_vowel_between_bilabials_still_opens(vowel: str, least: float) -> None:
    phonemes, duration = spoken(f"m {vowel} b iː", 0.08)
    track = MouthTrack(phonemes, duration)
    assert max(aperture(track.at(t)) for t in np.arange(0.09, 0.16, 0.005)) > least


@pytest.mark.parametrize("sound", ["f", "v"])
def test_labiodentals_touch(sound: str) -> None:
    mouth = at_middle(f"ɑː {sound} ɑː", 1)
    assert mouth[INDEX["mouthRollLower"]] > 0.6
    assert mouth[INDEX["mouthUpperUpLeft"]] > 0.25
    assert mouth[INDEX["mouthLowerDownLeft"]] < 0.05
    assert mouth[INDEX["jawOpen"]] < 0.15
    assert mouth[INDEX["mouthClose"]] < 0.05


@pytest.mark.parametrize("vowel", ["uː", "oʊ", "ɔː", "w", "ʊ"])
def test_rounded_sounds_round_and_spread_ones_do_not(vowel: str) -> None:
    def rounding(symbol: str) -> float:
        mouth = at_middle(f"t {symbol} t", 1, 0.12)
        return float(mouth[INDEX["mouthPucker"]] + mouth[INDEX["mouthFunnel"]])

    assert rounding(vowel) > 0.5
    assert rounding("iː") < 0.05
    assert at_middle("t iː t", 1, 0.12)[INDEX["mouthStretchLeft"]] > 0.2


@pytest.mark.parametrize("sound", ["s", "z", "ʃ", "ʒ"])
def test_sibilants_keep_the_teeth_together(sound: str) -> None:
    assert at_middle(f"ɑː {sound} ɑː", 1)[INDEX["jawOpen"]] < 0.13
    assert at_middle("ɑː h ɑː", 1)[INDEX["jawOpen"]] > 0.35


def test_it_anticipates_the_first_sound_and_rests_after_the_last() -> None:
    track = MouthTrack(*spoken("w iː t", 0.1))
    pucker = [track.at(t)[INDEX["mouthPucker"]] for t in (-LEAD_S, -0.1, -0.04, 0.0)]
    assert pucker == sorted(pucker)
    assert pucker[0] < 0.02
    assert pucker[-1] > 0.6
    assert np.abs(track.at(0.3 + 0.25)).max() < 0.02
    assert not track.at(-5.0).any()
    assert not track.at(50.0).any()


def test_rounding_is_anticipated_through_a_consonant() -> None:
    before_oo = at_middle("iː t uː", 1)[INDEX["mouthPucker"]]
    assert before_oo > 3 * at_middle("iː t iː", 1)[INDEX["mouthPucker"]] + 0.15


def test_fast_and_unstressed_vowels_are_reduced() -> None:
    def jaw(length_s: float, stress: int) -> float:
        phonemes, duration = spoken("t ɑː t", length_s, stress)
        return float(MouthTrack(phonemes, duration).at(1.5 * length_s)[INDEX["jawOpen"]])

    assert jaw(0.2, 1) > jaw(0.1, 1) > jaw(0.05, 1)
    assert jaw(0.15, 1) > jaw(0.15, 2) > jaw(0.15, 0)


def test_it_moves_without_jumps_and_only_the_mouth() -> None:
    track = MouthTrack(WELCOME, WELCOME_S)
    path = np.array([track.at(t) for t in np.arange(-0.4, WELCOME_S + 0.4, 0.001)])
    assert np.abs(np.diff(path, axis=0)).max() < 0.04
    others = np.setdiff1d(np.arange(len(BLENDSHAPES)), MOUTH)
    assert not path[:, others].any()
    assert path[:, INDEX["jawOpen"]].max() > 0.3


def test_aperture_orders_mouths_as_the_eye_does() -> None:
    shapes: list[dict[str, float]] = [
        {"jawOpen": 0.6, "mouthClose": 1.0, "mouthPress": 0.4},
        {"jawOpen": 0.05, "mouthLowerDown": 0.4, "mouthUpperUp": 0.3},
        {"jawOpen": 0.35},
        {"jawOpen": 0.62, "mouthLowerDown": 0.15},
    ]
    sizes = [aperture(weights(shape)) for shape in shapes]
    assert sizes == sorted(sizes)
    assert sizes[0] < 0.03


times = st.floats(-2.0, 12.0, allow_nan=False)


@settings(max_examples=60, deadline=None)
@given(
    phonemes=st.lists(st.builds(TimedPhoneme, st.text(max_size=4), times, times, st.integers(-1, 4)), max_size=30),
    duration=st.floats(0.0, 10.0),
    offset=st.floats(-20.0, 40.0),
)
def test_any_phonemes_give_weights_in_range(phonemes: list[TimedPhoneme], duration: float, offset: float) -> None:
    mouth = MouthTrack(phonemes, duration).at(offset)
    assert mouth.shape == (52,)
    assert mouth.dtype == np.float32
    assert np.isfinite(mouth).all()
    assert mouth.min() >= 0.0
    assert mouth.max() <= 1.0
