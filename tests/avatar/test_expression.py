"""Feelings on the face, and who wins where they meet speech."""

import numpy as np
import pytest

from runtime.avatar.coarticulation import MouthTrack, aperture
from runtime.avatar.expression import Expression, blend, target
from runtime.core.blendshapes import INDEX, weights
from runtime.core.messages import Affect
from tests.avatar.speech import spoken

LABELS = ("neutral", "warm", "calm", "happy", "sad", "concerned", "surprised", "curious", "angry")


@pytest.mark.parametrize("label", LABELS)
def test_every_label_has_a_face_of_its_own(label: str) -> None:
    face = target(Affect(label, 1.0))
    assert face.shape == (55,)
    assert all(np.abs(face - target(Affect(other, 1.0))).max() > 0.1 for other in LABELS if other != label)


def test_intensity_scales_and_bad_numbers_are_held() -> None:
    smile = INDEX["mouthSmileLeft"]
    assert target(Affect("happy", 0.3))[smile] < target(Affect("happy", 0.8))[smile]
    wild = target(Affect("nonsense", 9.0, valence=float("nan"), arousal=-7.0))
    assert np.isfinite(wild).all()
    assert np.abs(wild[:52]).max() <= 1.0


def test_it_comes_faster_than_it_goes_and_never_jumps() -> None:
    layer, happy = Expression(), Affect("happy", 1.0)
    path = [layer.step(0.04, happy if frame < 50 else None)[0].copy() for frame in range(250)]
    smile = np.array(path)[:, INDEX["mouthSmileLeft"]]
    assert smile[10] > 0.7 * smile[49]
    assert smile[60] > 0.5 * smile[49]
    assert smile[-1] < 0.2
    assert np.abs(np.diff(np.array(path), axis=0)).max() < 0.25


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("sound", ["p", "b", "m"])
def test_closed_lips_stay_closed_under_every_feeling(label: str, sound: str) -> None:
    track = MouthTrack(*spoken(f"ɑː {sound} iː"))
    feeling = target(Affect(label, 1.0, 1.0, 1.0))[:52]
    for offset in np.linspace(1.35, 1.65, 5) * 0.09:
        assert aperture(blend(track.at(offset), feeling, speaking=1.0)) < 0.03


def test_rounding_takes_the_smile_back() -> None:
    happy = target(Affect("happy", 1.0))[:52]
    smile = INDEX["mouthSmileLeft"]
    rounded = blend(weights({"mouthPucker": 0.9}), happy, 1.0)
    open_ = blend(weights({"jawOpen": 0.5}), happy, 1.0)
    assert rounded[smile] < 0.5 * open_[smile]
    assert open_[smile] > 0.4


def test_a_wink_stays_on_its_side() -> None:
    wink = weights({"eyeBlinkRight": 1.0, "mouthSmileRight": 0.8}).astype(np.float64)
    face = blend(np.zeros(52, np.float32), wink, 0.0)
    assert face[INDEX["eyeBlinkRight"]] == 1.0
    assert face[INDEX["eyeBlinkLeft"]] == 0.0
    assert face[INDEX["mouthSmileRight"]] == pytest.approx(0.8)
    assert face[INDEX["mouthSmileLeft"]] == 0.0
