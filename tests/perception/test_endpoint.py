"""The endpointing policy."""

import pytest

from runtime.perception.endpoint import (
    BROKEN_OFF_S,
    CEILING_S,
    COMPLETE_S,
    DEFAULT_S,
    DOUBTFUL_S,
    LIKELY_CHANCE,
    LIKELY_S,
    NO_WORDS_S,
    SOONEST_S,
    UNSURE_S,
    Endpointer,
    EndpointEvent,
)


def policy() -> Endpointer:
    return Endpointer(lambda text: text in ("where is the lift", "hello"), lambda text: text == "where was the lift")


@pytest.mark.parametrize(
    ("text", "wait_s"),
    [
        ("where is the lift", COMPLETE_S),
        ("hello where is the lift", COMPLETE_S),
        ("Good morning, where is the lift", COMPLETE_S),
        ("hello", DEFAULT_S),  # the question may follow
        ("hello where is the", BROKEN_OFF_S),
        ("where was the lift", LIKELY_S),
        ("i came by train today", DEFAULT_S),
        ("where is the", BROKEN_OFF_S),
        ("i want to know and", BROKEN_OFF_S),
        ("can you help me", DEFAULT_S),
        ("help me", DEFAULT_S),
        ("thank you", DEFAULT_S),
        ("who are you", DEFAULT_S),
        ("where is it", DEFAULT_S),
        ("two tickets please", DEFAULT_S),
        ("please", BROKEN_OFF_S),
        ("is it", BROKEN_OFF_S),
        ("where can you", BROKEN_OFF_S),
        ("", NO_WORDS_S),
    ],
)
def test_the_wait_depends_on_how_finished_the_text_is(text: str, wait_s: float) -> None:
    endpointer = policy()
    assert not endpointer.step(EndpointEvent(5.0 + wait_s - 0.01, False, 4.0, 5.0, text))
    assert endpointer.step(EndpointEvent(5.001 + wait_s, False, 4.0, 5.0, text))


def test_the_waits_rise_with_the_doubt() -> None:
    assert (COMPLETE_S, DEFAULT_S, BROKEN_OFF_S) == (0.10, 0.50, 1.20)
    assert COMPLETE_S < LIKELY_S < UNSURE_S < DEFAULT_S < NO_WORDS_S < DOUBTFUL_S < BROKEN_OFF_S < CEILING_S


def test_nobody_is_cut_off_while_speaking_until_the_ceiling() -> None:
    endpointer = policy()
    assert not endpointer.step(EndpointEvent(10.0, True, 1.0, 2.0, "where is the lift"))
    assert endpointer.step(EndpointEvent(1.0 + CEILING_S, True, 1.0, 0.0, "and then and then"))


@pytest.mark.parametrize(
    ("text", "chance", "wait_s"),
    [
        ("i came by train today", LIKELY_CHANCE, SOONEST_S),
        ("where is the", LIKELY_CHANCE, SOONEST_S),  # the model has heard more than the last word
        ("i came by train today", 0.2, UNSURE_S),
        ("where is the", 0.2, UNSURE_S),
        ("i came by train today", 0.01, DOUBTFUL_S),
        ("where is the", 0.01, DOUBTFUL_S),
        ("where is the lift", 0.0, COMPLETE_S),  # a known question stays one
        ("where was the lift", 0.0, LIKELY_S),
        ("where was the lift", 1.0, SOONEST_S),
        ("", 1.0, NO_WORDS_S),
    ],
)
def test_a_models_chance_counts_instead_of_the_last_word(text: str, chance: float, wait_s: float) -> None:
    endpointer = policy()
    assert not endpointer.step(EndpointEvent(5.0 + wait_s - 0.01, False, 4.0, 5.0, text, chance))
    assert endpointer.step(EndpointEvent(5.001 + wait_s, False, 4.0, 5.0, text, chance))
    assert not endpointer.step(EndpointEvent(9.0, True, 4.0, 5.0, text, chance))
