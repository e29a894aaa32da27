"""What a session remembers: the words that were heard, what they were about and what was offered."""

from runtime.core.messages import Interrupted, Mood, Phrase, PlayoutMark, UserTurn
from runtime.persona.memory import MAX_EXCHANGES, Exchange, Memory


def turn(number: int, text: str = "where is it") -> UserTurn:
    return UserTurn(number, text, 0.0, 0.0)


def test_what_was_heard_is_kept_with_its_source_and_offers() -> None:
    memory = Memory()
    memory.asked(turn(1))
    memory.told(1, Phrase("Over there.", source="lift"))
    memory.told(1, Phrase("Or do you mean the stairs?", offers=("lift", "stairs")))
    memory.heard(PlayoutMark(1, "Over there.", 1.0))
    memory.interrupted(Interrupted(1, "speech", "Over there. Or", 1.5))
    expected = Exchange(1, "where is it", "Over there. Or", True, "lift", ("lift", "stairs"))
    assert memory.context().exchanges == (expected,)


def test_a_turn_that_was_not_answered_can_be_withdrawn_and_old_ones_go() -> None:
    memory = Memory()
    for number in range(MAX_EXCHANGES + 5):
        memory.asked(turn(number))
    assert len(memory.context().exchanges) == MAX_EXCHANGES
    memory.withdraw()
    assert memory.context().exchanges[-1].turn == MAX_EXCHANGES + 3


def test_the_mood_goes_with_the_context() -> None:
    assert Memory().context().mood.label == "unknown"
    assert Memory().context(Mood("happy", 0.7)).mood.label == "happy"
