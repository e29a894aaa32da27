"""A model's text is cut where a voice can start, however it arrives."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from runtime.persona.brain import MAX_PHRASE_CHARS
from runtime.persona.language.cleaning import Cleaned
from runtime.persona.language.cutting import FIRST_CLAUSE_CHARS, WINDOW, Cutter

LONG_START = "If you go past the big staircase at the end of this very hall, "


def whole(text: str) -> list[Cleaned]:
    cutter = Cutter("Ada")
    return [*cutter.feed(text), *cutter.finish()]


def texts(text: str) -> list[str]:
    return [piece.text for piece in whole(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Yes. The lift is there.", ["Yes.", "The lift is there."]),
        (
            "Ask Dr. Smith at 10 a.m. today, e.g. in No. 5, St. Ann.",
            ["Ask Dr. Smith at 10 a.m. today, e.g. in No. 5, St. Ann."],
        ),
        ("We close at 6 p.m. Come early.", ["We close at 6 p.m.", "Come early."]),
        ("It costs 3.50 euros. Or 10,000 points!", ["It costs 3.50 euros.", "Or 10,000 points!"]),
        ("No. The lift is out.", ["No.", "The lift is out."]),
        ("Really?! Yes.", ["Really?!", "Yes."]),
        ("He said “Go.” Then he left.", ["He said “Go.”", "Then he left."]),
        ("We have:\n- a lift\n- stairs.\n\n1. one\n2. two", ["We have:", "a lift.", "stairs.", "one.", "two"]),
        ("1. First this.\n2. Then that.", ["First this.", "Then that."]),
        ("5. That is all.", ["5. That is all."]),
        ("Ada: Hello there.", ["Hello there."]),
        ("**Assistant:** Hello.", ["Hello."]),
        ("Fine.\nVisitor: and you?\nAda: Good.", ["Fine."]),
        ("<think>Hm. They ask. So?</think>The lift.", ["The lift."]),
        ("Look. ```python\nprint(1)\n``` There.", ["Look.", "There."]),
        ("<think>never ends. Never.", []),
        ("   \n\n  ", []),
        (LONG_START + "you will see it.", [LONG_START.strip(), "you will see it."]),
        ("Left, then right, then left again, please.", ["Left, then right, then left again, please."]),
    ],
)
def test_pieces(text: str, expected: list[str]) -> None:
    assert texts(text) == expected


def test_a_sentence_goes_out_before_the_next_one_is_there() -> None:
    cutter = Cutter()
    assert cutter.feed("The lift is left. ") == []
    assert [piece.text for piece in cutter.feed("It")] == ["The lift is left."]


def test_the_first_clause_goes_out_while_its_sentence_goes_on() -> None:
    assert len(LONG_START) > FIRST_CLAUSE_CHARS
    assert [piece.text for piece in Cutter().feed(LONG_START + "y")] == [LONG_START.strip()]


def test_a_feeling_holds_until_the_next_one() -> None:
    pieces = whole("[warm] Welcome. Come in. [sad] We close. [angry] Go.")
    assert [piece.feeling for piece in pieces] == ["warm", "warm", "sad", "sad"]


def test_whoever_speaks_for_the_visitor_is_over() -> None:
    cutter = Cutter("Ada")
    cutter.feed("Fine.\nUser: what now?\nMore. And more.")
    assert cutter.over
    assert cutter.feed("Still more. And.") == []
    assert cutter.finish() == []


def test_text_without_any_end_is_cut_and_none_is_lost() -> None:
    words = " ".join(f"word{n}" for n in range(400))
    pieces = texts(words)
    assert " ".join(pieces) == words
    assert all(len(piece) <= MAX_PHRASE_CHARS for piece in pieces)
    assert "".join(texts("x" * 2_000)) == "x" * 2_000


def test_what_is_held_stays_bounded() -> None:
    cutter = Cutter()
    for text in ("a", " ", "<think>", *("thinking " * 2_000)):
        cutter.feed(text)
    assert len(cutter._held) < WINDOW


PARTS = st.sampled_from(
    """Hello|| there||.||. ||! ||? ||, ||; ||: ||\n||\n\n||- || - ||1. ||2. ||Dr. ||e.g. ||10 a.m. ||**||*||_||`||```||
    [warm] ||[1]||[x](http://a.org/b)||https://www.a.org/x. ||<think>||</think>||😀||User: ||Ada: ||…||”||)||\r\n||\t||
    No. ||5||I|| ||long words in a row that go on and on without any end ||\u2028||\u00a0||—||🇬🇧""".split("||")
)
TEXTS = st.one_of(st.text(max_size=200), st.lists(PARTS, max_size=60).map("".join))


@given(TEXTS, st.lists(st.integers(1, 12), min_size=1, max_size=30))
@example("Ask Dr.\nSmith. Now.", [1])
@example("a" * 399 + ". b", [400])
@example("Text - and. - b", [1])
def test_fed_in_pieces_equals_fed_whole(text: str, sizes: list[int]) -> None:
    cutter, pieces, at, turn = Cutter("Ada"), list[Cleaned](), 0, 0
    while at < len(text):
        size = sizes[turn % len(sizes)]
        pieces += cutter.feed(text[at : at + size])
        at, turn = at + size, turn + 1
    assert [*pieces, *cutter.finish()] == whole(text)


@given(TEXTS)
def test_every_piece_can_be_spoken(text: str) -> None:
    for piece in whole(text):
        assert 0 < len(piece.text) <= MAX_PHRASE_CHARS
        assert any(sign.isalnum() for sign in piece.text)
        assert "**" not in piece.text
        assert "\n" not in piece.text
