"""ARKit blendshapes of a face, read from its landmarks by our own model."""

import logging
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from runtime.core.blendshapes import BLENDSHAPES
from runtime.core.models import ModelRegistry
from runtime.perception.face_features import normalise

log = logging.getLogger(__name__)

MODEL: Final = "blendshapes"


class Shapes:
    """The model `blendshapes`; without it every weight is 0."""

    def __init__(self, registry: ModelRegistry) -> None:
        self._registry = registry
        self._session: Any = None

    def load(self, needed: bool = True) -> None:
        """Load the model; where it does not ship, say so if it is `needed`.

        Raises:
            UserError: its file is not the one of the manifest.
        """
        if MODEL in self._registry.entries():
            self._session = self._registry.load(MODEL)
        elif needed:
            log.warning("the model %r is missing: faces are seen, but not what they express", MODEL)

    def read(self, landmarks: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the weights (52,) of a face (478, 3) in pixels."""
        if self._session is None:
            return np.zeros(len(BLENDSHAPES), np.float32)
        inputs = {self._session.get_inputs()[0].name: normalise(landmarks)[None]}
        weights = np.asarray(self._session.run(None, inputs)[0], np.float32)[0]
        return np.asarray(np.clip(weights, 0.0, 1.0), np.float32)
