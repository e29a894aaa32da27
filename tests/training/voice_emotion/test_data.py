"""What the voice's model learns from: labels, changed copies, noise, and how often each is drawn."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

pytest.importorskip("torch")

from runtime.core.errors import UserError
from runtime.core.mel import MEL_RATE_HZ
from runtime.perception.voice_emotion import LABELS
from runtime.perception.voice_features import FEATURES
from training.augment.sound import power
from training.voice_emotion.data import Cut, Utterances, Voices, acted, heard, read_out
from training.voice_emotion.sounds import babble, change_with, changed, in_test_noise, microphone


def tone(hertz: float, seconds: float = 1.5, seed: int = 0) -> NDArray[np.float32]:
    time_s = np.arange(round(seconds * MEL_RATE_HZ)) / MEL_RATE_HZ
    noise = np.random.default_rng(seed).normal(0, 0.01, len(time_s))
    return np.asarray(0.2 * np.sign(np.sin(2 * np.pi * hertz * time_s)) + noise, np.float32)


def voices(counts: dict[str, int], copies: int = 0) -> Voices:
    labels = np.repeat([LABELS.index(name) for name in counts], list(counts.values()))
    rows = np.random.default_rng(0).normal(size=(len(labels), 1 + copies, FEATURES)).astype(np.float32)
    return Voices(rows[:, 0], rows[:, 1:], rows[:, :1], labels, np.arange(len(labels)))


def write(path: Path, sound: NDArray[np.float32], rate_hz: int = MEL_RATE_HZ) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, sound, rate_hz)


def test_names_of_files_tell_speaker_and_emotion(tmp_path: Path) -> None:
    for name in ("03a01Wa", "03a02Wb", "03a01Nc", "16b10Lb"):
        write(tmp_path / f"{name}.wav", tone(150), 22_050)
    cuts = acted(tmp_path)
    known = [(LABELS[cut.label], cut.speaker) for cut in cuts]
    assert known == [("neutral", 3), ("angry", 3), ("angry", 3), ("bored", 16)]
    assert len(cuts[0].sound) == pytest.approx(len(tone(150)) * MEL_RATE_HZ / 22_050, abs=2)
    assert len(acted(tmp_path, most=1)) == 3


def test_a_file_with_another_name_and_no_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds no"):
        acted(tmp_path)
    write(tmp_path / "angry.wav", tone(150))
    with pytest.raises(UserError, match="not named like"):
        acted(tmp_path)


def test_readers_to_learn_from_are_others_than_those_kept_apart(tmp_path: Path) -> None:
    for reader in (10, 11, 12):
        write(tmp_path / f"{reader}/7/{reader}-7-0000.flac", tone(100 + 10 * reader, 5))
    one, other = read_out(tmp_path)
    assert ({cut.speaker for cut in one}, {cut.speaker for cut in other}) == ({10, 12}, {11})
    assert {LABELS[cut.label] for cut in [*one, *other]} == {"neutral"}
    assert [len(cut.sound) for cut in other] == [2 * MEL_RATE_HZ] * 2
    with pytest.raises(UserError, match="two readers"):
        read_out(tmp_path / "10")


def test_copies_differ_but_come_again_with_the_same_seed() -> None:
    cuts, talkers = [Cut(tone(150), 3, 8), Cut(tone(220), 0, 9)], [tone(90), tone(130)]
    change = change_with(talkers, 0)
    first, again = (heard(cuts, change, 3, talkers, 1) for _ in range(2))
    assert (first.clean.shape, first.copies.shape, first.noisy.shape) == ((2, 265), (2, 3, 265), (2, 2, 265))
    np.testing.assert_array_equal(first.copies, again.copies)
    rows = np.concatenate([first.clean[0][None], first.copies[0], first.noisy[0]])
    distances = np.abs(rows[:, None] - rows[None]).max(axis=-1) + np.eye(len(rows))
    assert distances.min() > 0.1


def test_quiet_is_left_out() -> None:
    cuts = [Cut(np.zeros(MEL_RATE_HZ, np.float32), 3, 8), Cut(tone(150), 4, 9)]
    found = heard(cuts, change_with([tone(90)], 0), 1, [tone(90)], 0)
    assert (found.labels.tolist(), found.speakers.tolist()) == ([4], [9])


def test_noise_of_the_test_is_as_strong_as_said() -> None:
    speech = tone(150)
    for noisy in in_test_noise(speech, [tone(90), tone(130)], np.random.default_rng(0)):
        assert 10 * np.log10(power(speech) / power(noisy - speech)) == pytest.approx(10, abs=0.1)


def test_babble_holds_each_voice_as_strong_as_the_others() -> None:
    mixed = babble([tone(100) * 0.01, tone(155)], np.random.default_rng(0))
    lines = np.abs(np.fft.rfft(mixed * np.hanning(len(mixed)))) ** 2
    quarter_hz = len(mixed) / MEL_RATE_HZ
    strength = [lines[round((hertz - 2) * quarter_hz) : round((hertz + 2) * quarter_hz)].sum() for hertz in (100, 155)]
    assert strength[0] == pytest.approx(strength[1], rel=0.1)


def test_a_microphone_colours_and_adds_nothing() -> None:
    silence = np.zeros(MEL_RATE_HZ, np.float32)
    chance = np.random.default_rng(0)
    assert not microphone(silence, chance).any()
    speech = tone(150)
    heard_now = microphone(speech, chance)
    assert heard_now.shape == speech.shape
    assert abs(10 * np.log10(power(heard_now) / power(speech))) < 12


def test_a_changed_copy_is_a_second_at_least() -> None:
    chance = np.random.default_rng(0)
    change = change_with([tone(90)], 0)
    lengths = [len(changed(tone(150, 3, seed), change, chance)) / MEL_RATE_HZ for seed in range(8)]
    assert min(lengths) > 1
    assert max(lengths) < 3.2


def test_every_emotion_is_drawn_alike_and_readers_as_often_as_said() -> None:
    items = Utterances(voices({"angry": 6, "bored": 2}, copies=2), voices({"neutral": 5}), 1.0, 0.2, 0.1, 0.3)
    assert len(items) == 8 * 3 + 5
    assert items.shares[:18].sum().item() == pytest.approx(0.4)
    assert items.shares[18:24].sum().item() == pytest.approx(0.4)
    assert items.shares[24:].sum().item() == pytest.approx(0.2)


def test_wanted_chances_are_softened_labels() -> None:
    items = Utterances(voices({"angry": 1}, copies=1), voices({"neutral": 1}), 0.0, 0.2, 0.14, 0.35)
    features, wanted = items.__getitems__([1, 2])
    assert features.shape == (2, FEATURES)
    np.testing.assert_allclose(wanted.sum(dim=1), 1.0, atol=1e-6)
    assert wanted[0, LABELS.index("angry")].item() == pytest.approx(0.88)
    assert wanted[1, LABELS.index("neutral")].item() == pytest.approx(0.7)
    np.testing.assert_array_equal(items[1][0], features[0])
