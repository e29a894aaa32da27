"""Consent: asked aloud, heard to its end, answered with a yes and nothing else; and what turns want of the memory."""

import itertools

import pytest

from runtime.persona.people.consent import MAX_OFFERS, Consent, State
from runtime.persona.people.requests import PHRASES, Request, disowns, read, refuses


def test_only_a_yes_to_a_question_that_was_heard_is_consent() -> None:
    asked = Consent().ask()
    given = {(request, heard) for request in Request for heard in (True, False) if asked.reply(request, heard).given}
    assert given == {(Request.YES, True)}


def test_nothing_but_the_turn_after_the_question_counts() -> None:
    assert not Consent().reply(Request.YES, heard=True).given
    lapsed = Consent().ask().reply(Request.NOTHING, heard=True)
    assert lapsed.state is State.REFUSED
    assert not lapsed.reply(Request.YES, heard=True).given


def test_no_path_leads_to_consent_without_a_heard_question_and_a_yes() -> None:
    steps = [None, *itertools.product((Request.YES, Request.NO, Request.NOTHING), (True, False))]
    for path in itertools.product(steps, repeat=4):
        consent, last_asked = Consent(), False
        for step in path:
            if step is None:
                consent, last_asked = consent.ask(), True
                continue
            before, consent = consent, consent.reply(*step)
            if consent.given and not before.given:
                assert last_asked
                assert step == (Request.YES, True)
            last_asked = False


def test_a_no_is_final_unless_the_person_asks() -> None:
    refused = Consent().ask().reply(Request.NO, heard=False)
    assert refused.state is State.REFUSED
    assert not refused.may_ask
    assert refused.ask().reply(Request.YES, heard=True).given


def test_a_question_that_was_cut_off_may_be_asked_once_more() -> None:
    consent = Consent()
    for _ in range(MAX_OFFERS):
        assert consent.may_ask
        consent = consent.ask().reply(Request.NOTHING, heard=False)
    assert not consent.may_ask


def test_who_was_forgotten_is_not_asked_again() -> None:
    given = Consent().ask().reply(Request.YES, heard=True)
    assert given.ask() == given
    assert not given.withdraw().given
    assert not given.withdraw().may_ask


@pytest.mark.parametrize(
    ("text", "request_"),
    [
        ("Yes.", Request.YES),
        ("yes please", Request.YES),
        ("of course, thank you", Request.YES),
        ("yes but not my name", Request.NOTHING),
        ("yes where are the toilets", Request.NOTHING),
        ("yesterday", Request.NOTHING),
        ("No, thanks.", Request.NO),
        ("no", Request.NO),
        ("Forget me!", Request.FORGET),
        ("please forget everything you know about me", Request.FORGET),
        ("can you delete my data please", Request.FORGET),
        ("erase what you know about me", Request.FORGET),
        ("delete all of my personal data", Request.FORGET),
        ("don't forget me", Request.NOTHING),
        ("never forget me", Request.NOTHING),
        ("did you forget me", Request.NOTHING),
        ("forget it", Request.NOTHING),
        ("forget what i said", Request.NOTHING),
        ("What do you know about me?", Request.TELL),
        ("do you remember my name", Request.TELL),
        ("Remember me.", Request.REMEMBER),
        ("please remember me next time", Request.REMEMBER),
        ("that's not me", Request.NOT_ME),
        ("where were we", Request.RESUME),
        ("", Request.NOTHING),
    ],
)
def test_what_a_turn_wants(text: str, request_: Request) -> None:
    assert read(text) is request_


def test_a_sign_of_the_hand_is_a_yes_or_a_no() -> None:
    assert read("", "yes") is Request.YES
    assert read("", "no") is Request.NO
    assert read("", "next") is Request.NOTHING
    assert refuses("", "no")


def test_a_no_with_more_words_declines_too() -> None:
    assert refuses("no, i'd rather you did not")
    assert refuses("Please don't")
    assert not refuses("now tell me about the roof")


def test_who_says_that_they_are_somebody_else() -> None:
    assert disowns("I'm not Anna", "Anna")
    assert disowns("no, my name is not anna", "Anna")
    assert not disowns("I'm not sure", "Anna")
    assert not disowns("i am anna", "Anna")
    assert not disowns("i'm not anna", "")


def test_every_phrase_that_a_recogniser_is_told_of_is_understood() -> None:
    assert all(read(phrase) is not Request.NOTHING for phrase in PHRASES)
