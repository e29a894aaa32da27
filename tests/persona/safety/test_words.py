"""Words are found in disguise, and not within other words."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.persona.safety.fold import MAX_CHARS, MAX_SIGNS, fold, rejoined, unmask
from runtime.persona.safety.incoming import Incoming
from runtime.persona.safety.limits import Limits
from runtime.persona.safety.words import KINDS, finder, listed


@pytest.mark.parametrize(
    "text",
    [
        "fuck", "FUCK", "fuuuuck", "f u c k", "f.u.c.k", "f-u-c-k", "f. u. c. k.", "f*ck", "f**k", "fu ck", "f uck",
        "fuсk",
        "f\u200buck", "fúck", "fuckkk",
    ],
)  # fmt: skip
def test_a_word_is_found_in_disguise(text: str) -> None:
    words = finder(["fuck"])
    plain = unmask(f"oh {text} again")
    assert words.search(plain) or words.search(rejoined(plain))


@pytest.mark.parametrize("text", ["b1tch", "b!tch", "bi+ch", "biiitch", "ｂｉｔｃｈ"])
def test_digits_and_signs_are_read_as_letters(text: str) -> None:
    assert finder(["bitch"]).search(unmask(text))


@pytest.mark.parametrize(
    "text",
    [
        "Scunthorpe", "assess the class", "Essex", "the pen is mine", "cockpit", "cocktail", "Dickens", "shiitake",
        "Matsushita", "analysis", "titanic", "therapist", "a mass of grass", "Penistone", "pass the bass",
        "Hancock", "butter", "what is it", "has his hat", "the AASS gene", "circumference", "5 * 3", "I am 18!",
    ],
)  # fmt: skip
def test_words_within_words_are_left_alone(text: str) -> None:
    plain = unmask(text)
    for kind in ("hate", "sexual", "abuse", "names", "crude"):
        assert not finder(listed(kind)).search(plain), (kind, text)
        assert not finder(listed(kind)).search(rejoined(plain)), (kind, text)


def test_stars_allow_endings_and_allowed_words_are_left_out() -> None:
    assert finder(["fuck*"]).search("fuckwits")
    assert not finder(["fuck"]).search("fuckwits")
    assert not finder(["cock", "hen"], allowed=["Cock"]).search("a cock")
    assert finder(["cock", "hen"], allowed=["Cock"]).search("a hen")
    assert not finder([]).search("anything")


def test_every_language_has_every_list_and_each_word_finds_itself() -> None:
    for kind in KINDS:
        assert listed(kind)
        for word in listed(kind):
            assert finder([word]).search(unmask(word.strip("*"))), word


def test_numbers_mails_and_times_stay_as_they_are() -> None:
    assert unmask("at 10:30, room 5, 18 euros") == "at 10:30, room 5, 18 euros"
    assert fold("Café “Été” — naïve") == 'cafe "ete" - naive'


def test_what_is_beyond_the_limit_is_not_read() -> None:
    assert len(fold("a" * 10_000)) == MAX_CHARS
    assert fold("no" + "!?" * 400) == "no" + "!?" * (MAX_SIGNS // 2)


INCOMING = Incoming(Limits())


@given(st.text(max_size=300))
@settings(deadline=None, max_examples=50)
def test_any_text_can_be_judged(text: str) -> None:
    finding = INCOMING.judge(text)
    assert finding is None or finding.kind
