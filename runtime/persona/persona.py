"""A persona: who the character is and what it knows, read from a TOML file and checked."""

import itertools
import re
from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field, PrivateAttr
from rapidfuzz import fuzz, process

from runtime.core.errors import UserError
from runtime.core.toml_file import checked, mistake, read_text
from runtime.persona.graph.tables import read_tables
from runtime.persona.knowledge.entry import Answer, Entry, Line, Strict
from runtime.persona.knowledge.folder import NAME as KNOWLEDGE
from runtime.persona.knowledge.folder import Knowledge, Quiz, read_knowledge
from runtime.persona.knowledge.pictures import Picture
from runtime.persona.knowledge.slots import check_slots, fill_slots
from runtime.persona.knowledge.tables import Table
from runtime.persona.safety.limits import Limits

FOLDER: Final = Path(__file__).parents[2] / "assets" / "personas"
FILE_NAME: Final = "persona.toml"
MAX_ENTRIES: Final = 5_000
LIKELY_SCORE: Final = 62.0
"""Likeness, of 100, to a known question from which on a text counts as that question misheard."""

Sign = Literal[
    "open_palm", "fist", "point", "thumb_up", "thumb_down", "victory", "ok", "pinch",
    "wave", "swipe_left", "swipe_right", "circle_clockwise", "circle_counterclockwise",
]  # fmt: skip
Danger = Literal[
    "self_harm", "breathing", "unconscious", "chest_pain", "stroke", "bleeding", "poisoning", "allergic_shock",
    "injury", "help",
]  # fmt: skip
Action = Literal["stop", "yes", "no", "greet", "next", "back", "choose", "again", "nothing"]
GESTURES: Final[dict[Sign, Action]] = {
    "open_palm": "stop",
    "thumb_up": "yes",
    "ok": "yes",
    "thumb_down": "no",
    "wave": "greet",
    "swipe_left": "next",
    "swipe_right": "back",
    "point": "choose",
    "circle_clockwise": "again",
}
"""What a sign means where the persona's file says nothing else; others mean nothing."""


class PersonaVoice(Strict):
    """How the persona speaks: a voice name of the backend ("" is its default), rate and pitch in semitones."""

    name: str = Field("", max_length=100)
    rate: float = Field(1.0, ge=0.5, le=2.0)
    pitch: float = Field(0.0, ge=-6.0, le=6.0)


class Openings(Strict):
    """What is said first, once in a while, to a person who seems to feel so."""

    angry: Annotated[tuple[Line, ...], Field(max_length=20)] = ()
    sad: Annotated[tuple[Line, ...], Field(max_length=20)] = ()
    afraid: Annotated[tuple[Line, ...], Field(max_length=20)] = ()


class GraphOfKnowledge(Strict):
    """A medical graph: the folder of its files beside persona.toml, and how its answers are given.

    `limits` is said with every answer; `most` is how many conditions one answer names.
    """

    folder: Line = "knowledge/graph"
    limits: Line = "I'm no doctor, and this is no diagnosis."
    most: int = Field(3, ge=1, le=5)


class EmergencyHelp(Strict):
    """Where people in an emergency are sent: `call` whom to call, `helpline` in a crisis, `here` in the house.

    `words` may say it otherwise for a kind of emergency; {call} and {helpline} stand for the above.
    """

    call: Line = "112, 911 or your local emergency number"
    helpline: Line = "A crisis helpline of your country will also listen, day and night."
    here: str = Field("", max_length=200)
    words: dict[Danger, Answer] = Field(default_factory=dict)


