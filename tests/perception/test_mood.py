"""How readings of face, voice and words become one mood, on simulated time."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.core.errors import UserError
from runtime.core.messages import EMOTIONS, EmotionReading, Mood
from runtime.perception.mood import HALF_LIFE_S, TRUST, UNKNOWN, MoodTracker, feeling_of

SHOWS = {
    "face": tuple(name for name in EMOTIONS if name != "bored"),
    "voice": tuple(name for name in EMOTIONS if name != "surprised"),
    "text": tuple(name for name in EMOTIONS if name != "bored"),
}


def reading(source: str, time_s: float, confidence: float = 1.0, **chances: float) -> EmotionReading:
    names = SHOWS[source]
    rest = (1 - sum(chances.values())) / (len(names) - len(chances))
    return EmotionReading(source, time_s, {name: chances.get(name, rest) for name in names}, None, None, confidence)


def shown(
    tracker: MoodTracker, name: str, begin_s: float, end_s: float, rate_hz: float = 5, **more: float
) -> list[Mood]:
    """Feed a face that shows one emotion for a while."""
    count = int((end_s - begin_s) * rate_hz)
    moods = []
    for number in range(count):
        one = reading(
            "face", begin_s + number / rate_hz, more.get("confidence", 1.0), **{name: more.get("chance", 0.85)}
        )
        moods.append(tracker.feed(one))
    return moods


def test_nothing_is_known_at_first() -> None:
    assert MoodTracker().at(0.0) == Mood(UNKNOWN, 0.0, 0.0, 0.0, 0.0)


@pytest.mark.parametrize("name", SHOWS["face"])
def test_what_a_face_shows_becomes_the_mood_within_two_seconds(name: str) -> None:
    mood = shown(MoodTracker(), name, 0, 2)[-1]
    assert mood.label == name
    assert mood.confidence > 0.4
    valence, arousal = feeling_of(reading("face", 0, **{name: 0.85}))
    assert mood.valence == pytest.approx(valence, abs=0.1)
    assert mood.arousal == pytest.approx(arousal, abs=0.1)


def test_a_mood_comes_faster_than_it_goes() -> None:
    tracker = MoodTracker()
    shown(tracker, "neutral", 0, 5)
    came = next(mood.time_s for mood in shown(tracker, "happy", 5, 15) if mood.label == "happy") - 5
    went = next(mood.time_s for mood in shown(tracker, "neutral", 15, 25) if mood.label != "happy") - 15
    assert 0.3 < came < 1.5
    assert went > came


def test_a_flash_of_something_is_no_mood() -> None:
    tracker = MoodTracker()
    moods = shown(tracker, "neutral", 0, 5) + shown(tracker, "disgusted", 5, 5.4) + shown(tracker, "neutral", 5.4, 9)
    assert {mood.label for mood in moods if mood.time_s > 2} == {"neutral"}


def test_a_doubtful_face_is_unknown_and_one_at_the_edge_does_not_flicker() -> None:
    tracker = MoodTracker()
    moods = [tracker.feed(reading("face", number / 5, happy=0.3, neutral=0.3, surprised=0.25)) for number in range(50)]
    assert {mood.label for mood in moods} == {UNKNOWN}
    tracker.forget()
    labels = [
        tracker.feed(reading("face", number / 5, happy=0.55 + 0.25 * (number % 2), neutral=0.1)).label
        for number in range(100)
    ]
    assert sum(one != other for one, other in pairwise(labels)) <= 1


def test_without_readings_the_mood_is_forgotten() -> None:
    tracker = MoodTracker()
    shown(tracker, "happy", 0, 5)
    later = [tracker.at(5 + number / 2) for number in range(30)]
    assert later[0].label == "happy"
    assert later[-1].label == UNKNOWN
    confidences = [mood.confidence for mood in later]
    assert confidences == sorted(confidences, reverse=True)
    assert abs(later[-1].valence) < 0.05
    assert tracker.at(1000.0).label == UNKNOWN


def test_words_last_longer_than_a_face() -> None:
    assert HALF_LIFE_S["text"] > HALF_LIFE_S["voice"] > HALF_LIFE_S["face"]
    tracker = MoodTracker()
    tracker.feed(reading("text", 0.0, sad=0.95))
    assert tracker.at(4.0).label == "sad"
    tracker.forget()
    tracker.feed(reading("face", 0.0, sad=0.95))
    assert tracker.at(4.0).label == UNKNOWN


def test_sources_that_agree_are_surer_and_the_believed_one_wins() -> None:
    alone, together = MoodTracker(), MoodTracker()
    for tracker in (alone, together):
        for number in range(20):
            tracker.feed(reading("face", number / 5, 0.6, angry=0.6))
            if tracker is together:
                tracker.feed(reading("voice", number / 5, 1.0, angry=0.6))
    assert together.at(4.0).confidence > alone.at(4.0).confidence
    torn = MoodTracker()
    for number in range(20):
        torn.feed(reading("face", number / 5, 0.15, happy=0.9))
        torn.feed(reading("voice", number / 5, 1.0, sad=0.9))
    assert torn.at(4.0).label == "sad"


def test_a_source_that_is_not_believed_says_nothing() -> None:
    assert {mood.label for mood in shown(MoodTracker(), "happy", 0, 10, confidence=0.0)} == {UNKNOWN}


def test_what_a_source_cannot_show_is_not_ruled_in_by_it() -> None:
    tracker = MoodTracker()
    shown(tracker, "happy", 0, 4)
    assert tracker.at(4.0).label == "happy", "a happy face is not a bored one"
    voice = MoodTracker()
    for number in range(4):
        voice.feed(reading("voice", float(number), bored=0.9))
    assert voice.at(3.0).label == "bored"


@pytest.mark.parametrize("rate_hz", [2, 5, 15, 30])
def test_the_rate_of_readings_matters_little(rate_hz: float) -> None:
    tracker = MoodTracker()
    shown(tracker, "neutral", 0, 4, rate_hz)
    mood = shown(tracker, "happy", 4, 6, rate_hz)[-1]
    assert mood.label == "happy"
    tracker.at(6.0)
    assert tracker.at(6.0).valence == pytest.approx(0.6, abs=0.12)


def test_own_figures_of_a_source_count_before_those_of_its_chances() -> None:
    said = EmotionReading("voice", 0.0, dict.fromkeys(SHOWS["voice"], 1 / 7), None, 0.9, 1.0)
    assert feeling_of(said)[1] == 0.9
    assert feeling_of(EmotionReading("text", 0.0, {"happy": 1.0}, -0.5, 0.1, 1.0)) == (-0.5, 0.1)


def test_a_reading_that_comes_late_and_one_unknown() -> None:
    tracker = MoodTracker()
    shown(tracker, "happy", 0, 4)
    before = tracker.at(4.0)
    assert tracker.feed(reading("face", 1.0, sad=0.95)) == before
    with pytest.raises(UserError, match="smell"):
        tracker.feed(EmotionReading("smell", 5.0, {"happy": 1.0}, None, None, 1.0))
    with pytest.raises(UserError, match="jolly"):
        tracker.feed(EmotionReading("face", 5.0, {"jolly": 1.0}, None, None, 1.0))
    assert tracker.at(4.0) == before


@given(
    st.lists(
        st.tuples(
            st.floats(-1, 12),
            st.sampled_from(list(TRUST)),
            st.sampled_from(SHOWS["face"][:6]),
            st.floats(0, 1),
            st.floats(0, 1),
        ),
        max_size=30,
    )
)
def test_a_mood_is_always_within_its_bounds(steps: list[tuple[float, str, str, float, float]]) -> None:
    tracker, now = MoodTracker(), 0.0
    for step_s, source, name, chance, confidence in steps:
        now += step_s
        mood = tracker.feed(reading(source, now, confidence, **{name: chance}))
        assert mood.label == UNKNOWN or mood.label in EMOTIONS
        assert 0 <= mood.confidence <= 1
        assert max(abs(mood.valence), abs(mood.arousal)) <= 1
        assert (mood.label == UNKNOWN) == (mood.confidence == 0)
