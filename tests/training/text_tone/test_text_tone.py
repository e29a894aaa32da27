"""The training of the tone of words: what it reads from the files, what its net promises, and a training made small."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from runtime.core.messages import EMOTIONS  # noqa: E402
from runtime.perception.mood import FEELINGS  # noqa: E402
from training import cards  # noqa: E402
from training.run import Run  # noqa: E402
from training.text_tone.data import HASHER, VALIDATION_PART, comments, load, questions  # noqa: E402
from training.text_tone.denials import denials  # noqa: E402
from training.text_tone.labels import CLASSES, LABELS, NEUTRAL, class_shares, feelings  # noqa: E402
from training.text_tone.nets import ToneNet, build  # noqa: E402
from training.text_tone.train import CONFIG, answers, single_class, train  # noqa: E402

WORDS = {"joy": "happy glad joy", "anger": "hate angry fool", "sadness": "sad cry lost", "neutral": "table door road"}
SHARED = Path(__file__).resolve().parents[3].parent / "shared" / "data"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small GoEmotions, and questions, whose labels follow from their words."""
    monkeypatch.setattr(cards, "check", lambda data, relative, cache: {relative: {"sha256": relative}})
    chance, names = np.random.default_rng(0), list(LABELS)
    for file, count in (("train.tsv", 400), ("dev.tsv", 320)):
        lines = []
        for number in range(count):
            label = str(chance.choice(list(WORDS)))
            words = " ".join(chance.choice(WORDS[label].split(), 3))
            lines.append(f"{words} {chance.integers(1_000_000)}\t{names.index(label)}\tid{number}\n")
        (tmp_path / "text/goemotions").mkdir(parents=True, exist_ok=True)
        (tmp_path / "text/goemotions" / file).write_text("".join(lines))
    turns = [["USER", "Where is stop A? Thanks a lot!"], ["SYSTEM", "Do you want a seat? It is 3 pm."]]
    with gzip.open(tmp_path / "text/sgd_dialogues_dev.jsonl.gz", "wt") as packed:
        packed.writelines(json.dumps({"turns": turns}) + "\n" for _ in range(2))
    with gzip.open(tmp_path / "text/medquad.jsonl.gz", "wt") as packed:
        packed.writelines(json.dumps({"question": f"What is illness {number} ?"}) + "\n" for number in range(30))
    (tmp_path / "text/banking77").mkdir()
    (tmp_path / "text/banking77/train.csv").write_text("text,category\n" + "where is the door,a\n" * 40)
    return tmp_path


def test_the_labels_are_those_of_the_set_and_their_classes_those_of_the_runtime() -> None:
    assert len(LABELS) == 28
    assert list(LABELS).index("neutral") == NEUTRAL == 27
    assert set(CLASSES) <= set(EMOTIONS)
    assert (class_shares().sum(axis=1) == 1).all()
    assert np.abs(feelings()).max() <= 1
    for name, label in (("happy", "joy"), ("angry", "anger"), ("sad", "sadness"), ("afraid", "fear")):
        sides = np.sign(FEELINGS[name]), np.sign(LABELS[label][1:])
        assert (sides[0] == sides[1]).all(), "training and runtime rate emotions alike"


@pytest.mark.skipif(
    not (SHARED / "text/goemotions").exists(), reason="the set of comments is not beside the repository"
)
def test_the_labels_stand_in_the_order_of_the_set() -> None:
    listed = (SHARED / "text/goemotions/labels.txt").read_text().split()
    assert list(LABELS) == [*listed, *(["neutral"] if "neutral" not in listed else [])]


def test_a_comment_of_two_labels_shares_them(tmp_path: Path) -> None:
    path = tmp_path / "some.tsv"
    path.write_text("[NAME] is great\t0,17\tab1\nso it is\t27\tab2\n")
    found = comments(path)
    assert found.texts == ["he is great", "so it is"]
    assert found.shares[0, [0, 17]].tolist() == [0.5, 0.5]
    wanted, alone = single_class(found)
    assert [CLASSES[index] for index in wanted] == ["happy", "neutral"]
    assert alone.all(), "admiration and joy are both of one class"


def test_the_parts_share_no_text_and_courtesies_are_no_plain_questions(folder: Path, tmp_path: Path) -> None:
    run = Run("text_tone", folder, tmp_path / "out")
    parts = load(run)
    texts = [set(part.texts) for part in parts]
    assert not texts[0] & texts[1]
    assert not texts[0] & texts[2]
    asked = questions(run)
    assert asked[:2] == ["Where is stop A?", "Do you want a seat?"]
    assert not any("Thanks" in text or "3 pm" in text for text in asked)
    assert len(parts[1].texts) == 400 // VALIDATION_PART + len(asked) // VALIDATION_PART


def test_denials_of_the_test_use_other_words_and_turn_pleasant_ones_round() -> None:
    learned, kept = denials(test=False), denials(test=True)
    assert "i am not happy" in kept.texts
    assert not set(learned.texts) & set(kept.texts)
    valence = kept.shares @ feelings()[:, 0]
    assert valence[kept.texts.index("i am not happy")] < 0
    assert valence[kept.texts.index("i am not sad")] == 0


def test_the_net_gives_chances_and_does_not_see_the_padding() -> None:
    torch.manual_seed(0)
    net = build(CONFIG).eval()
    assert isinstance(net, ToneNet)
    short, long = HASHER.ids("where is it"), HASHER.ids("a longer text than that one is")
    batch = np.zeros((2, len(long), short.shape[1]), np.int64)
    batch[0, : len(short)], batch[1] = short, long
    with torch.no_grad():
        together, felt = net(torch.from_numpy(batch))
        alone, _ = net(torch.from_numpy(short[None]))
        nothing, _ = net(torch.zeros((1, 1, short.shape[1]), dtype=torch.int64))
    assert torch.allclose(together.sum(dim=1), torch.ones(2), atol=1e-5)
    assert felt.abs().max() <= 1
    assert torch.allclose(together[:1], alone, atol=1e-5)
    assert torch.isfinite(nothing).all()


def test_a_small_training_learns_what_words_mean(folder: Path, tmp_path: Path) -> None:
    run = Run("text_tone", folder, tmp_path / "out", smoke=True)
    train(run)
    figures = json.loads((tmp_path / "out/result.json").read_text())["figures"]
    assert figures["student"]["accuracy"] > 2 * figures["always_neutral"]["accuracy"]
    saved = torch.load(tmp_path / "out/student.pt", weights_only=True)
    net = build(saved["config"])
    net.load_state_dict(saved["state"])
    chances, felt = answers(net.eval(), ["happy happy glad", "hate hate angry"])
    assert [CLASSES[best] for best in chances.argmax(axis=1)] == ["happy", "angry"]
    assert felt[0, 0] > felt[1, 0]
