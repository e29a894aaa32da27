"""What people say of themselves, and what only sounds like it."""

import csv
from pathlib import Path

import pytest

from runtime.persona.people.facts import MAX_VALUE_CHARS, find_facts, known_names
from runtime.persona.people.person import Fact, with_facts
from runtime.persona.people.subjects import SUBJECTS, looked_up


def found(text: str) -> dict[str, str]:
    return {fact.key: fact.value for fact in find_facts(text).facts}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("my name is anna", "Anna"),
        ("My name's Anna.", "Anna"),
        ("I'm Anna", "Anna"),
        ("i am anna", "Anna"),
        ("i’m anna", "Anna"),
        ("Hello, it's Anna again!", "Anna"),
        ("this is anna speaking", "Anna"),
        ("call me Bob", "Bob"),
        ("please call me xuan", "Xuan"),
        ("MY NAME IS ANNA", "Anna"),
        ("no, my name is Hanna", "Hanna"),
        ("My name is Anna Schmidt", "Anna"),
        ("I am Dr. Jones", "Doctor Jones"),
        ("I'm Frank", "Frank"),
        ("my name is will", "Will"),
        ("I'm Jean-Luc", "Jean-Luc"),
        ("I'm José, nice to meet you", "José"),
        ("i'm maria from spain", "Maria"),
        ("I'm McKenzie", "McKenzie"),
    ],
)
def test_names(text: str, name: str) -> None:
    result = find_facts(text, "v", 3)
    assert result.facts == (Fact("name", "name", name, "v", 3),)
    assert result.rest == ""


@pytest.mark.parametrize(
    "text",
    [
        "I am lost", "I'm Lost", "I'M LOST", "i'm tired", "I'm looking for the toilets", "I am here to see anna",
        "i'm hungry", "I'm fine", "I'm German", "I'm Polish", "I am a doctor", "i am from spain", "i'm frank",
        "it's monday", "It's Christmas", "This is Great", "it's may", "i am will", "I'm Anna's mother",
        "I'm not Anna", "don't call me anna", "what if my name is Anna", "is my name anna on the list",
        "call me a taxi", "call me when it is done", "call me back", "my name is hard to pronounce",
        "my name is on the list", "what is my name", "do you know who i am", "I am calling about tickets",
        "she said my name is Anna", "My sister is Anna", "I'm disappointed", "i am sorry", "I'm Sure", "where am i",
        "I like it here", "I like that", "i would like a ticket", "I'd like a ticket", "I'd prefer to speak to a human",
        "can i use a wheelchair here", "do i have a wheelchair", "I don't like it", "if i am vegetarian what then",
        "my wife is vegan", "i am not vegetarian", "I love you", "do you like art", "i prefer that you tell me",
        "are you allergic to cats", "",
    ],
)  # fmt: skip
def test_what_only_sounds_like_a_fact_is_none(text: str) -> None:
    assert find_facts(text).facts == ()
    assert find_facts(text).rest == " ".join(text.split())


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("I am vegetarian", "diet", "vegetarian"),
        ("i'm a strict vegan", "diet", "vegan"),
        ("I'm allergic to nuts.", "allergy", "nuts"),
        ("i have a nut allergy", "allergy", "nut"),
        ("i don't eat pork", "avoids", "pork"),
        ("I use a wheelchair", "access", "wheelchair"),
        ("i'm in a wheelchair", "access", "wheelchair"),
        ("I have an electric wheelchair", "access", "wheelchair"),
        ("i come with two small children", "company", "children"),
        ("we're here with our kids", "company", "children"),
        ("I prefer tea", "prefers", "tea"),
        ("I like modern art", "likes", "modern art"),
        ("i really love dinosaurs", "likes", "dinosaurs"),
        ("i don't like crowds", "dislikes", "crowds"),
        ("My favourite colour is Blue", "favourite colour", "blue"),
    ],
)
def test_preferences(text: str, key: str, value: str) -> None:
    assert found(text) == {key: value}
    assert find_facts(text).rest == ""


@pytest.mark.parametrize(
    ("text", "facts", "rest"),
    [
        ("I'm Anna, where are the toilets?", {"name": "Anna"}, "where are the toilets?"),
        ("i'm anna and i am vegetarian what can i eat", {"name": "Anna", "diet": "vegetarian"}, "what can i eat"),
        ("I'm allergic to nuts what can i eat", {"allergy": "nuts"}, "what can i eat"),
        ("I like modern art and where is it", {"likes": "modern art"}, "where is it"),
        ("how do i get up i use a wheelchair", {"access": "wheelchair"}, "how do i get up"),
        ("I'm allergic to bees and was stung", {"allergy": "bees"}, "was stung"),
        ("I am Ali, and I love dinosaurs", {"name": "Ali", "likes": "dinosaurs"}, ""),
        ("my name is Anna Schmidt and I am vegan", {"name": "Anna", "diet": "vegan"}, ""),
    ],
)
def test_what_is_said_besides_is_left_over(text: str, facts: dict[str, str], rest: str) -> None:
    assert found(text) == facts
    assert find_facts(text).rest == rest


def test_a_fact_is_short_and_a_long_text_is_read_in_part() -> None:
    assert found(f"i like {'very ' * 5}{'x' * MAX_VALUE_CHARS}") == {}
    assert found("i like one two three four five six seven") == {}
    assert found("word " * 250 + "my name is anna") == {}


def test_names_are_told_from_words() -> None:
    assert {"anna", "mohammed", "yuki"} <= known_names()
    assert not {"will", "may", "mark", "frank", "hope", "lost", "joy", "grace"} & known_names()


def test_new_facts_replace_what_they_contradict() -> None:
    first = (Fact("name", "name", "Ana"), Fact("preference", "likes", "tea"), Fact("preference", "diet", "vegan"))
    second = (Fact("name", "name", "Anna"), Fact("preference", "likes", "Tea"), Fact("preference", "likes", "cake"))
    assert [fact.value for fact in with_facts(first, second)] == ["vegan", "Anna", "Tea", "cake"]


def test_facts_are_told_in_whole_sentences() -> None:
    told = [
        str(find_facts(text).facts[0])
        for text in ("I'm Anna", "i am vegan", "i hate noise", "my favourite food is rice")
    ]
    assert told == ["your name is Anna", "you are vegan", "you don't like noise", "your favourite food is rice"]
    assert all("{}" in subject.told for subject in SUBJECTS.values())


def test_a_preference_matters_to_some_questions_alone() -> None:
    assert looked_up("diet", "vegetarian", "Where can I eat?") == "do you have vegetarian food"
    assert looked_up("diet", "vegetarian", "is there vegetarian food") == ""
    assert looked_up("diet", "vegetarian", "where are the toilets") == ""
    assert looked_up("access", "wheelchair", "how do i get to the roof") == "is there wheelchair access"
    assert looked_up("likes", "tea", "where can i eat") == ""


def test_hardly_any_word_of_strangers_is_taken_for_a_name() -> None:
    """Bank customers' questions and forum comments: nobody in them introduces themselves by a name."""
    folder = Path(__file__).resolve().parents[4] / "shared" / "data" / "text"
    if not folder.is_dir():
        pytest.skip("the texts are not here")
    with (folder / "banking77" / "train.csv").open(encoding="utf-8") as file:
        texts = [row[0] for row in csv.reader(file)]
    with (folder / "goemotions" / "dev.tsv").open(encoding="utf-8") as file:
        texts += [line.split("\t")[0] for line in file]
    assert len(texts) > 15_000
    names = [fact.value for text in texts for fact in find_facts(text).facts if fact.kind == "name"]
    assert len(names) <= 3, names
