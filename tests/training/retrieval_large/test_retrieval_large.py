"""Training the larger sentence vectors: what the student takes over from its teacher, and what it computes."""

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from runtime.core.word_pieces import SPECIAL, WordPieces, padded  # noqa: E402
from training.retrieval import teacher  # noqa: E402
from training.retrieval.data import Reading, Sentences, embed  # noqa: E402
from training.retrieval_large.begin import chosen_pieces, take_over  # noqa: E402
from training.retrieval_large.nets import SentenceNet  # noqa: E402

LETTERS = [mark + letter for letter in "abcdefghijklmnopqrstuvwxyz" for mark in ("", "##")]
PIECES = ["[unused0]", *SPECIAL, *LETTERS, "where", "is", "the", "toilet", "lift", "ü", "?", "##let"]
TEXTS = ["where is the lift", "toilets", "is the lift where the toilet is", ""]
WIDTH, INNER = 16, 24


@pytest.fixture
def bert(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A tiny teacher with weights drawn by chance."""
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=len(PIECES), hidden_size=WIDTH, num_hidden_layers=3, num_attention_heads=2, intermediate_size=INNER,
        max_position_embeddings=20,
    )  # fmt: skip
    net = transformers.BertModel(config).eval()
    for weight in net.parameters():
        torch.nn.init.normal_(weight, std=0.5)  # biases and norms too

    class Tiny:
        def state(self) -> dict[str, Any]:
            return dict(net.state_dict())

    monkeypatch.setattr(teacher, "Encoder", Tiny)
    monkeypatch.setattr(teacher, "pieces", lambda: PIECES)
    return net


def student(vocabulary: list[str], layers: tuple[int, ...]) -> SentenceNet:
    net = SentenceNet(len(vocabulary), WIDTH, 2, INNER, len(layers), 12)
    take_over(net, vocabulary, layers)
    return net.eval()


def test_with_all_layers_it_is_its_teacher(bert: Any) -> None:
    vocabulary = [*SPECIAL, *LETTERS, "where", "is", "the", "toilet", "lift"]
    splitting = WordPieces(vocabulary, 12)
    with torch.no_grad():
        found = embed(student(vocabulary, (0, 1, 2)), TEXTS, Reading(splitting.ids, padded))
        fewer = embed(student(vocabulary, (0, 2)), TEXTS, Reading(splitting.ids, padded))
    ids = [[PIECES.index(vocabulary[number]) for number in splitting.ids(text)] for text in TEXTS]
    hidden = [bert(torch.tensor([row])).last_hidden_state.mean(1)[0] for row in ids]
    wanted = [vector / vector.norm() for vector in hidden]
    assert np.allclose(found, torch.stack(wanted).detach().numpy(), atol=1e-5)
    assert not np.allclose(fewer, found, atol=0.01)


def test_leaving_out_the_padding_changes_nothing(bert: Any) -> None:
    vocabulary = [*SPECIAL, *LETTERS, "where", "is", "the"]
    net, splitting = student(vocabulary, (0, 2)), WordPieces(vocabulary, 12)
    ids = torch.from_numpy(padded([splitting.ids(text) for text in TEXTS]))
    plain = net(ids)
    (first,) = torch.autograd.grad(plain[:, 0].sum(), net.table.weight)
    packed = net.train()(ids)
    (second,) = torch.autograd.grad(packed[:, 0].sum(), net.table.weight)
    assert torch.allclose(plain, packed, atol=1e-5)
    assert torch.allclose(first, second, atol=1e-4)
    assert first.abs().sum() > 0


def test_a_vector_has_length_one_and_does_not_depend_on_the_batch(bert: Any) -> None:
    vocabulary = [*SPECIAL, *LETTERS, "where"]
    net, splitting = student(vocabulary, (0,)), WordPieces(vocabulary, 12)
    with torch.no_grad():
        together = embed(net, TEXTS, Reading(splitting.ids, padded), batch=3)
        alone = np.concatenate([embed(net, [text], Reading(splitting.ids, padded)) for text in TEXTS])
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    assert np.allclose(together, alone, atol=1e-5)


def test_the_vocabulary_has_signs_then_what_was_met_then_the_teachers_first() -> None:
    texts = ["the lift", "the lift is the lift", "toilets"]
    found = chosen_pieces(texts, PIECES, 1_000)
    assert found[:4] == list(SPECIAL)
    assert sorted(found[4:57]) == sorted([*LETTERS, "?"])
    assert found[57:] == ["the", "lift", "where", "is", "toilet", "##let"]  # what isn't plain is left out
    assert chosen_pieces(texts, PIECES, 58) == found[:58]


def test_long_sentences_are_left_out_and_pieces_and_vectors_stay_together() -> None:
    splitting = WordPieces([*SPECIAL, *LETTERS], 12)
    vectors = np.arange(3, dtype=np.float32)[:, None].repeat(2, axis=1)
    data = Sentences(["lift", "a " * 40, "toilet"], vectors, Reading(splitting.ids, padded))
    assert len(data) == 2
    np.random.seed(0)
    ids, wanted = data.collate([data[0], data[1]])
    assert ids.dtype == torch.int64
    assert len(ids) == 2
    assert wanted[:, 0].tolist() == [0.0, 2.0]
