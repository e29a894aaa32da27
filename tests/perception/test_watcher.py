"""The watcher on whole scenes: people who come, smile, sign and go; rates, storms, pictures that make no sense."""

import json
import logging
import pickle
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from runtime.core.blendshapes import INDEX
from runtime.core.device import PROFILES
from runtime.core.messages import (
    EmotionReading,
    Face,
    Gesture,
    Hand,
    MicroExpression,
    Presence,
    PresenceChanged,
    Sight,
)
from runtime.core.models import ModelRegistry
from runtime.perception.hand_features import LABELS
from runtime.perception.presence import CAME_S, LEFT_S
from runtime.perception.readings import COVERED, face_confidence, voice_reading
from runtime.perception.voice_emotion import VoiceEmotionReading
from runtime.perception.watcher import READ_S, Notice, Watcher, make_watcher
from tests.perception.faces import NEUTRAL, Person, face, times

FACE_LABELS = ("neutral", "happy", "sad", "angry", "fearful", "disgusted", "surprised")
PALM = np.stack([np.linspace(500, 560, 21), np.linspace(300, 420, 21) + 9 * np.sin(np.arange(21))], 1).astype(
    np.float32
)


class Smiles:
    """Stands in for the model of faces: as happy as the last frame's smile."""

    def get_inputs(self) -> list[Any]:
        return [SimpleNamespace(name="shapes")]

    def get_modelmeta(self) -> Any:
        return SimpleNamespace(custom_metadata_map={"labels": json.dumps(FACE_LABELS)})

    def run(self, _: None, feeds: dict[str, NDArray[np.float32]]) -> list[NDArray[np.float32]]:
        window = feeds["shapes"]
        assert window.shape == (1, 6, 52)
        smile = float(window[0, -1, INDEX["mouthSmileLeft"]])
        happy = min(0.95, 2 * smile)
        chances = np.array([[1 - happy, happy, 0, 0, 0, 0, 0]], np.float32)
        return [chances, np.array([[happy, happy / 2]], np.float32)]


class Palms:
    """Stands in for the model of gestures: every hand is an open palm, or anything where it has a `chance`."""

    def __init__(self, seed: int | None = None) -> None:
        self.chance = None if seed is None else np.random.default_rng(seed)

    def get_modelmeta(self) -> Any:
        return SimpleNamespace(custom_metadata_map={"labels": json.dumps(LABELS), "threshold": "0.6"})

    def run(self, _: None, feeds: dict[str, NDArray[np.float32]]) -> list[NDArray[np.float32]]:
        chances = np.full((1, len(LABELS)), 0.01, np.float32)
        best = LABELS.index("open_palm") if self.chance is None else int(self.chance.integers(len(LABELS)))
        chances[0, best] = 0.9
        return [chances]


def scene(rate_hz: float) -> Iterator[Sight]:
    """Yield somebody who comes at 2 s, smiles from 10 to 14, talks from 16 to 19, shows a palm at 22, goes at 26."""
    person = Person(seed=5, shown=[("happy", 8.0, 8.0)])
    talking = Person(seed=5, talks=True)
    for number, time_s in enumerate(times(30, rate_hz)):
        there = 2 <= time_s < 26
        one = talking if 16 <= time_s < 19 else person
        hands = (Hand(PALM, True, 0.9),) if 22 <= time_s < 24 else ()
        looked_for_hands = number % 2 == 0 or rate_hz < 10
        yield Sight(time_s, 640, 480, (one.face(time_s),) if there else (), hands if looked_for_hands else None)


def watched(watcher: Watcher, sights: Iterator[Sight]) -> list[Notice]:
    return [notice for sight in sights for notice in watcher.feed(sight)]


def of(kind: type[Any], notices: list[Notice]) -> list[Any]:
    return [notice for notice in notices if isinstance(notice, kind)]


