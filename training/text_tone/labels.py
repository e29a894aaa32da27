"""GoEmotions' 28 labels: the class of each, and how pleasant and how excited it is."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

CLASSES: Final = ("neutral", "happy", "sad", "angry", "afraid", "disgusted", "surprised")
"""Those of `runtime.core.messages.EMOTIONS` that words show here."""

LABELS: Final[dict[str, tuple[str, float, float]]] = {
    "admiration": ("happy", 0.41, 0.30),  # impressed
    "amusement": ("happy", 0.77, 0.44),  # enjoyment
    "anger": ("angry", -0.51, 0.59),  # angry
    "annoyance": ("angry", -0.28, 0.17),  # mildly annoyed
    "approval": ("happy", 0.39, 0.13),  # cooperative
    "caring": ("happy", 0.73, 0.19),  # kind
    "confusion": ("surprised", -0.53, 0.27),  # confused
    "curiosity": ("surprised", 0.22, 0.62),  # curious
    "desire": ("happy", 0.64, 0.51),  # interested
    "disappointment": ("sad", -0.50, 0.05),  # dissatisfied
    "disapproval": ("angry", -0.55, 0.16),  # displeased
    "disgust": ("disgusted", -0.60, 0.35),  # disgusted
    "embarrassment": ("sad", -0.46, 0.54),  # embarrassed
    "excitement": ("happy", 0.62, 0.75),  # excited
    "fear": ("afraid", -0.64, 0.60),  # fearful
    "gratitude": ("happy", 0.64, 0.16),  # grateful
    "grief": ("sad", -0.72, -0.16),  # despairing
    "joy": ("happy", 0.76, 0.48),  # joyful
    "love": ("happy", 0.64, 0.35),  # affectionate
    "nervousness": ("afraid", -0.33, 0.58),  # tense
    "optimism": ("happy", 0.51, 0.23),  # hopeful
    "pride": ("happy", 0.77, 0.38),  # proud
    "realization": ("surprised", 0.27, 0.24),  # wonder
    "relief": ("happy", 0.68, -0.46),  # relaxed
    "remorse": ("sad", -0.52, 0.02),  # regretful
    "sadness": ("sad", -0.63, -0.27),  # sad
    "surprise": ("surprised", 0.40, 0.67),  # surprised
    "neutral": ("neutral", 0.0, 0.0),
}
"""In GoEmotions' order: class, valence and arousal (-1..1).

The classes are those of the set's own mapping to Ekman's emotions (Demszky et al.: GoEmotions, 2020). Valence and
arousal are means of people's ratings (Russell and Mehrabian: Evidence for a three-factor theory of emotions, 1977) of
the term beside each, which is the nearest that they had rated. Neutral is zero by definition.
"""
NEUTRAL: Final = list(LABELS).index("neutral")


def class_shares() -> NDArray[np.float32]:
    """Return (28, 7): 1 where a label belongs to a class."""
    return np.array([[name == kind for kind in CLASSES] for name, _, _ in LABELS.values()], np.float32)


def feelings() -> NDArray[np.float32]:
    """Return (28, 2): valence and arousal of each label, -1..1."""
    return np.array([(valence, arousal) for _, valence, arousal in LABELS.values()], np.float32)
