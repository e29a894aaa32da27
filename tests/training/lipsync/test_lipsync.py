"""Training the lip-sync: causality, what is left out, the measures, and a run of it on sounds made up here."""

import csv
import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
soundfile = pytest.importorskip("soundfile")
soxr = pytest.importorskip("soxr")
pytest.importorskip("espeakng_loader")

from runtime.core.messages import TimedPhoneme, Utterance  # noqa: E402
from runtime.voice.lipsync import SHAPES  # noqa: E402
from training.lipsync import course, recordings, score, speech  # noqa: E402
from training.lipsync.data import STEPS, Stretches, cut, disturbed, seen, taught  # noqa: E402
from training.lipsync.nets import CLOSED, DELAY, Student, Teacher, build, parameters  # noqa: E402
from training.lipsync.speech import Take, mel_steps, take_of  # noqa: E402
from training.run import Run  # noqa: E402

SHARED = Path(__file__).parents[3].parent / "shared" / "data"


@pytest.fixture(scope="module")
def takes() -> list[Take]:
    texts = ["My mother bought a pink balloon, but Bobby popped it.", "Peter Piper picked a peck of pepper."]
    return speech.spoken(texts, ["+m3"], seed=0, rooms=True)


def test_a_take_has_as_many_steps_as_its_sound_and_three_more_to_hear() -> None:
    assert [len(mel_steps(np.zeros(n, np.float32))) - DELAY for n in (0, 1, 320, 321, 16_000)] == [0, 1, 1, 2, 50]


def test_a_row_of_mel_is_the_last_sound_that_may_be_heard_for_its_step() -> None:
    sound = np.zeros(16_000, np.float32)
    sound[8_000:] = 0.5 * np.sin(np.arange(8_000))
    loud = np.flatnonzero(mel_steps(sound).max(axis=1) > 0)
    assert loud[0] == 25  # begins at 0.5 s: heard for step 22, at 0.44 s, and for no earlier one


def test_the_student_hears_80_ms_ahead_and_no_further() -> None:
    net, mel = Student().eval(), torch.randn(1, 40, 80)
    later = mel.clone()
    later[:, 20:] = 0.0
    with torch.no_grad():
        one, other = net(mel)[0], net(later)[0]
    assert torch.equal(one[:, :20], other[:, :20])
    assert not torch.allclose(one[:, 20:], other[:, 20:])
    assert DELAY == 3


def test_stepwise_is_the_same_as_whole() -> None:
    net, mel = build({"width": 24, "layers": 2}).eval(), torch.randn(1, 30, 80)
    with torch.no_grad():
        whole, state, parts = net(mel)[0].clamp(0, 1), net.no_state(), []
        for begin, end in ((0, 1), (1, 8), (8, 30)):
            shapes, state = net.step(mel[:, begin:end], state)
            parts.append(shapes)
    assert torch.allclose(torch.cat(parts, 1), whole, atol=1e-5)


def test_the_student_is_small_and_the_teacher_larger() -> None:
    student = parameters(build(course.STUDENT))
    assert student <= 400_000
    assert parameters(Teacher(course.TEACHER_WIDTH)) > 2 * student


def test_sentences_and_voices_of_the_parts_are_apart(tmp_path: Path) -> None:
    with (tmp_path / "train.csv").open("w", newline="") as file:
        csv.writer(file).writerows(
            [["text", "category"], *([f"Where is my card, {w} please?", "x"] for w in words(90))]
        )
    with gzip.open(tmp_path / "m.gz", "wt") as file:
        file.write(json.dumps({"answer": "It is a common illness. Most people are well after a week."}) + "\n")
    parts = [set(speech.sentences(tmp_path, tmp_path / "m.gz", 100, p)) for p in ("train", "validation", "test")]
    assert len(set().union(*parts)) == sum(len(part) for part in parts)
    assert [len(part) for part in parts] == [74, 9, 9]
    voices = [set(v) for v in (speech.TRAIN_VARIANTS, speech.VALIDATION_VARIANTS, speech.TEST_VARIANTS)]
    assert len(set().union(*voices)) == sum(len(part) for part in voices)


def words(count: int) -> list[str]:
    return [f"{a}{b}" for a in "abcdefghij" for b in "klmnopqrs"][:count]


