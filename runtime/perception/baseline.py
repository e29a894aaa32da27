"""A person's own neutral face: learned while the face is calm, then taken off what it shows. Pure: reads no clock."""

from collections import deque
from typing import Final

import numpy as np
from numpy.typing import NDArray

from runtime.core.blendshapes import BLENDSHAPES, INDEX

SAMPLE_S: Final = 0.1
"""At most one frame in this time counts, so that a fast camera learns no other face than a slow one."""
CALM_PER_S: Final = 1.2
"""A face is calm while no shape but those of the eyes' own movement changes by more than this in a second."""
LEARN_SAMPLES: Final = 25
"""2.5 s of calm frames make a neutral face."""
FIRST_SAMPLES: Final = 6
"""So few give a first guess, which every further one improves."""
NEAR: Final = 0.2
"""Only a face that is within this of the neutral one moves it: a smile that is held isn't learned."""
ADAPT_S: Final = 60.0
"""How slowly a known neutral face follows the person, light and camera."""
MOST_MOUTH: Final = 0.4
"""A mouth that shows more is not at rest, however long it is kept so; brows and lids may rest anywhere."""
STALE_S: Final = 1.0
"""Change is not judged across a longer gap."""

_FLEETING: Final = np.array([INDEX[name] for name in BLENDSHAPES if name.startswith(("eyeBlink", "eyeLook"))])
_STEADY: Final = np.setdiff1d(np.arange(len(BLENDSHAPES)), _FLEETING)
_MOUTH: Final = np.array([INDEX[name] for name in BLENDSHAPES if name.startswith(("mouth", "jaw", "noseSneer"))])


class Baseline:
    """Learns one person's neutral blendshapes and gives what is over them."""

    def __init__(self) -> None:
        self._samples: deque[NDArray[np.float32]] = deque(maxlen=LEARN_SAMPLES)
        self._neutral = np.zeros(len(BLENDSHAPES), np.float32)
        self._last: tuple[float, NDArray[np.float32]] | None = None
        self._sampled_s = -np.inf

    @property
    def known(self) -> float:
        """How well the neutral face is known, 0..1."""
        return len(self._samples) / LEARN_SAMPLES

    @property
    def neutral(self) -> NDArray[np.float32]:
        """The neutral face as far as it is known, (52,) in 0..1; zero at first."""
        return self._neutral

    def feed(self, time_s: float, weights: NDArray[np.float32]) -> NDArray[np.float32]:
        """Take a face's blendshapes (52,) and return what it shows beyond its neutral face, (52,) in 0..1."""
        calm = self._is_calm(time_s, weights)
        if self._last is None or time_s > self._last[0]:
            self._last = time_s, weights
        if calm and time_s - self._sampled_s >= SAMPLE_S - 1e-6:
            self._learn(min(time_s - self._sampled_s, STALE_S), weights)
            self._sampled_s = time_s
        return np.asarray(np.clip(weights - self._neutral, 0, 1), np.float32)

    def _is_calm(self, time_s: float, weights: NDArray[np.float32]) -> bool:
        if self._last is None or not 0 < time_s - self._last[0] <= STALE_S:
            return False
        change = np.abs(weights - self._last[1])[_STEADY].max() / (time_s - self._last[0])
        return bool(change <= CALM_PER_S)

    def _learn(self, passed_s: float, weights: NDArray[np.float32]) -> None:
        if len(self._samples) < LEARN_SAMPLES:
            self._samples.append(weights)
            if len(self._samples) < FIRST_SAMPLES:
                return
            self._neutral = np.median(np.array(self._samples), axis=0).astype(np.float32)
            self._neutral[_MOUTH] = np.minimum(self._neutral[_MOUTH], MOST_MOUTH)
        elif np.abs(weights - self._neutral)[_STEADY].max() <= NEAR:
            self._neutral = self._neutral + (weights - self._neutral) * np.float32(1 - np.exp(-passed_s / ADAPT_S))