class Persona(Strict):
    """Who the character is and what it knows. Of greeting, fallbacks, not_heard and closing, one is said at a time."""

    name: Line
    place: str = Field("", max_length=200)
    manner: str = Field("", max_length=1_000)
    character: Line = "ada"
    language: Literal["en"] = "en"
    voice: PersonaVoice = Field(default_factory=lambda: PersonaVoice.model_validate({}))
    greeting: Annotated[tuple[Answer, ...], Field(min_length=1, max_length=20)]
    fallbacks: Annotated[tuple[Answer, ...], Field(min_length=1, max_length=20)]
    not_heard: Annotated[tuple[Answer, ...], Field(min_length=1, max_length=20)]
    closing: Annotated[tuple[Answer, ...], Field(min_length=1, max_length=20)]
    openings: Openings = Field(default_factory=Openings)
    gestures: dict[Sign, Action] = Field(default_factory=dict)
    approval: Annotated[tuple[Line, ...], Field(max_length=20)] = ("I'm glad.",)
    disapproval: Annotated[tuple[Line, ...], Field(max_length=20)] = ("I'm sorry. Shall I say it another way?",)
    limits: Limits = Field(default_factory=Limits)
    knowledge: Annotated[tuple[Entry, ...], Field(max_length=MAX_ENTRIES)] = ()
    quiz: Annotated[tuple[Quiz, ...], Field(max_length=200)] = ()
    graph: GraphOfKnowledge | None = None
    emergency: EmergencyHelp | None = None

    _tables: Mapping[str, Table] = PrivateAttr(default_factory=dict)
    _pictures: Mapping[str, Picture] = PrivateAttr(default_factory=dict)

    @property
    def pictures(self) -> Mapping[str, Picture]:
        """The pictures that it can show, by their files."""
        return self._pictures

    def picture_of(self, source: str) -> Picture | None:
        """Return the picture that is shown with what comes from an entry."""
        return self._pictures.get(self._shown.get(source, ""))

    def spoken(self, answer: str, when: datetime) -> str:
        """Return an entry's answer with its slots filled, as it is said at a time."""
        return fill_slots(answer, self._tables, when)

    def with_knowledge(self, found: Knowledge) -> "Persona":
        """Return the persona with what its folder holds besides its own file."""
        update = {"knowledge": (*self.knowledge, *found.entries), "quiz": (*self.quiz, *found.quiz)}
        persona = Persona.model_validate({**{name: getattr(self, name) for name in type(self).model_fields}, **update})
        persona._tables, persona._pictures = found.tables, {picture.file: picture for picture in found.pictures}
        return persona

    def action(self, sign: str) -> Action:
        """Return what a sign of the hand means to this persona; "nothing" for one it doesn't know."""
        meant = GESTURES | self.gestures
        return next((action for known, action in meant.items() if known == sign), "nothing")

    @cached_property
    def phrases(self) -> tuple[str, ...]:
        """Every phrasing of every question, and every answer to a quiz, normalised: what visitors are likely to say."""
        questions = (question for entry in self.knowledge for question in entry.questions)
        answers = (answer for question in self.quiz for answer in question.accept)
        return tuple(dict.fromkeys(map(normal, (*questions, *answers))))

    def is_known_question(self, text: str) -> bool:
        """Whether a text already is a complete known question that no longer known question begins with."""
        words = normal(text)
        return words in self._complete

    def is_likely_question(self, text: str) -> bool:
        """Whether a text is a known question but for a word or two, and ends as a known question does."""
        words = normal(text)
        if tuple(words.split()[-2:]) not in self._endings or any(p.startswith(words) for p in self.phrases):
            return False
        return process.extractOne(words, self.phrases, scorer=fuzz.ratio, score_cutoff=LIKELY_SCORE) is not None

    @cached_property
    def _shown(self) -> dict[str, str]:
        return {entry.id: entry.picture for entry in self.knowledge if entry.picture}

    @cached_property
    def _endings(self) -> frozenset[tuple[str, ...]]:
        return frozenset(tuple(phrase.split()[-2:]) for phrase in self.phrases if " " in phrase)

    @cached_property
    def _complete(self) -> frozenset[str]:
        ordered = sorted(self.phrases)
        open_ones = {a for a, b in itertools.pairwise(ordered) if b.startswith(a + " ")}
        return frozenset(ordered) - open_ones


def normal(text: str) -> str:
    """Return text in lower case, words alone, with contractions written out."""
    words = text.lower().replace("’", "'")
    words = re.sub(r"\b(what|where|who|when|how|that|there|it|here)'s\b", r"\1 is", words)
    words = re.sub(r"\b(i)'m\b", r"\1 am", words)
    words = re.sub(r"\b(you|we|they)'re\b", r"\1 are", words)
    return " ".join(re.findall(r"[a-z0-9]+(?:'[a-z]+)*", words))


def find_persona(name: str) -> Path:
    """Return the file of a persona: a name in assets/personas, a folder, or a file.

    Raises:
        UserError: there is none.
    """
    given = Path(name)
    for path in (given, given / FILE_NAME, FOLDER / name / FILE_NAME):
        if path.is_file():
            return path
    known = ", ".join(sorted(folder.name for folder in FOLDER.iterdir() if folder.is_dir())) if FOLDER.is_dir() else ""
    raise UserError(f"There is no persona {name!r}.", f"Give a file, or one of: {known}.")


def load_persona(path: Path) -> Persona:
    """Read and check a persona's file, and what lies in the folder knowledge beside it.

    Raises:
        UserError: one of the files can't be read or is wrong; every mistake is named with its file and line.
    """
    text = read_text(path)
    persona = checked(path, text, Persona)
    found = read_knowledge(path.parent / KNOWLEDGE)
    _check_repeats(path, text, persona, found)
    whole = persona.with_knowledge(found)
    if not whole.knowledge:
        raise UserError(f"{path}: the persona knows nothing.", "Write a [[knowledge]] entry, or files in knowledge.")
    if len(whole.knowledge) > MAX_ENTRIES:
        raise UserError(f"{path.parent} holds over {MAX_ENTRIES} answers.", "Split it over several personas.")
    own = len(persona.knowledge)
    for index, entry in enumerate(whole.knowledge):
        try:
            if entry.picture and entry.picture not in whole.pictures:
                raise UserError(f"{entry.picture!r} isn't in pictures.csv.", "List it there, with a caption.")
            check_slots(entry.answer or "", found.tables)
        except UserError as error:
            inside = mistake(path, text, ("knowledge", index), "").partition(": ")[0]
            place = inside if index < own else found.place[entry.id]
            raise UserError(f"{place}: {entry.id}: {error.what}", error.remedy) from error
    if whole.graph is not None:
        read_tables(path.parent / whole.graph.folder)
    return whole


def _check_repeats(path: Path, text: str, persona: Persona, found: Knowledge) -> None:
    """Raise UserError where an id or a question stands twice."""
    seen: dict[str, str] = {}
    ids: set[str] = set()
    own = len(persona.knowledge)
    for index, entry in enumerate((*persona.knowledge, *found.entries)):

        def error(key: str, reason: str, index: int = index, entry: Entry = entry) -> UserError:
            inside = mistake(path, text, ("knowledge", index, key), reason)
            return UserError(inside if index < own else f"{found.place[entry.id]}: {reason}.", "Mend that line.")

        if entry.id in ids:
            raise error("id", f"the id {entry.id!r} is used twice")
        ids.add(entry.id)
        for question in map(normal, entry.questions):
            other = seen.setdefault(question, entry.id)
            if other != entry.id:
                raise error("questions", f"{question!r} is also a question of {other!r}")
