"""What is left of a model's text is speech."""

import pytest

from runtime.persona.language.cleaning import Cleaned, cleaned


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("**The toilets** are *behind* the `stairs`.", "The toilets are behind the stairs."),
        ("## Opening hours", "Opening hours"),
        ("- the lift, __ground__ floor", "the lift, ground floor"),
        ("> quoted", "quoted"),
        ("* [x] done", "done"),
        ('See [our plan](https://www.lantern.org/plan?x=1 "Plan").', "See our plan."),
        ("See https://www.lantern.org/visit/plan.html?a=b#c.", "See lantern.org."),
        ("Or <http://lantern.org:8080/>, or www.museum.com!", "Or lantern.org, or museum.com!"),
        ("Write to desk@lantern.org.", "Write to desk@lantern.org."),
        ("Enjoy! 😀🎉 :-)", "Enjoy!"),
        ("We open at 10 [1], close at 6 [2, 3].", "We open at 10, close at 6."),
        ("[laughs] Yes.", "Yes."),
        ("Line<br>break &", "Line break &"),
        ("| Hall | Floor |", "Hall, Floor"),
        ("|---|---|", ""),
        ("😀", ""),
        ("snake_case and 3 * 4 stay, at €3.50 and 5°", "snake_case and 3 * 4 stay, at €3.50 and 5°"),
        ("Dr. Smith, 9:30 a.m., No. 5", "Dr. Smith, 9:30 a.m., No. 5"),
        ("12. All of them.", "12. All of them."),
        ("bell\x07 and\u2028line", "bell and line"),
    ],
)
def test_what_is_no_speech_goes_and_the_rest_stays(raw: str, text: str) -> None:
    assert cleaned(raw).text == text


def test_a_number_before_a_line_of_a_list_goes() -> None:
    assert cleaned("2. The lift", numbered=True).text == "The lift"
    assert cleaned("- 2) The lift", numbered=True).text == "The lift"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("[warm] Welcome.", Cleaned("Welcome.", "warm")),
        ("[Concerned]I am sorry.", Cleaned("I am sorry.", "concerned")),
        ("[angry] No.", Cleaned("No.", "")),
        ("[shouts] [happy] Yes.", Cleaned("Yes.", "happy")),
        ("Yes.", Cleaned("Yes.", "")),
    ],
)
def test_a_tag_is_taken_off_and_counts_if_it_is_known(raw: str, expected: Cleaned) -> None:
    assert cleaned(raw) == expected