@pytest.mark.parametrize("rate_hz", [8, 15, 30])
def test_a_visit_is_told_alike_at_any_rate(rate_hz: float) -> None:
    notices = watched(Watcher(Palms(), Smiles()), scene(rate_hz))
    presences = of(PresenceChanged, notices)
    assert [change.presence for change in presences] == [Presence.LOOKING, Presence.HERE, Presence.AWAY]
    assert presences[0].time_s == pytest.approx(2 + CAME_S, abs=0.3)
    assert presences[2].time_s == pytest.approx(26 + LEFT_S, abs=0.3)
    (sign,) = of(Gesture, notices)
    assert sign.name == "open_palm"
    assert sign.time_s == pytest.approx(22.2, abs=0.25)
    readings = of(EmotionReading, notices)
    assert len(readings) <= 24 / READ_S + 1
    happy = [reading.chances["happy"] for reading in readings if 11 < reading.time_s < 13]
    calm = [reading.chances["happy"] for reading in readings if 5 < reading.time_s < 8]
    assert min(happy) > 0.6 > 0.2 > max(calm), "her neutral face already smiles a little"
    assert set(readings[0].chances) == {"afraid", *FACE_LABELS} - {"fearful"}
    assert readings[0].valence is not None
    spoken = [reading.confidence for reading in readings if 17.5 < reading.time_s < 19]
    believed = [reading.confidence for reading in readings if 11 < reading.time_s < 13]
    assert max(spoken) < 0.8 * min(believed), "a mouth that speaks makes faces that mean nothing"
    assert len(of(MicroExpression, notices)) <= 1


def test_readings_of_a_face_are_believed_once_its_neutral_state_is_known() -> None:
    readings = of(EmotionReading, watched(Watcher(None, Smiles()), scene(15)))
    assert readings[0].confidence < 0.1
    assert readings[40].confidence > 0.9


def test_another_face_begins_anew_and_one_that_moves_does_not() -> None:
    watcher = Watcher(None, Smiles())

    def confidence(begin_s: float, x: float, speed: float = 0.0) -> float:
        last = 0.0
        for number in range(60):
            time_s = begin_s + number / 15
            shown = Face(face(at=(x + speed * number, 240)).landmarks, NEUTRAL, (0, 0, 0), (0, 0), 0.6)
            for reading in of(EmotionReading, watcher.feed(Sight(time_s, 640, 480, (shown,)))):
                last = reading.confidence
                if number < 5:
                    return_early.append(last)
        return last

    return_early: list[float] = []
    assert confidence(0, 150) == 1
    assert confidence(4, 150, speed=4) == 1
    assert return_early[-1] == 1
    assert confidence(8, 600) == 1
    assert return_early[-1] < 0.3, "another person stands there"
    watcher.forget()
    confidence(12, 600)
    assert return_early[-1] < 0.3


def test_a_hand_before_the_face_a_turned_or_a_far_face_is_believed_less() -> None:
    points = face().landmarks[:21, :2].astype(np.float32)
    over = Hand(points, True, 0.9)
    assert ((points > 250) & (points < 390)).all(axis=1).mean() > COVERED
    assert face_confidence(face(), (), 1.0, False) == 1
    assert face_confidence(face(), (over,), 1.0, False) == 0
    assert face_confidence(face(), (Hand(PALM, True, 0.9),), 1.0, False) == 1
    assert 0 < face_confidence(face(head=(45, 0, 0)), (), 1.0, False) < 0.6
    assert face_confidence(face(head=(0, 70, 0)), (), 1.0, False) == 0
    assert face_confidence(face(), (), 0.4, False) == pytest.approx(0.4)
    assert face_confidence(face(), (), 1.0, True) < 0.7


def test_a_voice_is_a_reading_with_its_arousal_around_zero() -> None:
    heard = VoiceEmotionReading("angry", {"angry": 0.7, "neutral": 0.3}, 0.9)
    reading = voice_reading(heard, 4.0, 1.0)
    assert (reading.source, reading.valence, reading.confidence) == ("voice", None, 0.5)
    assert reading.arousal == pytest.approx(0.8)


