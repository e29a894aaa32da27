"""What a model may answer from."""

from runtime.persona.language.passages import Passage, PersonaSearch, passage_of
from runtime.persona.memory import Context, Exchange
from runtime.persona.persona import find_persona, load_persona

PERSONA = load_persona(find_persona("concierge"))
SEARCH = PersonaSearch(PERSONA)


def ids(text: str, *exchanges: Exchange) -> list[str]:
    return [passage.id for passage in SEARCH.find([text], Context(exchanges), 4)]


def test_the_entry_that_was_asked_for_comes_first() -> None:
    first = SEARCH.find(["what are your opening hours"], Context(), 4)[0]
    assert first.id == "hours"
    assert first.text == "what are your opening hours? " + PERSONA.knowledge[0].answer  # type: ignore[operator]


def test_what_was_talked_about_is_found_again() -> None:
    before = Exchange(1, "what are your opening hours", "From ten to six.", source="hours")
    assert "hours" in ids("and on a thursday", before)
    assert "hours" in ids("xyzzy", before)
    assert ids("xyzzy") == []


def test_each_reading_is_looked_for_and_nothing_comes_twice() -> None:
    found = [p.id for p in SEARCH.find(["opening hours please", "where are the toilets"], Context(), 4)]
    assert "toilets" in found
    assert len(found) == len(set(found)) <= 4


def test_nothing_without_an_answer_is_a_passage() -> None:
    assert all(passage.text for passage in SEARCH.find(["goodbye"], Context(), 4))
    farewells = {entry.id for entry in PERSONA.knowledge if entry.answer is None}
    assert farewells
    assert not farewells & set(ids("goodbye"))


def test_a_phrase_has_the_source_that_it_says() -> None:
    hours = Passage("hours", "when are you open? We are open from ten to six, Tuesday to Sunday.")
    lift = Passage("lift", "where is the lift? The lift is behind the stairs.")
    assert passage_of("We're open Tuesday to Sunday.", [lift, hours]) == hours
    assert passage_of("Behind the stairs, beside the lift.", [lift, hours]) == lift
    assert passage_of("I like trains and open windows.", [lift, hours]) is None
    assert passage_of("Sure!", [lift, hours]) is None
    assert passage_of("Sure!", []) is None
