"""The larger sentence vectors' export: 8 bits a weight, and the runtime reads what the net says."""

import json
from pathlib import Path

import numpy as np
import onnx
import pytest

torch = pytest.importorskip("torch")

from exporters.export import export  # noqa: E402
from exporters.retrieval import SENTENCES  # noqa: E402
from exporters.retrieval_large import spec  # noqa: E402
from exporters.verify import faults  # noqa: E402
from runtime.core.device import PROFILES  # noqa: E402
from runtime.core.models import ModelRegistry, open_session  # noqa: E402
from runtime.core.precision import without_casts  # noqa: E402
from runtime.core.word_pieces import SPECIAL, WordPieces, padded  # noqa: E402
from runtime.persona.embedding import load_embedding  # noqa: E402
from tests.exporters.toy import RESULT  # noqa: E402
from training.retrieval.data import Reading, embed  # noqa: E402
from training.retrieval_large.nets import build  # noqa: E402

LETTERS = [mark + letter for letter in "abcdefghijklmnopqrstuvwxyz'" for mark in ("", "##")]
VOCABULARY = [*SPECIAL, *LETTERS, "where", "is", "the", "toilet"]
SMALL = {"pieces": len(VOCABULARY), "width": 32, "heads": 2, "inner": 48, "layers": 2, "max_pieces": 16}


def test_the_runtime_has_the_vectors_of_the_net(tmp_path: Path) -> None:
    torch.manual_seed(0)
    net = build(SMALL).eval()
    (tmp_path / "result.json").write_text(json.dumps(RESULT | {"figures": {"student_accuracy": 0.5}}))
    config = SMALL | {"vocabulary": json.dumps(VOCABULARY)}
    torch.save({"state": net.state_dict(), "config": config, "model": "retrieval_large"}, tmp_path / "student.pt")
    export(spec(tmp_path), tmp_path, tmp_path / "models")
    assert faults(tmp_path / "models") == []
    registry = ModelRegistry(PROFILES["edge"], tmp_path / "models")
    assert registry.entries()["retrieval_large"].precision == "int8"
    embedding = load_embedding(registry, tmp_path / "vectors")
    assert embedding is not None
    texts = [*SENTENCES, "", "zzyzx " * 60]
    with torch.no_grad():
        wanted = embed(net, texts, Reading(WordPieces(VOCABULARY, 16).ids, padded))
    assert np.abs(embedding.vectors(texts) - wanted).max() < 1e-2  # weights of 8 bits
    assert np.abs(embedding.vectors_of("Bo", texts) - wanted).max() < 1e-2
    assert [path.name for path in (tmp_path / "vectors").iterdir()] == ["Bo-retrieval_large.npz"]

    file = onnx.load(tmp_path / "models" / "retrieval_large.onnx")
    stored = [weight for weight in file.graph.initializer if weight.data_type == onnx.TensorProto.INT8]
    assert len(stored) == 2 + 4 * 2  # the table, the places, and four matrices a layer
    given = {"pieces": WordPieces(VOCABULARY, 16).ids("where is the toilet")[None]}
    plain = open_session(without_casts(file).SerializeToString()).run(None, given)[0]
    assert np.allclose(plain, embedding.vectors(["where is the toilet"]), atol=1e-6)
