"""How a visit is counted from a session's events."""

from dataclasses import replace

import pytest

from runtime.core.messages import (
    BotStartedSpeaking,
    BotText,
    Gesture,
    Interrupted,
    PersonLeft,
    SessionEvent,
    TurnReport,
    UserTurn,
    VariantChosen,
)
from runtime.experiments.outcomes import Visit
from runtime.experiments.tally import Meaning, Tally

MEANING = Meaning(
    sets_right=lambda text: text.startswith("no, I meant"), is_answer=lambda variant, source: source != "thanks"
)
CAFE = BotText(0, "It is upstairs.", "answer", "cafe")
LIFT = BotText(0, "On the left.", "answer", "lift")
THANKS = BotText(0, "You are welcome.", "answer", "thanks")
FALLBACK = BotText(0, "I don't know.", "fallback")
WHICH = BotText(0, "Do you mean this or that?", "ask")
PARDON = BotText(0, "Sorry?", "repair")
GLAD = BotText(0, "I'm glad.", "backchannel")
UP, DOWN = Gesture("thumb_up", 0.9, 0.0), Gesture("thumb_down", 0.9, 0.0)


def visit(*steps: SessionEvent | str) -> Visit:
    """Return the visit in which these things happen after the greeting; a string is a turn of the person's."""
    events: list[SessionEvent] = [VariantChosen("short"), BotStartedSpeaking(1, 0.0), BotText(1, "Hello.", "greet")]
    turn = 1
    for step in steps:
        turn += isinstance(step, str)
        if isinstance(step, str):
            events.append(UserTurn(turn, step, 0.0, 0.0))
        elif isinstance(step, BotText | Interrupted | TurnReport):
            events.append(replace(step, turn=turn))
        else:
            events.append(step)
    tally = Tally(MEANING)
    assert [found for event in events if (found := tally.take(event))] == []
    ended = tally.finish()
    assert ended is not None
    assert tally.finish() is None
    return ended


@pytest.mark.parametrize(
    ("steps", "done", "again"),
    [
        (("where is the cafe", CAFE), True, 0),
        (("where is the cafe", CAFE, "thanks", THANKS), True, 0),
        (("where is the cafe", CAFE, "and the lift", LIFT), True, 0),
        (("where is the cafe", CAFE, "the cafe?", CAFE), False, 1),
        (("where is the cafe", LIFT, "no, I meant the cafe", CAFE), True, 1),
        (("where is the cafe", LIFT, "no, I meant the cafe", FALLBACK), False, 1),
        (("no, I meant the cafe", CAFE), True, 0),
        (("what is love", FALLBACK), False, 0),
        (("what is love", FALLBACK, "thanks", THANKS), False, 0),
        (("where is the cafe", CAFE, "what is love", FALLBACK), False, 0),
        (("where", WHICH, "the first one", CAFE), True, 1),
        (("where", WHICH, CAFE), True, 0),
        (("mumble", PARDON, "the cafe", CAFE), True, 1),
        (("thanks", THANKS), False, 0),
        ((), False, 0),
    ],
)
def test_a_task_is_done_where_the_last_request_has_its_answer(
    steps: tuple[SessionEvent | str, ...], done: bool, again: int
) -> None:
    found = visit(*steps)
    assert (found.done, found.again) == (done, again)


@pytest.mark.parametrize(
    ("steps", "done", "up", "down"),
    [
        (("what is love", FALLBACK, UP), True, 1, 0),
        (("the cafe", CAFE, DOWN), False, 0, 1),
        (("the cafe", CAFE, DOWN, UP), True, 1, 1),
        (("the cafe", CAFE, UP, "", GLAD), True, 1, 0),
        (("the cafe", CAFE, UP, "what is love", FALLBACK), False, 1, 0),
        (("what is love", FALLBACK, DOWN, "the cafe", CAFE), True, 0, 1),
        (("where", WHICH, UP, "", CAFE), True, 0, 0),
        ((UP,), False, 0, 0),
    ],
)
def test_a_thumb_tells_of_the_answer_that_it_is_shown_to(
    steps: tuple[SessionEvent | str, ...], done: bool, up: int, down: int
) -> None:
    found = visit(*steps)
    assert (found.done, found.thumbs_up, found.thumbs_down) == (done, up, down)


def test_turns_waits_and_interruptions_are_counted_once() -> None:
    report = TurnReport(0, "q", "", {"speech_end": 1.0, "committed": 1.2, "first_out": 1.5}, {})
    later = TurnReport(0, "q", "a", {"speech_end": 1.0, "first_out": 1.5, "last_audio": 4.0}, {})
    slow = TurnReport(0, "q", "", {"speech_end": 5.0, "first_out": 6.5}, {})
    cut = Interrupted(0, "speech", "It is", 0.0)
    found = visit(
        "the cafe", report, CAFE, later, "unheard", Interrupted(0, "text", "", 0.0), "the lift", slow, LIFT, cut
    )
    assert (found.turns, found.answered, found.interrupted) == (2, 2, 1)
    assert found.waited_s == pytest.approx(1.0)


def test_an_interrupted_greeting_is_no_interrupted_answer() -> None:
    assert visit(Interrupted(1, "speech", "Hel", 0.0), "the cafe", CAFE).interrupted == 0


def test_who_only_heard_the_greeting_counts_and_who_heard_nothing_does_not() -> None:
    assert visit() == Visit("short")
    tally = Tally(MEANING)
    tally.take(VariantChosen("short"))
    assert tally.finish() is None
    assert Tally(MEANING).finish() is None


def test_whoever_comes_next_is_another_visit() -> None:
    tally = Tally(MEANING)
    events: list[SessionEvent] = [
        VariantChosen("a"),
        VariantChosen("b", came_back=True),
        BotStartedSpeaking(1, 0.0),
        UserTurn(2, "x", 0.0, 0.0),
        BotText(2, "It is upstairs.", "answer", "cafe"),
        PersonLeft(0.0),
        VariantChosen("a"),
        BotStartedSpeaking(3, 0.0),
    ]
    ended = [found for event in events if (found := tally.take(event))]
    assert ended == [Visit("b", True, 1, 1, done=True)]
    assert tally.finish() == Visit("a")
