"""How a turn is read that goes on from the one before."""

import pytest

from runtime.persona.following import POINTING_TRUST, ROW_TRUST, Reading, Version, read
from runtime.persona.knowledge.entry import Entry

PLANETARIUM = Entry(id="planetarium", questions=("where is the planetarium",), answer="Upstairs.", topic="")
FEE = Entry(
    id="accounts.Gold account.monthly_fee", questions=("what is the fee of the gold account",), answer="Nine.", topic=""
)


@pytest.mark.parametrize(
    ("text", "last", "versions"),
    [
        ("Where are the toilets?", PLANETARIUM, [Version("Where are the toilets?")]),
        ("how big is it", PLANETARIUM, [Version("how big is planetarium"), Version("how big is it", POINTING_TRUST)]),
        ("And is it far?", PLANETARIUM, [Version("is planetarium far"), Version("And is it far?", POINTING_TRUST)]),
        (
            "and for children",
            PLANETARIUM,
            [Version("for children"), Version("where is the planetarium for children", new=True)],
        ),
        ("is there a cafe", PLANETARIUM, [Version("is there a cafe")]),
        ("and what does it yield", FEE, [Version("what does gold account yield"),
                                         Version("and what does it yield", POINTING_TRUST)]),
        ("what about the basic account", FEE, [Version("the basic account", ROW_TRUST),
                                               Version("monthly fee the basic account", new=True)]),
        ("and the basic one", FEE, [Version("the basic one", ROW_TRUST),
                                    Version("monthly fee the basic one", new=True)]),
        ("and how long do I have to keep it", FEE, [Version("how long do i have to keep it gold account"),
                                                    Version("and how long do I have to keep it", POINTING_TRUST)]),
        ("is there one upstairs", PLANETARIUM, [Version("is there planetarium upstairs"),
                                                Version("is there one upstairs", POINTING_TRUST)]),
        ("and for children", None, [Version("and for children")]),
        ("no, I meant the cafe", None, [Version("the cafe")]),
    ],
)  # fmt: skip
def test_what_is_left_out_is_taken_from_the_last_answer(text: str, last: Entry | None, versions: list[Version]) -> None:
    assert read(text, "", last) == Reading(tuple(versions))


def test_a_long_question_names_what_it_is_about() -> None:
    text = "can i bring my dog if it is very small"
    assert read(text, "", PLANETARIUM) == Reading((Version(text),))


@pytest.mark.parametrize(
    ("text", "asked"), [("that's not what I meant", "where is it"), ("no, I asked about the cafe", "the cafe")]
)
def test_a_repair_refuses_the_last_answer(text: str, asked: str) -> None:
    assert read(text, "where is it", PLANETARIUM) == Reading((Version(asked),), refuses=True)
