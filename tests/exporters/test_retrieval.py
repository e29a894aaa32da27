"""The sentence vectors' export: what the runtime reads from the file is what the net says."""

import json
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from exporters.export import export  # noqa: E402
from exporters.retrieval import SENTENCES, spec  # noqa: E402
from exporters.verify import faults  # noqa: E402
from runtime.core.device import PROFILES  # noqa: E402
from runtime.core.models import ModelRegistry  # noqa: E402
from runtime.persona.embedding import load_embedding  # noqa: E402
from tests.exporters.toy import RESULT  # noqa: E402
from training.retrieval.data import HASHER, embed  # noqa: E402
from training.retrieval.nets import build  # noqa: E402
from training.retrieval.train import CONFIG  # noqa: E402

SMALL = CONFIG | {"width": 16, "heads": 2, "size": 8}


def test_the_runtime_has_the_vectors_of_the_net(tmp_path: Path) -> None:
    torch.manual_seed(0)
    net = build(SMALL).eval()
    source = tmp_path
    (source / "result.json").write_text(json.dumps(RESULT | {"figures": {"student_accuracy": 0.5}}))
    torch.save({"state": net.state_dict(), "config": SMALL, "model": "retrieval"}, source / "student.pt")
    export(spec(source), source, tmp_path / "models")
    assert faults(tmp_path / "models") == []
    embedding = load_embedding(ModelRegistry(PROFILES["edge"], tmp_path / "models"))
    assert embedding is not None
    assert np.array_equal(embedding.ids(SENTENCES[0]), HASHER.ids(SENTENCES[0]))
    texts = [*SENTENCES, "", "zzyzx " * 60]
    with torch.no_grad():
        wanted = embed(net, texts)
    assert np.abs(embedding.vectors(texts) - wanted).max() < 3e-3  # weights of 16 bits
    assert load_embedding(ModelRegistry(PROFILES["edge"], tmp_path / "none")) is None
