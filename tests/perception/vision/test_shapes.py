"""What a face expresses, by a stand-in for the model."""

from types import SimpleNamespace
from typing import Any

import numpy as np

from runtime.core.device import PROFILES
from runtime.core.models import ModelRegistry
from runtime.perception.face_features import normalise
from runtime.perception.vision.shapes import MODEL, Shapes


class Session:
    """Answers 52 numbers that go beyond 0..1 and keeps what it was given."""

    def get_inputs(self) -> list[Any]:
        return [SimpleNamespace(name="landmarks")]

    def run(self, outputs: None, inputs: dict[str, Any]) -> list[Any]:
        self.inputs = inputs
        return [np.linspace(-0.5, 1.5, 52, dtype=np.float32)[None]]


class Registry(ModelRegistry):
    """Has the model only where `session` is given."""

    def __init__(self, session: Session | None) -> None:
        super().__init__(PROFILES["edge"])
        self.session = session

    def entries(self) -> dict[str, Any]:
        return {} if self.session is None else {MODEL: None}

    def load(self, name: str) -> Any:
        return self.session


def test_the_model_gets_normalised_landmarks_and_its_weights_stay_within_bounds() -> None:
    session, landmarks = Session(), np.random.default_rng(4).normal(200, 60, (478, 3)).astype(np.float32)
    shapes = Shapes(Registry(session))
    shapes.load()
    weights = shapes.read(landmarks)
    assert weights.shape == (52,)
    assert weights.dtype == np.float32
    assert (weights.min(), weights.max()) == (0.0, 1.0)
    np.testing.assert_array_equal(session.inputs["landmarks"], normalise(landmarks)[None])


def test_without_the_model_nothing_is_expressed() -> None:
    shapes = Shapes(Registry(None))
    shapes.load(needed=False)
    assert not shapes.read(np.ones((478, 3), np.float32)).any()