def storm(seconds: float, rate_hz: float, seed: int) -> Iterator[Sight]:
    """Yield faces and hands that come, go, jump, swell and grimace at random in every picture."""
    chance = np.random.default_rng(seed)
    for time_s in times(seconds, rate_hz):
        faces = []
        for _ in range(int(chance.integers(0, 4))):
            head = tuple(map(float, chance.normal(0, 30, 3)))
            gaze = tuple(map(float, chance.uniform(-1, 1, 2)))
            shapes = chance.uniform(0, 1, 52).astype(np.float32)
            at = (float(chance.uniform(0, 640)), float(chance.uniform(0, 480)))
            faces.append(face(shapes, head, gap=float(chance.uniform(0, 0.2)), gaze=gaze, at=at))  # type: ignore[arg-type]
        hands = tuple(
            Hand(chance.uniform(0, 480, (21, 2)).astype(np.float32), bool(chance.integers(2)), float(chance.random()))
            for _ in range(int(chance.integers(0, 3)))
        )
        yield Sight(time_s, 640, 480, tuple(faces), hands)


@pytest.mark.parametrize("rate_hz", [10, 30])
def test_a_storm_of_faces_and_hands_makes_few_events(rate_hz: float) -> None:
    minutes = 2
    notices = watched(Watcher(Palms(seed=1), Smiles()), storm(60 * minutes, rate_hz, seed=2))
    told = Counter(type(notice) for notice in notices)
    assert told[MicroExpression] / minutes <= 2
    assert told[PresenceChanged] / minutes <= 20, (
        "a third of these faces look this way, a quarter of the time none is there"
    )
    assert told[Gesture] / minutes <= 40, "the worst there is: this model is sure of another sign in each picture"
    assert told[EmotionReading] / minutes <= 60 / READ_S + 1


@pytest.mark.parametrize("rate_hz", [10, 30])
def test_one_who_flickers_at_one_place_makes_few_events(rate_hz: float) -> None:
    chance = np.random.default_rng(4)
    person = Person(seed=6)

    def flickering() -> Iterator[Sight]:
        for time_s in times(180, rate_hz):
            there = chance.random() < 0.5
            yield Sight(time_s, 640, 480, (person.face(time_s),) if there else ())

    told = Counter(type(notice) for notice in watched(Watcher(None, Smiles()), flickering()))
    assert told[PresenceChanged] <= 6
    assert told[MicroExpression] <= 3


def test_what_is_kept_does_not_grow() -> None:
    watcher = Watcher(Palms(seed=1), Smiles())
    watched(watcher, storm(30, 30, seed=3))
    before = len(pickle.dumps(watcher))
    watched(watcher, (Sight(s.time_s + 30, *[getattr(s, n) for n in ("width", "height", "faces", "hands")])
                      for s in storm(120, 30, seed=4)))  # fmt: skip
    assert len(pickle.dumps(watcher)) < 1.5 * before


def test_pictures_that_make_no_sense_are_passed_over() -> None:
    watcher = Watcher(Palms(), Smiles())
    broken = face()
    broken.landmarks[3, 1] = np.nan
    nothing = np.zeros(52, np.float32)
    hand = Hand(np.full((21, 2), np.inf, np.float32), True, 0.5)
    for number, faces in enumerate([(broken,), (face(nothing),), (), None, (face(),)] * 20):
        notices = watcher.feed(Sight(number / 10, 1, 1, faces, (hand,)))
        assert not of(Gesture, notices)
    assert watcher.feed(Sight(0.0, 1, 1, (face(),), ())) is not None, "a clock set back harms nothing"


def test_faces_without_blendshapes_tell_of_presence_alone() -> None:
    blank = face(np.zeros(52, np.float32))
    notices = watched(Watcher(None, Smiles()), (Sight(time_s, 640, 480, (blank,)) for time_s in times(10, 10)))
    assert {type(notice) for notice in notices} == {PresenceChanged}


def test_models_that_are_missing_are_told_once_and_done_without(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    make = partial(make_watcher, ModelRegistry(PROFILES["edge"], tmp_path))
    with caplog.at_level(logging.WARNING):
        watcher = pickle.loads(pickle.dumps(make))()
    (record,) = caplog.records
    assert "signs of the hand" in record.getMessage()
    assert "emotion of faces" in record.getMessage()
    kinds = {type(notice) for notice in watched(watcher, scene(10))}
    assert PresenceChanged in kinds
    assert not kinds & {Gesture, EmotionReading}