class Puppet(torch.nn.Module):  # type: ignore[name-defined, misc]
    """A net that gives the shapes it was told to."""

    def __init__(self, shapes: Any) -> None:
        super().__init__()
        self.one = torch.nn.Parameter(torch.zeros(1))
        self.given = torch.from_numpy(np.pad(shapes, ((DELAY, 0), (0, 0))))[None].float()

    def forward(self, mel: Any) -> Any:
        return self.given[:, : mel.shape[1]], self.given[:, : mel.shape[1], 0]


def test_the_rules_themselves_get_full_marks_and_a_closed_or_still_mouth_does_not(takes: list[Take]) -> None:
    take = takes[0]
    right = score.lips(Puppet(take.shapes), [take])
    assert right["bilabials"] == 10  # m m b p b b b b p p
    assert right["bilabials_closed"] == 1.0
    assert right["vowels_closed"] < 0.1
    assert right["closures_right"] > 0.8
    shut = np.tile(np.array([CLOSED.get(name, 0.0) for name in SHAPES]), (take.steps, 1))
    assert score.lips(Puppet(shut), [take])["vowels_closed"] == 1.0
    ajar = np.zeros((take.steps, len(SHAPES)))
    ajar[:, 0] = 0.3
    assert score.lips(Puppet(ajar), [take])["bilabials_closed"] == 0.0
    late = np.roll(take.shapes, 5, axis=0)
    assert score.lips(Puppet(late), [take])["bilabials_closed"] < 0.6
    assert score.jaw(Puppet(take.shapes), [take]) == pytest.approx(1.0)
    assert min(score.shapes(Puppet(take.shapes), [take]).values()) > 0.999


def test_what_nobody_knows_does_not_count() -> None:
    class Fixed(torch.nn.Module):  # type: ignore[name-defined, misc]
        def forward(self, mel: Any) -> Any:
            return torch.zeros(2, 153, 12), torch.zeros(2, 153)

    wanted, known = torch.zeros(2, 150, 12), torch.ones(2, 12)
    wanted[..., 3] = 5.0
    known[:, 3] = 0.0
    nothing = torch.full((2, 150), -1.0)
    assert float(course.loss(Fixed(), (torch.zeros(2, 153, 80), wanted, known, nothing))) == 0.0
    known[:, 3] = 1.0
    assert float(course.loss(Fixed(), (torch.zeros(2, 153, 80), wanted, known, nothing))) > 1.0


def test_stretches_are_of_one_size_and_disturbed_alike_for_a_seed(takes: list[Take]) -> None:
    def draw(seed: int) -> Any:
        np.random.seed(seed)
        return Stretches(takes, 4)[0]

    assert [tuple(part.shape) for part in draw(1)] == [(STEPS + DELAY, 80), (STEPS, 12), (12,), (STEPS,)]
    assert torch.equal(draw(1)[0], draw(1)[0])
    assert not torch.equal(draw(1)[0], draw(2)[0])
    plain = cut(takes[0], 0)
    np.random.seed(3)
    assert np.corrcoef(disturbed(plain.mel).ravel(), plain.mel.ravel())[0, 1] > 0.3
    beyond = cut(takes[0], takes[0].steps - 10)
    assert not beyond.shapes[10:].any()


def test_the_teacher_fills_in_what_is_not_known(takes: list[Take]) -> None:
    unknown = Take("x", takes[0].mel, takes[0].shapes * 0, np.zeros(12, np.float32), takes[0].closed * 0 - 1)
    teacher = Puppet(np.full((takes[0].steps, 12), 0.4, np.float32))
    filled, known = taught([unknown, takes[0]], teacher, torch.device("cpu"))
    assert np.allclose(filled.shapes, 0.4)
    assert filled.known.tolist() == [1.0] * 12
    assert ((filled.closed >= 0) & (filled.closed <= 1)).all()
    assert np.allclose(known.shapes, (takes[0].shapes + 0.4) / 2, atol=1e-6)


def test_facegoods_test_recording_is_in_no_other_part(tmp_path: Path) -> None:
    make_facegood(tmp_path)
    names = {p: {take.name.split()[0] for take in recordings.facegood(tmp_path, p)} for p in ("train", "test")}
    assert names == {"train": {"1114_2_01"}, "test": {recordings.TEST_RECORDING}}
    trained, held_out = (recordings.facegood(tmp_path, p) for p in ("train", "validation"))
    plain = next(take for take in trained if take.name.endswith("x1.0"))
    assert plain.steps + held_out[0].steps == pytest.approx(150, abs=2)
    assert len(trained) == len(recordings.SPEEDS)


