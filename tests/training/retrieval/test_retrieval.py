"""Training the sentence vectors: what is left out, what the student reads, and that it learns from a teacher."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

torch = pytest.importorskip("torch")

from runtime.core.hashed_words import padded  # noqa: E402
from training.retrieval import teacher  # noqa: E402
from training.retrieval.data import HASHER, Sentences, disturbed, embed, mistyped  # noqa: E402
from training.retrieval.nets import SentenceNet, build, sums  # noqa: E402
from training.retrieval.situations import framed, situations  # noqa: E402
from training.retrieval.texts import VALIDATION, Labelled, banking, sentences  # noqa: E402
from training.retrieval.train import CONFIG, loss, nearest  # noqa: E402
from training.retrieval.visitors import visitors_questions  # noqa: E402
from training.run import Fit, Run  # noqa: E402

SHARED = Path(__file__).parents[3].parent / "shared" / "data"
TEXTS = ["where is the lift", "how much is a ticket for two children and a dog", "hi", ""]


def small() -> SentenceNet:
    torch.manual_seed(0)
    net = build(CONFIG | {"width": 16, "heads": 2, "size": 8})
    assert isinstance(net, SentenceNet)
    return net


def test_the_quick_sum_of_training_is_the_plain_one() -> None:
    table = small().table
    ids = torch.from_numpy(padded([HASHER.ids(text) for text in TEXTS]))
    quick, plain = sums(table, ids, True), sums(table, ids, False)
    assert torch.allclose(quick, plain, atol=1e-5)
    (first,) = torch.autograd.grad(quick.square().sum(), table.weight)
    (second,) = torch.autograd.grad(plain.square().sum(), table.weight)
    assert torch.allclose(first, second, atol=1e-4)
    assert first[1:].abs().sum() > 0


def test_a_vector_has_length_one_and_does_not_depend_on_the_batch() -> None:
    net = small().eval()
    with torch.no_grad():
        together = embed(net, TEXTS, batch=4)
        alone = np.concatenate([embed(net, [text]) for text in TEXTS])
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    assert np.allclose(together, alone, atol=1e-5)


def test_words_are_disturbed_but_never_all_gone() -> None:
    np.random.seed(0)
    words = ["where", "is", "the", "planetarium"]
    seen = {tuple(disturbed(words)) for _ in range(300)}
    assert tuple(words) in seen
    assert any(len(some) < 4 for some in seen)
    assert any(set(some) - set(words) for some in seen)
    assert all(disturbed(["lift"]) for _ in range(200))
    assert {mistyped("the") for _ in range(50)} == {"the"}
    assert all(abs(len(mistyped("lift")) - 4) <= 1 for _ in range(50))


def test_visitors_questions_are_whole_unlike_and_the_same_by_the_same_chance() -> None:
    found = visitors_questions(500, np.random.default_rng(3))
    assert found == visitors_questions(500, np.random.default_rng(3))
    assert len(set(found)) == len(found) == 500
    assert not any(re.search(r"[{}|]|  |^ | $", text) for text in found)


def test_remarks_are_whole_unlike_and_the_same_by_the_same_chance() -> None:
    found = situations(500, np.random.default_rng(3))
    assert found == situations(500, np.random.default_rng(3))
    assert len(set(found)) == len(found) == 500
    assert not any(
        re.search(r"[{}|]|  |^ | $|^i (?:is|has|needs|wants) |^we (?:is|has|needs|wants) ", one) for one in found
    )


def test_each_word_stands_in_a_frame() -> None:
    found = framed(["toilet", "tired"], 4, np.random.default_rng(3))
    assert [word in text for word, text in zip(["toilet", "tired"] * 2, found, strict=True)] == [True] * 4


def test_the_nearest_question_of_the_parts_before_decides() -> None:
    vectors = np.array([[1, 0], [0, 1], [0.9, 0.1], [0.2, 0.8], [1, 0]], np.float32)
    questions = Labelled([""] * 5, np.array([0, 1, 0, 0, 1]), np.array([0, 0, 3, 3, 3]))
    assert nearest(vectors, questions, 3) == pytest.approx(1 / 3)  # the last one's twin has another intent


def test_nothing_of_the_parts_left_out_is_learned_from(tmp_path: Path) -> None:
    if not SHARED.is_dir():
        pytest.skip("the shared data isn't there")
    run = Run("retrieval", SHARED, tmp_path, smoke=True)
    questions = banking(run.folder("text/banking77"), 2_000)
    texts = sentences(run, questions, ["planetarium", "zzyzx"])
    held = {text for text, part in zip(questions.texts, questions.part, strict=True) if part >= VALIDATION}
    assert len(held) > 300
    assert not held & set(texts)
    kept = [text for text, part in zip(questions.texts, questions.part, strict=True) if part < VALIDATION]
    assert len(set(kept) - set(texts)) < 0.01 * len(kept)  # all but those that are written the same in a part left out
    assert set(banking(SHARED / "text" / "banking77").part.tolist()) == {0, 1, 2, 3, 4}


class Counting:
    """A teacher that knows two numbers of a text, and counts what it was asked."""

    asked = 0

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        Counting.asked += len(texts)
        return np.array([[len(text), 1.0] for text in texts], np.float32)


def test_the_teacher_is_asked_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(teacher, "Encoder", Counting)
    Counting.asked = 0
    first = teacher.vectors(["abc", "d", "abc"], tmp_path / "teacher.npz")
    assert Counting.asked == 2
    again = teacher.vectors(["d", "new", "abc"], tmp_path / "teacher.npz")
    assert Counting.asked == 3
    assert np.array_equal(first[0], first[2])
    assert np.array_equal(again[[2, 0]], first[[0, 1]])
    assert first[0] == pytest.approx(np.array([3, 1]) / np.sqrt(10), abs=1e-3)


def test_a_student_comes_near_its_teacher(tmp_path: Path) -> None:
    texts = visitors_questions(48, np.random.default_rng(1))
    theirs = np.random.default_rng(2).normal(size=(48, 8)).astype(np.float32)
    theirs /= np.linalg.norm(theirs, axis=1, keepdims=True)

    def evaluate(net: Any) -> dict[str, float]:
        return {"cosine": float((embed(net, texts) * theirs).sum(1).mean())}

    with torch.no_grad():
        begun = evaluate(small().eval())["cosine"]
    run = Run("retrieval", tmp_path, tmp_path / "out", smoke=True)
    data = Sentences(texts, theirs)
    net = run.fit(
        Fit(
            "student", small(), loss, data, evaluate, "cosine",
            epochs=30, batch_size=16, rate=1e-2, ema=0.5, collate=data.collate,
        )
    )  # fmt: skip
    assert begun < 0.3
    with torch.no_grad():
        assert evaluate(net)["cosine"] > 0.6
