"""Numbers in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.voice.numerals import cardinal, decade, decimal, digits, ordinal, time_of_day, year


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "zero"),
        (13, "thirteen"),
        (21, "twenty-one"),
        (100, "one hundred"),
        (999, "nine hundred ninety-nine"),
        (1_000_001, "one million one"),
        (20_300, "twenty thousand three hundred"),
        (-7, "minus seven"),
        (10**15, "one zero zero zero zero zero zero zero zero zero zero zero zero zero zero zero"),
    ],
)
def test_cardinals(number: int, words: str) -> None:
    assert cardinal(number) == words


@given(st.integers(0, 10**15 - 1), st.integers(0, 10**15 - 1))
def test_no_two_numbers_are_said_alike(left: int, right: int) -> None:
    assert (cardinal(left) == cardinal(right)) == (left == right)


def test_ordinals() -> None:
    said = [ordinal(n) for n in (1, 2, 3, 5, 8, 9, 12, 20, 21, 112, 1000)]
    assert said == (
        "first|second|third|fifth|eighth|ninth|twelfth|twentieth|twenty-first|one hundred twelfth|one thousandth"
    ).split("|")


def test_years_and_decades() -> None:
    said = [year(n) for n in (1066, 1800, 1905, 1999, 2000, 2006, 2010, 2026)]
    assert said == (
        "ten sixty-six|eighteen hundred|nineteen oh five|nineteen ninety-nine|two thousand|two thousand six|"
        "twenty ten|twenty twenty-six"
    ).split("|")
    assert decade(1980) == "nineteen eighties"
    assert decade(2000) == "two thousands"


def test_decimals_and_digits() -> None:
    assert decimal("1,250.75") == "one thousand two hundred fifty point seven five"
    assert decimal("-0.5") == "minus zero point five"
    assert decimal("007") == "zero zero seven"
    assert digits("2 0-4", zero="oh") == "two oh four"


def test_times_of_day() -> None:
    assert time_of_day(9, 5) == "nine oh five"
    assert time_of_day(12, 0) == "twelve o'clock"
    assert time_of_day(12, 0, "p") == "twelve P-M"
    assert time_of_day(24, 0) == "twelve A-M"
    assert time_of_day(23, 59) == "eleven fifty-nine P-M"
