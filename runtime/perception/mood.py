"""How somebody seems to feel, from face, voice and words together. Pure: reads no clock.

The sources are pooled as a weighted product of what each adds to the base rates (logarithmic opinion pool: Genest and
Zidek, Combining probability distributions, 1986), with weights of trust, confidence and age. The pool is smoothed, and
the label changes only when it is sure; else it is "unknown".
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from runtime.core.errors import UserError
from runtime.core.messages import EMOTIONS, EmotionReading, Mood

UNKNOWN: Final = "unknown"
TRUST: Final = {"face": 1.0, "voice": 0.6, "text": 0.9}
"""How much a source counts at full confidence."""
HALF_LIFE_S: Final = {"face": 0.7, "voice": 4.0, "text": 8.0}
"""In so long a reading loses half of its weight: a face is read all the time, words only once a turn."""
BASE_RATES: Final = {"neutral": 0.25}
"""Before anything is known; the other emotions share the rest."""
FLOOR: Final = 0.01
"""No source is surer than this that something isn't so."""
ENOUGH: Final = 0.5
"""With so much weight in all, as much is known as can be."""
LEAST_KNOWN: Final = 0.15
"""With less of that, nothing is known."""
ATTACK_S: Final = 0.7
RELEASE_S: Final = 2.0
"""Time constants with which an emotion comes and goes."""
SURE: Final = 0.45
STILL_SURE: Final = 0.35
"""A label is taken at the first chance and kept down to the second."""
MARGIN: Final = 0.1
"""By so much another label must be likelier to take the place of one that is kept."""
STEP_S: Final = 0.1
LONGEST_S: Final = 10.0
"""After a longer time without a reading everything is forgotten."""
FEELINGS: Final = {
    "neutral": (0.0, 0.0),
    "happy": (0.81, 0.51),
    "sad": (-0.63, -0.27),
    "angry": (-0.51, 0.59),
    "afraid": (-0.64, 0.60),
    "disgusted": (-0.60, 0.35),
    "surprised": (0.40, 0.67),
    "bored": (-0.65, -0.62),
}
"""Valence and arousal of each emotion as people rate them (Russell and Mehrabian: Evidence for a three-factor theory of
emotions, 1977); neutral is zero by definition. They stand in where a source has no such figures of its own."""

_RATES: Final = np.array([BASE_RATES.get(name, 0.75 / (len(EMOTIONS) - 1)) for name in EMOTIONS])
_NEUTRAL: Final = EMOTIONS.index("neutral")


def feeling_of(reading: EmotionReading) -> tuple[float, float]:
    """Return valence and arousal of a reading, -1..1; what it doesn't say itself follows from its chances."""
    total = max(sum(reading.chances.values()), 1e-9)
    valence, arousal = (
        sum(chance * FEELINGS[name][axis] for name, chance in reading.chances.items()) / total for axis in (0, 1)
    )
    return (
        valence if reading.valence is None else reading.valence,
        arousal if reading.arousal is None else reading.arousal,
    )


class MoodTracker:
    """Follows one person's mood. Feed every reading as it comes; ask for the mood at any time."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Begin anew: another person is there."""
        self._readings: dict[str, EmotionReading] = {}
        self._chances = _RATES.copy()
        self._feeling = np.zeros(2)
        self._known = 0.0
        self._label = UNKNOWN
        self._time_s = -math.inf

    def feed(self, reading: EmotionReading) -> Mood:
        """Take what a source says and return the mood then. A reading older than its source's last one is left out.

        Raises:
            UserError: the source or one of the emotions has a name that isn't known here.
        """
        if reading.source not in TRUST or not reading.chances or not reading.chances.keys() <= FEELINGS.keys():
            raise UserError(
                f"A mood can't be read from {reading.source!r} with {', '.join(reading.chances) or 'no emotions'}.",
                f"Sources are {', '.join(TRUST)}, emotions {', '.join(EMOTIONS)}.",
            )
        last = self._readings.get(reading.source)
        if last is None or not reading.time_s < last.time_s:
            self._advance(reading.time_s)
            self._readings[reading.source] = reading
        return self.at(reading.time_s)

    def at(self, time_s: float) -> Mood:
        """Return the mood at a time; where that lies before what was fed, the mood of the latest time."""
        self._advance(time_s)
        self._label = self._decide()
        chance = self._chances[EMOTIONS.index(self._label)] if self._label != UNKNOWN else 0.0
        valence, arousal = map(float, self._feeling)
        return Mood(self._label, float(chance * self._known), valence, arousal, self._time_s)

    def _advance(self, time_s: float) -> None:
        """Let the mood follow its readings up to a time, in small steps, so that it matters little when it is asked."""
        if time_s - self._time_s > LONGEST_S:
            self.forget()
            self._time_s = time_s
        while self._time_s < time_s:
            step_s = min(STEP_S, time_s - self._time_s)
            self._time_s += step_s
            self._follow(step_s)

    def _follow(self, step_s: float) -> None:
        wanted, feeling, known = self._pool()
        towards = np.where(wanted > self._chances, ATTACK_S, RELEASE_S)
        chances = self._chances + (wanted - self._chances) * (1 - np.exp(-step_s / towards))
        chances[_NEUTRAL] = max(1 - (chances.sum() - chances[_NEUTRAL]), 0.0)  # what no emotion takes
        self._chances = chances / chances.sum()
        towards = np.where(np.abs(feeling) > np.abs(self._feeling), ATTACK_S, RELEASE_S)
        self._feeling = self._feeling + (feeling - self._feeling) * (1 - np.exp(-step_s / towards))
        self._known += (known - self._known) * (
            1 - math.exp(-step_s / (ATTACK_S if known > self._known else RELEASE_S))
        )

    def _pool(self) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
        """Return the chances of `EMOTIONS`, valence and arousal, and 0..1 how much is known, of all readings now."""
        log_odds, feeling, total = np.log(_RATES), np.zeros(2), 0.0
        for reading in self._readings.values():
            age_s = max(self._time_s - reading.time_s, 0.0)
            weight = TRUST[reading.source] * reading.confidence * 0.5 ** (age_s / HALF_LIFE_S[reading.source])
            log_odds = log_odds + weight * _evidence(reading)
            feeling += weight * np.array(feeling_of(reading))
            total += weight
        chances = np.exp(log_odds - log_odds.max())
        known = min(1.0, total / ENOUGH)
        return chances / chances.sum(), feeling / max(total, 1e-9) * known, known

    def _decide(self) -> str:
        if self._known < LEAST_KNOWN:
            return UNKNOWN
        best = int(self._chances.argmax())
        chance = self._chances[best]
        if self._label != UNKNOWN:
            kept = self._chances[EMOTIONS.index(self._label)]
            if kept >= STILL_SURE and chance < kept + MARGIN:
                return self._label
        return EMOTIONS[best] if chance >= SURE else UNKNOWN


def _evidence(reading: EmotionReading) -> NDArray[np.float64]:
    """Return by how much, as logarithms, a reading makes each of `EMOTIONS` likelier than even chances would.

    What its source can't show looks neutral to it: less likely where that is, but never likelier.
    """
    even = 1 / len(reading.chances)
    hidden = min(reading.chances.get("neutral", even), even)
    return np.array([math.log(max(reading.chances.get(name, hidden), FLOOR) / even) for name in EMOTIONS])
