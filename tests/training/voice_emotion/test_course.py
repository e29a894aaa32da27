"""Nets and scores of the voice's emotion, and a whole training on sounds made up here, exported and read again."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

pytest.importorskip("torch")

import torch

from exporters.export import export
from exporters.voice_emotion import spec
from runtime.core.errors import UserError
from runtime.core.mel import MEL_RATE_HZ
from runtime.core.models import open_session
from runtime.perception.voice_emotion import LABELS, VoiceEmotion
from runtime.perception.voice_features import FEATURES
from tests.training.voice_emotion.test_data import tone, voices
from training.run import Run
from training.voice_emotion import course, scores
from training.voice_emotion.data import LETTERS, Voices
from training.voice_emotion.nets import Calibrated, Ensemble, VoiceNet, build

CARD = 'source = "made"\nlicence = "CC0"\nconsent = "Nobody speaks."\nwhat = "Tones."\n'


def figures(count: int) -> torch.Tensor:
    return 5 + 3 * torch.randn(count, FEATURES, generator=torch.Generator().manual_seed(0))


def test_an_ensemble_says_the_mean_of_what_its_members_say() -> None:
    ensemble = Ensemble(3, 8, 0.3).fit_scale(figures(50)).eval()
    each = torch.stack([member(figures(4)).softmax(-1) for member in ensemble.members])
    assert (each[0] - each[1]).abs().max() > 0.01
    torch.testing.assert_close(ensemble(figures(4)).softmax(-1), each.mean(dim=0))


def test_units_do_not_matter_and_the_far_off_is_cut() -> None:
    net = VoiceNet(8).fit_scale(figures(50)).eval()
    other = VoiceNet(8).fit_scale(figures(50) * 100 - 7).eval()
    other.layers.load_state_dict(net.layers.state_dict())
    torch.testing.assert_close(net(figures(4)), other(figures(4) * 100 - 7), atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(net(figures(1) + 1e6), net(figures(1) + 1e9))


def test_what_is_exported_gives_chances_and_the_arousal_they_mean() -> None:
    net = build({"hidden": 8}).eval()
    chances, arousal = Calibrated(net, 2.0, scores.AROUSAL)(figures(3))
    torch.testing.assert_close(chances, (net(figures(3)) / 2).softmax(-1))
    assert arousal[1].item() == pytest.approx(float(chances[1].detach().numpy() @ np.array(scores.AROUSAL)), abs=1e-6)


def test_the_temperature_that_made_logits_too_sure_is_found() -> None:
    chance = np.random.default_rng(0)
    true = chance.normal(0, 1.5, (20_000, 7)).astype(np.float32)
    labels = np.array([chance.choice(7, p=row) for row in scores.softmax(true)])
    assert scores.best_temperature(true * 2.5, labels) == pytest.approx(2.5, rel=0.05)


def test_figures_count_what_was_answered() -> None:
    found = voices({"angry": 4, "bored": 4})
    found.speakers[:] = [3, 3, 8, 8, 3, 3, 12, 12]
    answers = scores.Answers.none(len(found))
    answered = [*["angry"] * 3, "happy", *["bored"] * 3, "angry"]
    answers.clean[np.arange(8), [LABELS.index(name) for name in answered]] = 3.0
    answers.noisy[:, 0, LABELS.index("bored")] = 1.0
    answers.read.append(np.eye(7, dtype=np.float32)[[0, 0, 0, 3]])
    got = scores.figures(answers, found)
    assert got["accuracy"] == 6 / 8
    assert got["unweighted_accuracy"] == 6 / 8
    assert got["speakers"] == {"03": 1.0, "08": 0.5, "12": 0.5}
    assert (got["tuned_on"], got["not_tuned_on"], got["women"]) == (5 / 6, 0.5, 0.5)
    assert got["accuracy_pink_noise_10db"] == 0.5
    assert got["arousal_high_or_low"] == 7 / 8
    assert got["readers_neutral"] == 0.75
    assert got["confusion"][LABELS.index("angry")][LABELS.index("happy")] == 1


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two speakers with a tone for each emotion, and two readers."""
    folder = tmp_path_factory.mktemp("data")
    for speaker in (3, 8):
        for number, letter in enumerate(LETTERS):
            path = folder / f"voice_emotion/emodb/{speaker:02}a01{letter}a.wav"
            path.parent.mkdir(parents=True, exist_ok=True)
            soundfile.write(path, tone(90 + 40 * number + speaker, seed=speaker), MEL_RATE_HZ)
    for reader in (10, 11):
        path = folder / f"speech/librispeech_other/{reader}/1/{reader}-1-0000.flac"
        path.parent.mkdir(parents=True)
        soundfile.write(path, tone(80 + reader, 3), MEL_RATE_HZ)
    for name in ("voice_emotion/emodb", "speech/librispeech_other"):
        (folder / name / "card.toml").write_text(CARD)
    return folder


@pytest.fixture(scope="module")
def trained(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The out folder of a training in the smoke profile."""
    out = tmp_path_factory.mktemp("out")
    run = Run("voice_emotion", data, out, smoke=True, device=torch.device("cpu"))
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        course.train(run)
    finally:
        torch.set_num_threads(threads)
    run.record.write(finished=True)
    return out


def test_a_training_leaves_each_speaker_out_and_saves_its_student(trained: Path) -> None:
    for name in ("teacher-03", "student-03", "teacher-08", "student-08", "teacher", "student"):
        assert (trained / f"{name}.best.pt").is_file()
        assert list((trained / "samples" / name).glob("*.png"))
    assert (trained / "student.pt").is_file()


def test_nothing_is_learnt_from_the_speaker_left_out(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[str, tuple[set[int], set[int]]] = {}

    def fit_both(run: Run, suffix: str, learnt: Voices, readers: Voices, held: Voices) -> dict[str, torch.nn.Module]:
        seen[suffix] = set(learnt.speakers.tolist()), set(held.speakers.tolist())
        assert set(readers.speakers.tolist()) == {10}
        return {"teacher": VoiceNet(4).eval(), "student": VoiceNet(4).eval()}

    monkeypatch.setattr(course, "_fit_both", fit_both)
    monkeypatch.setattr(course, "STUDENT", {"hidden": 4})
    course.train(Run("voice_emotion", data, tmp_path, smoke=True, device=torch.device("cpu")))
    assert seen == {"-03": ({8}, {3}), "-08": ({3}, {8}), "": ({3, 8}, {3, 8})}


def test_the_exported_file_is_read_by_the_runtime(trained: Path, tmp_path: Path) -> None:
    report = export(spec(trained), trained, tmp_path)
    assert report.stored < 1e-2
    reading = VoiceEmotion(open_session(tmp_path / "voice_emotion.onnx")).read(tone(130))
    assert reading is not None
    assert tuple(reading.probabilities) == LABELS
    card = (tmp_path / "voice_emotion.md").read_text()
    assert "acted" in card
    assert "student.accuracy" in card


def test_an_export_without_scores_is_refused(trained: Path, tmp_path: Path) -> None:
    (tmp_path / "student.pt").write_bytes((trained / "student.pt").read_bytes())
    with pytest.raises(UserError, match="lacks scores"):
        spec(tmp_path)