def make_facegood(folder: Path) -> None:
    (folder / "wav").mkdir(parents=True)
    chance, curves = np.random.default_rng(0), {"names": np.array(["other", recordings.JAW])}
    for name in ("1114_2_01", recordings.TEST_RECORDING):
        level = np.repeat(chance.uniform(0, 1, 30), 1_600)
        sound = (0.3 * level * chance.standard_normal(48_000)).astype(np.float32)
        soundfile.write(folder / "wav" / f"{name}.wav", np.clip(sound, -1, 1), 16_000)
        curves[name] = np.stack([np.zeros(90), 0.5 * level[::534][:90]], 1).astype(np.float32)
    np.savez(folder / "curves.npz", **curves)  # type: ignore[arg-type]


def test_a_smoke_run_ends_with_a_student_that_can_be_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = tmp_path / "data"
    make_facegood(data / "lipsync/facegood")
    for folder in ("text/banking77", "speech/ljspeech", "speech/librispeech_other/1"):
        (data / folder).mkdir(parents=True)
    with (data / "text/banking77/train.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["text", "category"], *([f"My bank lost my map in {w}.", "x"] for w in words(50))])
    with gzip.open(data / "text/medquad.jsonl.gz", "wt") as lines:
        lines.write(json.dumps({"answer": "Nothing."}) + "\n")
    (data / "speech/ljspeech/transcripts.tsv").write_text("id\ttext\tipa\n")
    noise = 0.1 * np.random.default_rng(0).standard_normal(32_000)
    soundfile.write(data / "speech/librispeech_other/1/a.flac", noise, 16_000)
    run = Run("lipsync", data, tmp_path / "out", smoke=True, device=torch.device("cpu"))
    monkeypatch.setattr(run, "folder", lambda relative: data / relative)
    course.train(run)
    saved = torch.load(tmp_path / "out/student.pt", weights_only=True)
    net = build(saved["config"])
    net.load_state_dict(saved["state"])
    shapes, _ = seen(net.eval(), take_of("x", Utterance("", np.zeros(8_000, np.float32), 16_000, (), ())))
    assert shapes.shape == (25, 12)
    assert (tmp_path / "out/teacher.best.pt").exists()


@pytest.mark.skipif(not (SHARED / "speech/ljspeech").is_dir(), reason="the shared speech is not here")
def test_real_speech_is_aligned_to_its_sounds() -> None:
    from training.lipsync.aligned import ljspeech

    take = ljspeech(SHARED / "speech/ljspeech", limit=1)[0]
    starts = [phoneme.start_s for phoneme in take.phonemes]
    assert starts == sorted(starts)
    assert take.phonemes[0] == TimedPhoneme("p", 0.0, take.phonemes[0].end_s)
    loudness = take.mel[DELAY:].mean(axis=1)
    pause = next(p for p in take.phonemes if p.symbol == "_" and p.end_s - p.start_s > 0.2)
    quiet = loudness[int(pause.start_s * 50) + 4 : int(pause.end_s * 50) - 4]
    assert quiet.mean() < loudness.mean() - 2.0


@pytest.mark.skipif(not (SHARED / "speech/ljspeech").is_dir(), reason="the shared speech is not here")
def test_speech_without_its_text_gets_nearly_the_same_sounds(tmp_path: Path) -> None:
    from training.lipsync.aligned import ljspeech, recognised

    known = ljspeech(SHARED / "speech/ljspeech", limit=1)[0]
    audio, rate_hz = soundfile.read(SHARED / "speech/ljspeech" / f"{known.name}.wav")
    (tmp_path / "reader").mkdir()
    soundfile.write(tmp_path / "reader/a.flac", soxr.resample(audio, rate_hz, 16_000), 16_000)
    found = recognised(tmp_path, 8.0)[0]
    steps = min(known.steps, found.steps)
    assert np.corrcoef(known.shapes[:steps, 0], found.shapes[:steps, 0])[0, 1] > 0.8
