"""The export of the model of the end of turns: what the runtime reads from the file is what the net says."""

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from exporters.endpoint import TEXTS, spec  # noqa: E402
from exporters.export import export  # noqa: E402
from exporters.verify import faults  # noqa: E402
from runtime.core.device import PROFILES  # noqa: E402
from runtime.core.models import ModelRegistry  # noqa: E402
from runtime.perception.prosody import FEATURES, FRAMES  # noqa: E402
from runtime.perception.turn_end import load_turn_end  # noqa: E402
from tests.exporters.toy import trained  # noqa: E402
from training.endpoint.data import HASHER  # noqa: E402
from training.endpoint.nets import build  # noqa: E402
from training.endpoint.train import STUDENT  # noqa: E402

SMALL = STUDENT | {"width": 8, "hidden": 16, "voice": 4, "threshold": 0.625}


def test_the_runtime_has_the_chances_of_the_net(tmp_path: Path) -> None:
    torch.manual_seed(0)
    net = build(SMALL).eval()
    source = trained(tmp_path / "out")
    torch.save({"state": net.state_dict(), "config": SMALL, "model": "endpoint"}, source / "student.pt")
    export(spec(source), source, tmp_path / "models")
    assert faults(tmp_path / "models") == []
    turn_end = load_turn_end(ModelRegistry(PROFILES["edge"], tmp_path / "models"))
    assert turn_end is not None
    assert turn_end.hasher == HASHER
    voice = np.random.default_rng(0).normal(0, 0.5, (FRAMES, FEATURES)).astype(np.float32)
    for text in (*TEXTS, "", "and then " * 40):
        for pause_s in (0.1, 1.5):
            with torch.no_grad():
                ids, pause = HASHER.ids(text, last=True)[None], torch.tensor([[pause_s]])
                wanted = float(net(torch.from_numpy(ids), torch.from_numpy(voice[None]), pause)[0][0])
            assert turn_end.chance(text, voice, pause_s) == pytest.approx(wanted, abs=3e-3)  # weights of 16 bits
    assert load_turn_end(ModelRegistry(PROFILES["edge"], tmp_path / "none")) is None
