"""The knowledge folder: what it answers, its mistakes by file and line, and what follows on from an answer."""

from datetime import datetime
from pathlib import Path

import pytest

from runtime.core.errors import UserError
from runtime.core.messages import UserTurn
from runtime.persona.grounded import GroundedBrain
from runtime.persona.knowledge.pictures import read_picture
from runtime.persona.knowledge.saying import said
from runtime.persona.memory import Context, Exchange
from runtime.persona.persona import Persona, load_persona
from tests.personas import BO

HEAD = BO + """"""
FILES = {
    "accounts.csv": "account,fee,rate\nBasic account,€0,0.1 %\nStudent account,€2.50,1 %\nGold account,€9,2 %\n",
    "accounts.toml": """
[[ask]]
id = "fee"
questions = ["what is the fee of the {name}", "how much is the {name}"]
clues = ["damage to my purse by the {name}"]
answer = "The {name} costs {fee} a month."
[[ask]]
id = "cheapest"
pick = "lowest fee"
questions = ["which account is the cheapest"]
clues = ["hardly any money left over"]
answer = "The {name} is the cheapest."
""",
    "hours.csv": "day,opens\n" + "".join(f"{d},9:30\n" for d in ("Monday", "Tuesday", "Wednesday", "Thursday"))
    + "Friday,8:00\nSaturday,10:00\nSunday,10:00\n",
    "more.csv": "question,answer\ndo you open tomorrow|are you open tomorrow,Tomorrow at {hours.tomorrow.opens}.\n",
    "house.md": "# The vault\n\nThe old vault lies under the hall. It was built in 1880 by two brothers.\n",
    "park.html": "<h1>The orchard</h1><script>x</script><p>Pears and quinces grow behind the garage.</p>",
}  # fmt: skip


PICTURES = "file,caption,alt\nthe_vault-door.png,The door of the vault weighs ten tons.,A round steel door\n"


def picture(path: Path) -> None:
    path.write_bytes(b"\x89PNG\r\n\x1a\n and more")


def folder(path: Path, **changes: str) -> Path:
    (path / "knowledge").mkdir()
    (path / "persona.toml").write_text(HEAD)
    picture(path / "knowledge" / "the_vault-door.png")
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
        ("damage to my purse by the gold account", "The Gold account costs 9 euros a month."),
        ("which account is the cheapest", "The Basic account is the cheapest."),
        ("hardly any money left over", "The Basic account is the cheapest."),
        ("are you open tomorrow", "Tomorrow at 8 am."),
        ("tell me about the vault", "The old vault lies under the hall. It was built in 1880 by two brothers."),
        ("tell me about the orchard", "Pears and quinces grow behind the garage."),
    ],
)
def test_every_kind_of_file_answers(persona: Persona, question: str, answer: str) -> None:
    assert ask(persona, question) == answer


def test_a_picture_is_asked_for_by_its_name_or_shown_with_an_answer(tmp_path: Path) -> None:
    more = "question,answer,picture\nwhat is under the hall,A vault.,the_vault-door.png\n"
    table = "gem,colour,picture\nRuby,red,the_vault-door.png\nOpal,white,\n"
    persona = load_persona(folder(tmp_path, pictures_csv=PICTURES, more_csv=more, gems_csv=table))
    asked = GroundedBrain(persona).answer(UserTurn(2, "show me the vault door", 0, 0, False), Context())
    assert asked[0].text == "The door of the vault weighs ten tons."
    shown = {source: persona.picture_of(source) for source in (asked[0].source, "more:2", "gems.Ruby", "gems.Opal")}
    assert [p.alt if p else "" for p in shown.values()] == [*["A round steel door"] * 3, ""]
    assert ask(persona, "tell me about the ruby") == "Ruby: colour red."
    picture = shown["more:2"]
    assert picture is not None
    assert read_picture(picture.path) == (picture.path.read_bytes(), "image/png")


def test_a_spreadsheet_may_part_its_cells_as_its_country_does(tmp_path: Path) -> None:
    more = "\ufeffid;question;answer\r\nlamp;where is the lamp;On the table, lit.\r\n"
    persona = load_persona(folder(tmp_path, more_csv=more, gems_csv="gem\tcolour\nRuby\tred\n"))
    assert ask(persona, "where is the lamp") == "On the table, lit."
    assert ask(persona, "tell me about the ruby") == "Ruby: colour red."


def test_what_nothing_can_read_is_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = folder(tmp_path)
    (tmp_path / "knowledge" / "guide.docx").write_bytes(b"PK")
    (tmp_path / "knowledge" / ".hidden").write_bytes(b"")
    (tmp_path / "knowledge" / "HALL.MD").write_text("# The north hall\n\nIt is cold.\n")
    assert ask(load_persona(path), "tell me about the north hall") == "It is cold."
    [record] = caplog.records
    assert record.getMessage().endswith("guide.docx is left out: save it as Markdown, HTML, PDF or CSV")


def test_without_alt_the_caption_stands_for_the_picture(tmp_path: Path) -> None:
    persona = load_persona(folder(tmp_path, pictures_csv="file,caption\nthe_vault-door.png,The door.\n"))
    assert persona.pictures["the_vault-door.png"].alt == "The door."


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
        (
            {"more_csv": "question,answer,picture\nwhat is it,It.,no.png\n"},
            "more.csv, line 2: more:2: 'no.png'",
        ),
        ({"pictures_csv": "file,words\na.png,A.\n"}, "pictures.csv, line 1: the columns are file, caption"),
        ({"pictures_csv": "file,caption\nnone.png,A.\n"}, "pictures.csv, line 2: none.png can't be read"),
        (
            {"pictures_csv": "file,caption\n../persona.toml,A.\n"},
            "pictures.csv, line 2: '../persona.toml' lies",
        ),
        ({"pictures_csv": "file,caption\nhouse.md,A.\n"}, "pictures.csv, line 2: house.md is no picture"),
        ({"pictures_csv": "file,caption\nthe_vault-door.png,\n"}, "pictures.csv, line 2: the caption: "),
        ({"pictures_csv": PICTURES + PICTURES.splitlines()[1]}, "pictures.csv, line 3: .* listed twice"),
    ],
)
def test_a_mistake_is_named_with_file_and_line(tmp_path: Path, changes: dict[str, str], said_of_it: str) -> None:
    with pytest.raises(UserError, match=said_of_it):
        load_persona(folder(tmp_path, **changes))


def test_values_are_said_properly() -> None:
    assert said("€1, 18:30, 2026-11-21, 5 %") == "1 euro, 6:30 pm, November 21st, 5 percent"
