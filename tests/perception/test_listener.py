"""The listener on scripted voice activity and a scripted recogniser, in the time of the sound."""

import numpy as np
from numpy.typing import NDArray

from runtime.core.clock import run_simulated
from runtime.core.errors import WorkerDied
from runtime.core.hashed_words import WordHasher
from runtime.core.messages import (
    AudioChunk,
    EndOfTurn,
    SessionEvent,
    SpeechStarted,
    SpeechStopped,
    Transcript,
    Trouble,
)
from runtime.core.workers import Caller
from runtime.perception.client import Hearing
from runtime.perception.endpoint import COMPLETE_S, DEFAULT_S, DOUBTFUL_S, NO_WORDS_S, Endpointer
from runtime.perception.listener import Listener
from runtime.perception.turn_end import TurnEnd
from runtime.perception.vad import SileroVad

RATE_HZ = 16_000


class LoudVad(SileroVad):
    """Takes loud windows for speech."""

    def probability(self, window: NDArray[np.float32]) -> float:
        return float(np.abs(window).mean() > 0.1)


class Recogniser(Caller):
    """Hears one word for each 0.2 s of loud sound of a stream."""

    def __init__(self, slow: bool = False) -> None:
        self.slow = slow  # like one that reads a turn as a whole: its text is there 0.3 s after the pause
        self.polls = 0
        self.loud: dict[str, int] = {}
        self.dead = False
        self.calls: list[str] = []

    async def call(self, service: str, method: str, *args: object) -> object:
        self.calls.append(method)
        if self.dead:
            raise WorkerDied("The speech process is starting again.")
        stream = str(args[0])
        if method == "feed":
            assert isinstance(args[1], np.ndarray)
            self.loud[stream] = self.loud.get(stream, 0) + int((np.abs(args[1]) > 0.1).sum())
            self.polls += len(args[1]) == 0
            return Transcript(self.text(stream) if not self.slow or self.polls >= 3 else "", False)
        if method == "finish":
            return Transcript(self.text(stream), True)
        return None

    def text(self, stream: str) -> str:
        return " ".join(["word"] * (self.loud.get(stream, 0) // 3_000))


def loud(seconds: float) -> NDArray[np.float32]:
    return np.full(int(seconds * RATE_HZ), 0.5, np.float32)


def quiet(seconds: float) -> NDArray[np.float32]:
    return np.zeros(int(seconds * RATE_HZ), np.float32)


class Judge(TurnEnd):
    """Is sure of the end after a silence, and keeps what it was asked."""

    def __init__(self, sure_after_s: float) -> None:
        super().__init__(None, WordHasher(8, 8))
        self.__dict__.update(sure_after_s=sure_after_s, asked=[])

    def chance(self, text: str, voice: NDArray[np.float32], pause_s: float) -> float:
        self.__dict__["asked"].append((text, voice, pause_s))
        return float(pause_s >= self.__dict__["sure_after_s"])


class Scene:
    def __init__(self, known: str = "", slow: bool = False, turn_end: TurnEnd | None = None) -> None:
        self.events: list[SessionEvent | EndOfTurn] = []
        self.recogniser = Recogniser(slow)
        endpointer = Endpointer(lambda text: text == known)
        self.listener = Listener(LoudVad(), Hearing(self.recogniser), endpointer, "s", self.events.append, turn_end)

    def hear(self, *parts: NDArray[np.float32], size: int = 320, start_s: float = 0.0) -> None:
        async def main() -> None:
            sound = np.concatenate(parts)
            for begin in range(0, len(sound), size):
                await self.listener.feed(AudioChunk(sound[begin : begin + size], start_s + begin / RATE_HZ))

        run_simulated(main())

    def ends(self) -> list[EndOfTurn]:
        return [event for event in self.events if isinstance(event, EndOfTurn)]


def test_a_turn_is_heard_whole_and_committed_after_the_silence() -> None:
    scene = Scene()
    scene.hear(quiet(0.5), loud(1.0), quiet(1.0))
    kinds = [type(event) for event in scene.events]
    assert kinds[0] is SpeechStarted
    assert kinds[-1] is EndOfTurn
    assert SpeechStopped in kinds
    (end,) = scene.ends()
    assert end.text == "word word word word word"
    assert abs(end.speech_end_s - 1.5) < 0.05
    assert DEFAULT_S <= end.committed_s - end.speech_end_s < DEFAULT_S + 0.05


def test_chunks_of_any_size_give_the_same_events() -> None:
    small, large = Scene(), Scene()
    parts = (quiet(0.3), loud(0.7), quiet(0.2), loud(0.5), quiet(1.2))
    small.hear(*parts, size=160)
    large.hear(*parts, size=1_600)
    assert small.ends() == large.ends()


def test_a_pause_within_a_turn_loses_nothing() -> None:
    scene = Scene()
    scene.hear(quiet(0.3), loud(0.6), quiet(0.3), loud(0.6), quiet(1.2))
    (end,) = scene.ends()
    assert end.text == "word word word word word word"


def test_a_known_question_is_committed_at_once() -> None:
    scene = Scene(known="word word word")
    scene.hear(quiet(0.3), loud(0.7), quiet(1.0))
    (end,) = scene.ends()
    assert end.text == "word word word"
    assert COMPLETE_S <= end.committed_s - end.speech_end_s < COMPLETE_S + 0.05
    assert "finish" not in scene.recogniser.calls
    assert scene.recogniser.calls[-1] == "drop"


def test_a_text_that_comes_after_the_pause_ends_the_wait_for_words() -> None:
    scene = Scene(slow=True)
    scene.hear(quiet(0.3), loud(0.7), quiet(1.5))
    (end,) = scene.ends()
    assert end.text == "word word word"
    assert DEFAULT_S <= end.committed_s - end.speech_end_s < NO_WORDS_S
    texts = [event.text for event in scene.events if isinstance(event, Transcript)]
    assert texts == ["word word word"] * 2  # partial and final; an empty one tells nobody anything


def test_a_door_that_says_nothing_is_nobodys_turn() -> None:
    scene = Scene()
    scene.hear(quiet(0.3), loud(0.15), quiet(2.0))
    assert scene.ends() == []
    assert not any(isinstance(event, Transcript) for event in scene.events)


def test_a_turn_dropped_by_what_was_heard_is_not_committed() -> None:
    scene = Scene()

    def emit(event: SessionEvent | EndOfTurn) -> None:
        scene.events.append(event)
        if isinstance(event, Transcript):
            scene.listener.drop_turn()

    scene.listener = Listener(LoudVad(), Hearing(scene.recogniser), Endpointer(lambda text: True), "s", emit)
    scene.hear(quiet(0.3), loud(0.7), quiet(2.0))
    assert scene.ends() == []
    assert "drop" in scene.recogniser.calls


def test_a_model_ends_the_turn_as_soon_as_it_is_likely_over_and_waits_while_it_hardly_is() -> None:
    for sure_after_s, wait_s in ((0.2, 0.2), (0.4, 0.4), (9.0, DOUBTFUL_S)):
        judge = Judge(sure_after_s)
        scene = Scene(turn_end=judge)
        scene.hear(quiet(0.3), loud(0.7), quiet(3.0))
        (end,) = scene.ends()
        assert wait_s <= end.committed_s - end.speech_end_s < wait_s + 0.05
        texts, voices, pauses = zip(*judge.__dict__["asked"], strict=True)
        assert set(texts) == {"word word word"}
        assert all(voice is voices[0] for voice in voices)  # looked at once a pause
        assert list(pauses) == sorted(pauses)


def test_each_pause_has_its_own_voice() -> None:
    judge = Judge(0.5)
    scene = Scene(turn_end=judge)
    scene.hear(quiet(0.3), loud(0.6), quiet(0.3), loud(0.6), quiet(1.2))
    voices = {id(voice) for _, voice, _ in judge.__dict__["asked"]}
    assert len(voices) == 2
    assert len(scene.ends()) == 1


def test_two_turns_are_two() -> None:
    scene = Scene()
    scene.hear(quiet(0.3), loud(0.4), quiet(1.0), loud(0.7), quiet(1.0))
    assert [end.text for end in scene.ends()] == ["word word", "word word word"]


def test_a_dropped_turn_is_forgotten() -> None:
    scene = Scene()
    scene.hear(quiet(0.3), loud(0.6))
    scene.listener.drop_turn()
    scene.hear(quiet(2.0), start_s=0.9)
    assert scene.ends() == []
    assert "drop" in scene.recogniser.calls
    assert "finish" not in scene.recogniser.calls


def test_the_end_of_the_sound_ends_the_turn() -> None:
    scene = Scene()
    scene.hear(quiet(0.3), loud(0.7))
    run_simulated(scene.listener.end())
    (end,) = scene.ends()
    assert end.text == "word word word"
    assert abs(end.speech_end_s - 1.0) < 0.05
    assert "pause" in scene.recogniser.calls


def test_a_dead_recogniser_is_told_once_and_the_next_turn_is_heard() -> None:
    scene = Scene()
    scene.recogniser.dead = True
    scene.hear(quiet(0.3), loud(1.0), quiet(1.5))
    assert sum(isinstance(event, Trouble) for event in scene.events) == 1
    assert [end.text for end in scene.ends()] == [""]  # the session says that it did not understand
    scene.recogniser.dead = False
    scene.hear(loud(1.0), quiet(1.5), start_s=2.8)
    assert scene.ends()[-1].text == "word word word word word"
