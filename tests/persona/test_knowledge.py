"""The knowledge folder: what it answers, its mistakes by file and line, and what follows on from an answer."""

from datetime import datetime
from pathlib import Path

import pytest

from runtime.core.errors import UserError
from runtime.core.messages import UserTurn
from runtime.persona.grounded import GroundedBrain
from runtime.persona.knowledge.saying import said
from runtime.persona.memory import Context, Exchange
from runtime.persona.persona import Persona, load_persona

HEAD = """
name = "Bo"
greeting = ["Hello, I'm Bo, an AI."]
fallbacks = ["I don't know."]
not_heard = ["Pardon?"]
closing = ["Bye."]
"""
FILES = {
    "accounts.csv": "account,fee,rate\nBasic account,€0,0.1 %\nStudent account,€2.50,1 %\nGold account,€9,2 %\n",
    "accounts.toml": """
[[ask]]
id = "fee"
questions = ["what is the fee of the {name}", "how much is the {name}"]
answer = "The {name} costs {fee} a month."
[[ask]]
id = "cheapest"
pick = "lowest fee"
questions = ["which account is the cheapest"]
answer = "The {name} is the cheapest."
""",
    "hours.csv": "day,opens\n" + "".join(f"{d},9:30\n" for d in ("Monday", "Tuesday", "Wednesday", "Thursday"))
    + "Friday,8:00\nSaturday,10:00\nSunday,10:00\n",
    "more.csv": "question,answer\ndo you open tomorrow|are you open tomorrow,Tomorrow at {hours.tomorrow.opens}.\n",
    "house.md": "# The vault\n\nThe old vault lies under the hall. It was built in 1880 by two brothers.\n",
    "park.html": "<h1>The orchard</h1><script>x</script><p>Pears and quinces grow behind the garage.</p>",
}  # fmt: skip


def folder(path: Path, **changes: str) -> Path:
    (path / "knowledge").mkdir()
    (path / "persona.toml").write_text(HEAD)
    for name, text in {**FILES, **{k.replace("_", "."): v for k, v in changes.items()}}.items():
        (path / "knowledge" / name).write_text(text)
    return path / "persona.toml"


@pytest.fixture
def persona(tmp_path: Path) -> Persona:
    return load_persona(folder(tmp_path))


def ask(persona: Persona, text: str, context: Context | None = None) -> str:
    brain = GroundedBrain(persona, clock=lambda: datetime(2026, 11, 19, 12))  # a Thursday
    return " ".join(p.text for p in brain.answer(UserTurn(2, text, 0, 0, False), context or Context()))


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("how much is the student account", "The Student account costs 2 euros and 50 cents a month."),
        ("which account is the cheapest", "The Basic account is the cheapest."),
        ("are you open tomorrow", "Tomorrow at 8 am."),
        ("tell me about the vault", "The old vault lies under the hall. It was built in 1880 by two brothers."),
        ("tell me about the orchard", "Pears and quinces grow behind the garage."),
    ],
)
def test_every_kind_of_file_answers(persona: Persona, question: str, answer: str) -> None:
    assert ask(persona, question) == answer


def test_a_turn_follows_on_from_the_last_answer_or_sets_it_right(persona: Persona) -> None:
    before = Context((Exchange(1, "how much is the basic account", "…", source="accounts.Basic account.fee"),))
    assert "Gold account costs" in ask(persona, "and the gold account?", before)
    assert "Student account costs" in ask(persona, "no, I meant how much is the student account", before)


@pytest.mark.parametrize(
    ("changes", "said_of_it"),
    [
        ({"accounts_csv": "account,fee\nA,1\nA,2\n"}, "accounts.csv, line 3"),
        ({"accounts_csv": "account,fee\nA,1,2\n"}, "accounts.csv, line 2"),
        ({"more_csv": "question,answer\nwhat is it,{hours.tomorrow.nothing}\n"}, "more.csv, line 2"),
        ({"more_csv": "question,answer\nwhat is it,\n"}, "more.csv, line 2"),
    ],
)
def test_a_mistake_is_named_with_file_and_line(tmp_path: Path, changes: dict[str, str], said_of_it: str) -> None:
    with pytest.raises(UserError, match=said_of_it):
        load_persona(folder(tmp_path, **changes))


def test_values_are_said_properly() -> None:
    assert said("€1, 18:30, 2026-11-21, 5 %") == "1 euro, 6:30 pm, November 21st, 5 percent"
